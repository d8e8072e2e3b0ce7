import subprocess
import sys

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import bilinear, butter, freqz, lfilter, oaconvolve
from support.voices import HummingVoice

from nightstretch.audio import SESSION_RATE, Clip, to_float
from nightstretch.voices.leveled import PEAK_DBFS, SPEECH_LUFS, LeveledVoice
from nightstretch.voices.loudness import loudness
from nightstretch.voices.room import (
    _WALLS_HZ,
    DECAY_SECONDS,
    ROOM_DB,
    SHELF_DB,
    SHELF_HZ,
    TAIL_SECONDS,
    RoomVoice,
    _shelf,
    _walls,
    in_room,
    room,
)

TAIL = round(TAIL_SECONDS * SESSION_RATE)

Signal = npt.NDArray[np.float32]


def noise(samples: int, seed: int = 0) -> Signal:
    return (0.05 * np.random.default_rng(seed).standard_normal(samples)).astype(np.float32)


def energy_db(signal: npt.NDArray[np.floating]) -> float:
    return float(10 * np.log10(np.sum(signal.astype(np.float64) ** 2) + 1e-20))


def shelf_db(hertz: float) -> float:
    _, response = freqz(*_shelf(), worN=[hertz], fs=SESSION_RATE)
    return float(20 * np.log10(np.abs(response[0])))


def test_what_is_high_is_turned_down_and_what_is_low_stays() -> None:
    levels = [shelf_db(hertz) for hertz in (50, 500, 1000, 2000, 4000, 8000, 11_900)]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] == pytest.approx(0, abs=0.01)
    assert levels[2] == pytest.approx(0, abs=0.3)
    assert levels[-1] == pytest.approx(SHELF_DB, abs=0.01)
    assert SHELF_DB < shelf_db(SHELF_HZ) < 0


def test_the_filters_are_those_of_scipy() -> None:
    corner, gain = 2 * SESSION_RATE * np.tan(np.pi * SHELF_HZ / SESSION_RATE), 10 ** (SHELF_DB / 20)
    for ours, theirs in zip(_shelf(), bilinear([gain, corner], [1, corner], SESSION_RATE), strict=True):
        assert ours == pytest.approx(theirs, abs=1e-9)
    for ours, theirs in zip(_walls(), butter(1, _WALLS_HZ, fs=SESSION_RATE), strict=True):
        assert ours == pytest.approx(theirs, abs=1e-9)


@given(st.integers(1, 60_000))
def test_one_transform_is_a_filter_and_a_convolution(samples: int) -> None:
    signal = noise(samples)
    warm = lfilter(*_shelf(), np.pad(signal, (0, TAIL)))
    expected = warm + oaconvolve(warm, room())[: len(warm)]
    assert np.abs(in_room(signal)[:samples] - expected[:samples]).max() < 1e-5


def test_the_room_is_soft_and_short_and_has_no_echo() -> None:
    answer = room()
    assert energy_db(answer) == pytest.approx(ROOM_DB, abs=0.01)
    piece = SESSION_RATE // 50
    levels = [energy_db(answer[start : start + piece]) for start in range(piece, len(answer) - piece, piece)]
    slopes = np.diff(levels)
    assert slopes.mean() == pytest.approx(-60 * 0.02 / DECAY_SECONDS, abs=1)
    assert slopes.max() < 0  # it only ever dies away


@given(st.integers(1, 20_000), st.integers(0, 99))
def test_nothing_sounds_before_the_voice_and_all_is_over_after_the_tail(samples: int, seed: int) -> None:
    quiet = 500
    signal = np.concatenate((np.zeros(quiet, np.float32), noise(samples, seed)))
    sound = in_room(signal)
    assert len(sound) == len(signal) + TAIL
    assert np.abs(sound[:quiet]).max() < 1e-6
    assert abs(sound[-1]) < 1e-6
    assert np.isfinite(sound).all()


def test_the_voice_is_still_the_voice() -> None:
    dry = noise(SESSION_RATE)
    wet = in_room(dry)[: len(dry)]
    assert np.corrcoef(dry, wet)[0, 1] > 0.9


@pytest.mark.parametrize("words", ["rest", "rest here for a while and breathe"])
def test_a_clip_is_as_loud_as_without_the_room_and_longer_by_the_tail(words: str) -> None:
    clip, plain = (kind(HummingVoice()).synthesize(words, 1.0) for kind in (RoomVoice, LeveledVoice))
    assert clip.rate == SESSION_RATE
    assert len(clip) == len(plain) + TAIL
    assert loudness(to_float(clip.samples), clip.rate) == pytest.approx(SPEECH_LUFS, abs=0.5)
    assert np.abs(clip.samples).max() <= 10 ** (PEAK_DBFS / 20) * 32767 + 1
    assert abs(clip.samples[-1]) <= 1


def test_the_same_clip_comes_out_the_same() -> None:
    voice = RoomVoice(HummingVoice())
    assert np.array_equal(voice.synthesize("rest", 1.0).samples, voice.synthesize("rest", 1.0).samples)


def test_the_wrapper_is_the_voice_it_wraps() -> None:
    inner = HummingVoice()
    voice = RoomVoice(inner)
    assert (voice.name, voice.speeds, voice.takes_ipa) == (inner.name, inner.speeds, inner.takes_ipa)
    assert inner.identity in voice.identity
    assert voice.identity != inner.identity  # so the cache keeps the two apart
    voice.close()
    assert inner.closed


def test_a_voice_that_is_hardly_there_does_not_break_it() -> None:
    class Whisper(HummingVoice):
        def synthesize(self, text: str, speed: float) -> Clip:
            return Clip((noise(4800) * 600).astype(np.int16), SESSION_RATE)

    clip = RoomVoice(Whisper()).synthesize("rest", 1.0)
    assert loudness(to_float(clip.samples), clip.rate) == pytest.approx(SPEECH_LUFS, abs=0.5)


def test_a_session_begins_without_scipy() -> None:
    code = "import sys; import nightstretch.session; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert "scipy" not in loaded.split()
