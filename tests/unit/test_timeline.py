import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.oracle import assert_told, heard
from support.routines import RATE, FakeLengths, place, place_or_skip, routines

from nightstretch.choices import Choices
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
    Sides,
    Span,
    Step,
)
from nightstretch.script import build_script
from nightstretch.timeline import DoesNotFitError, Event, Timeline, collect, fit


def one_exercise(minutes: float, *steps: Step) -> Routine:
    return Routine("Any", "", (), (Exercise("Move", minutes, steps),), ())


def breaths(rounds: Count, *guidance: Guidance, last: Guidance | None = None) -> Breathe:
    return Breathe(4, 2, 6, rounds, guidance or (Guidance(),), last)


def of_kind(timeline: Timeline, kind: str) -> list[Event]:
    return [event for event in timeline.events if event.kind == kind]


def durations(events: list[Event]) -> list[int]:
    return [event.end - event.start for event in events]


any_pace = st.builds(FakeLengths, st.integers(20, 120))


class TestPromises:
    @given(routines(), any_pace)
    def test_every_exercise_is_exact_to_the_sample(self, routine: Routine, lengths: FakeLengths) -> None:
        timeline = place_or_skip(routine, lengths)
        for passage in timeline.passages:
            if passage.number is not None:
                exercise = routine.exercises[passage.number - 1]
                assert passage.end - passage.start == round(exercise.minutes * 60 * RATE)

    @given(routines(), any_pace)
    def test_passages_follow_each_other_without_a_gap(self, routine: Routine, lengths: FakeLengths) -> None:
        passages = place_or_skip(routine, lengths).passages
        assert [passage.start for passage in passages] == [0, *(passage.end for passage in passages[:-1])]

    @given(routines(), any_pace)
    def test_events_are_in_order_and_inside_their_passage(
        self, routine: Routine, lengths: FakeLengths
    ) -> None:
        timeline = place_or_skip(routine, lengths)
        starts = [event.start for event in timeline.events]
        assert starts == sorted(starts)
        for event in timeline.events:
            assert any(p.start <= event.start <= event.end <= p.end for p in timeline.passages)

    @given(routines(), any_pace)
    def test_nothing_overlaps_but_words_within_a_hold_or_a_breath(
        self, routine: Routine, lengths: FakeLengths
    ) -> None:
        timeline = place_or_skip(routine, lengths)
        around: Event | None = None
        for event in timeline.events:
            if around is None or event.start >= around.end:
                around = event
                continue
            assert event.kind == "say"
            assert around.kind in {"hold", "breath"}
            assert event.end <= around.end
        spoken = of_kind(timeline, "say")
        assert all(a.end <= b.start for a, b in itertools.pairwise(spoken))

    @given(routines(), any_pace)
    def test_words_keep_their_length(self, routine: Routine, lengths: FakeLengths) -> None:
        for event in of_kind(place_or_skip(routine, lengths), "say"):
            assert event.text is not None
            assert event.end - event.start == lengths.speech(event.text)

    @given(routines(), any_pace)
    def test_all_of_the_routine_is_heard_once_and_in_order(
        self, routine: Routine, lengths: FakeLengths
    ) -> None:
        timeline = place_or_skip(routine, lengths)
        parts = [part for part in (routine.opening, *(e.steps for e in routine.exercises)) if part]
        parts += [routine.closing] if routine.closing else []
        events = list(timeline.events)
        for passage, steps in zip(timeline.passages, parts, strict=True):
            inside = [event for event in events if event.start < passage.end]
            assert {event.exercise for event in inside} == {passage.number}
            assert_told(steps, heard(inside), lengths)
            del events[: len(inside)]
        assert not events

    @given(routines(), any_pace)
    def test_breath_phases_never_change(self, routine: Routine, lengths: FakeLengths) -> None:
        allowed = {
            round(seconds * RATE)
            for exercise in (*routine.exercises, routine)
            for steps in (
                [exercise.steps] if isinstance(exercise, Exercise) else [routine.opening, routine.closing]
            )
            for step in steps
            for breathe in ([step] if isinstance(step, Breathe) else getattr(step, "steps", ()))
            if isinstance(breathe, Breathe)
            for seconds in (breathe.inhale, breathe.hold, breathe.exhale)
        }
        assert set(durations(of_kind(place_or_skip(routine, lengths), "breath"))) <= allowed

    @given(routines(), any_pace)
    def test_left_lasts_as_long_as_right(self, routine: Routine, lengths: FakeLengths) -> None:
        timeline = place_or_skip(routine, lengths)
        for kind in ("hold", "pause", "breath", "chime"):
            right, left = (
                [event for event in of_kind(timeline, kind) if event.side == side]
                for side in ("right", "left")
            )
            assert len(right) == len(left)
            assert all(abs(a - b) <= 1 for a, b in zip(durations(right), durations(left), strict=True))

    @given(routines(), any_pace)
    def test_a_second_build_gives_the_same(self, routine: Routine, lengths: FakeLengths) -> None:
        assert place_or_skip(routine, lengths) == place(routine, lengths)

    @given(
        routines(minutes=st.just(1.0)),
        any_pace,
        st.lists(st.floats(0.5, 6), min_size=2, max_size=2).map(sorted),
    )
    def test_a_longer_session_never_loses_a_round(
        self, routine: Routine, lengths: FakeLengths, minutes: list[float]
    ) -> None:
        shorter, longer = minutes

        def rounds(minutes: float) -> int:
            exercise = routine.exercises[0]
            timeline = place_or_skip(one_exercise(minutes, *exercise.steps), lengths)
            return sum(event.kind in {"breath", "say", "hold", "pause"} for event in timeline.events)

        assert rounds(shorter) <= rounds(longer)


