import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightstretch.audio import Pcm
from nightstretch.player.ring import Ring
from nightstretch.player.transport import (
    END_SECONDS,
    PAUSE_SECONDS,
    STARVED_SECONDS,
    State,
    Transport,
    rewind_samples,
)

RATE = 1000
PAUSE, END = round(PAUSE_SECONDS * RATE), round(END_SECONDS * RATE)


def tone(samples: int) -> Pcm:
    """A loud slow wave, far from silence but at its two ends."""
    places = np.arange(samples)
    edges = np.minimum(1, np.minimum(places + 1, samples - places) / 50)
    wave: Pcm = np.rint(edges * (12_000 * np.sin(2 * np.pi * places / 97) + 15_000)).astype(np.int16)
    return wave


def ramp(samples: int) -> Pcm:
    """Each sample tells where it is."""
    return np.arange(1, samples + 1).astype(np.int16)


def tape(sound: Pcm, *, ended: bool = True) -> Ring:
    ring = Ring(len(sound) + rewind_samples(RATE), rewind_samples(RATE))
    assert ring.write(sound) == len(sound)
    ring.ended = ended
    return ring


def state(transport: Transport) -> State:
    """What it is doing now: mypy takes a property that was once looked at for unchanging."""
    return transport.state


def test_plays_the_source_as_it_is_and_then_silence() -> None:
    sound = tone(2500)
    transport = Transport(tape(sound), RATE)
    heard = np.concatenate([transport.pull(700) for _ in range(5)])
    assert np.array_equal(heard[:2500], sound)
    assert not heard[2500:].any()
    assert state(transport) is State.FINISHED
    assert transport.position == 2500
    assert not transport.stopped


def test_is_drained_only_after_half_a_second_of_silence() -> None:
    transport = Transport(tape(tone(100)), RATE)
    transport.pull(100)
    transport.pull(499)
    assert state(transport) is State.FINISHED
    assert not transport.drained
    transport.pull(1)
    assert transport.drained


def test_an_empty_session_ends() -> None:
    transport = Transport(tape(tone(0)), RATE)
    transport.pull(500)
    assert transport.drained
    assert transport.first_sound is None


def test_pause_fades_along_a_raised_cosine_and_stays_silent() -> None:
    sound = np.full(2000, 10_000, np.int16)
    transport = Transport(tape(sound), RATE)
    transport.pull(500)
    transport.toggle_pause()
    faded = transport.pull(PAUSE + 50)
    steps = np.arange(1, PAUSE + 1) / PAUSE
    assert np.array_equal(faded[:PAUSE], np.rint(10_000 * (0.5 + 0.5 * np.cos(np.pi * steps))))
    assert not faded[PAUSE:].any()
    assert state(transport) is State.PAUSED
    assert transport.position == 500
    assert not transport.pull(10_000).any()


def test_what_faded_away_comes_back_at_full_volume() -> None:
    sound = ramp(5000)
    transport = Transport(tape(sound), RATE)
    transport.pull(1234)
    transport.toggle_pause()
    transport.pull(2000)
    transport.toggle_pause()
    back = transport.pull(PAUSE)
    assert back[-1] == sound[1233]
    assert transport.position == 1234
    assert np.array_equal(transport.pull(1000), sound[1234:2234])


def test_coming_back_in_the_first_moments_steps_back_into_the_silence_before_the_session() -> None:
    sound = ramp(3000)
    transport = Transport(tape(sound), RATE)
    transport.pull(10)
    transport.toggle_pause()
    transport.pull(PAUSE)
    transport.toggle_pause()
    back = transport.pull(PAUSE)
    assert not back[: PAUSE - 10].any()
    assert np.array_equal(transport.pull(100), sound[10:110])


def test_a_second_press_in_the_fade_completes_it_and_then_comes_back() -> None:
    sound = ramp(5000)
    transport = Transport(tape(sound), RATE)
    transport.pull(1000)
    transport.toggle_pause()
    transport.pull(100)
    transport.toggle_pause()
    assert state(transport) is State.FADING_OUT
    transport.pull(PAUSE - 100 + PAUSE)
    assert np.array_equal(transport.pull(500), sound[1000:1500])


def test_a_pause_while_coming_back_turns_round_at_once() -> None:
    transport = Transport(tape(tone(5000)), RATE)
    transport.pull(1000)
    transport.toggle_pause()
    transport.pull(PAUSE)
    transport.toggle_pause()
    transport.pull(100)
    assert state(transport) is State.FADING_IN
    transport.toggle_pause()
    transport.pull(100)
    assert state(transport) is State.PAUSED
    assert transport.position == 1000


def test_a_pause_before_the_first_sound_holds_it_back_whole() -> None:
    sound = tone(1000)
    transport = Transport(tape(sound), RATE)
    transport.toggle_pause()
    assert not transport.pull(300).any()
    transport.toggle_pause()
    assert np.array_equal(transport.pull(1000), sound)


def test_a_pause_in_the_last_moments_keeps_the_end_for_later() -> None:
    sound = ramp(1100)
    transport = Transport(tape(sound), RATE)
    transport.pull(1000)
    transport.toggle_pause()
    transport.pull(500)
    assert state(transport) is State.PAUSED
    transport.toggle_pause()
    assert np.array_equal(transport.pull(PAUSE + 100)[PAUSE:], sound[1000:])
    transport.pull(1)
    assert state(transport) is State.FINISHED


