from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightstretch.audio import Clip
from nightstretch.voices.base import CALM_WPM, FASTEST_SPEED, SLOWEST_SPEED
from nightstretch.voices.calibration import PASSAGE, Calibration, _rising, calibrate, words_per_minute
from nightstretch.voices.natural import CALIBRATION

RATE = 1000


def engine(floor: float = 0) -> Calibration:
    """Measure an engine of 1.5 words a minute for each unit of its setting, with a floor."""

    def speak(text: str, setting: float) -> Clip:
        seconds = len(text.split()) * 60 / (1.5 * max(setting, floor))
        return Clip(np.zeros(round(seconds * RATE), np.int16), RATE)

    with ThreadPoolExecutor(1) as executor:
        return calibrate(speak, (40, 60, 80, 160), PASSAGE, executor)


def test_words_are_counted_between_spaces() -> None:
    half_a_minute = Clip(np.zeros(30 * RATE, np.int16), RATE)
    assert words_per_minute([("one two, three", half_a_minute), ("four", half_a_minute)]) == 4


def test_measuring_finds_the_setting_of_a_speed() -> None:
    assert engine().setting(1.0) == pytest.approx(CALM_WPM / 1.5, rel=0.01)
    assert engine().speeds == pytest.approx((0.5, 2.0), rel=0.01)


def test_settings_above_a_ceiling_are_left_out() -> None:
    points = [(40.0, 60.0), (80.0, 120.0), (160.0, 120.1)]
    assert _rising(points) == tuple(points[:2])


def test_an_engine_with_a_floor_knows_its_slowest_speed() -> None:
    calibration = engine(floor=80)
    assert calibration.speeds == pytest.approx((1.0, 2.0), rel=0.01)
    assert calibration.setting(0.5) == calibration.setting(1.0) == pytest.approx(80)


@pytest.mark.parametrize(
    "points", [(), ((1.0, 100.0), (1.0, 200.0)), ((1.0, 200.0), (2.0, 100.0)), ((1.0, 0.0),)]
)
def test_a_table_that_does_not_rise_is_refused(points: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match="not a rising table"):
        Calibration(points)


@given(st.floats(0.01, 100), st.floats(0.01, 100))
def test_a_faster_speed_never_asks_for_a_slower_setting(one: float, other: float) -> None:
    slower, faster = sorted((one, other))
    assert CALIBRATION.setting(slower) <= CALIBRATION.setting(faster)


@given(st.sampled_from(CALIBRATION.points))
def test_every_measured_pace_gives_its_setting_back(point: tuple[float, float]) -> None:
    setting, wpm = point
    assert CALIBRATION.setting(wpm / CALM_WPM) == pytest.approx(setting)


def test_the_natural_voice_reaches_every_speed_the_program_offers() -> None:
    slowest, fastest = CALIBRATION.speeds
    assert slowest <= SLOWEST_SPEED
    assert fastest >= FASTEST_SPEED
