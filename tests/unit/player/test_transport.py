import math
from collections.abc import Iterable
from itertools import cycle

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightstretch.audio import Pcm
from nightstretch.player.ring import Ring
from nightstretch.player.transport import (
    DRAIN_SECONDS,
    END_SECONDS,
    FADE_SECONDS,
    HUSH_SECONDS,
    RESTART_SECONDS,
    STARVED_SECONDS,
    Transport,
    rewind_samples,
)

RATE = 1000
FADE, END, STARVED, RESTART, HUSH, DRAIN = (
    round(seconds * RATE)
    for seconds in (FADE_SECONDS, END_SECONDS, STARVED_SECONDS, RESTART_SECONDS, HUSH_SECONDS, DRAIN_SECONDS)
)
LOUD = 10_000

PULLS = st.lists(st.integers(1, 700), min_size=1, max_size=20)


class Tape(Ring):
    """A source that is rendered when the test says so, and that notices what no source has to bear."""

    def __init__(self, sound: Pcm, rendered: int | None = None, start: int = 0) -> None:
        super().__init__(len(sound) + 2 * rewind_samples(RATE), rewind_samples(RATE), start)
        self.sound = sound
        self.furthest = start
        self.render(len(sound) if rendered is None else rendered)

    def render(self, size: int) -> None:
        self.write(self.sound[:size])
        self.sound = self.sound[size:]
        self.ended = not len(self.sound)

    def read(self, size: int) -> Pcm:
        assert 0 <= size <= self.available
        samples = super().read(size)
        self.furthest = max(self.furthest, self.position)
        return samples

    def rewind(self, position: int) -> None:
        assert self.furthest - rewind_samples(RATE) <= position <= self.position
        super().rewind(position)


def silence(samples: int) -> Pcm:
    return np.zeros(samples, np.int16)


def steady(samples: int) -> Pcm:
    return np.full(samples, LOUD, np.int16)


def word(samples: int, first: int = LOUD) -> Pcm:
    """A sound each sample of which tells which it is, and is never taken for another one in a fade."""
    return np.arange(first, first + samples).astype(np.int16)


def joined(*sounds: Pcm) -> Pcm:
    return np.concatenate(sounds)


def curve(start: float, end: float, samples: int) -> npt.NDArray[np.float64]:
    """The raised cosine from one place of the dial to another, without the first of them."""
    dial = np.linspace(start, end, samples + 1)[1:]
    values: npt.NDArray[np.float64] = 0.5 - 0.5 * np.cos(np.pi * dial)
    return values


def playing(*sounds: Pcm) -> tuple[Transport, Tape]:
    transport, tape = Transport(RATE), Tape(joined(*sounds))
    transport.play(tape)
    return transport, tape


def pull_all(transport: Transport, frames: int, sizes: Iterable[int] = (700,)) -> Pcm:
    """Pull in odd sizes."""
    heard = []
    for size in cycle(sizes):
        heard.append(transport.pull(min(size, frames)))
        frames -= len(heard[-1])
        if not frames:
            return joined(*heard)
    raise AssertionError("there are sizes")


def is_drained(transport: Transport) -> bool:
    """Whether it is by now: mypy takes a property that was once looked at for unchanging."""
    return transport.drained


# Playing on


@given(PULLS)
def test_a_source_is_heard_as_it_is_and_then_silence(sizes: list[int]) -> None:
    sound = word(2500)
    transport, tape = playing(sound)
    assert np.array_equal(pull_all(transport, 3000, sizes), joined(sound, silence(500)))
    assert tape.position == 2500
    assert transport.source is tape
    assert transport.pulled == 3000
    assert transport.underruns == 0
    assert not transport.stopped


def test_without_a_source_there_is_silence_and_no_end() -> None:
    transport = Transport(RATE)
    assert not transport.pull(2000).any()
    assert not transport.drained
    assert transport.source is None


def test_it_is_drained_only_after_half_a_second_of_silence() -> None:
    transport, _ = playing(word(100))
    transport.pull(100 + DRAIN - 1)
    assert not is_drained(transport)
    transport.pull(1)
    assert is_drained(transport)


