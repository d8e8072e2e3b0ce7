"""Promises about the session from any moment on: what follows at another speed, and where one is."""

import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.routines import routines, steps

import nightstretch.estimates
import nightstretch.player.tape
import nightstretch.renderer
from nightstretch.audio import SESSION_RATE as RATE
from nightstretch.audio import Clip
from nightstretch.choices import AS_WRITTEN, Choices
from nightstretch.errors import VoiceError
from nightstretch.placement import Placement
from nightstretch.player.tape import Program, Spot, Tape
from nightstretch.renderer import Renderer
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
    Span,
    Step,
)
from nightstretch.script import Breath, Cue, Glue, Part, Rounds, build_script
from nightstretch.timeline import DoesNotFitError, Event, Passage, collect, fit

WAIT_SECONDS = 10


@pytest.fixture(scope="module", autouse=True)
def _a_bowl_for_random_routines() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module in (nightstretch.estimates, nightstretch.renderer):
            patch.setattr(module, "chime_length", lambda name: 2 * RATE)
        yield


class Kept:
    """A voice that has spoken everything at the speeds that are ``warm``, all of them by default.

    ``uneven``: how far its lengths are from what another speed lets one expect, in hundredths.
    """

    name = identity = "kept"
    speeds = (0.5, 2.0)
    takes_ipa = False

    def __init__(self, uneven: int = 0, warm: frozenset[float] | None = None) -> None:
        self.uneven = uneven
        self.warm = warm

    def samples(self, text: str, speed: float) -> int:
        chance = zlib.crc32(f"{text} {speed}".encode()) % (2 * self.uneven + 1) - self.uneven
        return round(len(text) * 1200 * (1 + chance / 100) / speed)

    def synthesize(self, text: str, speed: float) -> Clip:
        return Clip(np.full(self.samples(text, speed), 1000, np.int16), RATE)

    def length(self, text: str, speed: float) -> int | None:
        return self.samples(text, speed) if self.warm is None or speed in self.warm else None

    def close(self) -> None:
        pass


class Slower(Kept):
    """Takes a third longer than another speed lets one expect."""

    def samples(self, text: str, speed: float) -> int:
        return super().samples(text, speed) * (4 if speed != 1.0 else 3) // 3


class AsNeeded(Renderer):
    """Speaks nothing that was not kept before somebody waits for it: as late as it can be.

    Raises KeyError for a text that nobody wanted: it would be spoken later still.
    """

    def want(self, texts: Iterable[str]) -> None:
        for text in texts:
            kept = self._voice.length(text, self.speed)
            self._lengths.setdefault(text, Future() if kept is None else kept)

    def speech(self, text: str) -> int:
        length = self._lengths[text]
        if isinstance(length, Future):
            length = self._lengths[text] = len(self._voice.synthesize(text, self.speed))
        return length


@pytest.fixture(scope="module", autouse=True)
def _no_threads_that_render_when_they_like() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nightstretch.player.tape, "Renderer", AsNeeded)
        yield


def placed(tape: Tape) -> Tape:
    """Give a tape once all of it is placed."""
    assert list(tape._placement)
    return tape


def events(tape: Tape) -> list[Event]:
    return list(placed(tape)._placement.events)


def says(tape: Tape) -> list[Event]:
    return [event for event in events(tape) if event.kind == "say"]


def sounds(all_events: Iterable[Event]) -> list[Event]:
    return [event for event in all_events if event.kind in {"say", "chime"}]


def samples(tape: Tape) -> int:
    return placed(tape).left(0)


def program_of(routine: Routine, voice: Kept, choices: Choices = AS_WRITTEN) -> Program:
    script = build_script(routine, RATE, choices)
    return Program(script, voice, AsNeeded(voice, 1.0, script.texts()))


def program_or_skip(routine: Routine, voice: Kept) -> Program:
    """Give the program of a routine that fits at speed 1.0; another is no example."""
    program = program_of(routine, voice)
    try:
        collect(program.script, fit(program.script, AsNeeded(voice, 1.0, program.script.texts())))
    except DoesNotFitError:
        assume(condition=False)
    return program


@dataclass(frozen=True)
class Leg:
    """A tape that is heard up to a sample."""

    tape: Tape
    until: int

    @property
    def heard(self) -> list[Event]:
        return [event for event in events(self.tape) if event.start < self.until]


