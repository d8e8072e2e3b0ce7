"""The script builder: a routine becomes cues and elastic pauses, in order, in samples.

The idea is TeX's boxes and glue. What is spoken, breathed or rung is a rigid box; pauses and holds are glue;
the number of rounds is a choice between two limits. How long each piece of glue comes out, and how many
rounds there are, is decided by ``timeline`` once the lengths of the clips are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import accumulate, pairwise
from typing import Literal

from nightstretch.choices import AS_WRITTEN, Choices, Pattern
from nightstretch.errors import UsageError
from nightstretch.routine import (
    Breathe,
    Chime,
    Exercise,
    Guidance,
    Hold,
    Move,
    Pause,
    Repeat,
    Routine,
    Say,
    Scan,
    Sides,
    Span,
    Step,
)

Key = tuple[int, ...]
"""Which step a piece comes from, as a path of numbers. The two sides of a move share their keys: that is how
they are known as twins, and come out equally long."""

Wordings = tuple[str, ...]
"""One thing to say, in one or more wordings, longest first."""

Phase = Literal["in", "hold", "out"]


@dataclass(frozen=True)
class Cue:
    """A box: words spoken by themselves, in one of several wordings."""

    key: Key
    words: Wordings
    side: str | None = None


@dataclass(frozen=True)
class Bell:
    """A box: a sound that rings until it is silent."""

    key: Key
    name: str
    side: str | None = None


@dataclass(frozen=True)
class Breath:
    """A box: one phase of a breath, of so many samples, with words at its start or none."""

    key: Key
    phase: Phase
    samples: int
    words: Wordings = ()
    side: str | None = None


@dataclass(frozen=True)
class Glue:
    """Elastic time in samples: a pause, or a hold with words spread evenly through it."""

    key: Key
    kind: Literal["pause", "hold"]
    natural: int
    least: int
    most: int
    words: tuple[str, ...] = ()
    side: str | None = None


Piece = Cue | Bell | Breath | Glue


class Loss(IntEnum):
    """What a listener loses when there is a round less, or none; the smaller loss is taken first."""

    ROUND = 0
    WORDS = 1  # a shorter wording: not a round, but it has its place in this order
    CUE = 2
    MOVE = 3


@dataclass(frozen=True)
class Rounds:
    """Parts done ``natural`` times, or as few as ``least`` or as many as ``most``.

    What may be left out altogether is done once or not at all.
    ``rounds``: the parts of each round from the first; the last entry serves every later round.
    ``final``: the parts of the final round where it is another.
    """

    key: Key
    natural: int
    least: int
    most: int
    rounds: tuple[tuple[Part, ...], ...]
    final: tuple[Part, ...] | None = None
    loss: Loss = Loss.ROUND

    def expand(self, times: int) -> Iterator[tuple[Part, ...]]:
        """Give the parts of each of so many rounds."""
        for number in range(times):
            if self.final is not None and number == times - 1 > 0:
                yield self.final
            else:
                yield self.rounds[min(number, len(self.rounds) - 1)]


Part = Piece | Rounds


@dataclass(frozen=True)
class Section:
    """The opening, an exercise or the closing.

    ``number`` counts the routine's exercises from 1; None for the opening and the closing.
    ``samples``: how long it must come out, or None for its natural length.
    ``place``: where it stands in the routine file, as ``file:line``, or empty.
    """

    title: str
    number: int | None
    samples: int | None
    parts: tuple[Part, ...]
    place: str = ""


@dataclass(frozen=True)
class Script:
    """Everything that will be heard, in order, with its times still elastic. ``rate``: samples a second."""

    title: str
    rate: int
    sections: tuple[Section, ...]

    def texts(self) -> Iterator[str]:
        """Give every text that may be spoken, in order of need, each as often as it stands there."""
        for section in self.sections:
            for part in section.parts:
                yield from _texts(part)


def build_script(routine: Routine, rate: int, choices: Choices = AS_WRITTEN) -> Script:
    """Turn a routine into a script at ``rate`` samples a second.

    Raises UsageError where the choices name an exercise or a side that there is not, or leave nothing to do.
    """
    build = _Builder(rate, choices)
    chosen = _select(routine, choices)
    if choices.start_side is not None and choices.start_side not in (sides := _side_names(routine)):
        allowed = " or ".join(sides) or "none, it has no sides"
        raise UsageError(f"{routine.title!r} has no side {choices.start_side!r}; it has {allowed}")
    lengths = _lengths([exercise.minutes for _, exercise in chosen], choices.minutes, rate)
    sections = [
        Section(exercise.title, number, samples, build.parts(exercise.steps), exercise.place)
        for (number, exercise), samples in zip(chosen, lengths, strict=True)
    ]
    if choices.opening and routine.opening:
        sections.insert(0, Section("Opening", None, None, build.parts(routine.opening)))
    if choices.closing and routine.closing:
        sections.append(Section("Closing", None, None, build.parts(routine.closing)))
    if choices.settle_seconds:
        sections.insert(0, build.quiet("Settling in", choices.settle_seconds))
    if choices.tail_minutes:
        sections.append(build.quiet("Quiet", choices.tail_minutes * 60))
    return Script(routine.title, rate, tuple(sections))


def _lengths(shares: Sequence[float], minutes: float | None, rate: int) -> list[int]:
    """Share ``minutes`` out in samples, exact in all: each ends where it would without any rounding."""
    if minutes is None:
        return [round(share * 60 * rate) for share in shares]
    ends = [round(minutes * 60 * rate * part / sum(shares)) for part in accumulate(shares)]
    return [end - start for start, end in pairwise([0, *ends])]


def _side_names(routine: Routine) -> list[str]:
    """Name the sides that the moves of a routine have, in order."""
    found: dict[str, None] = {}

    def look(steps: Sequence[Step]) -> None:
        for step in steps:
            match step:
                case Sides(order=order):
                    found.update(dict.fromkeys(order))
                case Move(steps=inner, gentle=gentle):
                    look((*inner, *gentle))
                case Repeat(steps=inner):
                    look(inner)

    for steps in (routine.opening, *(exercise.steps for exercise in routine.exercises), routine.closing):
        look(steps)
    return list(found)


def _select(routine: Routine, choices: Choices) -> list[tuple[int, Exercise]]:
    count = len(routine.exercises)
    if unknown := sorted(number for number in choices.only | choices.skip if not 1 <= number <= count):
        raise UsageError(f"{routine.title!r} has no exercise {unknown[0]}; it has exercises 1 to {count}")
    numbers = (choices.only or frozenset(range(1, count + 1))) - choices.skip
    if not numbers:
        raise UsageError("nothing is left to do: every exercise is skipped; leave at least one")
    return [(number, routine.exercises[number - 1]) for number in sorted(numbers)]


def _texts(part: Part) -> Iterator[str]:
    match part:
        case Cue(words=words) | Breath(words=words) | Glue(words=words):
            yield from words
        case Rounds(rounds=rounds, final=final):
            for parts in (*rounds, final or ()):
                for inner in parts:
                    yield from _texts(inner)


@dataclass(frozen=True)
class _Builder:
    rate: int
    choices: Choices

    def samples(self, seconds: float) -> int:
        return round(seconds * self.rate)

    def quiet(self, title: str, seconds: float) -> Section:
        glue = self._glue("pause", Span(seconds, seconds, seconds), (0,))
        return Section(title, None, glue.natural, (glue,))

    def parts(self, steps: Sequence[Step], key: Key = ()) -> tuple[Part, ...]:
        return tuple(part for number, step in enumerate(steps) for part in self._step(step, (*key, number)))

    def _step(self, step: Step, key: Key) -> Iterable[Part]:  # noqa: PLR0911 - one for each kind of step
        match step:
            case Say():
                return (self._say(step, key),)
            case Pause(span=span):
                return (self._glue("pause", span, key),)
            case Hold(span=span, words=words):
                return (self._glue("hold", span, key, words),)
            case Chime(name=name):
                return (Bell(key, name),)
            case Repeat(times=times, steps=steps):
                body = self.parts(steps, key)
                return (Rounds(key, times.natural, times.least, times.most, (body,)),)
            case Breathe():
                return (self._breathe(step, key),)
            case Scan():
                return self._scan(step, key)
            case Sides():
                return self._sides(step, key)
            case Move():
                return self._move(step, key)

    def _say(self, step: Say, key: Key) -> Part:
        cue = Cue(key, (step.text, *step.shorter))
        return Rounds(key, 1, 0, 1, ((cue,),), loss=Loss.CUE) if step.optional else cue

    def _scan(self, step: Scan, key: Key) -> Iterator[Part]:
        for number, name in enumerate(step.parts):
            text = step.templates[number % len(step.templates)].replace("{part}", name)
            yield Cue((*key, number, 0), (text[:1].upper() + text[1:],))
            yield self._glue("pause", step.pause, (*key, number, 1))

    def _sides(self, step: Sides, key: Key) -> Iterator[Part]:
        first, second = step.order if self.choices.start_side != step.order[1] else step.order[::-1]
        for side, other in ((first, second), (second, first)):
            for part in self.parts(step.steps, key):
                yield _on_side(part, side, other)

    def _move(self, step: Move, key: Key) -> tuple[Part, ...]:
        parts = self.parts(step.gentle if step.gentle and self.choices.gentle else step.steps, key)
        return (Rounds(key, 1, 0, 1, (parts,), loss=Loss.MOVE),) if step.optional else parts

    def _glue(
        self, kind: Literal["pause", "hold"], span: Span, key: Key, words: tuple[str, ...] = ()
    ) -> Glue:
        samples = self.samples
        return Glue(key, kind, samples(span.natural), samples(span.least), samples(span.most), words)

    def _breathe(self, step: Breathe, key: Key) -> Rounds:
        pattern = self.choices.breath or Pattern(step.inhale, step.hold, step.exhale)

        def one_round(guidance: Guidance) -> tuple[Part, ...]:
            phases: tuple[tuple[Phase, float, Wordings], ...] = (
                ("in", pattern.inhale, guidance.inhale),
                ("hold", pattern.hold, guidance.hold),
                ("out", pattern.exhale, guidance.exhale),
            )
            return tuple(
                Breath((*key, number), phase, self.samples(seconds), words)
                for number, (phase, seconds, words) in enumerate(phases)
                if seconds
            )

        return Rounds(
            key,
            step.rounds.natural,
            step.rounds.least,
            step.rounds.most,
            tuple(one_round(guidance) for guidance in step.guidance),
            one_round(step.last) if step.last else None,
        )


def _on_side(part: Part, side: str, other: str) -> Part:
    """Give a part its side, in its words too."""

    def named(words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(text.replace("{side}", side).replace("{other}", other) for text in words)

    def all_named(parts: tuple[Part, ...]) -> tuple[Part, ...]:
        return tuple(_on_side(inner, side, other) for inner in parts)

    match part:
        case Bell():
            return replace(part, side=side)
        case Cue(words=words) | Breath(words=words) | Glue(words=words):
            return replace(part, words=named(words), side=side)
        case Rounds(rounds=rounds, final=final):
            return replace(
                part,
                rounds=tuple(map(all_named, rounds)),
                final=None if final is None else all_named(final),
            )
