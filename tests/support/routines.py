"""Random routines, and lengths for their sounds, for the promises about all inputs."""

from dataclasses import dataclass

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

RATE = 1000
"""Few samples a second keep the numbers readable; nothing in the fit depends on it."""

_words = st.sampled_from(["rest", "let it go", "grow tall and breathe", "feel the floor beneath you now"])


@st.composite
def spans(draw: st.DrawFn, most: float = 20) -> Span:
    least, natural, longest = sorted(draw(st.lists(st.floats(0.1, most), min_size=3, max_size=3)))
    return Span(natural, least, longest)


@st.composite
def counts(draw: st.DrawFn) -> Count:
    least, natural, most = sorted(draw(st.lists(st.integers(1, 5), min_size=3, max_size=3)))
    return Count(natural, least, most)


def _says(suffix: str) -> st.SearchStrategy[Say]:
    return _words.map(lambda text: Say(text + suffix))


@st.composite
def holds(draw: st.DrawFn, suffix: str) -> Hold:
    words = tuple(text + suffix for text in draw(st.lists(_words, max_size=2)))
    return Hold(draw(spans()), words) if not words else Hold(Span(20, 10, 60), words)


_breathes = st.builds(
    Breathe,
    inhale=st.floats(3, 6),
    hold=st.sampled_from([0.0, 2.0]),
    exhale=st.floats(3, 6),
    rounds=counts(),
    guidance=st.lists(
        st.builds(Guidance, inhale=st.just(("breathe in and in", "in")), exhale=st.just(("out",)))
        | st.just(Guidance()),
        min_size=1,
        max_size=3,
    ).map(tuple),
    last=st.none() | st.just(Guidance(exhale=("let go",))),
)


def _simple(suffix: str) -> st.SearchStrategy[Say | Pause | Hold | Chime]:
    return st.one_of(_says(suffix), spans().map(Pause), holds(suffix), st.just(Chime("bowl")))


def _inner(suffix: str) -> st.SearchStrategy[Say | Pause | Hold | Chime | Breathe | Repeat]:
    repeats = st.builds(
        Repeat, times=counts(), steps=st.lists(_simple(suffix), min_size=1, max_size=3).map(tuple)
    )
    return st.one_of(_simple(suffix), _breathes, repeats)


_sides = st.builds(
    Sides,
    order=st.just(("right", "left")),
    steps=st.lists(_inner(" {side}"), min_size=1, max_size=4).map(tuple),
)
_scans = st.builds(
    Scan,
    parts=st.lists(st.sampled_from(["the feet", "the knees"]), min_size=1, max_size=3).map(tuple),
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
