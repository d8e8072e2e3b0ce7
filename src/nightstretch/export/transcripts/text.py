"""A script to read: a line for whatever happens, with its minute and second."""

from __future__ import annotations

from collections.abc import Iterator

from nightstretch.export.transcripts.base import About, by_passage, heading, one_line, words
from nightstretch.timeline import Event, Timeline


def render(timeline: Timeline, _about: About) -> str:
    """Give the script."""
    return "\n".join(_lines(timeline)) + "\n"


def _lines(timeline: Timeline) -> Iterator[str]:
    yield one_line(timeline.title)
    for passage, events in by_passage(timeline):
        yield f"\n{heading(passage)} ({_clock((passage.end - passage.start) / timeline.rate)})\n"
        for event in events:
            yield f"{_clock(event.start / timeline.rate):>7}  {_what(event, timeline.rate)}"
    yield f"{_clock(timeline.samples / timeline.rate):>7}  (end)"


def _what(event: Event, rate: int) -> str:
    seconds = f"{(event.end - event.start) / rate:.1f} s"
    match event.kind:
        case "say":
            return words(event)
        case "breath":
            return (
                f"  [breathe {event.phase}, {seconds}]" if event.phase != "hold" else f"  [hold, {seconds}]"
            )
        case "chime":
            return f"  [chime {event.text}, {seconds}]"
        case _:
            return f"  [{event.kind}, {seconds}]"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
