"""LRC: lyrics in time, for music players. A line lasts until the next one begins."""

from __future__ import annotations

import re

from nightstretch.export.tags import milliseconds
from nightstretch.export.transcripts.base import About, one_line, says, words
from nightstretch.timeline import Timeline

# There is no escape in this format. What stands in square brackets is a tag or a time, whatever stands around
# it, and a time between < and > is that of a single word.
_ROUND = str.maketrans("[]", "()")
_WORD_TIME = re.compile(r"<(\d+:[\d:.]+)>")


def render(timeline: Timeline, _about: About) -> str:
    """Give a line for whatever is said, after the title and the length.

    Times have three digits after the point: players that keep hundredths only leave the third out.
    """

    def time(sample: int) -> str:
        ms = milliseconds(sample, timeline.rate)
        return f"{ms // 60_000:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"

    tags = f"[ti:{_plain(one_line(timeline.title))}]\n[length:{time(timeline.samples)}]\n"
    return tags + "".join(f"[{time(event.start)}]{_plain(words(event))}\n" for event in says(timeline))


def _plain(text: str) -> str:
    return _WORD_TIME.sub(r"(\1)", text.translate(_ROUND))