def test_a_source_without_sound_ends() -> None:
    transport, _ = playing(silence(0))
    transport.pull(DRAIN)
    assert transport.drained
    assert transport.first_sound is None


def test_what_is_played_after_the_end_does_not_bring_it_back() -> None:
    transport, _ = playing(word(100))
    transport.pull(200)
    transport.play(Tape(word(100)))
    assert not transport.pull(DRAIN).any()
    assert transport.drained


def test_the_first_audible_sample_is_timed_once() -> None:
    times = iter([7.0, 8.0])
    transport = Transport(RATE, clock=lambda: next(times))
    transport.play(Tape(joined(silence(100), word(300))))
    transport.pull(100)
    assert transport.first_sound is None
    transport.pull(100)
    transport.pull(100)
    assert transport.first_sound == 7.0


def test_as_much_as_the_output_pulls_ahead_is_waited_for_at_first() -> None:
    transport = Transport(RATE, lead=800)
    tape = Tape(word(2000), rendered=800)
    transport.play(tape)
    assert not transport.pull(100).any()
    tape.render(1)
    assert transport.pull(1)[0] == LOUD
    assert transport.underruns == 0


# Fading over


def test_another_source_comes_after_a_fade_out_and_by_a_fade_in() -> None:
    transport, old = playing(steady(5000))
    transport.pull(500)
    new = Tape(steady(5000))
    transport.play(new)
    assert transport.source is old
    faded = transport.pull(2 * FADE)
    assert np.array_equal(faded[:FADE], np.rint(LOUD * curve(1, 0, FADE)))
    assert np.array_equal(faded[FADE:], np.rint(LOUD * curve(0, 1, FADE)))
    assert transport.source is new
    assert np.array_equal(transport.pull(100), steady(100))
    assert new.position == FADE + 100


@given(PULLS)
def test_a_fade_does_not_depend_on_how_it_is_pulled(sizes: list[int]) -> None:
    transport, _ = playing(steady(5000))
    transport.pull(500)
    transport.play(Tape(steady(5000)), fade_seconds=0.15)
    expected = joined(np.rint(LOUD * curve(1, 0, 150)), np.rint(LOUD * curve(0, 1, FADE)))
    heard = pull_all(transport, 150 + FADE, sizes)
    assert np.abs(heard - expected).max() <= 1


def test_of_two_wishes_the_later_one_is_played() -> None:
    transport, _ = playing(steady(5000))
    transport.pull(500)
    transport.play(Tape(steady(5000)))
    transport.pull(100)
    transport.play(Tape(word(5000)))
    transport.pull(FADE - 100 + FADE)
    assert np.array_equal(transport.pull(100), word(5000)[FADE : FADE + 100])


def test_a_wish_before_the_first_sound_takes_the_place_of_the_first_source() -> None:
    transport = Transport(RATE)
    first = Tape(steady(2000), rendered=0)
    transport.play(first)
    transport.pull(10)
    transport.play(Tape(joined(silence(FADE), word(500))))
    assert np.array_equal(transport.pull(FADE + 500), joined(silence(FADE), word(500)))
    assert first.position == 0


def test_a_wish_while_fading_in_turns_round_at_once() -> None:
    transport, _ = playing(steady(5000))
    transport.pull(100)
    transport.play(Tape(steady(5000)))
    transport.pull(FADE + 90)
    transport.play(Tape(steady(5000)))
    heard = transport.pull(90 + 90)
    assert np.array_equal(heard[:90], np.rint(LOUD * curve(0.3, 0, 90)))
    assert np.array_equal(heard[90:], np.rint(LOUD * curve(0, 0.3, 90)))


# Pausing


def test_pause_fades_along_a_raised_cosine_and_stays_silent() -> None:
    transport, _ = playing(steady(5000))
    transport.pull(500)
    transport.pause()
    faded = transport.pull(FADE + 50)
    assert np.array_equal(faded[:FADE], np.rint(LOUD * curve(1, 0, FADE)))
    assert not faded[FADE:].any()
    assert not transport.pull(10_000).any()
    assert not transport.drained


