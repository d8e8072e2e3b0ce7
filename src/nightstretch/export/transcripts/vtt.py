"""WebVTT: what is said, as captions for browsers and players.

Chapters are no cues of it: a player would show each title for minutes, among the words. The exercise stands
in the identifier of every cue (``17 - 3. Twist``), where the script of a page finds it, and in a note before
its first one, where a person does. The track that a browser makes a menu of is ``chapters``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from nightstretch.export.tags import milliseconds
from nightstretch.export.transcripts.base import About, by_passage, clock, heading, one_line, words
from nightstretch.timeline import Timeline


def render(timeline: Timeline, _about: About) -> str:
    """Give a cue for whatever is said, and a note before each exercise."""
    return "\n".join(_blocks(timeline))


def header(timeline: Timeline) -> str:
    """Give the first block of a file: that it is one, and the title."""
    return f"WEBVTT - {unescaped(one_line(timeline.title))}\n"


def cue(name: str, start: int, end: int, text: str, rate: int) -> str:
    """Give a block with an identifier, times and a text of one line. ``start`` and ``end``: in samples."""
    times = " --> ".join(clock(milliseconds(sample, rate)) for sample in (start, end))
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"{name}\n{times}\n{escaped}\n"


def unescaped(text: str) -> str:
    """Give a text for where there are no escapes: an arrow there would be taken for that between times."""
    return text.replace("-->", "\N{RIGHTWARDS ARROW}")


def _blocks(timeline: Timeline) -> Iterator[str]:
    yield header(timeline)
    numbers = count(1)
    for passage, events in by_passage(timeline):
        name = unescaped(heading(passage))
        first, last = (clock(milliseconds(at, timeline.rate)) for at in (passage.start, passage.end))
        yield f"NOTE {name} ({first} to {last})\n"
        for event in events:
            if event.kind == "say":
                # No two identifiers are equal, and none is the word that would make the block a note.
                identifier = f"{next(numbers)} - {name}"
                yield cue(identifier, event.start, event.end, words(event), timeline.rate)
