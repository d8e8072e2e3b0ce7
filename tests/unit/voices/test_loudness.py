import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightstretch.voices import loudness as module
from nightstretch.voices.loudness import loudness


def sine(hertz: float, seconds: float, rate: int, amplitude: float = 1.0) -> np.ndarray:
    return (amplitude * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(
        np.float32
    )


@pytest.mark.parametrize("rate", [24_000, 44_100, 48_000])
def test_the_reference_tone_of_the_standard(rate: int) -> None:
    # BS.1770: a full-scale sine of 997 Hz in one front channel reads -3.01 LKFS.
    assert loudness(sine(997, 3, rate), rate) == pytest.approx(-3.01, abs=0.03)


def test_pauses_are_gated_out() -> None:
    tone = sine(997, 3, 24_000, 0.1)
    paused = np.concatenate((tone, np.zeros(10 * 24_000, np.float32), tone))
    assert loudness(paused, 24_000) == pytest.approx(loudness(tone, 24_000), abs=0.3)


def test_a_clip_shorter_than_a_block_is_measured_whole() -> None:
    assert loudness(sine(997, 0.3, 24_000), 24_000) == pytest.approx(-3.01, abs=0.1)


@pytest.mark.parametrize("samples", [0, 10, 24_000])
def test_silence_has_no_loudness(samples: int) -> None:
    assert loudness(np.zeros(samples, np.float32), 24_000) == -np.inf


@given(st.integers(1, 5000), st.floats(-40, 20))
def test_a_gain_moves_the_loudness_by_as_much(seed: int, gain_db: float) -> None:
    noise = np.random.default_rng(seed).normal(0, 0.1, 12_000).astype(np.float32)
    louder = (noise * 10 ** (gain_db / 20)).astype(np.float32)
    assert loudness(louder, 24_000) - loudness(noise, 24_000) == pytest.approx(gain_db, abs=0.01)


def test_weighting_in_pieces_is_weighting_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 50_000).astype(np.float32)
    at_once = module.k_weighted(noise, 24_000)
    monkeypatch.setattr(module, "_PIECE_SECONDS", 0.3)
    assert module.k_weighted(noise, 24_000) == pytest.approx(at_once, abs=1e-5)
