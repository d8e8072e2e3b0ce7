import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightstretch.audio import SESSION_RATE, Clip, to_float, to_pcm
from nightstretch.choices import LOUDEST_LUFS, MOST_QUIETER_DB, QUIETEST_LUFS, Finish
from nightstretch.mastering import EDGES_DB, Mastering
from nightstretch.voices.leveled import PEAK_DBFS, SPEECH_LUFS
from nightstretch.voices.loudness import loudness

HOUR = 3600 * SESSION_RATE

lufs = st.floats(QUIETEST_LUFS, LOUDEST_LUFS)
slopes = st.floats(0, MOST_QUIETER_DB)


def hum(seconds: float = 1.0, level: float = 0.2) -> Clip:
    time = np.arange(round(seconds * SESSION_RATE)) / SESSION_RATE
    return Clip(to_pcm(level * np.sin(2 * np.pi * 220 * time)), SESSION_RATE)


@given(lufs, slopes, st.integers(1, HOUR))
def test_the_mean_energy_is_the_loudness_that_is_wished(target: float, quieter: float, samples: int) -> None:
    mastering = Mastering(Finish(loudness_lufs=target, quieter_db=quieter), 0, samples)
    middles = (np.arange(1000) + 0.5) / 1000 * samples
    energy = np.mean([10 ** (mastering.gain_db(at) / 10) for at in middles])
    assert SPEECH_LUFS + 10 * np.log10(energy) == pytest.approx(target + EDGES_DB, abs=0.01)


@given(lufs, slopes, st.integers(0, HOUR), st.integers(0, HOUR), st.integers(0, 2 * HOUR))
def test_it_only_ever_grows_softer(
    target: float, quieter: float, samples: int, first: int, more: int
) -> None:
    mastering = Mastering(Finish(loudness_lufs=target, quieter_db=quieter), 0, samples)
    fallen = mastering.gain_db(first) - mastering.gain_db(first + more)
    assert 0 <= fallen <= quieter + 1e-9


@given(slopes, st.integers(1, HOUR))
def test_it_falls_by_so_much_and_no_further(quieter: float, samples: int) -> None:
    mastering = Mastering(Finish(quieter_db=quieter), 0, samples)
    assert mastering.gain_db(0) - mastering.gain_db(samples) == pytest.approx(quieter)
    assert mastering.gain_db(2 * samples) == mastering.gain_db(samples)  # the length was a guess


def test_over_a_bed_few_words_are_a_little_louder_and_never_much() -> None:
    def gain_db(share: float, bed: str | None = "rain") -> float:
        return Mastering(Finish(bed=bed), 0, HOUR, speech_share=share).gain_db(0)

    assert gain_db(0.3, bed=None) == gain_db(0.6, bed=None) < gain_db(0.6) < gain_db(0.3) < gain_db(0.1)
    assert gain_db(0) - gain_db(0, bed=None) < 1.5


@given(slopes, st.integers(1, HOUR), st.integers(0, HOUR))
def test_quiet_before_the_words_changes_nothing(quieter: float, samples: int, settled: int) -> None:
    finish = Finish(quieter_db=quieter)
    plain, late = Mastering(finish, 0, samples), Mastering(finish, settled, settled + samples)
    for at in (0, samples // 3, samples):
        assert late.gain_db(settled + at) == plain.gain_db(at)
    assert late.gain_db(0) == plain.gain_db(0)


@given(lufs, slopes, st.floats(0, 1), st.floats(0.01, 0.4))
def test_a_clip_keeps_its_length_and_never_passes_the_peak(
    target: float, quieter: float, place: float, level: float
) -> None:
    clip = hum(0.2, level)
    mastering = Mastering(Finish(loudness_lufs=target, quieter_db=quieter), 0, HOUR)
    mastered = mastering.mastered(clip, round(place * HOUR))
    assert (len(mastered), mastered.rate) == (len(clip), clip.rate)
    assert np.abs(mastered.samples).max() <= 10 ** (PEAK_DBFS / 20) * 32767 + 1


def test_a_clip_has_one_gain_from_its_first_sample_to_its_last() -> None:
    clip = hum(10)
    mastering = Mastering(Finish(quieter_db=20), 0, 20 * SESSION_RATE)
    mastered = to_float(mastering.mastered(clip, 5 * SESSION_RATE).samples)
    gain = mastered @ to_float(clip.samples) / (to_float(clip.samples) @ to_float(clip.samples))
    assert np.abs(mastered - gain * to_float(clip.samples)).max() < 2 / 32767
    expected = mastering.gain_db(5 * SESSION_RATE)
    change = loudness(mastered, SESSION_RATE) - loudness(to_float(clip.samples), SESSION_RATE)
    assert change == pytest.approx(expected, abs=0.05)


def test_a_clip_of_nothing_is_none() -> None:
    silent = Clip(np.zeros(100, np.int16), SESSION_RATE)
    assert not Mastering(Finish(), 0, HOUR).mastered(silent, 0).samples.any()
