import numpy as np
import numpy.typing as npt
import pytest
import soxr
from hypothesis import given
from hypothesis import strategies as st
from support.beds import SteadyBed, bed_of, voice_of

from nightstretch.audio import SESSION_RATE, Pcm, to_float, to_pcm
from nightstretch.bed_files import Stereo
from nightstretch.bedding import (
    ATTACK_SECONDS,
    DUCK_DB,
    FADE_SECONDS,
    HOLD_SECONDS,
    RELEASE_SECONDS,
    SWELL_DB,
    SWELL_SECONDS,
    Bedding,
    Frames,
)
from nightstretch.beds import BED_LUFS, BED_RATE, Bed
from nightstretch.choices import Finish
from nightstretch.voices.loudness import loudness

FULL = 10 ** ((Finish().loudness_lufs - Finish().bed_lu - BED_LUFS) / 20)
LATENCY_FRAMES = BED_RATE // 10  # of the resampler, and of a step that is not whole yet


class NoisyBed(Bed):
    """As loud as every bed."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(0)
        self._level = 0.01
        self._level *= 10 ** ((BED_LUFS - loudness(self.read(BED_RATE), BED_RATE)) / 20)

    def read(self, frames: int) -> Stereo:
        return (self._level * self._random.standard_normal((frames, 2))).astype(np.float32)


def silence(seconds: float) -> Pcm:
    return np.zeros(round(seconds * SESSION_RATE), np.int16)


def speech(seconds: float) -> Pcm:
    return to_pcm(0.1 * np.sin(np.arange(round(seconds * SESSION_RATE)) * 0.1))


def settled(finish: Finish | None = None, *, seconds: float = 10) -> Bedding:
    """Bedding whose bed is there in full."""
    bedding = Bedding(SteadyBed(), finish or Finish())
    bedding.under(silence(seconds))
    return bedding


def at(gain: npt.NDArray[np.float64], seconds: float) -> float:
    return float(gain[round(seconds * BED_RATE)])


def decibels(ratio: float) -> float:
    return float(20 * np.log10(ratio))


def all_under(bedding: Bedding, sound: Pcm, sizes: list[int]) -> Frames:
    parts, start = [], 0
    for size in sizes:
        parts.append(bedding.under(sound[start : start + size]))
        start += size
    parts.append(bedding.under(sound[start:], last=True))
    return np.concatenate(parts)


# How much comes out


@given(st.lists(st.integers(0, 9000), max_size=12), st.integers(0, 40_000))
def test_as_much_comes_out_as_went_in_and_without_waiting_long(sizes: list[int], rest: int) -> None:
    bedding = Bedding(SteadyBed(), Finish())
    went_in = came_out = 0
    for size in sizes:
        went_in += size
        came_out += len(bedding.under(np.zeros(size, np.int16)))
        due = went_in * BED_RATE / SESSION_RATE
        assert due - LATENCY_FRAMES <= came_out <= due + 1
    came_out += len(bedding.under(np.zeros(rest, np.int16), last=True))
    assert abs(came_out - (went_in + rest) * BED_RATE / SESSION_RATE) <= 1


@given(st.lists(st.integers(0, 9000), max_size=12))
def test_how_it_is_cut_into_blocks_is_not_heard(sizes: list[int]) -> None:
    sound = np.concatenate((silence(0.5), speech(1.0), silence(1.0)))
    whole = Bedding(SteadyBed(), Finish()).under(sound, last=True)
    pieces = all_under(Bedding(SteadyBed(), Finish()), sound, sizes)
    assert np.array_equal(whole, pieces)


def test_the_voice_is_in_the_middle_and_as_loud_as_in_mono() -> None:
    sound = speech(3.0)
    heard = Bedding(SteadyBed(), Finish()).under(sound, last=True)
    alone = soxr.resample(to_float(sound), SESSION_RATE, BED_RATE) * 32767
    assert np.abs(voice_of(heard) - alone).max() <= 2


def test_without_its_bed_both_sides_are_the_voice() -> None:
    bedding = Bedding(SteadyBed(), Finish())
    bedding.presence = 0
    heard = bedding.under(speech(1.0), last=True)
    assert np.array_equal(heard[:, 0], heard[:, 1])
    assert bedding.silent


# How loud the bed is


@pytest.mark.parametrize("finish", [Finish(), Finish(loudness_lufs=-25), Finish(bed_lu=12)])
def test_the_bed_lies_as_far_below_the_voice_as_is_wished(finish: Finish) -> None:
    bedding = Bedding(NoisyBed(), finish)
    bedding.under(silence(10))
    heard = to_float(bedding.under(silence(10)))
    assert loudness(heard, BED_RATE) == pytest.approx(finish.loudness_lufs - finish.bed_lu, abs=0.3)


def test_it_comes_over_seconds_and_goes_over_seconds() -> None:
    bedding = Bedding(SteadyBed(), Finish())
    gain = bed_of(bedding.under(silence(FADE_SECONDS + 1)))
    assert gain[0] == 0
    assert (np.diff(gain) >= -1e-9).all()
    assert at(gain, FADE_SECONDS / 2) == pytest.approx(FULL / 2, rel=0.02)
    assert at(gain, FADE_SECONDS + 0.5) == pytest.approx(FULL, rel=1e-3)
    assert not bedding.silent
    bedding.presence = 0
    gain = bed_of(bedding.under(silence(FADE_SECONDS + 1)))
    assert (np.diff(gain) <= 1e-9).all()
    assert at(gain, FADE_SECONDS / 2) == pytest.approx(FULL / 2, rel=0.02)
    assert not gain[round((FADE_SECONDS + 0.1) * BED_RATE) :].any()
    assert bedding.silent


def test_a_change_of_mind_in_the_middle_of_a_fade_is_no_jump() -> None:
    bedding = Bedding(SteadyBed(), Finish())
    gains = [bed_of(bedding.under(silence(1.5)))]
    bedding.presence = 0
    gains.append(bed_of(bedding.under(silence(0.7))))
    bedding.presence = 1
    gains.append(bed_of(bedding.under(silence(5))))
    assert np.abs(np.diff(np.concatenate(gains))).max() < 2 / 32767 / 0.2


def test_volume_turns_down_the_bed_alone() -> None:
    bedding = settled()
    bedding.volume = 0.5
    bedding.under(silence(0.1))
    assert bed_of(bedding.under(silence(0.5)))[-1] == pytest.approx(FULL / 2, rel=1e-3)


# Making way for the voice


def test_it_makes_way_for_the_voice_slowly_and_comes_back_more_slowly() -> None:
    bedding = settled()
    down = bed_of(bedding.under(speech(4.0)))
    assert decibels(down[-1] / FULL) == pytest.approx(-DUCK_DB, abs=0.1)
    assert decibels(at(down, ATTACK_SECONDS) / FULL) == pytest.approx(-DUCK_DB * 0.63, abs=0.4)
    assert (np.diff(down) <= 1e-4).all()
    up = bed_of(bedding.under(silence(12)))
    assert decibels(at(up, HOLD_SECONDS * 0.9) / FULL) == pytest.approx(-DUCK_DB, abs=0.2)
    late = at(up, HOLD_SECONDS + RELEASE_SECONDS)
    assert decibels(late / FULL) == pytest.approx(-DUCK_DB * 0.37, abs=0.4)
    assert up[-1] == pytest.approx(FULL, rel=0.01)


def test_between_two_words_it_stays_where_it_is() -> None:
    bedding = settled()
    bedding.under(speech(4.0))
    sound = np.concatenate([speech(0.3), silence(0.4)] * 5)
    gain = bed_of(bedding.under(sound))
    assert decibels(gain.max() / gain.min()) < 0.2


# Breathing


def test_it_swells_with_the_breath_if_that_is_wished() -> None:
    bedding = settled(Finish(breath_swell=True))
    bedding.swell = 1
    up = bed_of(bedding.under(silence(5)))
    assert decibels(up[-1] / FULL) == pytest.approx(SWELL_DB, abs=0.1)
    assert decibels(at(up, SWELL_SECONDS) / FULL) == pytest.approx(SWELL_DB * 0.63, abs=0.4)
    bedding.swell = 0
    down = bed_of(bedding.under(silence(5)))
    assert decibels(down[-1] / FULL) == pytest.approx(0, abs=0.1)


def test_else_it_does_not() -> None:
    bedding = settled()
    bedding.swell = 1
    assert bed_of(bedding.under(silence(3)))[-1] == pytest.approx(FULL, rel=1e-3)


# Nothing clicks


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["speech", "silence"]),
            st.floats(0, 1),
            st.sampled_from([0.0, 1.0]),
            st.integers(1, 9000),
        ),
        min_size=1,
        max_size=15,
    )
)
def test_whatever_happens_the_bed_glides(happenings: list[tuple[str, float, float, int]]) -> None:
    bedding = settled(Finish(breath_swell=True))
    parts = []
    for kind, swell, presence, samples in happenings:
        bedding.swell, bedding.presence = swell, presence
        sound = speech(1.0)[:samples] if kind == "speech" else silence(1.0)[:samples]
        parts.append(bed_of(bedding.under(sound)))
    gain = np.concatenate(parts)
    # Doubling within 0.1 s would still be slow; 16 bits make each step one or two larger.
    assert np.abs(np.diff(gain)).max(initial=0) <= 20 * FULL / BED_RATE + 2 / 32767 / 0.2
    twentieth = BED_RATE // 50
    audible = gain > 0.05
    rise = gain[twentieth:][audible[:-twentieth]] / gain[:-twentieth][audible[:-twentieth]]
    assert rise.max(initial=1) < 10 ** (1 / 20)
