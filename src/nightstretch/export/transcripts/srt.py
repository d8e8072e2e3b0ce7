"""SubRip: numbered cues, for players that read nothing else. It knows no escapes, no title, no chapters."""

from __future__ import annotations

from nightstretch.export.tags import milliseconds
from nightstretch.export.transcripts.base import About, clock, says, words
from nightstretch.timeline import Timeline


def render(timeline: Timeline, _about: About) -> str:
    """Give a cue for whatever is said."""

    def time(sample: int) -> str:
        return clock(milliseconds(sample, timeline.rate), separator=",")

    cues = (
        f"{number}\n{time(event.start)} --> {time(event.end)}\n{words(event)}\n"
        for number, event in enumerate(says(timeline), 1)
    )
    return "\n".join(cues)
