"""What must be heard of a routine, told from the routine alone: nothing here knows script builder or fit."""

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nightstretch.routine import (
    Breathe,
    Chime,
    Guidance,
    Hold,
    Pause,
    Repeat,
    Say,
    Scan,
    Sides,
    Step,
)
from nightstretch.timeline import Event
from support.routines import RATE, FakeLengths


class Heard(NamedTuple):
    """One thing in the order in which a listener meets it, without its time."""

    kind: str
    text: str | None = None
    side: str | None = None
    phase: str | None = None


class Place(NamedTuple):
    """The side on which a step is done; ``both`` are the two names in their order, or nothing."""

    side: str | None = None
    both: tuple[str, ...] = ()

    def named(self, text: str, side: str | None = None) -> str:
        side = side or self.side
        if side is None:
            return text
        (other,) = set(self.both) - {side}
        return text.replace("{side}", side).replace("{other}", other)


def heard(events: Sequence[Event]) -> list[Heard]:
    return [Heard(event.kind, event.text, event.side, event.phase) for event in events]


def assert_told(steps: Sequence[Step], said: list[Heard], lengths: FakeLengths) -> None:
    """Assert that all of the steps and nothing else is heard, in order, with rounds within their limits."""
    ends = {0}
    for step in steps:
        before = ends
        told = list(_tellings(step, lengths))
        ends = {end + len(one) for end in before for one in told if said[end : end + len(one)] == one}
        assert ends, f"expected {step} in place of {said[min(before) :]}"
    assert len(said) in ends, f"expected nothing more and heard {said[max(ends) :]}"


def _tellings(step: Step, lengths: FakeLengths) -> Iterator[list[Heard]]:
    """Give all that may be heard of a step: one for each number of rounds, which both sides share."""
    inside = step.steps if isinstance(step, Sides) else (step,)
    places = [Place(side, step.order) for side in step.order] if isinstance(step, Sides) else [Place()]
    for rounds in itertools.product(*map(_rounds, inside)):
        yield [
            one
            for place in places
            for inner, times in zip(inside, rounds, strict=True)
            for one in _told(inner, times, place, lengths)
        ]


def _rounds(step: Step) -> range:
    match step:
        case Repeat(times=count) | Breathe(rounds=count):
            return range(count.least, count.most + 1)
        case _:
            return range(1, 2)


def _told(step: Step, rounds: int, place: Place, lengths: FakeLengths) -> Iterator[Heard]:
    match step:
        case Scan(parts, templates):
            sentences = itertools.cycle(templates)
            for part in parts:
                sentence = next(sentences).replace("{part}", part)
                yield Heard("say", sentence[0].upper() + sentence[1:])
                yield Heard("pause")
        case Repeat(steps=steps):
            for _ in range(rounds):
                for inner in steps:
                    yield from _simple(inner, place)
        case Breathe():
            for guidance in _guidance(step, rounds):
                yield from _breath(step, guidance, place, lengths)
        case Say() | Pause() | Hold() | Chime():
            yield from _simple(step, place)


def _simple(step: Say | Pause | Hold | Chime | Sides, place: Place) -> Iterator[Heard]:
    match step:
        case Say(text):
            yield Heard("say", place.named(text), place.side)
        case Pause():
            yield Heard("pause", None, place.side)
        case Chime(name):
            yield Heard("chime", name, place.side)
        case Hold(words=words):
            yield Heard("hold", None, place.side)
            for text in words:
                yield Heard("say", place.named(text), place.side)


def _guidance(step: Breathe, rounds: int) -> Iterator[Guidance]:
    """Give what is said in each round: the first round is never the final one."""
    thinning = itertools.chain(step.guidance, itertools.repeat(step.guidance[-1]))
    final = [step.last] if step.last and rounds > 1 else []
    yield from itertools.islice(thinning, rounds - len(final))
    yield from final


def _breath(step: Breathe, guidance: Guidance, place: Place, lengths: FakeLengths) -> Iterator[Heard]:
    for phase, seconds, wordings in (
        ("in", step.inhale, guidance.inhale),
        ("hold", step.hold, guidance.hold),
        ("out", step.exhale, guidance.exhale),
    ):
        if not seconds:
            continue
        yield Heard("breath", None, place.side, phase)
        room = round(seconds * RATE)
        fitting = [
            text
            for text in wordings
            if all(lengths.speech(place.named(text, side)) <= room for side in place.both or (None,))
        ]
        if wordings:
            yield Heard("say", place.named(fitting[0]), place.side)