def test_stop_fades_for_a_second_and_finishes() -> None:
    transport = Transport(tape(tone(5000)), RATE)
    transport.pull(1000)
    transport.stop()
    assert transport.pull(END - 10).all()
    assert state(transport) is State.STOPPING
    transport.pull(10)
    assert state(transport) is State.FINISHED
    assert transport.stopped
    assert transport.position == 1000


@pytest.mark.parametrize("pulled", [0, 1000])
def test_stop_in_silence_finishes_at_once(pulled: int) -> None:
    transport = Transport(tape(tone(5000)), RATE)
    transport.pull(pulled)
    transport.toggle_pause()
    transport.pull(500)
    transport.stop()
    assert state(transport) is State.FINISHED
    assert not transport.pull(100).any()


def test_stop_at_the_end_is_no_early_end() -> None:
    transport = Transport(tape(tone(100)), RATE)
    transport.pull(200)
    transport.stop()
    assert not transport.stopped


def test_waiting_for_the_first_sound_is_no_underrun_and_the_lead_is_waited_for() -> None:
    ring = Ring(4000, rewind_samples(RATE))
    transport = Transport(ring, RATE, lead=800)
    ring.write(ramp(800))
    assert not transport.pull(100).any()
    assert state(transport) is State.WAITING
    ring.write(ramp(1))
    assert transport.pull(1)[0] == 1
    assert transport.underruns == 0


def test_a_late_renderer_is_a_short_fade_is_counted_and_nothing_is_lost() -> None:
    sound = ramp(6000)
    ring = Ring(8000, rewind_samples(RATE))
    transport = Transport(ring, RATE)
    ring.write(sound[:1000])
    first = transport.pull(1200)
    assert np.array_equal(first[:980], sound[:980])  # 20 ms are kept for the fade
    assert 0 < first[990] < sound[990]
    assert not first[999:].any()
    ring.write(sound[1000:1500])
    assert not transport.pull(100).any()  # not enough to be trusted again
    ring.write(sound[1500:])
    ring.ended = True
    back = transport.pull(PAUSE + 1000)
    assert np.array_equal(back[PAUSE:], sound[980:1980])
    assert transport.underruns == 1


def test_the_first_audible_sample_is_timed_once() -> None:
    times = iter([7.0, 8.0])
    sound = np.concatenate([np.zeros(100, np.int16), tone(300)])
    transport = Transport(tape(sound), RATE, clock=lambda: next(times))
    transport.pull(100)
    assert transport.first_sound is None
    transport.pull(100)
    transport.pull(100)
    assert transport.first_sound == 7.0


COMMANDS = st.one_of(
    st.tuples(st.just("pull"), st.integers(0, 700)),
    st.tuples(st.just("render"), st.integers(0, 900)),
    st.tuples(st.just("pause"), st.just(0)),
    st.tuples(st.just("stop"), st.just(0)),
)


@settings(deadline=None)  # the time it takes is not what is tested
@given(st.lists(COMMANDS, max_size=40), st.integers(0, 4000))
def test_whatever_happens_nothing_clicks_and_nothing_is_lost(
    commands: list[tuple[str, int]], samples: int
) -> None:
    sound = tone(samples)
    ring = Ring(10_000, rewind_samples(RATE))
    transport = Transport(ring, RATE)
    rendered = 0
    heard = [np.zeros(1, np.int16)]
    positions = [0]
    for command, amount in commands:
        match command:
            case "pull":
                heard.append(transport.pull(amount))
                assert heard[-1].shape == (amount,)
                assert heard[-1].dtype == np.int16
            case "render":
                rendered += ring.write(sound[rendered : rendered + amount])
                ring.ended = rendered == samples
            case "pause":
                transport.toggle_pause()
            case "stop":
                transport.stop()
        positions.append(transport.position)
        assert transport.position <= rendered
    assert positions == sorted(positions)

    # Whatever was going on, the rest can be had.
    rendered += ring.write(sound[rendered:])
    ring.ended = True
    if state(transport) is State.PAUSED or transport._wants_pause:
        transport.toggle_pause()
    heard.append(transport.pull(samples + 5000))
    assert transport.drained
    assert transport.stopped or transport.position == samples

    everything = np.concatenate([*heard, np.zeros(1, np.int16)]).astype(np.int64)
    own = np.abs(np.diff(np.concatenate([[0], sound, [0]]).astype(np.int64))).max()
    steepest_fade = 27_000 * math.pi / 2 / round(STARVED_SECONDS * RATE)
    assert np.abs(np.diff(everything)).max() <= own + steepest_fade + 2  # 2: rounding


@settings(deadline=None)  # the time it takes is not what is tested
@given(st.lists(st.tuples(st.integers(1, 900), st.booleans()), max_size=30))
def test_every_sample_is_heard_in_full_and_in_order(pulls: list[tuple[int, bool]]) -> None:
    sound = ramp(6000)
    transport = Transport(tape(sound), RATE)
    full: list[int] = []
    for frames, press in pulls:
        before = transport.position
        if press:
            transport.toggle_pause()
        for sample in transport.pull(frames):
            # The ramp says where each sample belongs: in a fade it is smaller than what is due.
            if len(full) < 6000 and sample == sound[len(full)]:
                full.append(int(sample))
        assert transport.position >= before
        assert len(full) >= transport.position
    assert full == list(sound[: len(full)])
