"""The timeline in words, by format: each is one small module with one function, loaded when it is wanted.

All of them are made of the one timeline, so they agree with the sound and with each other.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from nightstretch.errors import UsageError

if TYPE_CHECKING:
    # Only the types: the command line lists the formats before it needs a timeline.
    from nightstretch.export.transcripts.base import About, Render
    from nightstretch.timeline import Timeline

_MODULES: Final = {
    "text": ("text", ".txt"),
    "json": ("document", ".json"),
    "ssml": ("ssml", ".ssml"),
    "vtt": ("vtt", ".vtt"),
    "chapters": ("chapters", ".chapters.vtt"),
    "lrc": ("lrc", ".lrc"),
    "srt": ("srt", ".srt"),
}

TRANSCRIPTS: Final = tuple(_MODULES)
"""The names of all formats."""


def transcript(name: str, timeline: Timeline, about: About) -> str:
    """Give the timeline in the format of this name. Raises UsageError for one that there is not."""
    module = import_module(f"{__name__}.{_known(name)[0]}")
    return cast("Render", module.render)(timeline, about)


def ending(name: str) -> str:
    """Give what a file of this format ends in, with its dot. Raises UsageError for one that there is not."""
    return _known(name)[1]


def _known(name: str) -> tuple[str, str]:
    if name not in _MODULES:
        raise UsageError(f"no transcript is called {name!r}; choose one of {', '.join(TRANSCRIPTS)}")
    return _MODULES[name]