def listen(program: Program, tape: Tape, changes: Sequence[tuple[float, float]]) -> list[Leg]:
    """Change the speed at these parts of what is then left; a change that does not fit is left out."""
    legs = []
    for part, speed in changes:
        found = program.at_speed(placed(tape), round(part * samples(tape)), speed)
        if found is not None:
            at, following = found
            legs.append(Leg(tape, at))
            tape = following
    return [*legs, Leg(tape, samples(tape))]


def lengths(program: Program, legs: Sequence[Leg]) -> list[int]:
    """Give how long each section lasted in all."""
    total = [0] * len(program.script.sections)
    for leg in legs:
        for number, passage in enumerate(leg.tape._placement.passages, leg.tape.first):
            total[number] += max(0, min(passage.end, leg.until) - passage.start)
    return total


def told(program: Program, legs: Sequence[Leg]) -> list[list[Event]]:
    """Give what was said, rung and breathed in each section."""
    sections: list[list[Event]] = [[] for _ in program.script.sections]
    for leg in legs:
        for event in leg.heard:
            if event.kind in {"say", "chime", "breath"}:
                sections[leg.tape.section_at(event.start)[0]].append(event)
    return sections


def ends(parts: Sequence[Part], heard: Sequence[Event], starts: set[int]) -> set[int]:
    """Give the numbers of the events up to which all these parts, and nothing else, may have been heard."""
    for part in parts:
        starts = {end for start in starts for end in _ends(part, heard, start)}
    return starts


def _ends(part: Part, heard: Sequence[Event], start: int) -> Iterator[int]:
    match part:
        case Rounds(least=least, most=most):
            for times in range(least, most + 1):
                yield from ends([one for parts in part.expand(times) for one in parts], heard, {start})
            return
        case Cue(words=words):
            tellings = [[text] for text in words]
        case Glue(words=words):
            tellings = [list(words)]
        case Breath(phase=phase, words=words):
            tellings = [[phase, text] for text in words] or [[phase]]
        case _:
            tellings = [[part.name]]
    for telling in tellings:
        here = heard[start : start + len(telling)]
        if [event.text or event.phase for event in here] != telling:
            continue
        if isinstance(part, Breath) and here[0].end - here[0].start != part.samples:
            continue
        yield start + len(telling)


part_of_the_way = st.floats(0, 1)
changes = st.lists(
    st.tuples(part_of_the_way, st.sampled_from([0.5, 0.7, 0.9, 1.0, 1.25, 2.0])), min_size=1, max_size=4
)
short_routines = routines(st.floats(1.5, 3))
COLD = frozenset({1.0})


