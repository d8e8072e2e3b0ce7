"""JSON for other programs: times in samples, the events as the timeline has them."""

from __future__ import annotations

import json

from nightstretch.export.transcripts.base import About
from nightstretch.timeline import Event, Timeline


def render(timeline: Timeline, about: About) -> str:
    """Give the timeline as JSON; its shape is a contract, described in docs/transcripts.md."""
    document = {
        "routine": about.routine,
        "title": timeline.title,
        "voice": about.voice,
        "speed": about.speed,
        "sample_rate": timeline.rate,
        "samples": timeline.samples,
        "exercises": [
            {"number": passage.number, "title": passage.title, "start": passage.start, "end": passage.end}
            for passage in timeline.passages
            if passage.number is not None
        ],
        "events": [_event(event) for event in timeline.events],
    }
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    # Half a character, which YAML can have by its number, is written as JSON does it: by its number, too.
    return text.encode(errors="backslashreplace").decode()


def _event(event: Event) -> dict[str, object]:
    entry: dict[str, object] = {"kind": event.kind, "start": event.start, "end": event.end}
    if event.phase is not None:
        entry["phase"] = event.phase
    return {**entry, "text": event.text, "exercise": event.exercise, "side": event.side}
