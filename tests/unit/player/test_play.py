"""Whole sessions in virtual time: keys are pressed, the clock is the device's, all that is heard is kept."""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from itertools import count
from pathlib import Path
from random import Random
from types import SimpleNamespace
from zlib import crc32

import numpy as np
import pytest
from support.finishes import AS_SPOKEN
from support.listening import Device, Eyes, Hands, Happening
from support.routines import SHORT
from support.voices import HummingVoice

from nightstretch.audio import SESSION_RATE, Clip, Pcm, to_pcm
from nightstretch.errors import OutputError, VoiceError
from nightstretch.player import answers as say
from nightstretch.player import deck, device, media_keys, play
from nightstretch.player.answers import Answers
from nightstretch.player.commands import KEYS, Command
from nightstretch.player.device import STALLED_SECONDS
from nightstretch.player.media_keys import NoMediaKeys
from nightstretch.player.patience import begun
from nightstretch.player.play import TICK_SECONDS, Listener, Outcome
from nightstretch.player.tape import Spot
from nightstretch.player.terminal import OTHER, Console
from nightstretch.session import Session, find_routine
from nightstretch.voices.cache import CachedVoice, ClipCache

# When they come at speed 1.0, in seconds. Each exercise begins with its cue.
EVENING, REST, RIGHT, LEFT, NIGHT, END = 5.6, 7.6, 19.6, 31.6, 43.6, 45.6
GOOD_EVENING, REST_HERE = "Good evening to you.", "Rest here for a while."
TURN_RIGHT, TURN_LEFT = "Turn to the right now.", "Turn to the left now."
GOOD_NIGHT = "Good night to you."
QUIET = 12.0  # nothing is said from 10.1 to 19.6
SPEAKING = 20.6  # amid "Turn to the right now."
HOLDING = 24.0  # after it

ANSWER_SECONDS = 0.3
TICK = 1.5 * TICK_SECONDS  # to find out what was a tick earlier or later


class SoftVoice(HummingVoice):
    """Hums every text in a tone of its own, from silence to silence: whatever clicks is not the voice."""

    def synthesize(self, text: str, speed: float) -> Clip:
        places = np.arange(len(super().synthesize(text, speed)))
        edges = np.minimum(1, np.minimum(places, places[::-1]) / 240)
        return Clip(
            to_pcm(0.2 * edges * np.sin(places * (0.03 + crc32(text.encode()) % 997 / 1e4))), SESSION_RATE
        )


class HoarseVoice(SoftVoice):
    def synthesize(self, text: str, speed: float) -> Clip:
        if speed > 1 and text == TURN_LEFT:
            raise VoiceError("hoarse")
        return super().synthesize(text, speed)


