"""The exercises as a WebVTT track of the kind ``chapters``, from which a browser makes a menu."""

from __future__ import annotations

from nightstretch.export.transcripts.base import About, one_line
from nightstretch.export.transcripts.vtt import cue, header
from nightstretch.timeline import Timeline


def render(timeline: Timeline, _about: About) -> str:
    """Give a cue for each exercise, as long as it lasts; its text is the title."""
    cues = (
        cue(f"{part.number}", part.start, part.end, one_line(part.title), timeline.rate)
        for part in timeline.passages
        if part.number is not None
    )
    return "\n".join([header(timeline), *cues])