class TestGlue:
    def test_natural_lengths_come_first(self) -> None:
        timeline = place(one_exercise(0.5, Pause(Span(10, 1, 20)), Hold(Span(20, 10, 30))))
        assert durations(list(timeline.events)) == [10_000, 20_000]

    def test_pauses_and_holds_shrink_by_one_ratio(self) -> None:
        timeline = place(one_exercise(20 / 60, Pause(Span(10, 0.1, 20)), Hold(Span(20, 10, 30))))
        pause, hold = durations(list(timeline.events))
        assert (10_000 - pause) / 9_900 == pytest.approx((20_000 - hold) / 10_000, abs=1e-3)
        assert pause + hold == 20_000

    def test_holds_stretch_before_pauses(self) -> None:
        timeline = place(one_exercise(45 / 60, Pause(Span(10, 1, 20)), Hold(Span(20, 10, 30))))
        assert durations(list(timeline.events)) == [15_000, 30_000]

    def test_equal_pauses_stay_equal(self) -> None:
        pauses = durations(list(place(one_exercise(10 / 60, *[Pause(Span(1, 0.5, 9))] * 7)).events))
        assert sum(pauses) == 10_000
        assert max(pauses) - min(pauses) <= 1

    def test_twins_share_the_samples_that_rounding_leaves(self) -> None:
        move = (Hold(Span(3, 1, 10)), Say("now"), Hold(Span(4, 1, 10)))
        timeline = place(one_exercise(15.003 / 60, Sides(("right", "left"), move), Pause(Span(3, 1, 10))))
        holds = durations(of_kind(timeline, "hold"))
        assert holds[:2] == holds[2:]


class TestRounds:
    @pytest.mark.parametrize(("seconds", "rounds"), [(24, 2), (47, 3), (48, 4), (12, 1), (60, 5)], ids=str)
    def test_their_number_follows_the_time_there_is(self, seconds: int, rounds: int) -> None:
        steps = (breaths(Count(3, 1, 5)), Pause(Span(1, 0.1, 20)))
        timeline = place(one_exercise((seconds + 1) / 60, *steps))
        assert len(of_kind(timeline, "breath")) == rounds * 3

    def test_shrinking_comes_before_dropping_a_round(self) -> None:
        timeline = place(one_exercise(0.5, breaths(Count(2, 1, 4)), Pause(Span(10, 6, 20))))
        assert len(of_kind(timeline, "breath")) == 6
        assert durations(of_kind(timeline, "pause")) == [6_000]

    def test_a_round_is_added_where_stretching_cannot_fill_the_time(self) -> None:
        timeline = place(one_exercise(19 / 60, breaths(Count(1, 1, 4)), Pause(Span(5, 0.1, 7))))
        assert durations(of_kind(timeline, "breath")) == [4000, 2000, 6000]
        timeline = place(one_exercise(28 / 60, breaths(Count(1, 1, 4)), Pause(Span(5, 0.1, 7))))
        assert len(of_kind(timeline, "breath")) == 6
        assert durations(of_kind(timeline, "pause")) == [4000]

    def test_guidance_thins_out_and_comes_back_at_the_end(self) -> None:
        guidance = [Guidance(inhale=("breathe in calm",)), Guidance(inhale=("in",)), Guidance()]
        steps = breaths(Count(4, 4, 4), *guidance, last=Guidance(exhale=("let it all go",)))
        timeline = place(one_exercise(48 / 60, steps))
        assert [event.text for event in of_kind(timeline, "say")] == [
            "breathe in calm",
            "in",
            "let it all go",
        ]

    def test_both_sides_have_the_same_rounds(self) -> None:
        repeat = Repeat(Count(2, 1, 6), (Say("roll the {side}"), Pause(Span(3, 2, 4))))
        timeline = place(one_exercise(1, Sides(("right", "left"), (repeat,)), Pause(Span(5, 1, 30))))
        said = [event.side for event in of_kind(timeline, "say")]
        assert said.count("right") == said.count("left") > 2