def test_what_faded_away_comes_back_whole_from_a_source_that_begins_before_it() -> None:
    sound = word(5000)
    transport, _ = playing(sound)
    transport.pull(1000)
    transport.pause()
    transport.pull(2000)
    transport.play(Tape(sound[1000 - FADE :], start=1000 - FADE))
    transport.pull(FADE)
    assert np.array_equal(transport.pull(4000), sound[1000:])


def test_play_while_a_pause_fades_lets_it_fade_and_comes_back() -> None:
    transport, _ = playing(steady(5000))
    transport.pull(500)
    transport.pause()
    transport.pull(100)
    transport.play(Tape(word(5000)))
    heard = transport.pull(FADE - 100 + FADE + 100)
    assert heard[FADE - 101] == 0
    assert np.array_equal(heard[-100:], word(5000)[FADE : FADE + 100])


def test_a_pause_takes_back_what_was_to_be_played_and_said() -> None:
    transport, _ = playing(steady(5000))
    transport.pull(500)
    transport.play(Tape(steady(5000)), answer=steady(100))
    transport.pause()
    assert not transport.answering
    assert not transport.pull(2000)[FADE:].any()


def test_a_pause_before_the_first_sound_keeps_silence_until_play() -> None:
    transport, tape = playing(steady(1000))
    transport.pause()
    assert not transport.pull(300).any()
    assert tape.position == 0
    transport.play(Tape(joined(silence(FADE), word(500))))
    assert np.array_equal(transport.pull(FADE + 500)[FADE:], word(500))


def test_a_pause_in_the_last_moments_is_no_end() -> None:
    transport, _ = playing(steady(1100))
    transport.pull(1000)
    transport.pause()
    transport.pull(5000)
    assert not is_drained(transport)
    transport.play(Tape(steady(FADE + 100)))
    assert np.array_equal(transport.pull(FADE + 100)[FADE:], steady(100))
    transport.pull(DRAIN)
    assert is_drained(transport)
    assert not transport.stopped


def test_cut_is_silent_at_once_and_keeps_the_place() -> None:
    transport, tape = playing(steady(5000))
    transport.pull(500)
    transport.say(steady(1000))
    transport.pull(100)
    transport.cut()
    assert not transport.answering
    assert not transport.pull(2000).any()
    assert transport.source is tape
    assert tape.position == 600
    transport.play(Tape(steady(1000)))
    assert np.array_equal(transport.pull(FADE), np.rint(LOUD * curve(0, 1, FADE)))


# Stopping


def test_stop_fades_for_a_second_and_finishes() -> None:
    transport, _ = playing(steady(5000))
    transport.pull(1000)
    transport.stop()
    assert np.array_equal(transport.pull(END), np.rint(LOUD * curve(1, 0, END)))
    assert not transport.pull(DRAIN).any()
    assert transport.drained
    assert transport.stopped


@given(st.integers(0, 400), PULLS)
def test_stop_at_a_sample_begins_its_fade_exactly_there(ahead: int, sizes: list[int]) -> None:
    transport, _ = playing(steady(5000))
    transport.pull(1000)
    transport.stop(fade_seconds=2, at=1000 + ahead)
    heard = pull_all(transport, ahead + 2000 + DRAIN, sizes)
    assert np.array_equal(heard[:ahead], steady(ahead))
    assert np.abs(heard[ahead : ahead + 2000] - LOUD * curve(1, 0, 2000)).max() <= 1
    assert not heard[ahead + 2000 :].any()
    assert transport.drained
    assert transport.stopped


@pytest.mark.parametrize("at", [None, 4000])
def test_stop_in_silence_finishes_at_once(at: int | None) -> None:
    transport, _ = playing(steady(5000))
    transport.pull(1000)
    transport.pause()
    transport.pull(FADE + DRAIN)
    transport.stop(at=at)
    assert transport.drained
    assert transport.stopped


def test_stop_before_the_first_sound_finishes_at_once() -> None:
    transport, _ = playing(steady(5000))
    transport.stop()
    assert not transport.pull(DRAIN).any()
    assert transport.drained


def test_stop_after_the_end_is_no_early_end() -> None:
    transport, _ = playing(steady(100))
    transport.pull(200)
    transport.stop()
    assert not transport.stopped


