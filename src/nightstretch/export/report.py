"""What an engineer would measure of an exported session: each figure with its bound and a verdict.

Sound is measured as it is written, before a format that loses something encodes it, and without the quiet
that was asked for after the last word: a night of rain says nothing about the words. The pace comes from the
timeline.

Most bounds are what the program promises: loudness, peak, the two that could startle, the pace, and that no
cue runs into the next. The range, the share of the words and how long pauses may be are promised nowhere:
they are wider than any shipped routine comes at any speed, and what lies beyond is worth a look.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from nightstretch.choices import Finish
from nightstretch.export.base import Block
from nightstretch.export.meter import Meter
from nightstretch.export.startling import Startling
from nightstretch.timeline import Event, Timeline
from nightstretch.voices.base import CALM_WPM

LOUDNESS_WITHIN_LU: Final = 0.5
MOST_PEAK_DBTP: Final = -3.0
MOST_RISE_DB: Final = 6.0
WORDS_RANGE_LU: Final = 12.0
"""Between the softest and the loudest words of one cue, and the bowls."""

PACE_WITHIN: Final = 0.1
MOST_SPEECH_SHARE: Final = 0.75
MOST_MEDIAN_PAUSE_SECONDS: Final = 20.0
"""Where most pauses are longer, it is hardly guided any more."""

LONGEST_PAUSE_SECONDS: Final = 180.0
"""After longer silence between two cues a listener wonders whether it is over."""


@dataclass(frozen=True)
class Measure:
    """One figure; ``least`` and ``most`` are its bounds, None where there is none."""

    name: str
    value: float
    unit: str
    least: float | None = None
    most: float | None = None

    @property
    def ok(self) -> bool:
        """Whether it is within its bounds, as exactly as it is shown."""
        value = round(self.value, 2)
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    @property
    def verdict(self) -> str:
        """Say so in a word or two."""
        if self.ok:
            return "ok"
        return "too low" if self.least is not None and self.value < self.least else "too high"

    @property
    def bound(self) -> str:
        """Give the bounds in words."""
        if self.least is None and self.most is None:
            return "any"
        if self.least is None:
            return f"at most {self.most:g}"
        return f"at least {self.least:g}" if self.most is None else f"{self.least:g} to {self.most:g}"


@dataclass(frozen=True)
class Report:
    """What was measured, in the order in which it is told."""

    measures: tuple[Measure, ...]

    def text(self) -> str:
        """Give it as lines for a person."""
        return "".join(
            f"{m.name:<28}{m.value:>8.2f} {m.unit:<18}{m.bound:<20}{m.verdict}\n" for m in self.measures
        )

    def json(self) -> str:
        """Give it for a program; what is infinite (the loudness of silence) is null."""
        measures = [
            {
                **asdict(measure),
                "value": round(measure.value, 3) if math.isfinite(measure.value) else None,
                "verdict": measure.verdict,
            }
            for measure in self.measures
        ]
        return json.dumps({"measures": measures}, indent=2) + "\n"


class Reporter:
    """Listens to a session while it is written.

    ``words``: see ``Startling``. ``finish`` and ``speed``: what was wished, for the bounds.
    """

    def __init__(
        self, rate: int, channels: int, words: Iterable[tuple[float, float]], finish: Finish, speed: float
    ) -> None:
        self._meter = Meter(rate, channels)
        self._startling = Startling(rate, words)
        self._finish = finish
        self._speed = speed

    def add(self, block: Block) -> None:
        """Take the next block."""
        self._meter.add(block)
        self._startling.add(block)

    def report(self, timeline: Timeline) -> Report:
        """Give the report once all blocks are there."""
        self._meter.finish()
        self._startling.finish()
        return Report((*self._of_sound(), *_of_pace(timeline, self._speed)))

    def _of_sound(self) -> tuple[Measure, ...]:
        finish, meter = self._finish, self._meter
        least, most = (finish.loudness_lufs + way * LOUDNESS_WITHIN_LU for way in (-1, 1))
        # Over a bed the softest that counts is the bed alone.
        softest_lu = WORDS_RANGE_LU if finish.bed is None else max(WORDS_RANGE_LU, finish.bed_lu)
        return (
            Measure("Loudness", meter.lufs, "LUFS", least, most),
            Measure("Loudness range", meter.range_lu, "LU", None, softest_lu + finish.quieter_db),
            Measure("True peak", meter.peak_dbtp, "dBTP", None, MOST_PEAK_DBTP),
            Measure("Rise beside the words", self._startling.rise_db, "dB in 20 ms", None, MOST_RISE_DB),
            Measure(
                "Loudest beside the words", self._startling.beside_words_db, "dB over the words", None, 0
            ),
        )


def _of_pace(timeline: Timeline, speed: float) -> tuple[Measure, ...]:
    says = [event for event in timeline.events if event.kind == "say"]
    spoken = sum(event.end - event.start for event in says)
    words = sum(len((event.text or "").split()) for event in says)
    wpm = words / (spoken / timeline.rate / 60) if spoken else 0.0
    pauses = _pauses(says, timeline.rate)
    return (
        Measure("Speech", spoken / max(timeline.samples, 1), "of the time", None, MOST_SPEECH_SHARE),
        Measure(
            "Pace while speaking",
            wpm,
            "words a minute",
            round(CALM_WPM * speed * (1 - PACE_WITHIN), 1),
            round(CALM_WPM * speed * (1 + PACE_WITHIN), 1),
        ),
        Measure("Pauses", len(pauses), "between cues"),
        Measure("Shortest pause", min(pauses, default=0.0), "s", 0),
        Measure("Median pause", median(pauses) if pauses else 0.0, "s", None, MOST_MEDIAN_PAUSE_SECONDS),
        Measure("Longest pause", max(pauses, default=0.0), "s", None, LONGEST_PAUSE_SECONDS),
    )


def _pauses(says: list[Event], rate: int) -> list[float]:
    """Give the seconds between one cue and the next."""
    return [(after.start - before.end) / rate for before, after in pairwise(says)]
