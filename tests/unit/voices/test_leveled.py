import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.voices import HummingVoice

from nightstretch.audio import SESSION_RATE, Clip, to_float, to_pcm
from nightstretch.errors import VoiceError
from nightstretch.voices.leveled import PEAK_DBFS, SPEECH_LUFS, LeveledVoice, level, speech_bounds
from nightstretch.voices.loudness import loudness

Signal = npt.NDArray[np.float32]
TEN_MS = SESSION_RATE // 100


def noise(seconds: float, level_db: float, seed: int = 0) -> Signal:
    samples = round(seconds * SESSION_RATE)
    return (10 ** (level_db / 20) * np.random.default_rng(seed).standard_normal(samples)).astype(np.float32)


def quiet(seconds: float, floor_db: float = -200) -> Signal:
    return noise(seconds, floor_db, seed=1)


def speech(seconds: float = 2.0, level_db: float = -25, seed: int = 0) -> Signal:
    """Noise that swells and fades as syllables do, four times a second."""
    syllables = 0.55 - 0.45 * np.cos(2 * np.pi * 4 * np.arange(round(seconds * SESSION_RATE)) / SESSION_RATE)
    return (noise(seconds, level_db, seed) * syllables).astype(np.float32)


@pytest.mark.parametrize("floor_db", [-200, -90, -70])
@pytest.mark.parametrize(("before", "after"), [(0.0, 0.0), (0.3, 0.6), (0.05, 2.0)])
def test_silence_around_speech_goes_but_for_a_margin(before: float, after: float, floor_db: float) -> None:
    signal = np.concatenate((quiet(before, floor_db), speech(), quiet(after, floor_db)))
    start, end = speech_bounds(signal, SESSION_RATE)
    first = round(before * SESSION_RATE)
    assert start == pytest.approx(max(0, first - TEN_MS), abs=TEN_MS)
    assert end == pytest.approx(min(len(signal), first + 2 * SESSION_RATE + TEN_MS), abs=2 * TEN_MS)


def test_a_soft_ending_belongs_to_the_word() -> None:
    # An "f" of 0.2 s, 33 dB below the vowels, as in "leaf".
    signal = np.concatenate((quiet(0.3), speech(1.0), noise(0.2, -58), quiet(0.5)))
    _, end = speech_bounds(signal, SESSION_RATE)
    assert end >= round(1.5 * SESSION_RATE)


def test_speech_in_loud_noise_is_never_cut() -> None:
    signal = np.concatenate((quiet(0.5, -60), speech(2.0), quiet(0.5, -60)))
    start, end = speech_bounds(signal, SESSION_RATE)
    assert start <= 0.5 * SESSION_RATE
    assert end >= 2.5 * SESSION_RATE - TEN_MS


@pytest.mark.parametrize("samples", [0, 1, 1000])
def test_silence_has_no_bounds(samples: int) -> None:
    assert speech_bounds(np.zeros(samples, np.float32), SESSION_RATE) == (0, 0)


@given(
    st.integers(0, 20_000),
    st.integers(1, 40_000),
    st.integers(0, 20_000),
    st.integers(0, 99),
    st.floats(-50, -3),
)
def test_nothing_within_30_db_of_the_loudest_is_ever_cut(
    before: int, inside: int, after: int, seed: int, level_db: float
) -> None:
    loud = np.random.default_rng(seed).standard_normal(inside) * 10 ** (level_db / 20)
    signal = np.concatenate((np.zeros(before), loud, np.zeros(after))).astype(np.float32)
    start, end = speech_bounds(signal, SESSION_RATE)
    frame = SESSION_RATE // 200
    power = np.pad(signal, (0, -len(signal) % frame)).reshape(-1, frame).astype(np.float64)
    levels = (power**2).mean(axis=1)
    heard = np.flatnonzero(levels >= levels.max() * 10**-3)
    assert start <= heard[0] * frame
    assert end >= min(len(signal), (heard[-1] + 1) * frame)


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 48_000])
@pytest.mark.parametrize("level_db", [-60, -25, -8])
def test_every_clip_comes_out_at_one_loudness_and_rate(rate: int, level_db: float) -> None:
    clip = level(Clip(to_pcm(speech(3.0, level_db)), rate), "words")
    assert clip.rate == SESSION_RATE
    assert loudness(to_float(clip.samples), clip.rate) == pytest.approx(SPEECH_LUFS, abs=0.5)


@given(st.integers(0, 99), st.floats(0.005, 1.0), st.floats(-40, -3), st.integers(0, 40))
def test_no_clip_is_louder_than_its_peak_and_none_clicks(
    seed: int, seconds: float, level_db: float, plosives: int
) -> None:
    signal = speech(seconds, level_db, seed)
    at = np.random.default_rng(seed).integers(0, len(signal), plosives)
    signal[at] = 1.0
    clip = level(Clip(to_pcm(signal), SESSION_RATE), "words")
    assert np.abs(clip.samples).max() <= 10 ** (PEAK_DBFS / 20) * 32767 + 1
    assert clip.samples[0] == 0
    assert abs(clip.samples[-1]) < 10


def test_the_same_clip_comes_out_the_same() -> None:
    clip = Clip(to_pcm(speech()), 22_050)
    assert np.array_equal(level(clip, "words").samples, level(clip, "words").samples)


@pytest.mark.parametrize("samples", [0, 5, 24_000])
def test_a_voice_that_is_silent_is_an_error(samples: int) -> None:
    with pytest.raises(VoiceError, match="made no sound for 'Breathe'"):
        level(Clip(np.zeros(samples, np.int16), SESSION_RATE), "Breathe")


def test_the_wrapper_is_the_voice_it_wraps() -> None:
    inner = HummingVoice()
    voice = LeveledVoice(inner)
    assert (voice.name, voice.speeds) == (inner.name, inner.speeds)
    assert inner.identity in voice.identity
    assert voice.identity != inner.identity
    voice.close()
    assert inner.closed
