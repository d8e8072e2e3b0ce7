"""Promises about a section that is fitted again while it plays, and what they mean for each kind of step."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.routines import RATE, FakeLengths, breathing, counts, holds, spans, steps

from nightstretch.refit import Rest, rest_of
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
    Sides,
    Span,
    Step,
)
from nightstretch.script import Bell, Breath, Cue, Glue, Part, Piece, Rounds, Script, Section, build_script
from nightstretch.timeline import LEAST_GAP_SECONDS, DoesNotFitError, Event, Lengths, fit, reach

_maybe = st.builds(
    Say,
    text=st.just("let your shoulders sink away from your ears"),
    shorter=st.sampled_from([(), ("let them sink",)]),
    optional=st.booleans(),
)
_on_a_side = st.one_of(
    _maybe, spans().map(Pause), holds(" {side}"), breathing(" {side}"), st.just(Say("to the {side}"))
)
_sides = st.builds(
    Sides, order=st.just(("right", "left")), steps=st.lists(_on_a_side, min_size=1, max_size=3).map(tuple)
)
_inner = steps | _maybe | _sides
_repeats: st.SearchStrategy[Step] = st.builds(
    Repeat, times=counts(), steps=st.lists(_inner, min_size=1, max_size=3).map(tuple)
)
_moves: st.SearchStrategy[Step] = st.builds(
    Move,
    title=st.just("a move"),
    steps=st.lists(_inner, min_size=1, max_size=3).map(tuple),
    optional=st.booleans(),
)


def section_of(steps: Sequence[Step], seconds: float = 60) -> Section:
    routine = Routine("Any", "", (), (Exercise("Move", seconds / 60, tuple(steps)),), ())
    return build_script(routine, RATE).sections[0]


@dataclass(frozen=True)
class EqualSides(FakeLengths):
    """Says as much in the same time on either side."""

    def speech(self, text: str) -> int:
        return super().speech(text.replace("left", "right"))


any_pace = st.builds(FakeLengths, st.integers(20, 120))
part_of_the_way = st.floats(0, 1)


@dataclass(frozen=True)
class Example:
    """A section that fits its time with these lengths."""

    section: Section
    lengths: FakeLengths

    @property
    def samples(self) -> int:
        return max(event.end for event in place(self.section, self.lengths))


@st.composite
def examples(draw: st.DrawFn, lengths_of: type[FakeLengths] = FakeLengths) -> Example:
    """Draw sections of any length within reach, and openings, which have no length to keep to."""
    section = section_of(draw(st.lists(_inner | _repeats | _moves, min_size=1, max_size=5)))
    lengths = lengths_of(draw(st.integers(20, 120)))
    try:
        least, most = reach(section, lengths, RATE)
        assume(least < most)
        samples = draw(st.none() | part_of_the_way.map(lambda part: round(least + part * (most - least))))
        section = replace(section, samples=samples)
        assume(place(section, lengths))
    except DoesNotFitError:
        assume(condition=False)
    return Example(section, lengths)


def place(section: Section, lengths: Lengths) -> list[Event]:
    return [event for event in fit(Script("", RATE, (section,)), lengths) if isinstance(event, Event)]


def shifted(events: Sequence[Event], by: int) -> list[Event]:
    return [replace(event, start=event.start + by, end=event.end + by) for event in events]


def joined(past: Sequence[Event], at: int, to_come: Sequence[Event]) -> list[Event]:
    """Give what is heard in all, where ``to_come`` follows from sample ``at`` on."""
    past = [event for event in past if event.start < at]
    around = [number for number, event in enumerate(past) if event.end > at]
    coming = shifted(to_come, at)
    if around:
        (number,) = around
        hold, rest = past[number], coming.pop(0)
        assert hold.kind == rest.kind == "hold"
        assert rest.start == at
        past[number] = replace(hold, end=rest.end)
    return [*past, *coming]


def place_rest(rest: Rest, lengths: FakeLengths) -> tuple[Section, list[Event]]:
    """Do as a player does: as planned if that fits, or else loosely."""
    try:
        return rest.section, place(rest.section, lengths)
    except DoesNotFitError:
        return rest.loose, place(rest.loose, lengths)


class Listened(NamedTuple):
    heard: list[Event]
    end: int | None


def listen(example: Example, changes: Sequence[tuple[float, FakeLengths]]) -> Listened:
    """Have the voice changed at these parts of what is then left; a change that does not fit is left out."""
    start, placed, loose, lengths = 0, example.section, example.section, example.lengths
    heard = place(placed, lengths)
    for part, new in changes:
        played = round(part * (max(event.end for event in heard) - start))
        rest = rest_of(placed, lengths, RATE, played, loose)
        if rest is None:
            continue
        try:
            section, events = place_rest(rest, new)
        except DoesNotFitError:
            continue
        start += rest.at
        heard = joined(heard, start, events)
        placed, loose, lengths = section, rest.loose, new
    return Listened(heard, None if placed.samples is None else start + placed.samples)


def ends(parts: Sequence[Part], events: Sequence[Event], starts: set[int]) -> set[int]:
    """Give the numbers of the events up to which all these parts, and nothing else, may have been heard."""
    for part in parts:
        starts = {end for start in starts for end in _ends(part, events, start)}
    return starts


def _ends(part: Part, events: Sequence[Event], start: int) -> set[int]:
    if isinstance(part, Rounds):
        return {
            end
            for times in range(part.least, part.most + 1)
            for end in ends([inner for one in part.expand(times) for inner in one], events, {start})
        }
    return {
        start + len(telling)
        for telling in _tellings(part)
        if list(telling) == [(e.kind, e.text or e.phase) for e in events[start : start + len(telling)]]
        and all(e.side == part.side for e in events[start : start + len(telling)])
        and _keeps_time(part, events[start : start + len(telling)])
    }


def _tellings(piece: Piece) -> Iterator[Sequence[tuple[str, str | None]]]:
    match piece:
        case Cue(words=words):
            yield from ([("say", text)] for text in words)
        case Bell(name=name):
            yield [("chime", name)]
        case Breath(phase=phase, words=()):
            yield [("breath", phase)]
        case Breath(phase=phase, words=words):
            yield from ([("breath", phase), ("say", text)] for text in words)
        case Glue(kind=kind, words=words):
            yield [(kind, None), *(("say", text) for text in words)]


def _keeps_time(piece: Piece, events: Sequence[Event]) -> bool:
    length = events[0].end - events[0].start
    match piece:
        case Breath(samples=samples):
            return length == samples and all(event.start == events[0].start for event in events)
        case Glue(least=least, most=most):
            return least <= length <= most and all(event.end <= events[0].end for event in events)
        case _:
            return True


def sounds(events: Sequence[Event]) -> list[Event]:
    return [event for event in events if event.kind in {"say", "chime"}]


changes = st.lists(st.tuples(part_of_the_way, any_pace), min_size=1, max_size=4)


class TestPromises:
    @settings(max_examples=300)
    @given(examples(), changes)
    def test_all_is_told_once_in_order_and_within_its_limits(
        self, example: Example, changes: list[tuple[float, FakeLengths]]
    ) -> None:
        heard = listen(example, changes).heard
        assert len(heard) in ends(example.section.parts, heard, {0})

    @given(examples(), changes)
    def test_it_ends_at_its_sample(self, example: Example, changes: list[tuple[float, FakeLengths]]) -> None:
        heard, end = listen(example, changes)
        assert end == example.section.samples
        assert end is None or max(event.end for event in heard) <= end

    @given(examples(), changes)
    def test_nothing_overlaps_but_words_within_a_hold_or_a_breath(
        self, example: Example, changes: list[tuple[float, FakeLengths]]
    ) -> None:
        heard = listen(example, changes).heard
        around = [event for event in heard if event.kind != "say"]
        for events in (sounds(heard), around):
            assert all(one.end <= other.start for one, other in pairwise(events))

    @given(examples(), part_of_the_way)
    def test_the_rest_begins_in_silence_before_the_next_cue(self, example: Example, part: float) -> None:
        played = round(part * example.samples)
        events = place(example.section, example.lengths)
        cues = [event.start for event in events if event.kind == "say" and event.start >= played]
        rest = rest_of(example.section, example.lengths, RATE, played)
        at = rest.at if rest else example.samples
        assert at >= played
        assert not [e for e in events if e.kind != "hold" and e.start < at < e.end]
        # Only words in a hold that are about to come are not waited for.
        assert all(start < played + LEAST_GAP_SECONDS * RATE for start in cues if start < at)

    @settings(max_examples=300)
    @given(examples(EqualSides), part_of_the_way)
    def test_at_the_same_speed_all_comes_when_it_would_have(self, example: Example, part: float) -> None:
        events = place(example.section, example.lengths)
        rest = some_rest(example, part)
        again = joined(events, rest.at, place(rest.section, example.lengths))
        assert [replace(e, start=0, end=0) for e in again] == [replace(e, start=0, end=0) for e in events]
        cut = next((e for e in events if e.kind == "hold" and e.start < rest.at < e.end), None)
        for was, now in zip(events, again, strict=True):
            if was.kind == "say" and cut and cut.start <= was.start < cut.end:
                continue  # what is left of a hold is spread evenly anew
            assert abs(was.start - now.start) <= len(events)
            assert abs(was.end - now.end) <= len(events)

    @given(examples(EqualSides), part_of_the_way)
    def test_at_the_same_speed_it_fits_loosely_too(self, example: Example, part: float) -> None:
        place(some_rest(example, part).loose, example.lengths)

    @settings(max_examples=300)
    @given(examples(), part_of_the_way, any_pace)
    def test_left_is_held_as_long_as_right(self, example: Example, part: float, new: FakeLengths) -> None:
        rest = some_rest(example, part)
        try:
            events = place(rest.section, new)
        except DoesNotFitError:
            assume(condition=False)
            raise
        heard = joined(place(example.section, example.lengths), rest.at, events)
        right, left = (
            [e.end - e.start for e in heard if e.kind == "hold" and e.side == side]
            for side in ("right", "left")
        )
        assert all(abs(a - b) <= 1 for a, b in zip(right, left, strict=True))


def some_rest(example: Example, part: float) -> Rest:
    rest = rest_of(example.section, example.lengths, RATE, round(part * example.samples))
    assume(rest)
    assert rest
    return rest


@dataclass(frozen=True)
class WordLengths:
    """So many milliseconds a word."""

    word: int = 1000

    def speech(self, text: str) -> int:
        return len(text.split()) * self.word

    def chime(self, name: str) -> int:
        return RATE


CALM, QUICK, SLOW = WordLengths(), WordLengths(500), WordLengths(2000)


def seconds(events: Sequence[Event]) -> list[str]:
    """Tell what begins when, in seconds."""
    return [f"{event.start / RATE:g} {event.text or event.phase or event.kind}" for event in events]


def after(section: Section, played: float) -> Rest:
    rest = rest_of(section, CALM, RATE, round(played * RATE))
    assert rest
    return rest


def told(section: Section, lengths: Lengths = CALM) -> str:
    return " ".join(event.text for event in place(section, lengths) if event.text)


def rigid(length: float) -> Span:
    return Span(length, length, length)


class TestNextCue:
    def test_it_comes_when_it_would_have_and_the_pauses_after_it_take_what_it_wins(self) -> None:
        section = section_of([Say("a"), Pause(rigid(4)), Say("b b"), Pause(Span(3, 1, 9)), Say("c")], 11)
        rest = after(section, 0.1)
        assert rest.at == 5 * RATE
        assert seconds(place(rest.section, QUICK)) == ["0 b b", "1 pause", "5.5 c"]
        with pytest.raises(DoesNotFitError, match=r"needs at least 7\.0 s and has 6\.0 s"):
            place(rest.section, SLOW)

    def test_one_that_begins_just_now_is_the_next_one(self) -> None:
        section = section_of([Say("a"), Pause(rigid(4)), Say("b"), Pause(Span(3, 1, 9))], 9)
        assert [after(section, played).at for played in (0, 0.001, 5)] == [0, 5 * RATE, 5 * RATE]

    def test_where_none_is_left_there_is_no_rest(self) -> None:
        section = section_of([Say("a"), Chime("bowl"), Pause(Span(3, 1, 9))], 9)
        assert rest_of(section, CALM, RATE, 1) is None

    def test_a_section_that_does_not_fit_has_none(self) -> None:
        with pytest.raises(DoesNotFitError):
            rest_of(section_of([Say("a a a")], 2), CALM, RATE, 0)

    def test_an_opening_has_no_length_to_keep_to(self) -> None:
        opening = replace(section_of([Say("a"), Pause(rigid(4)), Say("b"), Pause(rigid(2))]), samples=None)
        rest = after(opening, 1)
        assert rest.section.samples is None
        assert seconds(place(rest.section, SLOW)) == ["0 b", "2 pause"]

    def test_a_pause_that_was_shortened_takes_its_natural_length_again(self) -> None:
        section = section_of([Say("a a"), Pause(Span(6, 2, 9)), Hold(Span(5, 5, 30))], 11)
        assert seconds(place(after(section, 0).section, QUICK)) == ["0 a a", "1 pause", "6 hold"]

    def test_a_wording_that_was_chosen_stays(self) -> None:
        maybe = Say("c c c c", optional=True)
        section = section_of([maybe, Say("a"), Say("b b b", ("b",)), Pause(Span(1, 1, 9))], 4.5)
        assert told(section) == told(after(section, 0).section) == "a b"


class TestHolds:
    hold = section_of([Hold(Span(11, 5, 30), ("a", "b")), Pause(Span(1, 1, 30))], 12)
    """Its words come after 3 and after 7 seconds."""

    def test_the_one_in_progress_keeps_its_end_and_spreads_its_words(self) -> None:
        rest = after(self.hold, 3)
        assert rest.at == 4 * RATE
        assert seconds(place(rest.section, CALM)) == ["0 hold", "3 b", "7 pause"]
        assert seconds(place(rest.section, QUICK)) == ["0 hold", "3.25 b", "7 pause"]

    def test_in_its_silence_the_rest_begins_at_once(self) -> None:
        assert seconds(place(after(self.hold, 1).section, CALM)) == [
            "0 hold",
            "2.666 a",
            "6.333 b",
            "10 pause",
        ]

    def test_words_that_are_about_to_come_are_not_waited_for(self) -> None:
        assert [after(self.hold, played).at for played in (2.5, 2.501)] == [2500, 4000]
        assert rest_of(self.hold, CALM, RATE, 6501) is None

    def test_it_lasts_longer_only_where_its_words_need_it(self) -> None:
        rest = after(section_of([Hold(Span(5, 2, 7), ("a", "b")), Pause(Span(5, 1, 30))], 10), 1.5)
        longer = WordLengths(2500)
        assert rest.at == 2 * RATE
        with pytest.raises(DoesNotFitError):
            place(rest.section, longer)
        assert seconds(place(rest.loose, longer)) == ["0 hold", "0.5 b", "3.5 pause"]

    def test_loosely_it_may_become_shorter_too(self) -> None:
        section = section_of([Hold(Span(11, 2, 30), ("a", "b")), Say("c c c"), Pause(rigid(1))], 15)
        rest = after(section, 3)
        with pytest.raises(DoesNotFitError):
            place(rest.section, SLOW)
        assert seconds(place(rest.loose, SLOW)) == ["0 hold", "1 b", "4 c c c", "10 pause"]

    def test_what_was_held_on_the_right_is_held_as_long_on_the_left(self) -> None:
        sides = Sides(("right", "left"), (Say("turn"), Hold(Span(10, 5, 30)), Say("and back again")))
        section = section_of([sides, Pause(Span(2, 1, 30))], 30)
        rest = after(section, 2)
        assert holds_in(place(section, CALM)) == [10 * RATE] * 2
        assert holds_in(place(rest.section, QUICK)) == [10 * RATE]
        assert holds_in(place(rest.loose, QUICK)) == [13_500]


def holds_in(events: Sequence[Event]) -> list[int]:
    return [event.end - event.start for event in events if event.kind == "hold"]


class TestRounds:
    breathing = section_of(
        [
            Breathe(
                4,
                0,
                6,
                Count(3, 2, 6),
                (Guidance(("in we go",), (), ("out we go",)), Guidance(("in",), (), ("out",)), Guidance()),
                Guidance(("last",), (), ()),
            ),
            Say("there"),
            Pause(Span(3, 1, 60)),
        ],
        54,
    )
    """Five rounds and their pause."""

    def test_a_round_in_progress_is_done_to_its_end_and_the_others_follow(self) -> None:
        rest = after(self.breathing, 1)
        assert rest.at == 4 * RATE
        assert seconds(place(rest.section, QUICK))[:6] == [
            "0 out",
            "0 out we go",
            "6 in",
            "6 in",
            "10 out",
            "10 out",
        ]
        assert told(rest.section) == "out we go in out last there"

    @pytest.mark.parametrize("played", range(52))
    def test_the_final_one_comes_once_whenever_the_voice_changes(self, played: int) -> None:
        rest = rest_of(self.breathing, CALM, RATE, played * RATE)
        for section in (rest.section, rest.loose) if rest else ():
            assert told(section).count("last") == (played <= 40)
            assert told(section).endswith("there")

    def test_loosely_there_may_be_fewer_or_more_of_them(self) -> None:
        rest = after(self.breathing, 1)
        loose = replace(rest.loose, samples=rest.loose.samples and rest.loose.samples - 30 * RATE)
        assert told(loose) == "out we go last there"

    def test_both_sides_keep_the_number_that_was_begun(self) -> None:
        breathe = Breathe(4, 0, 6, Count(1, 1, 5), (Guidance(("in",), (), ()),))
        section = section_of([Sides(("right", "left"), (breathe,)), Pause(Span(3, 1, 60))], 44)
        assert told(section) == "in in in in"
        rest = after(section, 1)
        longer = 30 * RATE
        for part, times in ((rest.section, 3), (rest.loose, 6)):
            more = replace(part, samples=part.samples and part.samples + longer)
            assert told(more).count("in") == times

    def test_there_and_back_again_is_the_same(self) -> None:
        repeat = Repeat(Count(3, 1, 5), (Say("bend and bend"), Pause(Span(3, 1, 5)), Say("rest")))
        section = section_of([repeat, Pause(Span(20, 10, 60))], 40)
        first = after(section, 1)
        slower = WordLengths(1100)
        second = rest_of(first.section, slower, RATE, 1, first.loose)
        assert second
        heard = joined(place(section, CALM), first.at, place(first.section, slower))
        heard = joined(heard, first.at + second.at, place(second.section, CALM))
        assert [event.text for event in heard] == [event.text for event in place(section, CALM)]

    def test_none_is_added_because_those_that_had_their_turn_are_over(self) -> None:
        once_or_twice = Count(1, 1, 2)
        long, short = Repeat(once_or_twice, (Pause(rigid(10)),)), Repeat(once_or_twice, (Chime("bowl"),))
        section = section_of([long, Say("a"), short, Hold(Span(5, 5, 30))], 22)
        rest = after(section, 1)
        assert seconds(place(rest.section, CALM)) == ["0 a", "1 bowl", "2 hold"]
        assert holds_in(place(rest.section, CALM)) == [10 * RATE]

    def test_what_was_left_out_stays_so(self) -> None:
        section = section_of(
            [Say("a"), Pause(rigid(1)), Say("b"), Say("maybe", optional=True), Pause(Span(4, 2, 9))], 5.5
        )
        assert told(section) == "a b"
        assert told(after(section, 1).section) == "b"

    def test_a_move_in_progress_is_done_to_its_end(self) -> None:
        move = Move("m", (Say("a"), Pause(rigid(1)), Say("b")), optional=True)
        rest = after(section_of([move, Pause(Span(4, 0.5, 9))], 5), 1)
        with pytest.raises(DoesNotFitError):
            place(replace(rest.loose, samples=RATE), CALM)


def test_what_was_kept_once_can_give_later() -> None:
    section = section_of([Hold(Span(12, 5, 30), ("a", "b", "c")), Pause(Span(18, 1, 30))], 30)
    first = after(section, 4)
    with pytest.raises(DoesNotFitError):
        place(first.section, WordLengths(4000))
    second = rest_of(first.section, CALM, RATE, 100, first.loose)
    assert second
    with pytest.raises(DoesNotFitError):
        place(second.section, WordLengths(4000))
    place(second.loose, WordLengths(4000))