class TestWords:
    def test_words_in_a_hold_are_spread_evenly(self) -> None:
        timeline = place(one_exercise(20 / 60, Hold(Span(20, 10, 30), ("rest", "rest", "rest"))))
        said = of_kind(timeline, "say")
        edges = [0, *(edge for event in said for edge in (event.start, event.end)), 20_000]
        gaps = [b - a for a, b in itertools.pairwise(edges)][::2]
        assert len(gaps) == 4
        assert max(gaps) - min(gaps) <= 1

    def test_a_breath_takes_the_longest_wording_that_fits(self) -> None:
        guidance = Guidance(inhale=("breathe in very slowly and softly now", "breathe in", "in"))
        slow, fast = FakeLengths(200), FakeLengths(20)
        routine = one_exercise(12 / 60, breaths(Count(1, 1, 1), guidance))
        assert of_kind(place(routine, slow), "say")[0].text == "breathe in"
        assert of_kind(place(routine, fast), "say")[0].text == guidance.inhale[0]

    def test_words_of_a_breath_begin_with_their_phase(self) -> None:
        routine = one_exercise(12 / 60, breaths(Count(1, 1, 1), Guidance(exhale=("out",))))
        timeline = place(routine)
        (said,) = of_kind(timeline, "say")
        assert said.start == of_kind(timeline, "breath")[2].start

    def test_both_sides_get_the_time_of_the_longer_wording(self) -> None:
        sides = Sides(("right", "left"), (Say("the {side} one"), Pause(Span(5, 1, 30))))
        timeline = place(one_exercise(0.5, sides))
        right, left = of_kind(timeline, "pause")
        assert right.end == 15_000
        assert left.end == 30_000


class TestStream:
    def test_an_opening_starts_before_any_word_is_ready(self) -> None:
        class Waiting(FakeLengths):
            def speech(self, text: str) -> int:
                raise AssertionError(text)

        opening = (Chime("bowl"), Pause(Span(2, 1, 3)), Say("hello"))
        routine = Routine("Any", "", opening, (Exercise("Move", 1, (Say("go"),)),), ())
        stream = fit(build_script(routine, RATE), Waiting())
        assert [next(stream), next(stream)] == [
            Event("chime", 0, 1004, "bowl"),
            Event("pause", 1004, 3004),
        ]

    def test_only_what_was_selected_is_placed(self) -> None:
        pause = (Pause(Span(60, 1, 60)),)
        exercises = tuple(Exercise(f"Move {n}", 1, pause) for n in (1, 2, 3))
        routine = Routine("Any", "", pause, exercises, pause)
        script = build_script(routine, RATE, Choices(skip=frozenset({2}), opening=False, closing=False))
        timeline = collect(script, fit(script, FakeLengths()))
        assert [passage.number for passage in timeline.passages] == [1, 3]
        assert timeline.samples == 120_000


class TestErrors:
    @pytest.mark.parametrize(
        ("routine", "message", "too_long"),
        [
            (
                one_exercise(0.1, Say("x" * 100), Say("y" * 100)),
                "exercise 1 (Move) needs at least 12.0 s and has 6.0 s",
                True,
            ),
            (one_exercise(1, Say("x" * 100)), "exercise 1 (Move) fills at most 6.0 s and has 60.0 s", False),
            (
                one_exercise(1, Hold(Span(5, 5, 5), ("x" * 100,))),
                "exercise 1 (Move) has a hold whose words need 7.0 s and that lasts at most 5.0 s",
                True,
            ),
            (
                one_exercise(0.2, breaths(Count(1, 1, 1), Guidance(hold=("x" * 100,)))),
                "in a breath, which takes 6.0 s of a phase of 2.0 s",
                True,
            ),
        ],
        ids=["too long", "too short", "hold", "breath"],
    )
    def test_the_message_says_what_is_needed_and_what_there_is(
        self, routine: Routine, message: str, too_long: bool
    ) -> None:
        with pytest.raises(DoesNotFitError) as caught:
            place(routine)
        assert message in str(caught.value)
        assert caught.value.too_long is too_long
