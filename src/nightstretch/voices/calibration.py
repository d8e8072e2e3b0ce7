"""How fast a voice really speaks: the passage every voice is measured on, and the table that comes of it.

An engine's own speed setting means something else in every engine, and is linear in none. So ``--speed 1.0``
is defined by a measurement: the words of the passage divided by the time they take, each cue trimmed of the
silence around it. ``tools/calibrate.py`` makes and checks the table of the natural voice; the voices of the
system, which nobody can know beforehand, are measured on the user's machine the first time they are used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from nightstretch.audio import Clip
from nightstretch.voices.base import CALM_WPM

PASSAGE: Final = (
    "Let your shoulders grow heavy.",
    "Slowly lower your right ear towards your right shoulder. Stop where it feels kind.",
    "Breathe in through your nose, and let your belly rise.",
    "Now breathe out, long and slow.",
    "Stay here. There is nowhere else to be tonight.",
    "When you are ready, bring your head back to the middle.",
    "Feel the chair holding you from below.",
    "Turn your chin a little to the left, only as far as is easy.",
    "If anything pinches, come back halfway.",
    "Place your left hand on the outside of your right knee.",
    "Grow tall through the top of your head, then turn gently to the right.",
    "Keep breathing. The turn can wait for the breath.",
    "Come down onto your hands and knees. A folded blanket under the knees is welcome.",
    "Let your hips sink back towards your heels.",
    "Rest your forehead on the floor, or on your folded arms.",
    "Your back is long and wide.",
    "With each breath out, let it soften a little more.",
    "Bring your attention down to the soles of your feet.",
    "Warm, cool, or nothing at all, every answer is fine.",
    "Let your ankles go, and then your calves.",
    "Now the same on the other side.",
    "Straighten one leg in front of you, with the knee soft.",
    "Lean forward from the hips until you feel a mild pull behind the thigh.",
    "Do not bounce. Just wait, and let the muscle come to you.",
    "Stand an arm's length from the wall, and rest both palms against it.",
    "Step your right foot back, and press the heel towards the ground.",
    "Lift your shoulders up, roll them back, and let them fall.",
    "One more time, as slowly as you like.",
    "Lie down on your back, and let your arms rest beside you.",
    "There is nothing left to do. Good night.",
)
"""Thirty cues as a routine has them: one or two short sentences each, with words of every length."""


@dataclass(frozen=True)
class Calibration:
    """What an engine's setting does: ``points`` of (setting, words a minute), rising in both."""

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        from_zero = ((0.0, 0.0), *self.points)
        if not self.points or any(a[0] >= b[0] or a[1] >= b[1] for a, b in pairwise(from_zero)):
            raise ValueError(f"not a rising table: {self.points}")

    @property
    def speeds(self) -> tuple[float, float]:
        """The slowest and the fastest speed it can speak at, 1.0 being ``CALM_WPM``."""
        return self.points[0][1] / CALM_WPM, self.points[-1][1] / CALM_WPM

    def setting(self, speed: float) -> float:
        """Give the engine's setting for a speed; beyond what was measured, the nearest that was."""
        settings, wpm = np.array(self.points).T
        # Between two points an engine follows a power law closely, so the lines are straight in logarithms.
        return float(np.exp(np.interp(np.log(speed * CALM_WPM), np.log(wpm), np.log(settings))))


def words_per_minute(clips: Iterable[tuple[str, Clip]]) -> float:
    """Give the pace of trimmed clips, each with its text; a word is what stands between spaces."""
    words, seconds = 0, 0.0
    for text, clip in clips:
        words += len(text.split())
        seconds += clip.seconds
    return words * 60 / seconds


def calibrate(
    speak: Callable[[str, float], Clip],
    settings: Iterable[float],
    passage: Iterable[str],
    executor: Executor,
) -> Calibration:
    """Measure ``speak(text, setting)``, which gives trimmed clips, at rising settings.

    Settings below the engine's floor or above its ceiling, which change nothing, are left out. What ``speak``
    raises is passed on.
    """
    passage = tuple(passage)
    points: list[tuple[float, float]] = []
    for setting in settings:
        clips = executor.map(lambda text, setting=setting: (text, speak(text, setting)), passage)
        points.append((setting, round(words_per_minute(clips), 1)))
    return Calibration(_rising(points))


def _rising(points: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Leave out what does not make the voice at least a hundredth faster."""
    kept = points[:1]
    for point in points[1:]:
        if point[1] > kept[-1][1] * 1.01:
            kept.append(point)
        elif len(kept) == 1:
            kept = [point]  # still on the floor: the pace rises from here on
    return tuple(kept)