class TestAtAnotherSpeed:
    @settings(max_examples=50)
    @given(short_routines, changes)
    def test_every_section_lasts_exactly_its_samples(
        self, routine: Routine, changes: list[tuple[float, float]]
    ) -> None:
        program = program_or_skip(routine, Kept(uneven=5))
        legs = listen(program, program.from_section(0, 1.0), changes)
        for section, length in zip(program.script.sections, lengths(program, legs), strict=True):
            assert section.samples in {None, length}

    @pytest.mark.parametrize("warm", [None, COLD])
    @settings(max_examples=50)
    @given(short_routines, changes)
    def test_all_is_told_once_and_in_order_and_breathed_at_its_pace(
        self, warm: frozenset[float] | None, routine: Routine, changes: list[tuple[float, float]]
    ) -> None:
        program = program_or_skip(routine, Kept(uneven=5 if warm is None else 0, warm=warm))
        heard = told(program, listen(program, program.from_section(0, 1.0), changes))
        for section, its in zip(program.script.sections, heard, strict=True):
            assert len(its) in ends(section.parts, its, {0})

    @pytest.mark.parametrize("warm", [None, COLD])
    @settings(max_examples=50)
    @given(short_routines, changes)
    def test_nothing_sounds_across_the_seam_and_all_after_it_is_at_the_new_speed(
        self, warm: frozenset[float] | None, routine: Routine, changes: list[tuple[float, float]]
    ) -> None:
        voice = Kept(uneven=5, warm=warm)
        program = program_or_skip(routine, voice)
        legs = listen(program, program.from_section(0, 1.0), changes)
        before = 0
        for leg in legs:
            assert leg.tape.before - legs[0].tape.before == before
            assert all(event.end <= leg.until for event in sounds(leg.heard))
            assert all(one.end <= other.start for one, other in pairwise(sounds(leg.heard)))
            assert all(
                event.end - event.start == voice.samples(event.text or "", leg.tape.speed)
                for event in says(leg.tape)
            )
            before += leg.until

    @settings(max_examples=50)
    @given(short_routines, changes)
    def test_while_its_words_are_still_spoken_it_ends_at_its_sample_all_the_same(
        self, routine: Routine, changes: list[tuple[float, float]]
    ) -> None:
        changes = [(part, speed) for part, speed in changes if speed in {0.5, 1.0, 2.0}]
        program = program_or_skip(routine, Kept(warm=COLD))
        legs = listen(program, program.from_section(0, 1.0), changes)
        for section, length in zip(program.script.sections, lengths(program, legs), strict=True):
            assert section.samples in {None, length}

    @settings(max_examples=100)
    @given(short_routines, changes, st.integers(10, 60))
    def test_estimates_that_were_wrong_are_never_an_error(
        self, routine: Routine, changes: list[tuple[float, float]], uneven: int
    ) -> None:
        program = program_or_skip(routine, Kept(uneven, COLD))
        legs = listen(program, program.from_section(0, 1.0), changes)
        for spoken in (leg.tape._placement for leg in legs):
            spoken.raise_error()

    def test_where_it_is_slower_than_expected_nothing_is_lost_and_the_next_exercise_is_exact_again(
        self,
    ) -> None:
        tight = Pause(Span(2, 1.9, 3))
        guidance = Guidance(("breathe in and in and in and in now",), (), ("out",))
        held = Hold(Span(3.3, 3.3, 3.3), ("stay a little", "and a little more"))
        moves = (tight, held, tight, Breathe(2, 0, 2, Count(2, 2, 2), (guidance,)))
        steps = (Say("lift one arm up high"), *moves, Say("let it sink down again"), tight)
        program = program_of(routine_of(*steps, seconds=19.5), Slower(warm=COLD))
        tape = placed(program.from_section(0, 1.0))
        found = program.at_speed(tape, 1, 0.9)
        assert found
        legs = [Leg(tape, found[0]), Leg(found[1], samples(found[1]))]
        words = [[event.text for event in says(some)] for some in (tape, found[1])]
        assert words[0][0] == "lift one arm up high"
        assert words[1] == words[0][1:]
        first, second = lengths(program, legs)
        assert 19.5 * RATE < first < 25 * RATE
        assert second == 60 * RATE
        assert all(one.end <= other.start for one, other in pairwise(sounds(events(found[1]))))

    @pytest.mark.parametrize("speed", [1.8, 2.0])
    def test_rounds_that_may_come_back_are_spoken_too(self, speed: float) -> None:
        pause = Pause(Span(2, 1, 3))
        rounds = Repeat(Count(3, 1, 9), (Say("and once more"), pause))
        steps = (Say("lift one arm"), pause, rounds, Say("now let it sink down again" * 8), pause)
        routine = Routine("Any", "", (), (Exercise("Only", 22.95 / 60, steps),), ())
        program = program_of(routine, Kept(warm=COLD))
        tape = program.from_section(0, 1.0)
        times = [say.end for say in says(tape) if say.text == "and once more"]
        found = program.at_speed(tape, times[2], speed)
        assert found
        assert found[0] + placed(found[1]).end_of_section(0) == 22.95 * RATE
        assert says(found[1])[0].text == "and once more"

    @settings(max_examples=50)
    @given(short_routines, changes, part_of_the_way)
    def test_what_is_left_and_what_was_before_are_always_the_whole(
        self, routine: Routine, changes: list[tuple[float, float]], part: float
    ) -> None:
        program = program_or_skip(routine, Kept(uneven=5))
        first = placed(program.from_section(0, 1.0))
        legs = listen(program, first, changes)
        closing = program.script.sections[-1].samples is None and program.script.sections[-1].parts
        assume(not closing)
        assume(program.script.sections[0].samples is not None)
        for leg in legs:
            position = round(part * leg.until)
            assert leg.tape.before + position + leg.tape.left(position) == first.left(0)


