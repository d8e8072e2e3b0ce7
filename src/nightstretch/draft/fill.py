"""Make the steps of an exercise last as long as it should: neither in a rush nor with silly silences."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from nightstretch.draft.lengths import MOST_MINUTES, Length
from nightstretch.draft.meaning import breathe
from nightstretch.draft.moves import LEAD_OUT, LEAD_OUT_NOTE, DraftStep, Line
from nightstretch.draft.speech import Bounds, bounds, hold_needs
from nightstretch.routine import Breathe, Count, Hold, Move, Pause, Repeat, Say, Scan, Sides, Span

SLOW, CALM, FAST = 0.7, 0.85, 1.4
"""Speeds: a draft should fit at the slow and at the fast one, and with all its words at the calm one."""

_SLOWEST: Final = 0.5
_MARGIN: Final = 1.04
_ROOM: Final = 0.7
"""How far a natural length is raised at most, as part of ``most``: something must be left for fast voices."""

_SHORTEST_HOLD: Final = 6.0
_LONGEST_GROWTH: Final = 3.0
_MUCH_TIME: Final = 20.0
_LONGEST_BREATHING: Final = 600.0
_BREATH_SECONDS: Final = 10.0
_LONGEST_PAUSE: Final = 600.0
_LAST_PAUSE: Final = Pause(Span(3, 1.2, 9))
_LONGEST_CALM_PAUSE: Final = 9.0


def fill(lines: Sequence[Line], length: Length | None) -> tuple[Length, list[Line]]:
    """Choose the times of an exercise; without a length, choose that as well."""
    lines = [_each(line, _roomy) for line in lines]
    if length is None:
        natural = _total(lines, 1.0).natural
        length = Length(_half_minutes(max(60.0, natural)), "how long; the article does not say")
    target = length.minutes * 60
    lines = _shortened(lines, target)
    if (least := _total(lines, 1.0).least * _MARGIN) > target:
        minutes = min(_half_minutes(_total(lines, CALM).least * _MARGIN), MOST_MINUTES)
        why = f"the article says {length.minutes:g} min, but it takes at least {math.ceil(least)} s"
        length = Length(minutes, why)
        target = minutes * 60
    lines = _lengthened(lines, target)
    return length, _stretchable(lines, target)


def _total(lines: Sequence[Line], speed: float) -> Bounds:
    return bounds((line.step for line in lines if line.step is not None), speed)


def _half_minutes(seconds: float) -> float:
    return math.ceil(seconds / 30) / 2


def _shortened(lines: list[Line], target: float) -> list[Line]:
    """Where there are too many words, leave out our own that end a hold; let holds be shorter.

    The article's remarks take no room: the fit leaves them out where there is none.
    """
    if _total(lines, CALM).least * _MARGIN > target:
        lines = _without_lead_outs(lines)
    if _total(lines, SLOW).least * _MARGIN > target:
        lines = [_each(line, _shorter_hold) for line in lines]
    return lines


def _without_lead_outs(lines: Sequence[Line]) -> list[Line]:
    def without(steps: Sequence[DraftStep]) -> tuple[DraftStep, ...]:
        pairs = zip((None, *steps), steps, strict=False)
        return tuple(step for before, step in pairs if LEAD_OUT not in (step, before))

    def within(step: DraftStep) -> DraftStep:
        return replace(step, steps=without(step.steps)) if isinstance(step, Sides | Move) else step  # type: ignore[arg-type]

    kept = []
    for before, line in zip((None, *lines), lines, strict=False):
        notes = tuple(note for note in line.notes if note != LEAD_OUT_NOTE)
        if line.step != LEAD_OUT and (before is None or before.step != LEAD_OUT):
            kept.append(_each(replace(line, notes=notes), within))
    return kept


def _lengthened(lines: list[Line], target: float) -> list[Line]:
    """Where there is time, do everything longer, up to a point; then rest and breathe."""
    growth = 1.0
    while growth < _LONGEST_GROWTH and _total(lines, 1.0).natural < target:
        growth += 0.25
        grown = [_each(line, lambda step: _grown(step, growth)) for line in lines]  # noqa: B023 - used at once
        if _total(grown, 1.0).natural >= target or growth >= _LONGEST_GROWTH:
            lines = grown
            break
    left = target - _total(lines, 1.0).natural
    while left > _MUCH_TIME:
        seconds = min(left, _LONGEST_BREATHING)
        rounds = max(1, math.floor((seconds - 8) / _BREATH_SECONDS))
        notes = ("guessed: quiet breathing, since the article's words do not fill the time",)
        lines = [
            *lines,
            Line(Say("Stay like this for a while, and let your breath come and go."), notes),
            Line(Pause(Span(4, 1.6, 12))),
            Line(breathe(4.0, 0.0, 6.0, Count(rounds, max(1, rounds // 3), min(200, rounds * 2)))),
        ]
        left -= seconds
    return lines


def _stretchable(lines: list[Line], target: float) -> list[Line]:
    """Let the last silence be as long as a fast voice may need it."""
    place = max(number for number, line in enumerate(lines) if line.step is not None)
    last = lines[place].step
    if not isinstance(last, Pause):
        place, last = place + 1, _LAST_PAUSE
        lines = [*lines[:place], Line(last), *lines[place:]]
    missing = target * _MARGIN - _total(lines, FAST).most
    if missing > 0:
        most = round(min(last.span.most + missing, _LONGEST_PAUSE), 1)
        lines[place] = replace(lines[place], step=Pause(replace(last.span, most=most)))
    return lines


def _each(line: Line, change: Callable[[DraftStep], DraftStep]) -> Line:
    """Change the step of a line, and those within it."""
    if line.step is None:
        return line
    return replace(line, step=_changed(line.step, change))


def _changed(step: DraftStep, change: Callable[[DraftStep], DraftStep]) -> DraftStep:
    if isinstance(step, Sides | Repeat | Move):
        inner = tuple(_changed(each, change) for each in step.steps)
        step = replace(step, steps=inner)  # type: ignore[arg-type]
    return change(step)


def _roomy(step: DraftStep) -> DraftStep:
    """Let a hold last as long as its words may take with the slowest voice."""
    if isinstance(step, Hold) and step.words:
        most = max(step.span.most, round(hold_needs(step.words, _SLOWEST) * 1.2, 1))
        return replace(step, span=replace(step.span, most=most))
    return step


def _shorter_hold(step: DraftStep) -> DraftStep:
    if isinstance(step, Hold) and step.span.least > _SHORTEST_HOLD:
        return replace(step, span=replace(step.span, least=_SHORTEST_HOLD))
    return step


def _grown(step: DraftStep, growth: float) -> DraftStep:
    match step:
        case Pause(span=span):
            natural = round(max(span.natural, min(span.natural * growth, _LONGEST_CALM_PAUSE)), 1)
            factor = natural / span.natural
            return Pause(Span(natural, span.least * factor, span.most * factor))
        case Hold(span=span):
            return replace(step, span=_grown_span(span, growth))
        case Scan(pause=span):
            return replace(step, pause=_grown_span(span, growth))
        case Breathe(rounds=count):
            return replace(step, rounds=_grown_count(count, growth))
        case Repeat(times=count):
            return replace(step, times=_grown_count(count, growth))
        case _:
            return step


def _grown_span(span: Span, growth: float) -> Span:
    natural = min(span.natural * growth, max(span.natural, span.most * _ROOM))
    return replace(span, natural=round(natural, 1))


def _grown_count(count: Count, growth: float) -> Count:
    natural = min(round(count.natural * growth), max(count.natural, math.floor(count.most * _ROOM)))
    return replace(count, natural=natural)
