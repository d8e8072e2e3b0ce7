"""The chimes by their names: each FLAC file in ``sounds`` is one, and its name is the file's.

Only the files directly in that folder are chimes; a folder below it is free for longer sounds of another
kind. Asking for the names reads nothing and imports nothing heavy, because every routine that is read asks.
"""

from __future__ import annotations

import difflib
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nightstretch.errors import SoundError
from nightstretch.resources import folder

if TYPE_CHECKING:
    # Only the type, see above.
    from nightstretch.audio import Clip

LONGEST_SECONDS: Final = 60
"""No chime is longer. Its clip is held in memory, and a damaged file may claim to last for years."""

_REMEDY: Final = "make it again or install nightstretch again"


def chime_names() -> tuple[str, ...]:
    """Give the names a routine may ask for, in alphabetical order."""
    return tuple(sorted(path.stem for path in folder("sounds").glob("*.flac")))


def load_chime(name: str) -> Clip:
    """Read the chime of that name as a clip at the session's rate.

    Each file is read once. The clip is shared, so its samples cannot be written to.
    """
    return _read(_path(name))


def chime_length(name: str) -> int:
    """Give the samples of the chime of that name. Raises SoundError.

    Only the head of its file is read: laying out a session takes no more, and the sound takes far longer.
    """
    return _length(_path(name))


def _path(name: str) -> Path:
    known = chime_names()
    if name not in known:
        near = difflib.get_close_matches(name[:80], known, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise SoundError(
            f"no sound is called {name[:80]!r}{hint}; allowed: {', '.join(known) or 'none is installed'}"
        )
    return folder("sounds") / f"{name}.flac"


@cache
def _length(path: Path) -> int:
    from mutagen import MutagenError  # noqa: PLC0415
    from mutagen.flac import FLAC  # noqa: PLC0415

    from nightstretch.audio import SESSION_RATE  # noqa: PLC0415

    with suppress(MutagenError):  # reading the sound says what is wrong with it
        head = FLAC(path).info  # type: ignore[no-untyped-call]
        if head.sample_rate == SESSION_RATE:
            return int(head.total_samples)
    return len(_read(path))


@cache
def _read(path: Path) -> Clip:
    # Imported here: whoever only asks for the names does not wait for them.
    import soundfile  # noqa: PLC0415

    from nightstretch.audio import SESSION_RATE, Clip  # noqa: PLC0415

    try:
        with soundfile.SoundFile(path) as file:
            rate, channels, promised = file.samplerate, file.channels, file.frames
            if channels != 1:
                raise SoundError(f"{path}: has {channels} channels; a chime is mono")
            if promised > LONGEST_SECONDS * rate:
                raise SoundError(
                    f"{path}: is {promised / rate:.0f} s long; a chime has {LONGEST_SECONDS} s at most"
                )
            samples = file.read(dtype="int16")
    except (soundfile.SoundFileError, OSError) as error:
        reason = getattr(error, "error_string", error)  # without the path, which is named already
        raise SoundError(f"{path}: cannot be read as a sound ({reason}); {_REMEDY}") from error
    if not promised or len(samples) != promised:
        raise SoundError(f"{path}: holds {len(samples)} of {promised} samples; {_REMEDY}")
    if rate != SESSION_RATE:
        import soxr  # noqa: PLC0415

        samples = soxr.resample(samples, rate, SESSION_RATE)
    samples.flags.writeable = False
    return Clip(samples, SESSION_RATE)
