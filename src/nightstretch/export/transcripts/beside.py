"""Transcripts as files beside the sound, of its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from nightstretch.export.formats import FORMATS
from nightstretch.export.transcripts import ending, transcript
from nightstretch.export.transcripts.base import About
from nightstretch.export.whole_file import whole_file
from nightstretch.timeline import Timeline


@contextmanager
def transcripts_beside(
    audio: Path, names: Iterable[str], *, force: bool
) -> Iterator[Callable[[Timeline, About], tuple[Path, ...]]]:
    """Make sure that transcripts of these formats can be written, and give a function that writes them.

    It gives their paths; at the end of the block each file appears, whole. ``force`` and the errors: those of
    ``whole_file``. Raises UsageError, too, for a format that there is not.
    """
    paths = {name: path_beside(audio, ending(name)) for name in names}
    with ExitStack() as stack:
        partials = {name: stack.enter_context(whole_file(path, force=force)) for name, path in paths.items()}

        def write(timeline: Timeline, about: About) -> tuple[Path, ...]:
            for name, partial in partials.items():
                # The same bytes on every system.
                partial.write_text(transcript(name, timeline, about), encoding="utf-8", newline="\n")
            return tuple(paths.values())

        yield write


def path_beside(audio: Path, tail: str) -> Path:
    """Give the path of a file beside the sound, of its name, and then ``tail``."""
    # What follows a dot may be a part of the name, too, as in "3.5 minutes". So no two files have one name.
    stem = audio.stem if audio.suffix[1:].lower() in FORMATS else audio.name
    return audio.with_name(stem + tail)
