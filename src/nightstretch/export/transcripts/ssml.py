"""SSML 1.1, for other engines to speak: words, silences, speed, and a mark where each exercise begins.

Its order is that of the W3C schema: in ``speak`` first ``meta``, then ``prosody``; in that, in any order,
``mark``, ``break`` and ``s``; in ``s`` text alone. There is no ``p``: espeak-ng would add silence of its own.
Silence is whatever lies between words, so those within a hold or a breath take their time from its breaks.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import ceil
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from nightstretch.export.tags import milliseconds
from nightstretch.export.transcripts.base import About, by_passage, heading, one_line, words
from nightstretch.timeline import Timeline
from nightstretch.voices.base import CALM_WPM

_NAMESPACE: Final = "http://www.w3.org/2001/10/synthesis"
# SSML has speeds only in per cent of the engine's own. This is what espeak-ng's 100 % comes to, measured as
# any voice is here (see ``voices.calibration``); the 175 of its manual are words as it counts them.
_DEFAULT_WPM: Final = 220
_LONGEST_BREAK_MS: Final = 10_000
# Of breaks with nothing between them espeak-ng takes only one. A space that is none to XML is enough.
_BETWEEN_BREAKS: Final = "&#160;"


def render(timeline: Timeline, about: About) -> str:
    """Give the document."""
    return "\n".join(_lines(timeline, about)) + "\n"


def _lines(timeline: Timeline, about: About) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<speak version="1.1" xmlns="{_NAMESPACE}" xml:lang="en-US">'
    yield f'<meta name="title" content={quoteattr(one_line(timeline.title))}/>'
    yield f'<prosody rate="{round(about.speed * CALM_WPM / _DEFAULT_WPM * 100)}%">'
    silent_from = 0
    for passage, events in by_passage(timeline):
        if passage.number is not None:
            yield from _silence(silent_from, passage.start, timeline.rate)
            yield f"<mark name={quoteattr(heading(passage))}/>"
            silent_from = passage.start
        for event in events:
            if event.kind == "say":
                yield from _silence(silent_from, event.start, timeline.rate)
                yield f"<s>{escape(words(event))}</s>"
                silent_from = event.end
    yield from _silence(silent_from, timeline.samples, timeline.rate)
    yield "</prosody>"
    yield "</speak>"


def _silence(start: int, end: int, rate: int) -> Iterator[str]:
    """Give one break, or several equal ones where it is too long; exact to the millisecond in all."""
    ms = milliseconds(end, rate) - milliseconds(start, rate)
    count = ceil(ms / _LONGEST_BREAK_MS)
    ends = [ms * number // count for number in range(1, count + 1)]
    breaks = [f'<break time="{last - first}ms"/>' for first, last in pairwise([0, *ends])]
    if breaks:
        yield _BETWEEN_BREAKS.join(breaks)
