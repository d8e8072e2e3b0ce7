"""Promises about routines with everything in them that may come and go with the time there is."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.routines import RATE, FakeLengths, breathing, counts, holds, spans

from nightstretch.advice import reach_minutes
from nightstretch.choices import AS_WRITTEN, Choices, Pattern
from nightstretch.errors import UsageError
from nightstretch.routine import (
    Breathe,
    Chime,
    Count,
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
from nightstretch.script import build_script
from nightstretch.timeline import DoesNotFitError, Event, Lengths, Timeline, collect, fit

ROOM_SECONDS = 600
_room = Pause(Span(5, 0.1, ROOM_SECONDS))
"""So much silence at the end of each exercise that nothing is ever added out of turn to fill the time."""

_sentences = st.sampled_from(
    [
        "bend the knee a little further and wait",
        "let your shoulders sink away from your ears",
        "rest your hands wherever they like to be",
    ]
)


@st.composite
def says(draw: st.DrawFn, suffix: str) -> Say:
    words = draw(_sentences).split()
    cuts = sorted(set(draw(st.lists(st.integers(1, len(words) - 1), max_size=2))), reverse=True)
    text, *shorter = (" ".join(words[:cut]) + suffix for cut in (len(words), *cuts))
    return Say(text, tuple(shorter), optional=draw(st.booleans()))


def _simple(suffix: str) -> st.SearchStrategy[Say | Pause | Hold | Chime]:
    return st.one_of(says(suffix), spans().map(Pause), holds(suffix), st.just(Chime("bowl")))


def _some(steps: st.SearchStrategy[Step], most: int = 3) -> st.SearchStrategy[tuple[Step, ...]]:
    return st.lists(steps, min_size=1, max_size=most).map(tuple)


def _repeats(steps: st.SearchStrategy[Step]) -> st.SearchStrategy[Repeat]:
    return st.builds(Repeat, times=counts(), steps=_some(steps))


def _sides(steps: st.SearchStrategy[Step]) -> st.SearchStrategy[Sides]:
    return st.builds(Sides, order=st.just(("right", "left")), steps=_some(steps))


_on_a_side = _simple(" {side}")
_scans = st.builds(
    Scan,
    parts=st.lists(st.sampled_from(["the feet", "the hips"]), min_size=1, max_size=3).map(tuple),
    templates=st.just(("notice {part}", "now {part}")),
    pause=spans(),
)
_inner: st.SearchStrategy[Step] = st.one_of(
    says(""),
    _simple(""),
    breathing(""),
    _repeats(_simple("") | _sides(_on_a_side)),
    _sides(_on_a_side | breathing(" {side}") | _repeats(_on_a_side)),
    _scans,
)
_moves = st.builds(
    Move,
    title=st.just("a move"),
    steps=_some(_inner),
    gentle=st.just(()) | _some(_inner),
    optional=st.booleans(),
)
_steps = _some(_inner | _moves, most=5)


def numbered(steps: Sequence[Step], numbers: Iterator[int]) -> Any:  # noqa: ANN401 - steps within steps are of fewer kinds
    """Give each thing to say a number, by which it is known in every wording, and each move a first word."""

    def one(step: Step) -> Step:
        match step:
            case Say(text, shorter):
                tail = f" #{next(numbers)}"
                return replace(step, text=text + tail, shorter=tuple(other + tail for other in shorter))
            case Move(steps=inner, gentle=gentle):
                mark = Say("a move")
                return replace(
                    step,
                    steps=numbered((mark, *inner), numbers),
                    gentle=numbered((mark, *gentle), numbers) if gentle else (),
                )
            case Repeat():
                return replace(step, steps=numbered(step.steps, numbers))
            case Sides():
                return replace(step, steps=numbered(step.steps, numbers))
            case _:
                return step

    return tuple(map(one, steps))


@st.composite
def routines(draw: st.DrawFn, most_exercises: int = 3) -> Routine:
    numbers = itertools.count(1)

    def steps() -> tuple[Step, ...]:
        drawn: tuple[Step, ...] = numbered(draw(_steps), numbers)
        return drawn

    exercises = tuple(
        Exercise("Move", draw(st.floats(1, 3)), (*steps(), _room))
        for _ in range(draw(st.integers(1, most_exercises)))
    )
    opening, closing = (steps() if draw(st.booleans()) else () for _ in range(2))
    return Routine("Any", "", opening, exercises, closing)


any_pace = st.builds(FakeLengths, st.integers(20, 90))
any_choices = st.builds(
    Choices,
    breath=st.none() | st.sampled_from([Pattern(4, 0, 6), Pattern(5, 0, 5), Pattern(4, 7, 8)]),
    start_side=st.none(),
    gentle=st.booleans(),
)
part_of_the_way = st.floats(0, 1).map(lambda part: part**3)
"""Short lengths more often than long ones: they are where things are lost."""


def place(routine: Routine, lengths: Lengths, choices: Choices = AS_WRITTEN) -> Timeline:
    script = build_script(routine, RATE, choices)
    return collect(script, fit(script, lengths))


def minutes_within_reach(
    routine: Routine, lengths: FakeLengths, choices: Choices, *parts: float
) -> list[float]:
    """Give lengths from the shortest on, to where the last pause could be too short to fill the time."""
    try:
        shortest, longest = reach_minutes(build_script(routine, RATE, choices), lengths)
    except DoesNotFitError:  # words that no hold or no breath has time for
        assume(condition=False)
        raise
    shares = [exercise.minutes for exercise in routine.exercises]
    longest = min(longest, ROOM_SECONDS / 60 * sum(shares) / max(shares))
    shortest += 0.001
    assume(shortest < longest)
    return [shortest + part * (longest - shortest) for part in parts]


def place_within_reach(
    routine: Routine, lengths: FakeLengths, choices: Choices, part: float
) -> tuple[Timeline, Choices]:
    (minutes,) = minutes_within_reach(routine, lengths, choices, part)
    choices = replace(choices, minutes=minutes)
    return place(routine, lengths, choices), choices


def passages(timeline: Timeline) -> list[list[Event]]:
    return [
        [event for event in timeline.events if passage.start <= event.start < passage.end]
        for passage in timeline.passages
    ]


class Where(NamedTuple):
    """What a step means here: with which choices, on which side."""

    choices: Choices
    side: str | None = None

    def named(self, text: str) -> str:
        return text if self.side is None else text.replace("{side}", self.side)


def ends(steps: Sequence[Step], where: Where, events: Sequence[Event], starts: set[int]) -> set[int]:
    """Give the numbers of the events up to which all these steps, and nothing else, may have been heard.

    It is told from the routine alone; silences and breaths are held to their limits on the way.
    """
    for step in steps:
        starts = _ends(step, where, events, starts)
    return starts


def _ends(step: Step, where: Where, events: Sequence[Event], starts: set[int]) -> set[int]:
    match step:
        case Repeat() | Breathe():
            return _round_ends(step, where, events, starts)
        case Sides(order, inner):
            for side in order if where.choices.start_side != order[1] else order[::-1]:
                starts = ends(inner, where._replace(side=side), events, starts)
            return starts
        case Move(_, inner, gentle, optional):
            done = ends(gentle if where.choices.gentle and gentle else inner, where, events, starts)
            return done | starts if optional else done
        case Say(optional=True):
            return starts | _ends(replace(step, optional=False), where, events, starts)
        case _:
            return _simple_ends(step, where, events, starts)


def _simple_ends(
    step: Say | Pause | Hold | Chime | Scan, where: Where, events: Sequence[Event], starts: set[int]
) -> set[int]:
    match step:
        case Say(text, shorter):
            return {end for words in (text, *shorter) for end in _after(events, starts, where, "say", words)}
        case Pause(span):
            return _after(events, starts, where, "pause", span=span)
        case Hold(span, words):
            starts = _after(events, starts, where, "hold", span=span)
            for text in words:
                starts = _after(events, starts, where, "say", text)
            return starts
        case Chime(name):
            return _after(events, starts, where, "chime", name)
        case Scan(parts, templates, pause):
            for part, template in zip(parts, itertools.cycle(templates), strict=False):
                said = Say(template.replace("{part}", part).capitalize())
                starts = ends((said, Pause(pause)), where, events, starts)
            return starts


def _round_ends(step: Repeat | Breathe, where: Where, events: Sequence[Event], starts: set[int]) -> set[int]:
    found: set[int] = set()
    count = step.times if isinstance(step, Repeat) else step.rounds
    for number in range(count.least, count.most + 1):
        done = starts
        if isinstance(step, Repeat):
            done = ends(step.steps * number, where, events, done)
        else:
            told = [step.guidance[min(n, len(step.guidance) - 1)] for n in range(number)]
            told[-1] = step.last if step.last and number > 1 else told[-1]
            for one in told:
                done = _breath_ends(step, one, where, events, done)
        found |= done
    return found


def _after(
    events: Sequence[Event],
    starts: set[int],
    where: Where,
    kind: str,
    text: str | None = None,
    *,
    span: Span = Span(0, 0, 1e6),  # noqa: B008 - it is frozen
) -> set[int]:
    text = text and where.named(text)
    return {
        start + 1
        for start in starts
        if start < len(events)
        and (event := events[start]).kind == kind
        and (event.text, event.side) == (text, where.side)
        and round(span.least * RATE) <= event.end - event.start <= round(span.most * RATE)
    }


def _breath_ends(
    step: Breathe, guidance: Guidance, where: Where, events: Sequence[Event], starts: set[int]
) -> set[int]:
    pattern = where.choices.breath or Pattern(step.inhale, step.hold, step.exhale)
    for phase, seconds, wordings in (
        ("in", pattern.inhale, guidance.inhale),
        ("hold", pattern.hold, guidance.hold),
        ("out", pattern.exhale, guidance.exhale),
    ):
        if not seconds:
            continue
        starts = {
            end
            for end in _after(events, starts, where, "breath", span=Span(seconds, seconds, seconds))
            if events[end - 1].phase == phase
        }
        if wordings:
            starts = {
                end
                for wording in wordings
                for end in _after(events, starts, where, "say", wording)
                if events[end - 1].start == events[end - 2].start
            }
    return starts


def assert_told(routine: Routine, timeline: Timeline, choices: Choices) -> None:
    parts = [routine.opening, *(exercise.steps for exercise in routine.exercises), routine.closing]
    for steps, events in zip(filter(None, parts), passages(timeline), strict=True):
        assert len(events) in ends(steps, Where(choices), events, {0})


class TestPromises:
    @given(routines(), any_pace, any_choices, part_of_the_way)
    def test_every_exercise_gets_its_share_to_the_sample(
        self, routine: Routine, lengths: FakeLengths, choices: Choices, part: float
    ) -> None:
        timeline, choices = place_within_reach(routine, lengths, choices, part)
        assert choices.minutes is not None
        done = [passage for passage in timeline.passages if passage.number is not None]
        shares = [exercise.minutes for exercise in routine.exercises]
        for number, passage in enumerate(done):
            exact = choices.minutes * 60 * RATE * shares[number] / sum(shares)
            assert abs(passage.end - passage.start - exact) <= 1
        assert done[-1].end - done[0].start == round(choices.minutes * 60 * RATE)

    @given(routines(), any_pace, any_choices, st.sampled_from([None, "right", "left"]), part_of_the_way)
    def test_all_is_told_in_order_within_its_limits_at_any_speed(
        self, routine: Routine, lengths: FakeLengths, choices: Choices, side: str | None, part: float
    ) -> None:
        timeline, choices = place_within_reach(routine, lengths, choices, part)
        try:
            turned = replace(choices, start_side=side)
            timeline = place(routine, lengths, turned)
        except UsageError:  # there are no sides
            assume(condition=False)
        assert_told(routine, timeline, turned)

    @given(routines(), any_pace, any_choices, part_of_the_way)
    def test_nothing_overlaps_but_words_within_a_hold_or_a_breath(
        self, routine: Routine, lengths: FakeLengths, choices: Choices, part: float
    ) -> None:
        timeline, _ = place_within_reach(routine, lengths, choices, part)
        around: Event | None = None
        for event in timeline.events:
            if around is None or event.start >= around.end:
                around = event
                continue
            assert event.kind == "say"
            assert around.kind in {"hold", "breath"}
            assert event.end <= around.end
        said = [event for event in timeline.events if event.kind == "say"]
        assert all(a.end <= b.start for a, b in itertools.pairwise(said))

    @given(routines(), any_pace, any_choices, part_of_the_way)
    def test_left_lasts_as_long_as_right(
        self, routine: Routine, lengths: FakeLengths, choices: Choices, part: float
    ) -> None:
        timeline, _ = place_within_reach(routine, lengths, choices, part)
        for kind in ("hold", "pause", "breath", "chime"):
            right, left = (
                [e.end - e.start for e in timeline.events if e.kind == kind and e.side == side]
                for side in ("right", "left")
            )
            assert all(abs(a - b) <= 1 for a, b in zip(right, left, strict=True))

    @given(routines(), any_pace, any_choices, part_of_the_way)
    def test_a_second_build_gives_the_same(
        self, routine: Routine, lengths: FakeLengths, choices: Choices, part: float
    ) -> None:
        timeline, choices = place_within_reach(routine, lengths, choices, part)
        assert place(routine, lengths, choices) == timeline

    @given(
        routines(most_exercises=2),
        any_pace,
        any_choices,
        st.tuples(part_of_the_way, part_of_the_way).map(sorted),
    )
    def test_a_longer_session_never_loses_anything(
        self, routine: Routine, lengths: FakeLengths, choices: Choices, parts: list[float]
    ) -> None:
        shorter, longer = (
            told(place(routine, lengths, replace(choices, minutes=minutes)))
            for minutes in minutes_within_reach(routine, lengths, choices, *parts)
        )
        assert not shorter - longer

    @settings(max_examples=200)
    @given(routines(most_exercises=1), any_pace, any_choices, part_of_the_way)
    def test_words_are_shortened_then_cues_dropped_then_moves(
        self, routine: Routine, lengths: FakeLengths, choices: Choices, part: float
    ) -> None:
        timeline, choices = place_within_reach(routine, lengths, choices, part)
        numbers = spoken_numbers(timeline)
        done: list[Say] = []
        skipped_moves = False
        for step in routine.exercises[0].steps:
            inner = [step]
            if isinstance(step, Move):
                inner = list(step.gentle if step.gentle and choices.gentle else step.steps)
                mark = inner[0]
                assert isinstance(mark, Say)
                if number(mark.text) not in numbers:
                    assert step.optional
                    skipped_moves = True
                    continue
            done += all_says(inner)
        heard = [say for say in done if number(say.text) in numbers]
        assert all(say.optional for say in done if say not in heard)
        if skipped_moves:
            assert not [say for say in heard if say.optional]
        # Nothing is left out that there is time for in the shortest words, however much of the time that
        # this leaves goes to longer words again.
        terse = replace(routine, exercises=tuple(map(in_fewest_words, routine.exercises)))
        assert spoken_numbers(place(terse, lengths, choices)) == numbers


def spoken_numbers(timeline: Timeline) -> set[str | None]:
    texts = [event.text for event in timeline.events if event.exercise and event.kind == "say"]
    return {number(text) for text in texts if text} - {None}


def in_fewest_words(exercise: Exercise) -> Exercise:
    def shortened(step: Step) -> Any:  # noqa: ANN401 - steps within steps are of fewer kinds
        match step:
            case Say(shorter=(*_, shortest)):
                return replace(step, text=shortest, shorter=())
            case Move(steps=inner, gentle=gentle):
                return replace(step, steps=tuple(map(shortened, inner)), gentle=tuple(map(shortened, gentle)))
            case Repeat(steps=inner):
                return replace(step, steps=tuple(map(shortened, inner)))
            case Sides(steps=inner):
                return replace(step, steps=tuple(map(shortened, inner)))
            case _:
                return step

    return replace(exercise, steps=tuple(map(shortened, exercise.steps)))


def number(text: str) -> str | None:
    found = re.search(r"#\d+", text)
    return found and found[0]


def told(timeline: Timeline) -> Counter[tuple[object, ...]]:
    """Count what is heard, each cue by its number: a longer session may say more of it."""
    return Counter(
        (event.kind, event.text and (number(event.text) or event.text), event.side, event.phase)
        for event in timeline.events
    )


def all_says(steps: Sequence[Step]) -> Iterator[Say]:
    for step in steps:
        match step:
            case Say():
                yield step
            case Repeat(steps=inner) | Sides(steps=inner):
                yield from all_says(inner)


@dataclass(frozen=True)
class WordLengths:
    """A second a word."""

    def speech(self, text: str) -> int:
        return len(text.split()) * RATE

    def chime(self, name: str) -> int:
        return RATE


def heard(seconds: float, *steps: Step, choices: Choices = AS_WRITTEN) -> str:
    routine = Routine("Any", "", (), (Exercise("Move", seconds / 60, steps),), ())
    timeline = place(routine, WordLengths(), choices)
    assert timeline.samples == round(seconds * RATE)
    return " | ".join(event.text for event in timeline.events if event.text)


def rest(least: float = 1, most: float = 3) -> Pause:
    return Pause(Span(least, least, most))


class TestLosses:
    @pytest.mark.parametrize(
        ("seconds", "left"),
        [
            (10, "bowl | bowl | long way down | maybe this | move away"),
            (9.9, "bowl | long way down | maybe this | move away"),
            (9, "bowl | long way down | maybe this | move away"),
            (8.9, "bowl | down | maybe this | move away"),
            (7, "bowl | down | maybe this | move away"),
            (6.9, "bowl | down | move away"),
            (5, "bowl | down | move away"),
            (4.9, "bowl | down"),
            (3, "bowl | down"),
        ],
        ids=str,
    )
    def test_rounds_go_first_then_wordings_then_cues_then_moves(self, seconds: float, left: str) -> None:
        steps = (
            Move("m", (Say("move away"),), optional=True),
            Say("maybe this", optional=True),
            Say("long way down", ("down",)),
            Repeat(Count(2, 1, 2), (Chime("bowl"),)),
        )
        assert heard(seconds, *reversed(steps), rest()) == left

    def test_nothing_else_can_be_left_out(self) -> None:
        steps = (Move("m", (Say("move away"),), optional=True), Say("long way down", ("down",)), rest())
        with pytest.raises(DoesNotFitError, match=re.escape("needs at least 2.0 s and has 1.9 s")):
            heard(1.9, *steps)

    def test_pauses_and_holds_give_before_anything_is_lost(self) -> None:
        assert heard(6, Say("one two", optional=True), Pause(Span(9, 4, 9))) == "one two"
        assert heard(5.9, Say("one two", optional=True), Pause(Span(9, 4, 9))) == ""

    @pytest.mark.parametrize(
        ("seconds", "left"),
        [(7, "a a | b b | c c"), (6, "a a | b b"), (4, "a a"), (2, "")],
        ids=str,
    )
    def test_of_cues_the_last_ones_go_first(self, seconds: float, left: str) -> None:
        cues = [Say(text, optional=True) for text in ("a a", "b b", "c c")]
        assert heard(seconds, *cues, rest()) == left

    @pytest.mark.parametrize(
        ("seconds", "left"),
        [(7, "a a | b b | c c"), (6, "a a | b b"), (4, "a a"), (2, "")],
        ids=str,
    )
    def test_of_moves_the_last_ones_go_first(self, seconds: float, left: str) -> None:
        moves = [Move("m", (Say(text),), optional=True) for text in ("a a", "b b", "c c")]
        assert heard(seconds, *moves, rest()) == left

    @pytest.mark.parametrize(
        ("seconds", "left"),
        [
            (9, "a a a a | b b b b"),
            (8.9, "a a a a | b b"),
            (7, "a a a a | b b"),
            (6.9, "a a | b b"),
            (4.9, "a a | b"),
            (3.9, "a | b"),
        ],
        ids=str,
    )
    def test_all_wordings_become_short_before_one_becomes_shortest(self, seconds: float, left: str) -> None:
        says = [Say(f"{x} {x} {x} {x}", (f"{x} {x}", x)) for x in "ab"]
        assert heard(seconds, *says, rest()) == left

    def test_full_words_come_back_with_the_time_of_a_move_that_went(self) -> None:
        says = (Say("a long way down", ("down",)), Say("and more than that", ("more",)))
        steps = (*says, Move("m", (Say("w w w w w w"),), optional=True), rest(1, 9))
        assert heard(9, *steps) == "down | more | w w w w w w"
        assert heard(8, *steps) == "a long way down | more"

    def test_a_shorter_wording_that_takes_longer_is_not_used(self) -> None:
        steps = (Say("a a", ("a a a a",)), Say("b b", optional=True), rest())
        for seconds in (3, 4):
            assert heard(seconds, *steps) == "a a"

    def test_both_sides_lose_a_cue_together(self) -> None:
        sides = Sides(("right", "left"), (Say("turn {side}"), Say("maybe", optional=True)))
        assert heard(7, sides, rest()) == "turn right | maybe | turn left | maybe"
        assert heard(6.9, sides, rest()) == "turn right | turn left"

    def test_a_round_is_added_before_silence_grows(self) -> None:
        steps = (Repeat(Count(1, 1, 3), (Chime("bowl"),)), rest(1, 30))
        assert [heard(seconds, *steps) for seconds in (2, 3, 4, 9)] == [
            "bowl",
            "bowl | bowl",
            "bowl | bowl | bowl",
            "bowl | bowl | bowl",
        ]

    def test_a_round_is_added_once_there_is_time_for_natural_pauses(self) -> None:
        steps = (Repeat(Count(1, 1, 3), (Chime("bowl"),)), Pause(Span(5, 1, 30)))
        assert heard(6.9, *steps) == "bowl"
        assert heard(7, *steps) == "bowl | bowl"


class TestChoices:
    def test_gentle_picks_the_gentler_steps_where_there_are_some(self) -> None:
        moves = (Move("m", (Say("hard"),), (Say("soft"),)), Move("n", (Say("plain"),)))
        assert heard(3, *moves, rest()) == "hard | plain"
        assert heard(3, *moves, rest(), choices=Choices(gentle=True)) == "soft | plain"

    def test_an_optional_move_with_a_gentle_form_stays_optional(self) -> None:
        move = Move("m", (Say("hard"),), (Say("soft soft"),), optional=True)
        assert heard(3, move, rest(), choices=Choices(gentle=True)) == "soft soft"
        assert heard(2.9, move, rest(), choices=Choices(gentle=True)) == ""

    def test_the_start_side_turns_the_order(self) -> None:
        sides = Sides(("right", "left"), (Say("{side} not {other}"),))
        as_written = "right not left | left not right"
        assert heard(7, sides, rest()) == as_written
        assert heard(7, sides, rest(), choices=Choices(start_side="right")) == as_written
        turned = heard(7, sides, rest(), choices=Choices(start_side="left"))
        assert turned == "left not right | right not left"

    def test_a_breath_replaces_the_routines_own(self) -> None:
        breathe = Breathe(4, 2, 6, Count(1, 1, 1), (Guidance(("in",), ("wait",), ("out",)),))
        routine = Routine("Any", "", (), (Exercise("Move", 0.5, (breathe, _room)),), ())
        for pattern, phases in (
            (None, [("in", 4000), ("hold", 2000), ("out", 6000)]),
            (Pattern(5, 0, 5), [("in", 5000), ("out", 5000)]),
            (Pattern(4, 7, 8), [("in", 4000), ("hold", 7000), ("out", 8000)]),
        ):
            events = place(routine, WordLengths(), Choices(breath=pattern)).events
            assert [(e.phase, e.end - e.start) for e in events if e.kind == "breath"] == phases
            said = {"in": "in", "hold": "wait", "out": "out"}
            assert [e.text for e in events if e.kind == "say"] == [said[phase] for phase, _ in phases]

    def test_only_what_remains_shares_the_minutes(self) -> None:
        exercises = tuple(Exercise("Move", minutes, (_room,)) for minutes in (5, 3, 2))
        routine = Routine("Any", "", (), exercises, ())
        timeline = place(routine, WordLengths(), Choices(minutes=7, skip=frozenset({2})))
        assert [(p.start, p.end) for p in timeline.passages] == [(0, 300_000), (300_000, 420_000)]


def test_a_wording_comes_back_where_the_time_cannot_be_filled_without_it() -> None:
    # Without the optional words there is a second too many, for which the longer wording is just right.
    steps = (Say("a a", ("a",)), Say("b b b b", optional=True), Pause(Span(1, 1, 1)))
    routine = Routine("Any", "", (), (Exercise("Move", 3 / 60, steps),), ())

    class SecondAWord:
        def speech(self, text: str) -> int:
            return len(text.split()) * RATE

        def chime(self, name: str) -> int:
            raise AssertionError(name)

    script = build_script(routine, RATE)
    timeline = collect(script, fit(script, SecondAWord()))
    assert [event.text for event in timeline.events] == ["a a", None]