def test_what_fades_already_does_not_wait_for_a_place_to_stop_at() -> None:
    transport, _ = playing(steady(5000))
    transport.pull(1000)
    transport.play(Tape(steady(5000)))
    transport.stop(at=4000)
    transport.pull(END + DRAIN)
    assert transport.drained


def test_what_falls_silent_before_the_place_to_stop_at_has_stopped() -> None:
    transport, tape = playing(steady(5000))
    transport.pull(1000)
    transport.stop(at=4000)
    transport.cut()
    transport.pull(DRAIN)
    assert transport.drained
    assert transport.stopped
    assert tape.position == 1000


def test_a_place_to_stop_at_does_not_outlive_its_source() -> None:
    transport, _ = playing(steady(1000), silence(1000))
    transport.pull(500)
    transport.go_on_with(Tape(steady(9000)), 1500)
    transport.stop(at=1800)
    heard = transport.pull(1000 + END + DRAIN)
    assert np.array_equal(heard[1000 : 1000 + END], np.rint(LOUD * curve(1, 0, END)))
    assert transport.drained


def test_the_last_fade_goes_on_over_a_seam() -> None:
    transport, _ = playing(steady(1000), silence(100))
    transport.pull(500)
    transport.go_on_with(Tape(steady(9000)), 1100)
    transport.stop()
    heard = transport.pull(END)
    expected = np.rint(LOUD * curve(1, 0, END))
    assert np.array_equal(heard[600:], expected[600:])


def test_the_last_fade_ends_where_what_should_follow_is_not_there() -> None:
    transport, _ = playing(steady(1000), silence(100))
    transport.pull(500)
    transport.go_on_with(Tape(steady(9000), rendered=0), 1100)
    transport.stop()
    transport.pull(600 + DRAIN)
    assert transport.drained
    assert transport.underruns == 0


# Without a seam


