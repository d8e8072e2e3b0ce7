"""How long something will take to say and to do: an estimate, good enough to choose pauses by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from nightstretch.routine import Breathe, Chime, Hold, Move, Pause, Repeat, Say, Scan, Sides, Step

_SECONDS_A_SENTENCE, _SECONDS_A_LETTER = 0.4, 0.105
"""Measured with the natural voice at speed 1.0: right to 10 %, and rather too long than too short."""

_CHIME_SECONDS: Final = 4.5
_GAP_SECONDS: Final = 0.5


class Bounds(NamedTuple):
    """How long something may last, in seconds."""

    least: float
    natural: float
    most: float


def speech_seconds(text: str, speed: float = 1.0) -> float:
    """Estimate how long a text takes to say."""
    return (_SECONDS_A_SENTENCE + _SECONDS_A_LETTER * len(text)) / speed


def bounds(steps: Iterable[Step], speed: float = 1.0) -> Bounds:
    """Estimate how long steps last, at least, by nature and at most.

    Words that may be left out count only by nature. A move that may be left out counts: at the length that
    the article gives, all its moves are to be done.
    """
    return _sum(_bounds(step, speed) for step in steps)


def _sum(parts: Iterable[Bounds]) -> Bounds:
    columns = list(zip(*parts, strict=True))
    return Bounds(*map(sum, columns)) if columns else Bounds(0, 0, 0)


def _bounds(step: Step, speed: float) -> Bounds:  # noqa: PLR0911 - one for each kind of step
    match step:
        case Say(text=text, optional=optional):
            seconds = speech_seconds(text, speed)
            return Bounds(0, seconds, 0) if optional else _rigid(seconds)
        case Chime():
            return _rigid(_CHIME_SECONDS)
        case Pause(span=span):
            return Bounds(span.least, span.natural, span.most)
        case Hold(span=span, words=words):
            needed = hold_needs(words, speed)
            return Bounds(max(span.least, needed), max(span.natural, needed), max(span.most, needed))
        case Breathe(inhale=inhale, hold=hold, exhale=exhale, rounds=rounds):
            seconds = inhale + hold + exhale
            return Bounds(rounds.least * seconds, rounds.natural * seconds, rounds.most * seconds)
        case Repeat(times=times, steps=steps):
            least, natural, most = bounds(steps, speed)
            return Bounds(times.least * least, times.natural * natural, times.most * most)
        case Sides(steps=steps):
            return _sum([bounds(steps, speed)] * 2)
        case Scan(parts=parts, templates=templates, pause=span):
            said = sum(speech_seconds(f"{templates[0]}{part}", speed) for part in parts)
            return Bounds(*(said + len(parts) * seconds for seconds in (span.least, span.natural, span.most)))
        case Move(steps=steps):
            return bounds(steps, speed)


def hold_needs(words: Iterable[str], speed: float) -> float:
    """Give the seconds that a hold with such words lasts at least."""
    seconds = [speech_seconds(text, speed) + _GAP_SECONDS for text in words]
    return sum(seconds) + _GAP_SECONDS if seconds else 0.0


def _rigid(seconds: float) -> Bounds:
    return Bounds(seconds, seconds, seconds)