def routine_of(
    *steps: Step, seconds: float = 60, opening: Sequence[Step] = (), closing: Sequence[Step] = ()
) -> Routine:
    exercises = (Exercise("First", seconds / 60, steps), Exercise("Second", 1, (*steps, _room)))
    return Routine("Any", "", tuple(opening), exercises, tuple(closing))


_room = Pause(Span(5, 0, 100))
STEPS = (Say("lift one arm"), _room, Say("let it sink again"), _room, Say("and rest"), _room)
GREETING = (
    Chime("bowl"),
    Pause(Span(1, 1, 1)),
    Say("good evening"),
    Pause(Span(5, 5, 5)),
    Say("lie down"),
    Pause(Span(4, 4, 4)),
)


class TestNextCue:
    def test_in_the_opening_it_is_the_next_one_that_changes(self) -> None:
        program = program_of(routine_of(*STEPS, opening=GREETING), Kept())
        tape = program.from_section(0, 1.0)
        evening, down = says(tape)[:2]
        found = program.at_speed(tape, evening.start + 1, 0.5)
        assert found
        at, following = found
        assert at == down.start
        assert says(following)[0].end == 2 * (down.end - down.start)

    def test_in_the_last_pause_of_an_exercise_it_is_that_of_the_next_exercise(self) -> None:
        program = program_of(routine_of(*STEPS), Kept())
        tape = program.from_section(0, 1.0)
        found = program.at_speed(tape, says(tape)[2].end + 1, 0.5)
        assert found
        at, following = found
        assert (at, following.first) == (60 * RATE, 1)
        assert following.section_at(0) == (1, 0)

    def test_in_the_closing_it_is_the_next_one_and_after_the_last_there_is_none(self) -> None:
        program = program_of(routine_of(*STEPS, closing=GREETING), Kept())
        tape = program.from_section(0, 1.0)
        evening, down = says(tape)[-2:]
        assert program.at_speed(tape, down.start + 1, 0.5) is None
        found = program.at_speed(tape, evening.start + 1, 0.5)
        assert found
        assert found[0] == down.start
        assert found[1].spot_at(says(found[1])[0].start) == Spot(None, "Closing", 1, "lie down")

    def test_where_only_silence_is_left_there_is_none(self) -> None:
        program = program_of(routine_of(*STEPS, closing=GREETING), Kept(), Choices(tail_minutes=2))
        tape = program.from_section(0, 1.0)
        assert program.at_speed(tape, says(tape)[-1].end, 0.5) is None

    def test_what_would_not_fit_is_refused(self) -> None:
        program = program_of(
            routine_of(Say("a very long sentence " * 4), _room, Say("and rest"), seconds=5), Kept()
        )
        assert program.at_speed(program.from_section(0, 1.0), 0, 0.5) is None

    def test_a_cue_at_the_very_start_of_an_exercise_has_none_before_it(self) -> None:
        program = program_of(routine_of(*STEPS, opening=GREETING), Kept())
        tape = placed(program.from_section(0, 1.0))
        start = tape.end_of_section(0)
        found = program.at_speed(tape, start, 0.5)
        assert found
        assert found[1].spot_at(0) == Spot(1, "First", 0, "lift one arm")

    def test_an_opening_whose_words_need_more_time_than_guessed_is_no_error(self) -> None:
        opening = (Hold(Span(2, 2, 3), ("a b c d e f g",)),)
        program = program_of(routine_of(*STEPS, opening=opening), Kept())
        assert says(program.from_section(0, 1.0))[0].text == "a b c d e f g"

    def test_words_that_no_longer_fit_a_hold_or_a_breath_are_given_the_time(self) -> None:
        breathe = Breathe(
            3, 0, 3, Count(2, 2, 2), (Guidance(("breathe in slowly and deeply",), (), ("and out",)),)
        )
        opening = (breathe, Hold(Span(5, 5, 6), ("let your shoulders sink down", "and rest")))
        program = program_of(routine_of(*STEPS, opening=opening), Kept())
        words = [event.text for event in says(program.from_section(0, 1.0))]
        slow = program.from_section(0, 0.5)
        assert [event.text for event in says(slow)] == words
        assert all(one.end <= other.start for one, other in pairwise(says(slow)))

    @given(st.lists(steps, min_size=1, max_size=5))
    def test_no_opening_is_an_error_at_any_speed(self, opening: list[Step]) -> None:
        program = program_of(routine_of(*STEPS, opening=opening), Kept(uneven=10))
        for speed in (0.5, 2.0):
            events(program.from_section(0, speed))


