"""What the formats share: what they are told, how a timeline is divided, and what a text is to them all."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from nightstretch.timeline import Event, Passage, Timeline

_UNWRITABLE = {"Cc", "Cs"}  # control characters, and halves of characters
_NOT_IN_XML = "\ufffe\uffff"


@dataclass(frozen=True)
class About:
    """What a timeline does not say of itself: the routine's name or path, the voice's name, and its speed."""

    routine: str
    voice: str
    speed: float


class Render(Protocol):
    """What each module of a format has as ``render``."""

    def __call__(self, timeline: Timeline, about: About, /) -> str:
        """Give the whole file, with a line end at its end."""


def one_line(text: str) -> str:
    """Give a text as one line that any format can hold: each gap one space, and nothing unwritable."""
    kept = (
        " " if unicodedata.category(letter) in _UNWRITABLE or letter in _NOT_IN_XML else letter
        for letter in text
    )
    return " ".join("".join(kept).split())


def words(event: Event) -> str:
    """Give what a ``say`` says, as one line."""
    return one_line(event.text or "")


def heading(passage: Passage) -> str:
    """Give a passage's title, with its number if it has one, as one line."""
    return one_line(passage.title if passage.number is None else f"{passage.number}. {passage.title}")


def by_passage(timeline: Timeline) -> Iterator[tuple[Passage, list[Event]]]:
    """Give each passage with the events that begin in it."""
    events = iter(timeline.events)
    event = next(events, None)
    for passage in timeline.passages:
        inside: list[Event] = []
        while event is not None and (event.start < passage.end or passage is timeline.passages[-1]):
            inside.append(event)
            event = next(events, None)
        yield passage, inside


def says(timeline: Timeline) -> Iterator[Event]:
    """Give whatever is spoken, in order."""
    return (event for event in timeline.events if event.kind == "say")


def clock(ms: int, *, separator: str = ".") -> str:
    """Give milliseconds as ``01:02:03.456``."""
    seconds, ms = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{separator}{ms:03d}"
