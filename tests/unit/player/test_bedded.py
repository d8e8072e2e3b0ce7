import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.beds import SteadyBed, bed_of, voice_of

from nightstretch.audio import SESSION_RATE, Pcm
from nightstretch.bedding import FADE_SECONDS, Bedding, Frames
from nightstretch.beds import BED_RATE
from nightstretch.choices import Finish
from nightstretch.player.bedded import Bedded
from nightstretch.player.ring import Ring
from nightstretch.player.transport import Transport, rewind_samples

SECOND = BED_RATE


def tape(sound: Pcm) -> Ring:
    ring = Ring(len(sound) + 2 * rewind_samples(SESSION_RATE), rewind_samples(SESSION_RATE), 0)
    ring.write(sound)
    ring.ended = True
    return ring


class Evening:
    """A transport over a bed, with so many seconds of silence to play, and one word at their end."""

    def __init__(self, seconds: float, volume: float = 1.0) -> None:
        sound = np.zeros(round(seconds * SESSION_RATE), np.int16)
        sound[-2400:] = 3000
        self.transport = Transport(SESSION_RATE, volume=volume)
        self.bedding = Bedding(SteadyBed(), Finish())
        self.bedded = Bedded(self.transport, self.bedding)
        self.transport.play(tape(sound))

    def hear(self, seconds: float) -> Frames:
        return self.bedded.pull(round(seconds * SECOND))


@given(st.lists(st.integers(0, 5000), max_size=20))
def test_a_device_gets_exactly_what_it_asks_for(pulls: list[int]) -> None:
    evening = Evening(1)
    for frames in pulls:
        block = evening.bedded.pull(frames)
        assert block.shape == (frames, 2)
        assert block.dtype == np.int16


def test_how_it_is_pulled_is_not_heard() -> None:
    whole = Evening(2).hear(3)
    pieces = Evening(2)
    rest = len(whole) - 1000 - 7
    assert np.array_equal(whole, np.concatenate([pieces.bedded.pull(size) for size in (1000, 7, rest)]))


def test_the_bed_comes_with_the_session_and_goes_with_it() -> None:
    evening = Evening(8)
    heard = evening.hear(8 + FADE_SECONDS - 0.5)
    gain = bed_of(heard)
    assert gain[0] == 0
    assert gain[5 * SECOND] > 0.8
    assert np.abs(voice_of(heard)).max() > 2000
    assert gain[8 * SECOND] > 0.3  # the last word has not lost its bed yet
    assert not evening.bedded.drained
    end = bed_of(evening.hear(2))
    assert end[0] > 0
    assert end[-1] == 0
    assert evening.bedded.drained


def test_it_goes_where_the_listener_pauses_and_comes_back() -> None:
    evening = Evening(60)
    evening.hear(6)
    evening.transport.pause()
    gone = bed_of(evening.hear(FADE_SECONDS + 0.5))
    assert gone[0] > 0.8
    assert gone[-1] == 0
    assert np.abs(np.diff(gone)).max() < 2 / 32767 / 0.2
    assert not evening.bedded.drained
    evening.transport.play(tape(np.zeros(60 * SESSION_RATE, np.int16)))
    back = bed_of(evening.hear(FADE_SECONDS + 0.5))
    assert back[0] == 0
    assert back[-1] > 0.8


def test_the_volume_is_that_of_both() -> None:
    soft, loud = (bed_of(Evening(20, volume).hear(6))[-1] for volume in (0.5, 1.0))
    assert soft == pytest.approx(loud / 2, rel=0.01)


def test_a_stop_fades_it_to_the_end() -> None:
    evening = Evening(60)
    evening.hear(6)
    evening.transport.stop()
    evening.hear(FADE_SECONDS + 2)
    assert evening.bedded.drained