class Night:
    """A session that is played to somebody, and what became of it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self.voice: HummingVoice = SoftVoice()
        self.device = Device()
        self.eyes = Eyes()
        self.hands = Hands(self.device)
        self.places: list[tuple[Spot, float, float]] = []
        self.outcomes: list[Outcome] = []
        self.wish: Callable[[Command], None]
        # After Ctrl-C the keys are let go; time passes on.
        monkeypatch.setattr(play, "NoKeys", lambda: Hands(self.device))
        monkeypatch.setattr(play, "time", SimpleNamespace(monotonic=lambda: self.hands.seconds))
        monkeypatch.setattr(deck, "BUFFER_SECONDS", 1000)
        # No thread has a say in what is ready when.
        monkeypatch.setattr(device, "begun", self._call)
        monkeypatch.setattr(Answers, "prepare", lambda _: None)
        monkeypatch.setattr(Answers, "clip", lambda answers, text: self.clip(text))

        def listen(wish: Callable[[Command], None]) -> NoMediaKeys:
            self.wish = wish
            return NoMediaKeys()

        monkeypatch.setattr(media_keys, "open_media_keys", listen)

    @property
    def seconds(self) -> float:
        return sum(map(len, self.device.heard)) / SESSION_RATE

    @property
    def sound(self) -> Pcm:
        return self.device.sound

    @property
    def outcome(self) -> Outcome:
        (outcome,) = self.outcomes
        return outcome

    def clip(self, text: str, speed: float = 1.0) -> Pcm:
        return self.voice.synthesize(text, speed).samples

    def play(
        self,
        *script: tuple[float, Happening],
        routine: str = SHORT,
        spot: Spot | None = None,
        speed: float = 1.0,
        volume: float = 1.0,
        sleep_minutes: float | None = None,
        reading_seconds: float = 0,
    ) -> Outcome:
        """Play it; each thing happens at its second."""
        path = self._folder / "short.yaml"
        path.write_text(routine)
        voice = CachedVoice(self.voice, ClipCache(self._folder / "clips"))
        listener = Listener(
            volume=volume,
            sleep_minutes=sleep_minutes,
            reading_seconds=reading_seconds,
            remember=lambda *place: self.places.append(place),
            goodnight=self.outcomes.append,
        )
        self.hands = Hands(self.device, [*script, (1500, self._give_up)])
        with Session(find_routine(str(path)), voice, speed=speed, finish=AS_SPOKEN) as evening:
            return evening.play(self.device, Console(self.hands, self.eyes), listener, spot)

    def said(self, text: str, speed: float = 1.0) -> list[float]:
        """Tell at which seconds it was heard: all of it, in full, and nothing else meanwhile."""
        clip, sound = self.clip(text, speed)[1:-1].tobytes(), self.sound.tobytes()
        found, at = [], -1
        while (at := sound.find(clip, at + 1)) >= 0:
            if at % 2 == 0:
                found.append((at // 2 - 1) / SESSION_RATE)
        return found

    def loudest(self, start: float, end: float) -> int:
        return int(np.abs(self.sound[round(start * SESSION_RATE) : round(end * SESSION_RATE)]).max())

    @property
    def largest_step(self) -> int:
        return int(np.abs(np.diff(self.sound.astype(np.int64), append=0)).max())

    def _call(self, call: Callable[[], bool]) -> Future[bool]:
        future: Future[bool] = Future()
        try:
            future.set_result(call())
        except OutputError as error:
            future.set_exception(error)
        return future

    def _give_up(self) -> None:
        raise AssertionError("it never ends")


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Night:
    return Night(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def smooth() -> int:
    """The largest step that there is in any tone of the voice, in the chime, and in a fade of them."""
    from nightstretch.sounds import load_chime  # noqa: PLC0415

    chime = np.abs(np.diff(load_chime("bowl-start").samples.astype(np.int64))).max()
    return max(int(chime), round(0.2 * 32767 * 0.13)) + 30


def held(
    key: str, start: float, seconds: float = 60, delay: float = 0.5, interval: float = 0.033
) -> list[tuple[float, Happening]]:
    """A key that is held down, as a terminal tells of it."""
    repeats = round((seconds - delay) / interval)
    return [(start, key), *((start + delay + n * interval, key) for n in range(repeats))]


def feeds() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "nightstretch-feed"]


def interrupt() -> None:
    raise KeyboardInterrupt


class TestToTheEnd:
    def test_everything_is_heard_and_then_it_is_over(self, night: Night) -> None:
        outcome = night.play()
        cues = [night.said(text) for text in (GOOD_EVENING, REST_HERE, TURN_RIGHT, TURN_LEFT, GOOD_NIGHT)]
        assert cues == [[EVENING], [REST], [RIGHT], [LEFT], [NIGHT]]
        assert night.seconds >= END + 0.5  # what the device still held was heard, too
        assert (
            outcome
            == night.outcome
            == Outcome(
                completed=True, seconds=END, of_seconds=END, underruns=0, first_sound=outcome.first_sound
            )
        )
        assert night.device.closed
        assert not feeds()

    def test_each_cue_is_remembered_as_it_begins(self, night: Night) -> None:
        night.play(volume=0.7)
        assert night.places == [
            (Spot(None, "Opening", 0, GOOD_EVENING), 1.0, 0.7),
            (Spot(1, "Rest", 0, REST_HERE), 1.0, 0.7),
            (Spot(2, "Turn", 0, TURN_RIGHT), 1.0, 0.7),
            (Spot(2, "Turn", 1, TURN_LEFT), 1.0, 0.7),
            (Spot(None, "Closing", 0, GOOD_NIGHT), 1.0, 0.7),
        ]

    def test_the_same_words_twice_in_a_row_are_two_places(self, night: Night) -> None:
        night.play(routine=SHORT.replace("the {side} now", "the other side"))
        cues = [spot.cue for spot, _, _ in night.places if spot.exercise == 2]
        assert cues == [0, 1]

    def test_a_screen_is_told_where_it_is(self, night: Night) -> None:
        night.play()
        status = night.eyes.seen[round(QUIET / TICK_SECONDS)]
        assert (status.title, status.part, status.exercise, status.cue) == ("Short", "Rest", 1, REST_HERE)
        assert status.elapsed_seconds == pytest.approx(QUIET, abs=TICK)
        assert status.left_seconds == pytest.approx(END - QUIET, abs=TICK)
        assert night.eyes.seen[0].cue is None

    def test_it_begins_at_a_place_and_says_what_was_heard_of_it(self, night: Night) -> None:
        spot = Spot(2, "Turn", 1, TURN_LEFT)
        outcome = night.play(spot=spot, speed=1.2)
        assert night.said(TURN_LEFT, 1.2)[0] < 1
        assert night.places[0] == (spot, 1.2, 1.0)
        assert outcome.completed
        assert outcome.seconds < 15
        assert outcome.of_seconds == pytest.approx(END, abs=1)

    @pytest.mark.parametrize("spot", [Spot(7, "Gone", 3, "Gone."), Spot(None, "Gone", 0, "Gone.")])
    def test_a_place_that_there_is_not_is_the_beginning(self, night: Night, spot: Spot) -> None:
        night.play(spot=spot)
        assert night.said(GOOD_EVENING) == [EVENING]


class TestReading:
    """What was printed before can be read until it gets dark; meanwhile it plays."""

    @pytest.fixture(autouse=True)
    def _dark(self, night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Eyes, "covers", True)

    def test_it_stays_for_a_while(self, night: Night) -> None:
        when: list[int] = []
        night.play((1.9, lambda: when.append(len(night.eyes.seen))), reading_seconds=2)
        assert when == [0]
        assert len(night.eyes.seen) == pytest.approx((END + 0.5 - 2) / TICK_SECONDS, abs=2)

    @pytest.mark.parametrize("key", [" ", "right", "x", OTHER])
    def test_a_key_says_that_it_was_read_and_nothing_else(self, night: Night, key: str) -> None:
        when: list[int] = []
        night.play((1, key), (1.5, lambda: when.append(len(night.eyes.seen))), reading_seconds=10)
        assert when[0] > 5
        assert night.said(GOOD_EVENING) == [EVENING]

    def test_q_means_q(self, night: Night) -> None:
        assert not night.play((1, "q"), reading_seconds=10).completed


class TestPausing:
    def test_space_pauses_and_goes_on_with_the_cue_that_was_not_over(self, night: Night) -> None:
        outcome = night.play((SPEAKING, " "), (50, " "))
        (again,) = night.said(TURN_RIGHT)
        assert 50 < again < 51
        assert night.loudest(SPEAKING + 0.5, 50) == 0
        assert any(status.paused for status in night.eyes.seen)
        assert night.said(GOOD_NIGHT) == [pytest.approx(again + NIGHT - RIGHT, abs=0.001)]
        assert outcome.completed

    def test_two_presses_at_once_are_none(self, night: Night) -> None:
        night.play((QUIET, " "), (QUIET, " "))
        assert not any(status.paused for status in night.eyes.seen)

    def test_before_the_first_sound_it_waits(self, night: Night) -> None:
        assert night.play((0, " "), (20, " ")).completed
        assert night.loudest(0.5, 20) == 0
        assert len(night.said(GOOD_EVENING)) == 1

    def test_buttons_know_what_they_are(self, night: Night) -> None:
        script = [(QUIET, Command.PLAY), (13, Command.PAUSE), (14, Command.PAUSE), (20, Command.PLAY)]
        night.play(*((when, lambda wish=wish: night.wish(wish)) for when, wish in script))
        paused = [number * TICK_SECONDS for number, status in enumerate(night.eyes.seen) if status.paused]
        assert paused[0] == pytest.approx(13, abs=0.2)
        assert paused[-1] == pytest.approx(20, abs=0.2)

    def test_in_a_pause_it_goes_on_with_another_part(self, night: Night) -> None:
        night.play((QUIET, " "), (20, "right"))
        assert 20 < night.said(TURN_RIGHT)[0] < 21


class TestSkipping:
    @pytest.mark.parametrize(
        ("when", "keys", "cue"),
        [
            (2, ["right"], REST_HERE),
            (2, ["right"] * 3, GOOD_NIGHT),
            (QUIET, ["right"], TURN_RIGHT),
            (QUIET, ["right"] * 9, GOOD_NIGHT),
            (HOLDING, ["left"], TURN_RIGHT),
            (HOLDING, ["left"] * 2, REST_HERE),
            (RIGHT + 2, ["left"], REST_HERE),  # so soon, it means the exercise before
            (HOLDING, ["left", "right"], GOOD_NIGHT),
            (40, ["right", "left"], TURN_RIGHT),
        ],
    )
    def test_arrows_go_to_the_next_part_or_back(
        self, night: Night, when: float, keys: list[str], cue: str
    ) -> None:
        night.play(*((when, key) for key in keys))
        texts = (GOOD_EVENING, REST_HERE, TURN_RIGHT, TURN_LEFT, GOOD_NIGHT)
        later = {at: text for text in texts for at in night.said(text) if at >= when}
        assert later[min(later)] == cue
        assert min(later) < when + 1

    def test_back_goes_to_the_beginning_before_anything_was_placed(self, night: Night) -> None:
        assert night.play((0, "left"), (0, "left")).completed
        assert len(night.said(GOOD_EVENING)) == 1

    def test_going_back_after_a_change_of_the_speed_means_the_exercise_too(self, night: Night) -> None:
        night.play((HOLDING, "]"), (HOLDING + 2, "left"))
        assert HOLDING + 2 < night.said(TURN_RIGHT, 1.1)[0] < HOLDING + 3

    def test_after_the_last_part_comes_nothing_and_that_is_said(self, night: Night) -> None:
        assert night.play((44.5, "right")).completed
        assert night.said(say.LAST_PART) == [pytest.approx(44.5 + 0.2, abs=0.1)]
        assert night.said(GOOD_NIGHT)[0] > 45

    def test_what_was_skipped_was_not_heard(self, night: Night) -> None:
        outcome = night.play((QUIET, "right"), (14, "right"))
        assert outcome.completed
        assert outcome.seconds == pytest.approx(16, abs=2)
        assert outcome.of_seconds == pytest.approx(END, abs=1)


class TestSayingAgain:
    @pytest.mark.parametrize("when", [SPEAKING, HOLDING])
    def test_the_last_cue_is_said_again(self, night: Night, when: float) -> None:
        night.play((when, "r"))
        assert when < night.said(TURN_RIGHT)[-1] < when + 0.7
        assert len(night.said(TURN_LEFT)) == 1

    def test_before_the_first_there_is_nothing_to_say_again(self, night: Night) -> None:
        assert night.play((2, "r")).seconds == END

    @pytest.mark.parametrize("more", [[], [(HOLDING + 1.0, "]")]])
    def test_so_is_one_from_before_the_speed_changed(
        self, night: Night, more: list[tuple[float, Happening]]
    ) -> None:
        night.play((HOLDING, "]"), *more, (HOLDING + 2, "r"))
        assert HOLDING + 2 < night.said(TURN_RIGHT)[-1] < HOLDING + 3
        assert len(night.said(TURN_LEFT, 1.1 + 0.1 * len(more))) == 1

    def test_it_is_no_new_place(self, night: Night) -> None:
        night.play((HOLDING, "r"))
        assert len(night.places) == 5


class TestVolume:
    @pytest.mark.parametrize(
        ("keys", "volume"),
        [("9", 0.9), ("99", 0.8), ("90", 1.0), (["down"] * 3 + ["up"], 0.8), ("9" * 50, 0.1)],
    )
    def test_it_goes_up_and_down_and_never_to_silence(
        self, night: Night, keys: Iterable[str], volume: float
    ) -> None:
        night.play(*((QUIET, key) for key in keys))
        full = np.abs(night.clip(TURN_RIGHT).astype(int)).max()
        assert night.loudest(RIGHT, RIGHT + 2) == pytest.approx(volume * full, abs=2)
        assert night.places[-1][2] == pytest.approx(volume)

    def test_its_ends_are_told(self, night: Night) -> None:
        night.play((QUIET, "0"))
        assert len(night.said(say.LOUDEST)) == 1

    def test_m_mutes_until_it_is_pressed_again(self, night: Night) -> None:
        night.play((2, "m"), (QUIET, "m"))
        assert night.loudest(3, QUIET) == 0
        assert night.said(TURN_RIGHT) == [RIGHT]
        assert {volume for _, _, volume in night.places} == {1.0}

    def test_who_asks_is_answered_and_it_stays_muted(self, night: Night, smooth: int) -> None:
        night.play((2, "m"), (QUIET, "t"), (SPEAKING, "t"))
        first, second = night.said(say.time_left(END - QUIET)) + night.said(say.time_left(END - SPEAKING))
        assert first - QUIET < 0.4
        assert second - SPEAKING < 0.6
        assert night.loudest(second + 3, night.seconds) == 0
        assert night.said(TURN_RIGHT) == []
        assert night.eyes.seen[-1].muted
        assert night.largest_step <= smooth

    def test_who_turns_it_up_wants_to_hear(self, night: Night) -> None:
        night.play((2, "m"), (QUIET, "9"))
        assert night.loudest(RIGHT, RIGHT + 2) > 0
        assert not night.eyes.seen[-1].muted


class TestSpeed:
    @pytest.mark.parametrize(
        ("keys", "speed", "answer"),
        [("]", 1.1, say.FASTER), ("[", 0.9, say.SLOWER), ("]]", 1.2, say.FASTER), ("[[]", 0.9, say.SLOWER)],
    )
    def test_the_next_cue_has_it_and_no_sample_is_lost_or_added(
        self, night: Night, keys: str, speed: float, answer: str
    ) -> None:
        outcome = night.play(*((HOLDING, key) for key in keys))
        assert night.said(answer) == [pytest.approx(HOLDING, abs=TICK)]
        assert len(night.said(TURN_LEFT, speed)) == 1
        assert night.said(GOOD_NIGHT, speed) == [NIGHT]
        assert outcome.seconds == pytest.approx(NIGHT + 2 / speed, abs=0.001)
        assert night.places[-1][1] == speed

    def test_presses_one_after_the_other_are_gathered(self, night: Night) -> None:
        night.play(*((HOLDING + n * 0.15, "[") for n in range(4)))
        assert len(night.said(TURN_LEFT, 0.6)) == 1
        assert len(night.said(say.SLOWER)) <= 2

    @pytest.mark.parametrize("when", [0, 2, 6.5, QUIET, SPEAKING, 31])
    def test_it_can_change_at_any_moment(self, night: Night, when: float, smooth: int) -> None:
        assert night.play((when, "]")).completed
        assert len(night.said(GOOD_NIGHT, 1.1)) == 1
        assert night.largest_step <= smooth

    @pytest.mark.parametrize("when", [SPEAKING, RIGHT - 0.2])
    @pytest.mark.parametrize(("key", "speed"), [("[", 0.9), ("]", 1.1)])
    def test_no_cue_makes_way_for_it(self, night: Night, when: float, key: str, speed: float) -> None:
        night.play((when, key))
        assert night.said(TURN_RIGHT) == [RIGHT]
        assert len(night.said(TURN_LEFT, speed)) == 1
        assert night.said(say.SLOWER) == night.said(say.FASTER) == []

    def test_in_a_pause_it_counts_for_what_follows(self, night: Night) -> None:
        night.play((QUIET, " "), (15, "]"), (20, " "))
        assert len(night.said(say.FASTER)) == 1
        assert night.said(TURN_RIGHT, 1.1) == [pytest.approx(20 + RIGHT - QUIET + 0.3, abs=TICK)]

    def test_a_pause_right_after_it_keeps_it(self, night: Night) -> None:
        night.play((HOLDING, "]"), (HOLDING + TICK_SECONDS, " "), (40, " "))
        assert len(night.said(TURN_LEFT, 1.1)) == 1

    def test_a_skip_right_after_it_keeps_it(self, night: Night) -> None:
        night.play((HOLDING, "]"), (HOLDING + TICK_SECONDS, "right"))
        assert len(night.said(GOOD_NIGHT, 1.1)) == 1

    @pytest.mark.parametrize(("key", "answer"), [("[", say.SLOWEST), ("]", say.FASTEST)])
    def test_in_the_last_words_there_is_nothing_to_change(self, night: Night, key: str, answer: str) -> None:
        assert night.play((44.5, key)).completed
        assert len(night.said(answer)) == 1
        assert night.eyes.seen[-1].speed == 1.0

    def test_where_it_cannot_fit_that_is_said(self, night: Night) -> None:
        night.play((HOLDING, "["), routine=SHORT.replace("minutes: 0.4", "minutes: 0.25"))
        assert len(night.said(say.SLOWEST)) == 1
        assert len(night.said(TURN_LEFT)) == 1

    def test_else_it_is_the_nearest_that_fits(self, night: Night) -> None:
        tight = SHORT.replace("minutes: 0.4", "minutes: 0.28")
        night.play(*((HOLDING, "[") for _ in range(5)), routine=tight)
        assert len(night.said(say.NEARLY_SLOWER)) == 1
        assert len(night.said(TURN_LEFT, 0.8)) == 1

    def test_a_voice_has_its_limits(self, night: Night) -> None:
        night.voice.speeds = (0.9, 1.5)
        night.play(*((HOLDING, "[") for _ in range(3)), (HOLDING + 5, "["))
        assert len(night.said(say.NEARLY_SLOWER)) == 1
        assert len(night.said(say.SLOWEST)) == 1
        assert len(night.said(TURN_LEFT, 0.9)) == 1


class TestAnswers:
    ANSWERS = (
        ("t", None),
        ("s", say.timer_set(10)),
        ("?", say.HELP),
        ("x", say.HELP),
        (OTHER, say.HELP),
        ("0", say.LOUDEST),
        ("[", say.SLOWER),
        ("]", say.FASTER),
    )

    @pytest.mark.parametrize(("key", "answer"), ANSWERS)
    @pytest.mark.parametrize("when", [2, QUIET, SPEAKING, HOLDING, 19.4])
    def test_they_come_at_once_and_never_over_a_cue(
        self, night: Night, key: str, answer: str | None, when: float, smooth: int
    ) -> None:
        answer = answer or say.time_left(END - when)
        night.play((when, key))
        later = [at for at in night.said(answer) if at >= when]
        if key not in "[]" or when in {QUIET, HOLDING}:  # else no cue makes way: the next one tells it
            assert later[0] - when < ANSWER_SECONDS
        assert night.largest_step <= smooth
        speed = {"[": 0.9, "]": 1.1}.get(key, 1.0)
        for text in (TURN_RIGHT, TURN_LEFT):
            assert len(night.said(text) + (night.said(text, speed) if speed != 1 else [])) == 1

    def test_a_cue_is_said_again_from_its_beginning(self, night: Night) -> None:
        night.play((SPEAKING, "t"))
        assert night.said(TURN_RIGHT)[0] > night.said(say.time_left(25))[0]

    def test_in_a_long_enough_silence_nothing_waits(self, night: Night) -> None:
        assert night.play((QUIET, "t")).seconds == END
        assert night.said(TURN_RIGHT) == [RIGHT]

    def test_in_a_shorter_one_the_cue_waits(self, night: Night) -> None:
        night.play((RIGHT - 0.5, "t"))
        assert night.said(TURN_RIGHT)[0] > RIGHT + 1

    def test_in_a_pause_it_stays_paused(self, night: Night) -> None:
        night.play((SPEAKING, " "), (SPEAKING + 0.1, "t"), (40, " "))
        assert night.said(say.time_left(25))[0] < SPEAKING + 1
        assert night.loudest(SPEAKING + 3, 40) == 0

    def test_of_those_that_are_pressed_meanwhile_the_last_one_counts(self, night: Night) -> None:
        night.play((QUIET, "?"), (13, "t"), (14, "s"))
        assert night.said(say.timer_set(10))[0] == pytest.approx(night.said(say.HELP)[0] + 20, abs=5)
        assert night.said(say.time_left(END - QUIET)) == night.said(say.time_left(90)) == []

    def test_the_same_one_is_not_said_twice_in_a_row(self, night: Night) -> None:
        night.play((QUIET, "t"), (QUIET + 0.4, "t"), (QUIET + 0.8, "t"))
        assert len(night.said(say.time_left(END - QUIET))) == 1

    def test_help_for_keys_without_a_meaning_comes_once(self, night: Night) -> None:
        night.play((2, "x"), (40, "y"), (41, OTHER), (42, "z"))
        assert len(night.said(say.HELP)) == 1

    def test_who_asks_for_help_gets_it(self, night: Night) -> None:
        night.play((2, "x"), (40, "?"))
        assert len(night.said(say.HELP)) == 2

    def test_one_that_is_not_ready_is_left_out(self, night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Answers, "clip", lambda *_: None)
        assert night.play(*((SPEAKING + n, key) for n, key in enumerate("t?s[0"))).completed

    @pytest.mark.parametrize(("seconds", "times"), [(0.6, 1), (1.5, 0)])
    def test_one_that_is_ready_soon_is_waited_for(
        self, night: Night, monkeypatch: pytest.MonkeyPatch, seconds: float, times: int
    ) -> None:
        def clip(_: Answers, text: str) -> Pcm | None:
            return night.clip(text) if night.hands.seconds > QUIET + seconds else None

        monkeypatch.setattr(Answers, "clip", clip)
        night.play((QUIET, "s"))
        assert night.said(say.timer_set(10)) == [pytest.approx(QUIET + seconds, abs=TICK)] * times

    def test_the_time_left_is_what_is_left_when_it_is_said(self, night: Night) -> None:
        night.play((14.6, "s"), (15.2, "t"))
        assert len(night.said(say.time_left(END - 17))) == 1
        assert night.said(say.time_left(END - 15.2)) == []

    def test_help_that_was_not_ready_is_given_another_time(
        self, night: Night, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            Answers, "clip", lambda _, text: night.clip(text) if night.hands.seconds > 10 else None
        )
        night.play((2, "x"), (QUIET, "y"))
        assert night.said(say.HELP) == [pytest.approx(QUIET, abs=ANSWER_SECONDS)]

    def test_caps_lock_does_no_harm(self, night: Night) -> None:
        night.play((QUIET, "T"))
        assert len(night.said(say.time_left(END - QUIET))) == 1

    def test_an_answer_while_another_part_is_faded_in_waits_for_the_silence(self, night: Night) -> None:
        night.play((SPEAKING, "right"), (SPEAKING + 0.1, "t"))
        assert len(night.said(say.time_left(0))) == 1
        assert night.said(GOOD_NIGHT)[0] > night.said(say.time_left(0))[0]


class TestEnding:
    @pytest.mark.parametrize("key", ["q", "Q"])
    def test_q_ends_it_with_a_fade(self, night: Night, key: str, smooth: int) -> None:
        outcome = night.play((SPEAKING, key))
        assert not outcome.completed
        assert outcome.seconds == pytest.approx(SPEAKING + 1, abs=2 * TICK)
        assert night.largest_step <= smooth
        assert night.places[-1][0].text == TURN_RIGHT

    def test_pressed_again_and_again_it_takes_no_longer(self, night: Night) -> None:
        night.play(*((SPEAKING + n * 0.1, "q") for n in range(30)))
        assert night.seconds < SPEAKING + 1.7

    @pytest.mark.parametrize("before", [" ", "right", "]", "t", "m", "r"])
    def test_it_ends_whatever_was_asked_for_before(self, night: Night, before: str, smooth: int) -> None:
        assert not night.play((SPEAKING, before), (SPEAKING + 0.1, "q")).completed
        assert night.seconds < SPEAKING + 3
        assert night.largest_step <= smooth

    def test_after_the_last_word_it_is_no_early_end(self, night: Night) -> None:
        assert night.play((END + 0.2, "q")).completed

    @pytest.mark.parametrize("when", [END - 1.5, END - 0.3])
    def test_amid_the_last_words_it_is_one(self, night: Night, when: float) -> None:
        assert not night.play((when, "q")).completed

    def test_other_keys_come_too_late_then(self, night: Night) -> None:
        night.play((SPEAKING, "q"), (SPEAKING + 0.1, " "), (SPEAKING + 0.2, "t"), (SPEAKING + 0.3, "right"))
        assert night.seconds < SPEAKING + 2

    def test_ctrl_c_fades_and_goes_on_to_the_caller(self, night: Night) -> None:
        with pytest.raises(KeyboardInterrupt):
            night.play((SPEAKING, interrupt))
        assert not night.sound[-SESSION_RATE // 2 :].any()
        assert night.seconds > SPEAKING + 1.4
        assert not night.outcome.completed
        assert night.device.closed
        assert not feeds()

    def test_a_second_one_ends_it_at_once(self, night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(play, "NoKeys", lambda: Hands(night.device, [(0.1, interrupt)]))
        with pytest.raises(KeyboardInterrupt):
            night.play((SPEAKING, interrupt))
        assert night.seconds < SPEAKING + 0.5
        assert not night.outcome.completed
        assert night.device.closed

    def test_an_interrupt_that_foreign_code_swallowed_ends_it(
        self, night: Night, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("nightstretch.interrupts._state.seen", False)

        def swallow() -> None:
            monkeypatch.setattr("nightstretch.interrupts._state.seen", True)

        with pytest.raises(KeyboardInterrupt):
            night.play((SPEAKING, swallow))
        assert not night.sound[-SESSION_RATE // 2 :].any()

    def test_the_keys_are_given_back(self, night: Night) -> None:
        seen: list[bool] = []
        night.play((2, lambda: seen.append(night.hands.held)), (SPEAKING, "q"))
        assert seen == [True]
        assert not night.hands.held


class TestSleepTimer:
    def test_it_ends_gently_and_slowly(self, night: Night, smooth: int) -> None:
        outcome = night.play(sleep_minutes=HOLDING / 60)
        assert not outcome.completed
        assert night.seconds == pytest.approx(HOLDING + 4.5, abs=2 * TICK)
        assert night.largest_step <= smooth

    def test_a_cue_is_spoken_to_its_end_first(self, night: Night) -> None:
        night.play(sleep_minutes=SPEAKING / 60)
        assert night.said(TURN_RIGHT) == [RIGHT]
        assert night.places[-1][0].text == TURN_RIGHT

    def test_where_these_were_the_last_words_it_is_finished(self, night: Night) -> None:
        assert night.play(sleep_minutes=(END - 1) / 60).completed
        assert len(night.said(GOOD_NIGHT)) == 1

    def test_what_is_said_in_the_fade_is_still_to_come_another_time(self, night: Night) -> None:
        night.play(sleep_minutes=(LEFT - 1) / 60)
        assert night.loudest(LEFT, LEFT + 1) > 0
        assert night.places[-1][0].text == TURN_RIGHT

    def test_it_ends_a_pause_too(self, night: Night) -> None:
        assert not night.play((QUIET, " "), sleep_minutes=0.5).completed
        assert night.seconds < 32

    @pytest.mark.parametrize(
        ("presses", "answer"),
        [(1, say.timer_set(10)), (3, say.timer_set(30)), (6, say.NO_TIMER), (7, say.timer_set(10))],
    )
    def test_s_goes_through_its_times(self, night: Night, presses: int, answer: str) -> None:
        night.play(*((QUIET, "s") for _ in range(presses)))
        assert night.said(answer) == [pytest.approx(QUIET, abs=TICK)]

    @pytest.mark.parametrize(
        ("minutes", "answer"),
        [(20, say.timer_set(30)), (25, say.timer_set(30)), (60, say.NO_TIMER), (0.9, say.timer_set(10))],
    )
    def test_s_goes_on_from_the_one_that_is_set(self, night: Night, minutes: float, answer: str) -> None:
        assert night.play((QUIET, "s"), sleep_minutes=minutes).completed
        assert len(night.said(answer)) == 1

    def test_it_counts_from_the_key(self, night: Night) -> None:
        night.play((QUIET, "s"), (QUIET + 3, " "))
        assert night.seconds == pytest.approx(QUIET + 600, abs=1)


class TestDevice:
    def unplug(self, night: Night, failures: Iterable[OutputError | None] = ()) -> Callable[[], None]:
        """Let it go away; the first tries to open it again fail."""

        def unplug() -> None:
            night.device.stalled = True
            night.device.failures = iter(failures)

        return unplug

    def test_without_one_nothing_is_left_running_and_nothing_is_forgotten(self, night: Night) -> None:
        night.device.failures = iter([OutputError("no card")])
        with pytest.raises(OutputError, match="no card"):
            night.play()
        assert not night.outcome.completed
        assert night.device.closed
        assert not feeds()

    def test_it_goes_on_when_it_is_back_and_says_where(self, night: Night) -> None:
        outcome = night.play((SPEAKING, self.unplug(night, [OutputError("gone")] * 3)))
        assert night.device.starts == 1 + 4
        (back,) = night.said("The sound is back. Turn.")
        assert night.said(TURN_RIGHT) == [pytest.approx(back + 2.5 + 0.3, abs=0.5)]
        assert outcome.completed

    def test_an_error_of_the_device_is_noticed_at_once(self, night: Night) -> None:
        def fail() -> None:
            night.device.error = OutputError("unplugged")

        night.play((HOLDING, fail))
        assert night.device.starts == 2
        assert len(night.said("The sound is back. Turn.")) == 1

    def test_what_was_paused_stays_paused(self, night: Night) -> None:
        night.play((SPEAKING, " "), (25, self.unplug(night)), (60, " "))
        (back,) = night.said("The sound is back. Turn.")
        (cue,) = night.said(TURN_RIGHT)
        assert cue > back + 20

    def test_it_is_waited_for_a_minute_and_then_the_place_is_kept(self, night: Night) -> None:
        with pytest.raises(OutputError, match=r"gone away \(no\).*--resume"):
            night.play((SPEAKING, self.unplug(night, (OutputError("no") for _ in count()))))
        assert night.device.starts == 1 + 30
        assert not night.outcome.completed
        assert night.places[-1][0].text == TURN_RIGHT

    def test_meanwhile_keys_do_nothing_but_end_it(self, night: Night) -> None:
        script: list[tuple[float, Happening]] = [(SPEAKING, self.unplug(night, [OutputError("no")] * 9))]
        script += [(SPEAKING + STALLED_SECONDS + 1 + n / 10, key) for n, key in enumerate("tr[]sm? 0x")]
        assert night.play(*script).completed
        assert len(night.said("The sound is back. Turn.")) == 1
        assert night.said(say.HELP) == []

    def test_q_need_not_wait_for_it(self, night: Night) -> None:
        failures = [OutputError("no")] * 30
        assert not night.play((SPEAKING, self.unplug(night, failures)), (SPEAKING + 10, "q")).completed
        assert night.device.starts < 5

    def test_it_is_not_waited_for_where_the_sound_system_hangs(
        self, night: Night, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(device, "begun", begun)
        go_on = threading.Event()

        def hang(pull: object, rate: int, channels: int) -> None:
            go_on.wait(10)
            night.device.starts += 1

        def unplug() -> None:
            monkeypatch.setattr(night.device, "start", hang)
            night.device.stalled = True

        with pytest.raises(OutputError, match=r"gone away \(the sound system does not answer\)"):
            night.play((SPEAKING, unplug))
        assert night.hands.seconds == pytest.approx(SPEAKING + STALLED_SECONDS + 60, abs=0.5)
        closed = night.device.closed
        go_on.set()
        while night.device.closed == closed:
            time.sleep(0.01)  # what is opened too late is closed again
        assert night.device.starts == 2

    def test_q_ends_it_there_too(self, night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(device, "begun", lambda _: Future())
        night.play((SPEAKING, self.unplug(night)), (SPEAKING + 10, "q"))
        assert night.hands.seconds == pytest.approx(SPEAKING + 10, abs=2 * TICK)

    def test_nor_does_ctrl_c(self, night: Night) -> None:
        failures = [OutputError("no")] * 30
        with pytest.raises(KeyboardInterrupt):
            night.play((SPEAKING, self.unplug(night, failures)), (SPEAKING + 10, interrupt))
        assert night.device.starts < 5

    def test_nor_the_timer(self, night: Night) -> None:
        failures = [OutputError("no")] * 30
        night.play((SPEAKING, self.unplug(night, failures)), sleep_minutes=SPEAKING / 60 + 0.1)
        assert not night.outcome.completed

    def test_a_short_hiccup_is_not_told(self, night: Night) -> None:
        def plug() -> None:
            night.device.stalled = False

        night.play((QUIET, self.unplug(night)), (QUIET + STALLED_SECONDS - 1, plug))
        assert night.device.starts == 1

    def test_a_change_of_the_speed_is_not_lost_with_it(self, night: Night) -> None:
        night.play((HOLDING, "]"), (HOLDING + TICK_SECONDS, self.unplug(night)))
        assert len(night.said(TURN_LEFT, 1.1)) == 1

    def test_what_goes_wrong_inside_is_no_lost_device(self, night: Night) -> None:
        def fail() -> None:
            night.device.error = ZeroDivisionError()

        with pytest.raises(ZeroDivisionError):
            night.play((QUIET, fail))


class TestTheVeryEnd:
    """Whatever goes wrong then, the night is written down, and nothing is left running."""

    @pytest.mark.parametrize("kind", [KeyboardInterrupt, OutputError])
    def test_closing_the_device_goes_wrong(
        self, night: Night, monkeypatch: pytest.MonkeyPatch, kind: type[BaseException]
    ) -> None:
        def fail() -> None:
            raise kind

        monkeypatch.setattr(night.device, "close", fail)
        with pytest.raises(kind):
            night.play()
        assert night.outcome.completed
        assert not feeds()

    @pytest.mark.parametrize("kind", [KeyboardInterrupt, ZeroDivisionError])
    def test_saying_goodnight_goes_wrong(self, night: Night, kind: type[BaseException]) -> None:
        class Refusing(list[Outcome]):
            def append(self, _: Outcome) -> None:
                raise kind

        night.outcomes = Refusing()
        with pytest.raises(kind):
            night.play((SPEAKING, "q"))
        assert night.device.closed
        assert not feeds()


class TestErrors:
    def test_what_cannot_be_spoken_is_raised(self, night: Night) -> None:
        with pytest.raises(VoiceError, match="cannot say"):
            night.play(routine=SHORT.replace("Good night", "Good unspeakable night"))
        assert not night.outcome.completed
        assert night.device.closed

    def test_amid_the_session_it_ends_gently(self, night: Night, smooth: int) -> None:
        night.voice = HoarseVoice()
        with pytest.raises(VoiceError, match="hoarse"):
            night.play((HOLDING, "]"))
        assert night.said(TURN_RIGHT) == [RIGHT]
        assert night.largest_step <= smooth
        assert not night.outcome.completed


class TestBadNights:
    @pytest.mark.parametrize("key", [*sorted(KEYS.keys() - {"q"}), "x", OTHER])
    def test_a_key_that_is_held_down_for_a_minute(self, night: Night, key: str, smooth: int) -> None:
        def go_on() -> None:
            night.wish(Command.PLAY)

        outcome = night.play(*held(key, SPEAKING), (SPEAKING + 61, go_on))
        assert outcome.completed
        assert night.largest_step <= smooth
        for answer in (say.HELP, say.LAST_PART, say.SLOWEST, say.FASTEST, say.LOUDEST, say.SOFTEST):
            assert len(night.said(answer)) <= 1
        assert len(night.said(say.time_left(25))) <= 1

    @pytest.mark.parametrize("delay", [0.2, 0.5, 0.66, 1.8])
    @pytest.mark.parametrize("interval", [0.033, 0.092])
    def test_a_key_that_is_held_down_is_pressed_once(
        self, night: Night, delay: float, interval: float
    ) -> None:
        night.play(*held(" ", SPEAKING, 60, delay, interval), *held("m", 90, 5, delay, interval), (100, " "))
        paused = [number * TICK_SECONDS for number, status in enumerate(night.eyes.seen) if status.paused]
        assert paused[0] == pytest.approx(SPEAKING, abs=TICK)
        assert len(paused) == pytest.approx((100 - SPEAKING) / TICK_SECONDS, abs=2)
        assert all(status.muted for status in night.eyes.seen[round(91 / TICK_SECONDS) :])

    def test_one_that_is_pressed_twice_is_pressed_twice(self, night: Night) -> None:
        night.play((QUIET, " "), (QUIET + 0.3, " "), (14, "s"), (14.2, "s"), (14.4, "s"))
        paused = [status.paused for status in night.eyes.seen]
        assert sum(paused) * TICK_SECONDS == pytest.approx(0.45, abs=TICK)
        assert len(night.said(say.timer_set(30))) == 1

    @pytest.mark.parametrize("presses", [1000, 100, 30])
    def test_a_thousand_random_keys(self, night: Night, presses: int, smooth: int) -> None:
        chance = Random(presses)  # noqa: S311 - nothing is at stake
        keys = [*sorted(KEYS.keys() - {"q"}), "x", OTHER]
        script = [(chance.uniform(0, 100), chance.choice(keys)) for _ in range(presses)]
        assert night.play(*script, (101, lambda: night.wish(Command.PLAY))).completed
        assert night.largest_step <= smooth
        assert not feeds()
