"""What to ask for instead, where a session does not fit, and how short and how long one can be."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from nightstretch.audio import SESSION_RATE
from nightstretch.choices import LONGEST_MINUTES, SHORTEST_MINUTES, Choices
from nightstretch.estimates import GuessedLengths, ScaledLengths
from nightstretch.renderer import Renderer
from nightstretch.routine import Routine
from nightstretch.script import Script, build_script
from nightstretch.timeline import DoesNotFitError, Lengths, collect, fit, reach
from nightstretch.voices.base import FASTEST_SPEED, SLOWEST_SPEED, KeptVoice

_SPEED_STEP: Final = 0.01
_MINUTES_STEP: Final = 0.1
_SPEED_TRIES: Final = 10


class Adviser:
    """Finds what is nearest to what somebody has asked for. ``renderer``: of the speed that was asked for."""

    def __init__(
        self, routine: Routine, choices: Choices, script: Script, voice: KeptVoice, renderer: Renderer
    ) -> None:
        self._routine = routine
        self._choices = choices
        self._script = script
        self._voice = voice
        self._renderer = renderer

    def advice(self, error: DoesNotFitError) -> str:
        """Name the nearest speed and the nearest length at which everything fits."""
        speed, minutes = self._nearest_speed(error), self._nearest_minutes(error)
        works = [f"--speed {speed:g}"] if speed is not None else []
        works += [f"--minutes {minutes:g}"] if minutes is not None else []
        if works:
            return f"what works is {' or '.join(works)}"
        return (
            f"no speed from {SLOWEST_SPEED:g} to {FASTEST_SPEED:g} works; change its minutes, its words, or "
            "how much its pauses, holds and rounds may give"
        )

    def _nearest_speed(self, error: DoesNotFitError) -> float | None:
        """Find it first by calculation, then by really speaking."""
        step = _SPEED_STEP if error.too_long else -_SPEED_STEP
        # With the section in question first, a speed that does not work either is found out soon.
        sections = sorted(self._script.sections, key=lambda section: section is not error.section)
        script = replace(self._script, sections=tuple(sections))

        def works(speed: float) -> bool:
            with Renderer(self._voice, speed, script.texts()) as renderer:
                return _fits(script, renderer)

        asked = self._renderer.speed
        speed = round(asked + step, 2)
        while _in_range(speed) and not _fits(script, ScaledLengths(self._renderer, asked / speed)):
            speed = round(speed + step, 2)
        for _ in range(_SPEED_TRIES):
            if not _in_range(speed):
                break
            if works(speed):
                # The calculation may have gone a step too far.
                while (nearer := round(speed - step, 2)) != asked and works(nearer):
                    speed = nearer
                return speed
            speed = round(speed + step, 2)
        return None

    def _nearest_minutes(self, error: DoesNotFitError) -> float | None:
        """Find it by calculation: the clips are the same at every length."""
        now = sum(section.samples or 0 for section in self._script.sections) / SESSION_RATE / 60
        step = _MINUTES_STEP if error.too_long else -_MINUTES_STEP
        minutes = round(now + step, 1)
        while SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
            choices = replace(self._choices, minutes=minutes)
            if _fits(build_script(self._routine, SESSION_RATE, choices), self._renderer):
                return minutes
            minutes = round(minutes + step, 1)
        return None


def reach_minutes(script: Script, lengths: Lengths) -> tuple[float, float]:
    """Give the least and the most minutes for all exercises of a script, each keeping its share."""
    exercises = [section for section in script.sections if section.samples]
    whole = sum(section.samples or 0 for section in exercises)
    shortest, longest = 0.0, math.inf
    for section in exercises:
        least, most = reach(section, lengths, script.rate)
        scale = whole / (section.samples or 1) / script.rate / 60
        shortest, longest = max(shortest, least * scale), min(longest, most * scale)
    return shortest, longest


def guess_reach(routine: Routine) -> tuple[float, float]:
    """Guess ``reach_minutes`` at speed 1.0 from the number of words, within what may be asked for.

    Nothing is spoken.
    """
    script = build_script(routine, SESSION_RATE)
    shortest, longest = reach_minutes(script, GuessedLengths(1.0))
    return max(shortest, SHORTEST_MINUTES), min(longest, LONGEST_MINUTES)


def _fits(script: Script, lengths: Lengths) -> bool:
    try:
        collect(script, fit(script, lengths))
    except DoesNotFitError:
        return False
    return True


def _in_range(speed: float) -> bool:
    return SLOWEST_SPEED <= speed <= FASTEST_SPEED
