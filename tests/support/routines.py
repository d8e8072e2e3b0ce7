"""A short routine, and random ones with lengths for their sounds, for the promises about all inputs."""

from dataclasses import dataclass

from hypothesis import assume
from hypothesis import strategies as st

from nightstretch.routine import (
    Breathe,
    Chime,
    Count,
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
from nightstretch.script import build_script
from nightstretch.timeline import DoesNotFitError, Event, Passage, Timeline, collect, fit

RATE = 1000
"""Few samples a second keep the numbers readable; nothing in the fit depends on it."""

SHORT = """\
title: Short
safety: Stop if it hurts.
opening: [{chime: bowl-start}, {say: Good evening to you.}]
exercises:
  - title: Rest
    minutes: 0.2
    steps: [{say: Rest here for a while.}, {pause: 8, least: 1, most: 60}]
  - title: Turn
    minutes: 0.4
    steps:
      - sides: [right, left]
        steps: [{say: "Turn to the {side} now."}, {hold: 10, least: 5, most: 60}]
closing: [{say: Good night to you.}]
"""

_words = st.sampled_from(
    [
        "rest",
        "wait",
        "let it go",
        "lift it up",
        "lower it again",
        "grow tall and breathe",
        "let your weight sink down",
        "feel the floor beneath you now",
    ]
)


@st.composite
def spans(draw: st.DrawFn, most: float = 20) -> Span:
    least, natural, longest = sorted(draw(st.lists(st.floats(0.1, most), min_size=3, max_size=3)))
    return Span(natural, least, longest)


def counts() -> st.SearchStrategy[Count]:
    elastic = st.lists(st.integers(1, 5), min_size=3, max_size=3).map(sorted)
    return st.just(Count(1, 1, 1)) | elastic.map(lambda drawn: Count(drawn[1], drawn[0], drawn[2]))


def _says(suffix: str) -> st.SearchStrategy[Say]:
    return _words.map(lambda text: Say(text + suffix))


@st.composite
def holds(draw: st.DrawFn, suffix: str) -> Hold:
    words = tuple(text + suffix for text in draw(st.lists(_words, max_size=2)))
    return Hold(draw(spans()), words) if not words else Hold(Span(20, 10, 60), words)


def _guidances(suffix: str, *, hold: bool) -> st.SearchStrategy[Guidance]:
    def wordings(*longest_first: str) -> st.SearchStrategy[tuple[str, ...]]:
        return st.sampled_from([(), tuple(text + suffix for text in longest_first)])

    return st.builds(
        Guidance,
        inhale=wordings("breathe in and in", "in"),
        hold=wordings("wait") if hold else st.just(()),
        exhale=wordings("out") | wordings("breathe out and let it all go now", "let go"),
    )


@st.composite
def breathing(draw: st.DrawFn, suffix: str) -> Breathe:
    hold = draw(st.sampled_from([0.0, 2.0]))
    guidances = _guidances(suffix, hold=bool(hold))
    return Breathe(
        inhale=draw(st.floats(3, 6)),
        hold=hold,
        exhale=draw(st.floats(3, 6)),
        rounds=draw(counts()),
        guidance=tuple(draw(st.lists(guidances, min_size=1, max_size=3))),
        last=draw(st.none() | guidances),
    )


def _simple(suffix: str) -> st.SearchStrategy[Say | Pause | Hold | Chime]:
    return st.one_of(_says(suffix), spans().map(Pause), holds(suffix), st.just(Chime("bowl")))


def _inner(suffix: str) -> st.SearchStrategy[Say | Pause | Hold | Chime | Breathe | Repeat]:
    repeats = st.builds(
        Repeat, times=counts(), steps=st.lists(_simple(suffix), min_size=1, max_size=3).map(tuple)
    )
    return st.one_of(_simple(suffix), breathing(suffix), repeats)


_sides = st.builds(
    Sides,
    order=st.just(("right", "left")),
    steps=st.lists(_inner(" {side}"), min_size=1, max_size=4).map(tuple),
)
_scans = st.builds(
    Scan,
    parts=st.lists(st.sampled_from(["the feet", "the knees", "the hips"]), min_size=1, max_size=4).map(tuple),
    templates=st.just(("notice {part}", "now {part}")),
    pause=spans(),
)
steps: st.SearchStrategy[Step] = st.one_of(_inner(""), _sides, _scans)


_room = Pause(Span(5, 0.1, 600))
"""Most random exercises would not fit without a piece of silence that gives a lot."""


_minutes = st.floats(1.5, 9)


def routines(minutes: st.SearchStrategy[float] = _minutes) -> st.SearchStrategy[Routine]:
    some_steps = st.lists(steps, min_size=1, max_size=6).map(tuple)
    exercises = st.builds(
        Exercise,
        title=st.just("Move"),
        minutes=minutes,
        steps=some_steps.map(lambda drawn: (*drawn, _room)),
    )
    return st.builds(
        Routine,
        title=st.just("Any"),
        safety=st.just(""),
        opening=st.just(()) | some_steps,
        exercises=st.lists(exercises, min_size=1, max_size=3).map(tuple),
        closing=st.just(()) | some_steps,
    )


@dataclass(frozen=True)
class FakeLengths:
    """Speech whose length follows from its letters: ``pace`` samples each."""

    pace: int = 60

    def speech(self, text: str) -> int:
        return len(text) * self.pace + sum(map(ord, text)) % 7

    def chime(self, name: str) -> int:
        return 1000 + len(name)


AVERAGE = FakeLengths()


def stream(routine: Routine, lengths: FakeLengths) -> list[Event | Passage]:
    return list(fit(build_script(routine, RATE), lengths))


def stream_or_skip(routine: Routine, lengths: FakeLengths) -> list[Event | Passage]:
    """Place a routine; one that does not fit is no example. Nearly all that ``routines`` draws do."""
    try:
        return stream(routine, lengths)
    except DoesNotFitError:
        assume(condition=False)
        raise


def place(routine: Routine, lengths: FakeLengths = AVERAGE) -> Timeline:
    return collect(build_script(routine, RATE), stream(routine, lengths))


def place_or_skip(routine: Routine, lengths: FakeLengths) -> Timeline:
    return collect(build_script(routine, RATE), stream_or_skip(routine, lengths))