class Gated(Kept):
    """A voice that has nothing kept but at speed 1.0, and elsewhere says a text only when it may."""

    def __init__(self) -> None:
        super().__init__(warm=COLD)
        self._gates: dict[str, threading.Event] = {}
        self.open = False

    def gate(self, text: str) -> threading.Event:
        return self._gates.setdefault(text, threading.Event())

    def synthesize(self, text: str, speed: float) -> Clip:
        gate = self.gate(text)
        if speed not in COLD and not self.open and not gate.wait(WAIT_SECONDS):
            raise VoiceError(f"nobody let it say {text!r}")
        return super().synthesize(text, speed)


class TestColdVoice:
    @pytest.fixture
    def voice(self) -> Iterator[Gated]:
        voice = Gated()
        yield voice
        voice.open = True
        for gate in list(voice._gates.values()):
            gate.set()

    @pytest.fixture
    def program(self, voice: Gated, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
        monkeypatch.setattr(nightstretch.player.tape, "Renderer", Renderer)
        monkeypatch.setattr("os.cpu_count", lambda: 8)
        program = program_of(routine_of(*STEPS, opening=GREETING), voice)
        yield program
        program.close()

    def test_the_next_cue_is_placed_as_soon_as_its_own_clip_is_there(
        self, voice: Gated, program: Program
    ) -> None:
        tape = program.from_section(0, 1.0)
        found = program.at_speed(tape, placed(tape).end_of_section(0), 0.5)
        assert found
        stream = iter(found[1]._placement)
        for number, cue in enumerate(["lift one arm", "let it sink again", "and rest"]):
            assert found[1].cue_at(1000 * RATE) is None or number
            voice.gate(cue).set()
            item = next(item for item in stream if isinstance(item, Event) and item.kind == "say")
            assert (item.text, item.end - item.start) == (cue, voice.samples(cue, 0.5))
        assert next(item for item in stream if isinstance(item, Passage)).end == 60 * RATE

    def test_another_change_before_the_first_one_is_placed_goes_on_from_there(
        self, voice: Gated, program: Program
    ) -> None:
        tape = placed(program.from_section(0, 1.0))
        first = program.at_speed(tape, tape.end_of_section(0) + 1, 0.5)
        assert first
        voice.gate("let it sink again").set()
        cue = next(item for item in first[1]._placement if isinstance(item, Event) and item.kind == "say")
        second = program.at_speed(first[1], 40 * RATE, 1.0)
        assert second
        assert second[0] >= cue.end
        assert says(second[1])[0].text == "and rest"
        assert first[0] + second[0] + second[1].end_of_section(1) == tape.end_of_section(1)

    def test_an_opening_that_is_still_spoken_changes_from_its_next_cue_on(
        self, voice: Gated, program: Program
    ) -> None:
        tape = program.from_section(0, 0.5)
        voice.gate("good evening").set()
        next(item for item in tape._placement if isinstance(item, Event) and item.kind == "say")
        found = program.at_speed(tape, 60 * RATE, 1.0)
        assert found
        at, following = found
        assert at == 3 * RATE + voice.samples("good evening", 0.5) + 5 * RATE
        assert says(following)[0] == replace(says(following)[0], start=0, text="lie down")

    def test_an_exercise_of_which_nothing_is_placed_yet_follows_as_a_whole(self, voice: Gated) -> None:
        program = program_of(routine_of(_room, *STEPS), voice)
        tape = program.from_section(1, 0.5)
        found = program.at_speed(tape, 10 * RATE, 1.0)
        program.close()
        assert found
        at, following = found
        assert (at, following.first) == (0, 1)
        assert [say.text for say in says(following)[:2]] == ["lift one arm", "let it sink again"]
        assert following.end_of_section(1) == 60 * RATE

    def test_a_hold_whose_next_words_are_still_spoken_is_placed_up_to_them(self, voice: Gated) -> None:
        held = Hold(Span(30, 20, 60), ("stay a little", "and a little more"))
        program = program_of(routine_of(*STEPS, held, _room), voice)
        tape = placed(program.from_section(0, 1.0))
        found = program.at_speed(tape, says(tape)[2].end, 0.5)
        assert found
        at, slow = found
        voice.gate("stay a little").set()
        cue = next(item for item in slow._placement if isinstance(item, Event) and item.kind == "say")
        found = program.at_speed(slow, 60 * RATE, 1.0)
        program.close()
        assert found
        assert found[0] == cue.end
        assert says(found[1])[0].text == "and a little more"
        assert at + found[0] + found[1].end_of_section(0) == 60 * RATE

    def test_a_speed_that_nobody_wants_any_more_can_be_asked_for_again(
        self, voice: Gated, program: Program
    ) -> None:
        slow = program.from_section(1, 0.5).renderer
        program.keep_only(1.0)
        assert slow._pool._shutdown
        voice.open = True
        for text in program.script.texts():
            voice.gate(text).set()
        again = program.from_section(1, 0.5)
        assert again.renderer is not slow
        assert says(again)[0].text == "lift one arm"

    def test_closing_it_stops_all_rendering(self, program: Program) -> None:
        renderers = [program.from_section(1, speed).renderer for speed in (0.5, 2.0)]
        program.close()
        assert all(renderer._pool._shutdown for renderer in renderers)


def moments(all_events: Iterable[Event]) -> list[int]:
    """Give the samples around which anything can change."""
    edges = {edge for event in all_events for edge in (event.start, event.end)}
    return sorted({max(0, edge + by) for edge in edges for by in (-1, 0, 1)})


def round_begins(all_events: Sequence[Event], out: Event) -> int:
    """Give the sample of the in-breath that a phase belongs to."""
    breaths = [event for event in all_events if event.kind == "breath"]
    number = breaths.index(out)
    while breaths[number].phase != "in" and number:
        number -= 1
    return breaths[number].start


class TestPlaces:
    @settings(max_examples=50)
    @given(short_routines)
    def test_what_sounds_and_for_how_long_it_is_quiet(self, routine: Routine) -> None:
        tape = program_or_skip(routine, Kept()).from_section(0, 1.0)
        all_sounds = sounds(events(tape))
        for position in moments(all_sounds):
            sounding = [event.end for event in all_sounds if event.start <= position < event.end]
            later = [event.start - position for event in all_sounds if event.start >= position]
            assert tape.end_of_sound(position) == max(sounding, default=position)
            assert tape.quiet_for(position) == (0 if sounding else min(later, default=None))

    @settings(max_examples=50)
    @given(short_routines)
    def test_it_begins_where_nothing_is_heard_or_breathed_by_half(self, routine: Routine) -> None:
        tape = program_or_skip(routine, Kept()).from_section(0, 1.0)
        whole = [event for event in events(tape) if event.kind in {"say", "chime", "breath"}]
        for position in moments(events(tape)):
            halves = [event for event in whole if event.start < position < event.end]
            halves += [e for e in whole if e.kind == "breath" and e.start == position and e.phase != "in"]
            starts = [round_begins(events(tape), e) if e.kind == "breath" else e.start for e in halves]
            assert tape.whole_from(position) == min(starts, default=position)

    @settings(max_examples=50)
    @given(short_routines)
    def test_which_part_and_which_cue_is_on(self, routine: Routine) -> None:
        program = program_or_skip(routine, Kept())
        tape = program.from_section(0, 1.0)
        cues, passages = says(tape), tape._placement.passages
        for position in moments(events(tape)):
            on = [n for n, passage in enumerate(passages) if passage.start <= position < passage.end]
            number, start = tape.section_at(position)
            assert (number, start) == ((on or [len(passages) - 1])[0], passages[number].start)
            begun = [cue for cue in cues if cue.start <= position]
            assert tape.cue_at(position) == (begun[-1] if begun else None)
            here = [cue for cue in begun if cue.start >= start]
            section = program.script.sections[number]
            assert tape.spot_at(position) == (
                Spot(section.number, section.title, len(here) - 1, here[-1].text or "") if here else None
            )
            assert tape.cues_before(position, number) == sum(cue.start < position for cue in here)

    @settings(max_examples=50)
    @given(short_routines, changes, part_of_the_way)
    def test_a_spot_is_found_again_on_another_evening(
        self, routine: Routine, changes: list[tuple[float, float]], part: float
    ) -> None:
        program = program_or_skip(routine, Kept(uneven=5))
        leg = listen(program, program.from_section(0, 1.0), changes)[-1]
        spot = leg.tape.spot_at(round(part * leg.until))
        assume(spot is not None)
        assert spot
        for speed in {1.0, leg.tape.speed}:
            fresh = program_of(routine, Kept(uneven=5))
            number = fresh.section_of(spot)
            assert number is not None
            again = fresh.from_section(number, speed)
            found = again.spot_at(again.find(spot))
            assert found
            texts = [cue.text for cue in says(again) if cue.start < again.end_of_section(number)]
            assert (found.exercise, found.part) == (spot.exercise, spot.part)
            assert found.text == spot.text or spot.text not in texts
            if not changes:
                assert found == spot

    def test_in_the_same_session_a_spot_is_exactly_where_it_was(self) -> None:
        routine = routine_of(*STEPS, *STEPS, opening=GREETING, closing=GREETING)
        program = program_of(routine, Kept())
        tape = program.from_section(0, 1.0)
        for cue in says(tape):
            spot = tape.spot_at(cue.start)
            assert spot
            number = program.section_of(spot)
            assert number is not None
            again = program.from_section(number, 1.0)
            assert again.find(spot) == cue.start - tape.section_at(cue.start)[1]

    def test_after_a_change_amid_an_exercise_its_cues_are_still_counted_from_its_start(self) -> None:
        program = program_of(routine_of(*STEPS), Kept())
        tape = program.from_section(0, 1.0)
        found = program.at_speed(tape, says(tape)[0].end, 0.5)
        assert found
        found = program.at_speed(found[1], says(found[1])[0].end, 2.0)
        assert found
        assert found[1].spot_at(0) == Spot(1, "First", 2, "and rest")

    def test_a_place_that_is_not_in_the_session_is_not_found(self) -> None:
        program = program_of(routine_of(*STEPS, opening=GREETING), Kept())
        assert program.section_of(Spot(9, "Ninth", 0, "")) is None
        assert program.section_of(Spot(None, "Closing", 0, "")) is None
        assert program.section_of(Spot(None, "Opening", 0, "")) == 0

    def test_in_a_long_silence_the_last_cue_is_still_known(self) -> None:
        program = program_of(routine_of(*STEPS, closing=GREETING), Kept(), Choices(tail_minutes=30))
        tape = program.from_section(0, 1.0)
        cue = tape.cue_at(samples(tape) - 1)
        assert cue
        assert cue.text == "lie down"
        assert tape.spot_at(samples(tape) - 1) is None


class TestSound:
    def test_it_begins_at_any_sample_after_a_silence_and_is_the_same_sound(self) -> None:
        program = program_of(routine_of(*STEPS), Kept())
        tape = program.from_section(0, 1.0)
        whole = np.concatenate(list(tape.blocks()))
        assert len(whole) == samples(tape)
        start = says(tape)[1].start
        later = np.concatenate(list(tape.blocks(start, 700)))
        assert not later[:700].any()
        assert np.array_equal(later[700:], whole[start:])

    def test_what_goes_wrong_later_is_raised_at_once(self) -> None:
        program = program_of(routine_of(*STEPS), Kept())

        def failing() -> Iterator[Event | Passage]:
            yield Event("pause", 0, 100 * RATE)
            yield Event("pause", 100 * RATE, 200 * RATE)
            raise VoiceError("hoarse")

        placement = Placement(failing())
        tape = program.from_section(0, 1.0, placement)
        with pytest.raises(VoiceError, match="hoarse"):
            list(placement)
        with pytest.raises(VoiceError, match="hoarse"):
            next(tape.blocks())


class TestQuiet:
    def test_settling_and_the_tail_are_exact_and_stand_around_everything(self) -> None:
        choices = Choices(settle_seconds=12.5, tail_minutes=0.5)
        program = program_of(routine_of(*STEPS, opening=GREETING, closing=GREETING), Kept(), choices)
        tape = placed(program.from_section(0, 1.0))
        passages = tape._placement.passages
        assert [passage.number for passage in passages] == [None, None, 1, 2, None, None]
        assert [p.end - p.start for p in (passages[0], passages[-1])] == [12.5 * RATE, 30 * RATE]
        assert not sounds(e for e in events(tape) if e.start < passages[0].end or e.end > passages[-1].start)
        assert tape.quiet_for(passages[-1].start) is None
