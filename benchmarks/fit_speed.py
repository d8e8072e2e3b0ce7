"""How long the fit of the longest shipped routine takes where the clip lengths are known, and how it grows.

The lengths are guessed from the number of words: no voice speaks. A routine of 10 or 100 times as many steps
has exercises with their steps that often over, and so much more time: each exercise is fitted by itself, so
more exercises alone would prove nothing.
"""

import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from measuring import report

from nightstretch.audio import SESSION_RATE
from nightstretch.routine import Move, Repeat, Routine, Sides, Step
from nightstretch.script import Script, build_script
from nightstretch.session import find_routine, shipped_routines
from nightstretch.timeline import fit
from nightstretch.voices.base import CALM_WPM

RUNS = {1: 31, 10: 9, 100: 3}


class WordLengths:
    """Speech at the calm pace, by its number of words."""

    def speech(self, text: str) -> int:
        """Give the length of a spoken text."""
        return round(len(text.split()) * 60 / CALM_WPM * SESSION_RATE)

    def chime(self, name: str) -> int:
        """Give the length of a chime."""
        return (len(name) + 3) * SESSION_RATE


def count(steps: Sequence[Step]) -> int:
    """Count the steps of a routine, those within others too."""
    inner = (step.steps for step in steps if isinstance(step, Move | Repeat | Sides))
    return len(steps) + sum(map(count, inner))


def size(routine: Routine) -> int:
    """Count all steps of a routine's exercises."""
    return sum(count(exercise.steps) for exercise in routine.exercises)


def enlarged(routine: Routine, times: int) -> Routine:
    """Do everything in each exercise so many times over."""
    exercises = [
        replace(exercise, minutes=exercise.minutes * times, steps=exercise.steps * times)
        for exercise in routine.exercises
    ]
    return replace(routine, exercises=tuple(exercises))


def seconds(script: Script) -> float:
    """Measure one fit."""
    start = time.perf_counter()
    deque(fit(script, WordLengths()), maxlen=0)
    return time.perf_counter() - start


name, longest = max(
    ((name, find_routine(name)) for name in shipped_routines()), key=lambda both: size(both[1])
)
per_step = {}
for times, runs in RUNS.items():
    routine = enlarged(longest, times)
    script = build_script(routine, SESSION_RATE)
    seconds(script)
    fitting = median(seconds(script) for _ in range(runs))
    per_step[times] = fitting / size(routine)
    figures = f"{fitting * 1e3:.1f} ms, {per_step[times] * 1e6:.1f} us a step"
    print(f"{name} x {times}: {size(routine)} steps, {figures}")
kept = [
    report("one fit", per_step[1] * size(longest) * 1e3, 20, " ms"),
    *(report(f"a step of {times} x against 1 x", per_step[times] / per_step[1], 2) for times in (10, 100)),
]
sys.exit(not all(kept))