@given(PULLS, st.integers(0, 900))
def test_another_source_goes_on_at_the_very_sample(sizes: list[int], ahead: int) -> None:
    transport, old = playing(word(600), silence(5000))
    transport.pull(600)
    new = Tape(word(2000, LOUD // 2))
    assert transport.go_on_with(new, 600 + ahead)
    expected = joined(silence(ahead), word(2000, LOUD // 2), silence(DRAIN))
    assert np.array_equal(pull_all(transport, len(expected), sizes), expected)
    assert transport.source is new
    assert old.position == 600 + ahead
    assert transport.underruns == 0
    assert transport.drained


def test_it_does_not_go_on_at_a_sample_that_was_passed() -> None:
    transport, tape = playing(word(3000))
    transport.pull(600)
    assert not transport.go_on_with(Tape(steady(1000)), 599)
    assert np.array_equal(transport.pull(2400), word(3000)[600:])
    assert transport.source is tape
    transport.play(Tape(word(500), start=100))
    assert not Transport(RATE).go_on_with(tape, 10_000)


def test_it_does_not_go_on_from_a_source_that_is_no_longer_on() -> None:
    transport, tape = playing(word(3000))
    assert not transport.go_on_with(Tape(steady(1000)), 2000, Tape(steady(3000)))
    assert np.array_equal(transport.pull(3000), word(3000))
    assert transport.source is tape


def test_of_two_sources_to_go_on_with_the_later_one_follows() -> None:
    transport, _ = playing(silence(1000))
    transport.go_on_with(Tape(steady(1000)), 100)
    transport.go_on_with(Tape(word(1000)), 200)
    assert np.array_equal(transport.pull(300), joined(silence(200), word(100)))


@pytest.mark.parametrize("given_at_once", [True, False])
def test_a_source_that_is_faded_to_may_be_followed_too(given_at_once: bool) -> None:
    transport, _ = playing(steady(5000))
    transport.pull(500)
    middle, last = Tape(silence(2000), start=7000), Tape(word(1000))
    transport.play(middle, then=(last, 8000) if given_at_once else None)
    transport.pull(10)
    if not given_at_once:
        assert not transport.go_on_with(last, 6999)
        assert transport.go_on_with(last, 8000)
    assert np.array_equal(transport.pull(FADE - 10 + 2000)[FADE - 10 :], joined(silence(1000), word(1000)))


def test_a_fade_over_forgets_what_would_have_followed() -> None:
    transport, _ = playing(steady(5000))
    transport.go_on_with(Tape(steady(1000)), 100)
    transport.pull(50)
    transport.play(Tape(word(1000)))
    transport.pull(2 * FADE)
    assert np.array_equal(transport.pull(100), word(1000)[FADE : FADE + 100])


def test_what_should_follow_but_is_late_is_counted_and_waited_for_and_comes_whole() -> None:
    transport, _ = playing(word(600), silence(400))
    last = Tape(word(3000), rendered=10)
    transport.go_on_with(last, 1000)
    assert not transport.pull(1500)[600:].any()
    assert transport.source is last
    last.render(3000)
    heard = transport.pull(FADE + 3000)
    assert np.array_equal(heard, joined(silence(FADE), word(3000)))
    assert transport.underruns == 1


def test_being_late_for_less_than_is_left_before_the_seam_is_no_gap() -> None:
    transport, tape = Transport(RATE), Tape(joined(word(500), silence(500)), rendered=615)
    transport.play(tape)
    transport.pull(600)
    transport.go_on_with(Tape(word(1000)), 610)
    assert np.array_equal(transport.pull(1010), joined(silence(10), word(1000)))


# Answers


@given(PULLS, st.integers(1, 2000))
def test_an_answer_comes_in_the_silence_and_the_source_waits_for_its_end(
    sizes: list[int], length: int
) -> None:
    transport, _ = playing(steady(5000))
    transport.pull(500)
    transport.play(Tape(joined(silence(FADE), word(500))), answer=word(length), fade_seconds=0.15)
    assert transport.answering
    heard = pull_all(transport, 150 + length + FADE + 500, sizes)
    assert heard[149] == 0
    assert np.array_equal(heard[150:], joined(word(length), silence(FADE), word(500)))
    assert not transport.answering


@given(PULLS, st.integers(0, 1500))
def test_what_is_said_is_added_to_what_is_heard(sizes: list[int], length: int) -> None:
    transport, _ = playing(steady(2000))
    transport.pull(100)
    transport.say(word(length))
    expected = steady(1900)
    expected[:length] += word(length)
    assert np.array_equal(pull_all(transport, 1900, sizes), expected)


def test_what_is_said_in_a_pause_is_heard_and_is_no_end_of_it() -> None:
    transport, _ = playing(steady(5000))
    transport.pause()
    transport.pull(1000)
    transport.say(word(100))
    assert np.array_equal(transport.pull(200), joined(word(100), silence(100)))


def test_what_is_said_amid_loud_sound_is_limited() -> None:
    transport, _ = playing(np.full(200, 30_000, np.int16))
    transport.pull(100)
    transport.say(np.full(100, 30_000, np.int16))
    assert set(transport.pull(100)) == {32_767}


def test_a_source_that_is_wished_for_during_an_answer_waits_for_its_end() -> None:
    transport, _ = playing(steady(5000))
    transport.pause()
    transport.say(word(1000))
    transport.pull(400)
    transport.play(Tape(joined(silence(FADE), word(100))))
    assert np.array_equal(
        transport.pull(600 + FADE + 100), joined(word(1000)[400:], silence(FADE), word(100))
    )


def test_an_answer_is_kept_for_a_later_wish() -> None:
    transport, _ = playing(steady(5000))
    transport.pull(500)
    transport.play(Tape(steady(1000)), answer=word(100))
    transport.play(Tape(steady(1000)))
    assert np.array_equal(transport.pull(FADE + 100)[FADE:], word(100))


def test_it_is_drained_only_after_an_answer() -> None:
    transport, _ = playing(word(100))
    transport.pull(101)
    transport.say(steady(DRAIN))
    transport.pull(2 * DRAIN - 1)
    assert not is_drained(transport)
    transport.pull(1)
    assert is_drained(transport)


@pytest.mark.parametrize("length", [500, 5000])
def test_stop_takes_an_answer_along_in_its_fade(length: int) -> None:
    transport, _ = playing(steady(5000))
    transport.pause()
    transport.say(steady(100 + length))
    transport.pull(100)
    transport.stop()
    heard = transport.pull(END + DRAIN)
    assert np.array_equal(heard[:length][:END], np.rint(LOUD * curve(1, 0, END))[:length])
    assert not heard[min(length, END) :].any()
    assert transport.drained


def test_stop_takes_back_an_answer_that_was_to_come() -> None:
    transport, _ = playing(steady(5000))
    transport.pull(100)
    transport.play(Tape(steady(1000)), answer=steady(1000))
    transport.stop()
    assert not transport.answering
    transport.pull(END + DRAIN)
    assert transport.drained


# Volume


@given(PULLS)
def test_the_whole_range_of_the_volume_takes_one_fade_and_mute_is_silence(sizes: list[int]) -> None:
    transport, _ = playing(steady(5000))
    transport.pull(10)
    transport.set_volume(0)
    heard = pull_all(transport, FADE + 500, sizes)
    assert np.abs(heard[:FADE] - LOUD * np.linspace(1, 0, FADE + 1)[1:]).max() <= 1
    assert heard[FADE - 2] > 0
    assert not heard[FADE:].any()
    transport.set_volume(1)
    heard = pull_all(transport, FADE + 500, sizes)
    assert np.abs(heard[:FADE] - LOUD * np.linspace(0, 1, FADE + 1)[1:]).max() <= 1
    assert np.array_equal(heard[FADE:], steady(500))


def test_the_volume_to_begin_with_is_there_at_once_and_holds_for_answers_too() -> None:
    transport = Transport(RATE, volume=0.3)
    transport.play(Tape(steady(300)))
    assert np.array_equal(transport.pull(100), np.full(100, 3000))
    transport.say(steady(100))
    assert np.array_equal(transport.pull(200), joined(np.full(100, 6000), np.full(100, 3000)))


def test_a_pull_of_nothing_is_fine_at_any_volume() -> None:
    transport, _ = playing(steady(200))
    transport.set_volume(0.5)
    assert transport.pull(0).shape == (0,)
    assert transport.pulled == 0


# Late renderers


def test_a_late_renderer_is_a_short_fade_and_is_counted_and_no_word_is_lost() -> None:
    sound = word(6000)
    transport, tape = Transport(RATE), Tape(sound, rendered=1000)
    transport.play(tape)
    heard = transport.pull(1200)
    full = 1000 - STARVED
    assert np.array_equal(heard[:full], sound[:full])
    assert np.array_equal(heard[full:1000], np.rint(sound[full:1000] * curve(1, 0, STARVED)))
    assert not heard[1000:].any()
    tape.render(RESTART)
    assert not transport.pull(100).any()  # not enough to be trusted again
    tape.render(5000)
    heard = transport.pull(FADE + 1000)
    assert np.array_equal(heard[:FADE], np.rint(sound[full - FADE : full] * curve(0, 1, FADE)))
    assert np.array_equal(heard[FADE:], sound[full : full + 1000])
    assert transport.underruns == 1


def test_a_source_that_was_late_while_fading_in_begins_again() -> None:
    transport, _ = playing(steady(500))
    transport.pull(100)
    new = Tape(word(3000), rendered=200)
    transport.play(new)
    transport.pull(FADE + 400)
    new.render(3000)
    transport.pull(FADE)
    assert np.array_equal(transport.pull(3000 - FADE), word(3000)[FADE:])
    assert transport.underruns == 1


def test_a_renderer_that_has_ended_while_it_was_late_is_heard_to_its_end() -> None:
    sound = word(1010)
    transport, tape = Transport(RATE), Tape(sound, rendered=1000)
    transport.play(tape)
    transport.pull(1000)
    tape.render(10)
    assert np.array_equal(transport.pull(FADE + 30 + DRAIN)[FADE : FADE + 30], sound[1000 - STARVED :])
    assert transport.drained


def test_a_source_that_is_left_or_ends_anyhow_is_not_late() -> None:
    transport, tape = Transport(RATE), Tape(steady(5000), rendered=1000)
    transport.play(tape)
    transport.pull(900)
    transport.pause()
    assert not transport.pull(500)[100:].any()
    assert transport.underruns == 0


@pytest.mark.parametrize("command", ["pause", "stop", "play"])
def test_a_wish_is_heard_while_the_renderer_is_late(command: str) -> None:
    transport, tape = Transport(RATE), Tape(steady(5000), rendered=1000)
    transport.play(tape)
    transport.pull(990)
    if command == "play":
        transport.play(Tape(word(5000)))
    else:
        getattr(transport, command)()
    transport.pull(1000)
    tape.render(4000)
    heard = transport.pull(1000)
    assert np.array_equal(heard, word(5000)[990:1990]) if command == "play" else not heard.any()
    assert transport.drained == (command == "stop")


def test_stop_at_a_sample_does_not_wait_for_a_renderer_that_is_late() -> None:
    transport, tape = Transport(RATE), Tape(steady(5000), rendered=1000)
    transport.play(tape)
    transport.stop(at=2000)
    transport.pull(1000 + DRAIN)
    assert transport.drained


def test_to_make_up_time_something_is_left_of_each_silence() -> None:
    gap = HUSH + 400
    words = [word(100, LOUD + 100 * number) for number in range(12)]
    sound = joined(*(part for each in words for part in (each, silence(gap))))
    transport, tape = Transport(RATE), Tape(sound, rendered=STARVED + 50)
    transport.play(tape)
    transport.pull(1000)
    tape.render(len(sound))
    heard = transport.pull(len(sound))
    starts = [int(np.flatnonzero(heard == each[-1])[0]) for each in words]
    # After the fades in, a second and some too late: three gaps get shorter, and the others stay.
    late = 1000 - 50 + FADE
    distances = np.diff(starts)
    assert list(distances[:3]) == [100 + HUSH, 100 + HUSH, 100 + HUSH]
    assert distances[3] == 100 + gap - (late - 3 * 400)
    assert set(distances[4:]) == {100 + gap}


def test_a_gap_of_the_device_is_counted_and_made_up_in_the_next_silence() -> None:
    sound = joined(word(500), silence(HUSH + 1000), word(500))
    transport, _ = playing(sound)
    transport.pull(100)
    transport.make_up(700)
    heard = transport.pull(len(sound) - 100 - 700)
    assert np.array_equal(heard, joined(word(500)[100:], silence(HUSH + 300), word(500)))
    assert transport.underruns == 1


def test_a_gap_of_the_device_while_paused_was_missed_by_nobody() -> None:
    sound = joined(word(500), silence(HUSH + 1000), word(500))
    transport, _ = playing(sound)
    transport.pull(100)
    transport.pause()
    transport.pull(FADE + 100)
    transport.make_up(700)
    assert transport.underruns == 0


def test_making_up_time_does_not_make_it_late_again() -> None:
    sound = joined(word(500), silence(20_000), word(100))
    transport, tape = Transport(RATE), Tape(sound, rendered=500)
    transport.play(tape)
    transport.pull(5000)
    heard = []
    for _ in range(200):
        tape.render(300)
        heard.append(transport.pull(100))
    assert transport.underruns == 1
    assert np.flatnonzero(joined(*heard) == LOUD)[-1] == 500 + 20_000 - 5000


RENDERINGS = st.lists(st.tuples(st.integers(0, 900), st.integers(1, 700)), max_size=8)


@given(RENDERINGS, st.integers(10, 700))
def test_however_late_every_sample_is_heard_in_full_and_in_order_and_then_it_is_in_time(
    renderings: list[tuple[int, int]], size: int
) -> None:
    sound = joined(word(300), silence(50), word(700, LOUD + 300), silence(9000), word(500, LOUD + 1000))
    transport, tape = Transport(RATE), Tape(sound, rendered=0)
    transport.play(tape)
    heard = []
    for rendered, pulled in renderings:
        tape.render(rendered)
        heard.append(transport.pull(pulled))
    tape.render(len(sound))
    heard.append(pull_all(transport, 20_000, [size]))
    everything = joined(*heard)
    assert transport.drained

    due = sound[sound > 0]
    full = 0
    for sample in everything[everything > 0]:
        full += full < len(due) and sample == due[full]
    assert full == len(due)
    begin, last = (int(np.flatnonzero(everything == sample)[0]) for sample in (due[0], due[-1]))
    assert last - begin == len(sound) - 1


# Whatever happens


def sentence(words: int, level: int = LOUD) -> Pcm:
    """Words that rise and fall gently, from second to second, with silence before and after."""
    edge = 0.5 - 0.5 * np.cos(np.pi * np.arange(1, 201) / 200)
    each = np.concatenate([np.zeros(200), edge, np.ones(200), edge[::-1], np.zeros(200)])
    sound: Pcm = np.rint(level * np.tile(each, words)).astype(np.int16)
    return sound


COMMANDS = st.one_of(
    st.tuples(st.just("pull"), st.integers(0, 900)),
    st.tuples(st.just("play"), st.integers(0, 2500)),
    st.tuples(st.just("answer"), st.integers(0, 2500)),
    st.tuples(st.just("go on"), st.integers(0, 1500)),
    st.tuples(st.just("say"), st.integers(1, 2)),
    st.tuples(st.just("pause"), st.just(0)),
    st.tuples(st.just("volume"), st.integers(0, 10)),
    st.tuples(st.just("stop"), st.just(0)),
    st.tuples(st.just("stop at"), st.integers(0, 2500)),
)
RENDER = st.tuples(st.just("render"), st.integers(0, 1500))
STEEPEST = math.pi / 2


class Evening:
    """A listener who wants anything at any time, and a player that keeps what it has to promise."""

    def __init__(self, rendered: int | None) -> None:
        self.rendered = rendered
        self.transport = Transport(RATE)
        self.tapes: list[Tape] = []
        self.heard = [silence(1)]
        self.play(0)

    def play(self, start: int, answer: Pcm | None = None) -> None:
        self.transport.play(self.tape(start), answer=answer)

    def tape(self, start: int) -> Tape:
        """A source that stands somewhere, amid a word or not."""
        self.tapes.append(Tape(sentence(5)[start:], self.rendered, start))
        return self.tapes[-1]

    def do(self, command: str, amount: int) -> None:  # noqa: C901 - all of them
        transport = self.transport
        match command:
            case "pull":
                self.heard.append(transport.pull(amount))
            case "render":
                for tape in self.tapes:
                    tape.render(amount)
            case "play":
                self.play(amount)
            case "answer":
                self.play(amount, None if transport.answering else sentence(1))
            case "go on":
                present = transport._waiting or transport.source
                assert present is not None
                # From second to second there is silence.
                transport.go_on_with(self.tape(0), -(-(present.position + amount) // 1000) * 1000)
            case "say":
                if not transport.answering:
                    transport.say(sentence(amount))
            case "pause":
                transport.pause()
            case "volume":
                transport.set_volume(amount / 10)
            case "stop":
                transport.stop()
            case "stop at":
                assert transport.source is not None
                transport.stop(at=transport.source.position + amount)

    def over(self) -> Pcm:
        """Whatever was going on, the rest can be had."""
        if not self.transport.drained:
            self.play(0)
        self.do("render", 10_000)
        self.do("pull", 25_000)
        assert self.transport.drained
        return joined(*self.heard, silence(1))


def steepest_step(sound: Pcm) -> int:
    return int(np.abs(np.diff(sound.astype(np.int32))).max())


def allowed(fade_samples: int) -> float:
    """What a word has of its own, an answer over it, the dial, the volume over both, and rounding."""
    own = steepest_step(sentence(1))
    return 2 * own + LOUD * STEEPEST / fade_samples + 2 * LOUD / FADE + 3


@given(st.lists(COMMANDS, max_size=40))
def test_whatever_is_wished_for_nothing_clicks(commands: list[tuple[str, int]]) -> None:
    evening = Evening(rendered=None)
    for command in commands:
        evening.do(*command)
    assert steepest_step(evening.over()) <= allowed(FADE)
    assert evening.transport.underruns == 0


@given(st.lists(COMMANDS | RENDER, max_size=40), st.integers(0, 2500))
def test_whatever_is_wished_for_of_a_late_renderer_nothing_clicks(
    commands: list[tuple[str, int]], rendered: int
) -> None:
    evening = Evening(rendered)
    for command in commands:
        evening.do(*command)
    assert steepest_step(evening.over()) <= allowed(STARVED)
