"""The timeline in words: for people, and as JSON for other programs."""

from __future__ import annotations

import json
from collections.abc import Iterator

from nightstretch.timeline import Event, Timeline


def as_json(timeline: Timeline, *, routine: str, voice: str, speed: float) -> str:
    """Give the timeline as JSON; its shape is a contract, described in docs/transcripts.md."""
    document = {
        "routine": routine,
        "title": timeline.title,
        "voice": voice,
        "speed": speed,
        "sample_rate": timeline.rate,
        "samples": timeline.samples,
        "exercises": [
            {"number": passage.number, "title": passage.title, "start": passage.start, "end": passage.end}
            for passage in timeline.passages
            if passage.number is not None
        ],
        "events": [_event(event) for event in timeline.events],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _event(event: Event) -> dict[str, object]:
    entry: dict[str, object] = {"kind": event.kind, "start": event.start, "end": event.end}
    if event.phase is not None:
        entry["phase"] = event.phase
    return {**entry, "text": event.text, "exercise": event.exercise, "side": event.side}


def as_text(timeline: Timeline) -> str:
    """Give the timeline as a script to read: a line for whatever happens, with its minute and second."""
    return "\n".join(_lines(timeline)) + "\n"


def _lines(timeline: Timeline) -> Iterator[str]:
    yield timeline.title
    passages = iter(timeline.passages)
    passage_end = 0
    for event in timeline.events:
        if event.start >= passage_end:
            passage = next(passages)
            passage_end = passage.end
            number = "" if passage.number is None else f"{passage.number}. "
            seconds = (passage.end - passage.start) / timeline.rate
            yield f"\n{number}{passage.title} ({_clock(seconds)})\n"
        yield f"{_clock(event.start / timeline.rate):>7}  {_what(event, timeline.rate)}"
    yield f"{_clock(timeline.samples / timeline.rate):>7}  (end)"


def _what(event: Event, rate: int) -> str:
    seconds = f"{(event.end - event.start) / rate:.1f} s"
    match event.kind:
        case "say":
            return event.text or ""
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
