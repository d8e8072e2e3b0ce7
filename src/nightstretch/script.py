"""The script builder: a routine becomes cues and elastic pauses, in order, in samples.

The idea is TeX's boxes and glue. What is spoken, breathed or rung is a rigid box; pauses and holds are glue;
the number of rounds is a choice between two limits. How long each piece of glue comes out, and how many
rounds there are, is decided by ``timeline`` once the lengths of the clips are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from nightstretch.errors import UsageError
from nightstretch.routine import (
    Breathe,
    Chime,
    Exercise,
    Guidance,
    Hold,
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
    """A box: words spoken by themselves."""

    key: Key
    text: str
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


@dataclass(frozen=True)
class Rounds:
    """Pieces done ``natural`` times, or as few as ``least`` or as many as ``most``.

    ``rounds``: the pieces of each round from the first; the last entry serves every later round.
    ``final``: the pieces of the final round where it is another. All rounds have the same length.
    """

    key: Key
    natural: int
    least: int
    most: int
    rounds: tuple[tuple[Piece, ...], ...]
    final: tuple[Piece, ...] | None = None

    def expand(self, times: int) -> Iterator[tuple[Piece, ...]]:
        """Give the pieces of each of so many rounds."""
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


@dataclass(frozen=True)
class Selection:
    """Which parts of a routine to do. ``only`` and ``skip`` hold exercise numbers; no ``only`` means all."""

    only: frozenset[int] = frozenset()
    skip: frozenset[int] = frozenset()
    opening: bool = True
    closing: bool = True


EVERYTHING = Selection()


def build_script(routine: Routine, rate: int, selection: Selection = EVERYTHING) -> Script:
    """Turn a routine into a script at ``rate`` samples a second.

    Raises UsageError where the selection names an exercise that there is not, or leaves none.
    """
    build = _Builder(rate)
    sections = [
        Section(
            exercise.title,
            number,
            build.samples(exercise.minutes * 60),
            build.parts(exercise.steps),
            exercise.place,
        )
        for number, exercise in _select(routine, selection)
    ]
    if selection.opening and routine.opening:
        sections.insert(0, Section("Opening", None, None, build.parts(routine.opening)))
    if selection.closing and routine.closing:
        sections.append(Section("Closing", None, None, build.parts(routine.closing)))
    return Script(routine.title, rate, tuple(sections))


def _select(routine: Routine, selection: Selection) -> list[tuple[int, Exercise]]:
    count = len(routine.exercises)
    if unknown := sorted(number for number in selection.only | selection.skip if not 1 <= number <= count):
        raise UsageError(f"{routine.title!r} has no exercise {unknown[0]}; it has exercises 1 to {count}")
    numbers = (selection.only or frozenset(range(1, count + 1))) - selection.skip
    if not numbers:
        raise UsageError("nothing is left to do: every exercise is skipped; leave at least one")
    return [(number, routine.exercises[number - 1]) for number in sorted(numbers)]


def _texts(part: Part) -> Iterator[str]:
    match part:
        case Cue(text=text):
            yield text
        case Breath(words=words) | Glue(words=words):
            yield from words
        case Rounds(rounds=rounds, final=final):
            for pieces in (*rounds, final or ()):
                for piece in pieces:
                    yield from _texts(piece)


@dataclass(frozen=True)
class _Builder:
    rate: int

    def samples(self, seconds: float) -> int:
        return round(seconds * self.rate)

    def parts(self, steps: Sequence[Step]) -> tuple[Part, ...]:
        return tuple(part for number, step in enumerate(steps) for part in self._step(step, (number,)))

    def _step(self, step: Step, key: Key) -> Iterator[Part]:
        match step:
            case Repeat(times=times, steps=steps):
                pieces = tuple(self._piece(inner, (*key, number)) for number, inner in enumerate(steps))
                yield Rounds(key, times.natural, times.least, times.most, (pieces,))
            case Breathe():
                yield self._breathe(step, key)
            case Scan(parts=parts, templates=templates, pause=span):
                for number, name in enumerate(parts):
                    text = templates[number % len(templates)].replace("{part}", name)
                    yield Cue((*key, number, 0), text[:1].upper() + text[1:])
                    yield self._glue("pause", span, (*key, number, 1))
            case Sides(order=order, steps=steps):
                for side, other in (order, order[::-1]):
                    for number, inner in enumerate(steps):
                        for part in self._step(inner, (*key, number)):
                            yield _on_side(part, side, other)
            case _:
                yield self._piece(step, key)

    def _piece(self, step: Say | Pause | Hold | Chime, key: Key) -> Piece:
        match step:
            case Say(text=text):
                return Cue(key, text)
            case Pause(span=span):
                return self._glue("pause", span, key)
            case Hold(span=span, words=words):
                return self._glue("hold", span, key, words)
            case Chime(name=name):
                return Bell(key, name)

    def _glue(
        self, kind: Literal["pause", "hold"], span: Span, key: Key, words: tuple[str, ...] = ()
    ) -> Glue:
        samples = self.samples
        return Glue(key, kind, samples(span.natural), samples(span.least), samples(span.most), words)

    def _breathe(self, step: Breathe, key: Key) -> Rounds:
        def one_round(guidance: Guidance) -> tuple[Piece, ...]:
            phases: tuple[tuple[Phase, float, Wordings], ...] = (
                ("in", step.inhale, guidance.inhale),
                ("hold", step.hold, guidance.hold),
                ("out", step.exhale, guidance.exhale),
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

    def name(text: str) -> str:
        return text.replace("{side}", side).replace("{other}", other)

    def named(words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(name, words))

    def all_named(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        return tuple(piece_on_side(piece) for piece in pieces)

    def piece_on_side(piece: Piece) -> Piece:
        match piece:
            case Cue(key, text):
                return Cue(key, name(text), side)
            case Bell(key, bell):
                return Bell(key, bell, side)
            case Breath(key, phase, samples, words):
                return Breath(key, phase, samples, named(words), side)
            case Glue(key, kind, natural, least, most, words):
                return Glue(key, kind, natural, least, most, named(words), side)

    if not isinstance(part, Rounds):
        return piece_on_side(part)
    final = all_named(part.final) if part.final is not None else None
    return Rounds(part.key, part.natural, part.least, part.most, tuple(map(all_named, part.rounds)), final)
