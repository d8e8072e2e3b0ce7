import tracemalloc

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightstretch.audio import to_float, to_pcm
from nightstretch.export.base import Block
from nightstretch.export.meter import Meter
from nightstretch.voices.loudness import loudness

RATE = 24_000


def tone(seconds: float, level_db: float, rate: int = RATE, hertz: float = 997) -> npt.NDArray[np.float64]:
    return 10 ** (level_db / 20) * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def measured(sound: Block, rate: int = RATE, cuts: tuple[int, ...] = ()) -> Meter:
    meter = Meter(rate, 1 if sound.ndim == 1 else 2)
    for block in np.split(sound, sorted(cuts)):
        meter.add(block)
    meter.finish()
    return meter


@pytest.mark.parametrize("level_db", [-36, -20, -3])
def test_a_tone_is_as_loud_as_the_standard_says(level_db: float) -> None:
    meter = measured(to_pcm(tone(20, level_db)))
    assert meter.lufs == pytest.approx(level_db - 3.01, abs=0.1)
    assert meter.range_lu == pytest.approx(0, abs=0.02)
    assert meter.peak_dbtp == pytest.approx(level_db, abs=0.05)


def test_two_channels_are_twice_as_loud() -> None:
    mono = to_pcm(tone(10, -20, 44_100))
    stereo = np.column_stack((mono, mono))
    assert measured(stereo, 44_100).lufs == pytest.approx(measured(mono, 44_100).lufs + 3.01, abs=0.02)


def test_the_range_is_that_between_soft_and_loud() -> None:
    # The first of the signals of EBU Tech 3342: 20 s each at -20 and -30 dBFS.
    sound = to_pcm(np.concatenate((tone(20, -20), tone(20, -30))))
    assert measured(sound).range_lu == pytest.approx(10, abs=0.1)


def test_a_peak_between_the_samples_is_seen() -> None:
    # At a quarter of the rate, 45 degrees off, no sample comes nearer than 3 dB.
    sound = to_pcm(0.5 * np.sin(np.pi / 2 * np.arange(RATE) + np.pi / 4))
    assert np.abs(to_float(sound)).max() == pytest.approx(0.354, abs=0.001)
    assert measured(sound).peak_dbtp == pytest.approx(-6.02, abs=0.6)


@pytest.mark.parametrize("samples", [0, 1, 2400, 100_000])
def test_silence_is_no_sound(samples: int) -> None:
    meter = measured(np.zeros(samples, np.int16))
    assert (meter.lufs, meter.range_lu, meter.peak_dbtp) == (-np.inf, 0, -np.inf)


@given(st.lists(st.integers(0, 500_000), max_size=6), st.integers(0, 99))
def test_it_hears_the_same_however_it_is_cut(cuts: list[int], seed: int) -> None:
    noise = np.random.default_rng(seed).standard_normal(500_000)
    sound = to_pcm(0.05 * noise * np.repeat([1, 0.1, 0, 2, 0.5], 100_000))
    whole, pieces = measured(sound), measured(sound, cuts=tuple(cuts))
    assert (pieces.lufs, pieces.range_lu) == (whole.lufs, whole.range_lu)
    assert pieces.peak_dbtp == pytest.approx(whole.peak_dbtp, abs=0.001)
    assert whole.lufs == pytest.approx(loudness(to_float(sound), RATE), abs=0.02)


def test_memory_does_not_grow_with_the_length() -> None:
    def peak_bytes(minutes: int) -> int:
        meter = Meter(RATE, 1)
        block = to_pcm(tone(1, -20))
        tracemalloc.start()
        for _ in range(60 * minutes):
            meter.add(block)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak_bytes(1)  # what is kept anyway
    assert peak_bytes(8) < peak_bytes(1) + 100_000
