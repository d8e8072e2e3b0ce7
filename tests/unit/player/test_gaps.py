from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightstretch.player.device import Device
from nightstretch.player.gaps import (
    DRIFT,
    LEAST_SECONDS,
    LEAST_SETTLING_SECONDS,
    MOST_SECONDS,
    SETTLING_SECONDS,
    WINDOW_TICKS,
    Gaps,
)

RATE = 24_000
TICK = 0.05
PORTION = 0.04


def looks(
    gaps: Gaps, seconds: float, *, since: float = 0.0, lost: float = 0.0, speed: float = 1.0
) -> Iterator[int]:
    """Look every tick at a device that asks for portions, ``lost`` seconds late, by a clock that is off."""
    for tick in range(round(seconds / TICK)):
        now = since + tick * TICK
        portions = (now * speed - lost) // PORTION + 3  # it holds three of them
        yield gaps.since(now, round(portions * PORTION * RATE))


def test_a_device_that_keeps_up_has_no_gaps() -> None:
    assert not any(looks(Gaps(RATE), 60))


@pytest.mark.parametrize("lost", [0.4, 1.0, 2.9])
def test_a_gap_is_found_once_and_as_long_as_it_was(lost: float) -> None:
    gaps = Gaps(RATE)
    assert not any(looks(gaps, 10))
    (found,) = filter(None, looks(gaps, 10, since=10, lost=lost))
    assert found / RATE == pytest.approx(lost, abs=PORTION)


def test_a_gap_is_told_when_it_is_over() -> None:
    gaps = Gaps(RATE)
    pulled = 0
    found = []
    for tick in range(200):
        if not 100 <= tick < 120:  # a second
            pulled += round(TICK * RATE)
        found.append(gaps.since(tick * TICK, pulled))
    assert sum(found) == pytest.approx(RATE, rel=0.001)
    assert found.count(0) == len(found) - 1


def test_a_server_that_settles_and_comes_to_hold_less_has_no_gap() -> None:
    gaps = Gaps(RATE)
    assert not any(looks(gaps, 5))
    assert not any(looks(gaps, SETTLING_SECONDS - 5, since=5, lost=LEAST_SETTLING_SECONDS / 2))
    assert not any(looks(gaps, 60, since=SETTLING_SECONDS, lost=LEAST_SETTLING_SECONDS / 2))


def test_a_second_is_missed_while_it_settles_too() -> None:
    gaps = Gaps(RATE)
    assert not any(looks(gaps, 5))
    (found,) = filter(None, looks(gaps, 5, since=5, lost=1.0))
    assert found / RATE == pytest.approx(1.0, abs=PORTION)


def test_what_is_too_short_to_tell_adds_up_until_it_is_told() -> None:
    gaps = Gaps(RATE)
    assert not any(looks(gaps, SETTLING_SECONDS))
    found = 0
    for minute in range(1, 11):
        lost = minute * 0.03
        found += sum(looks(gaps, 60, since=SETTLING_SECONDS + (minute - 1) * 60, lost=lost))
        assert 0 <= lost - found / RATE < LEAST_SECONDS + PORTION + DRIFT * minute * 60
    assert found


@pytest.mark.parametrize("stopped", [MOST_SECONDS + 0.2, 60.0, 3600.0])
def test_a_program_that_was_stopped_has_lost_nothing(stopped: float) -> None:
    gaps = Gaps(RATE)
    assert not any(looks(gaps, 10))
    assert not any(looks(gaps, 10, since=10 + stopped, lost=stopped))
    assert any(looks(gaps, 10, since=20 + stopped, lost=stopped + 0.5))


@given(st.floats(1 - 1e-4, 1 + 1e-4))
def test_a_clock_that_goes_a_little_otherwise_makes_no_gaps(speed: float) -> None:
    assert not any(looks(Gaps(RATE), 600, speed=speed))


def test_a_device_that_is_opened_anew_begins_anew() -> None:
    gaps = Gaps(RATE)
    assert not any(looks(gaps, 10))
    gaps.forget()
    assert not any(looks(gaps, (WINDOW_TICKS + 5) * TICK, since=12, lost=2))


def test_what_a_device_lost_is_made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nightstretch.player.device.Gaps", Gaps)
    made_up: list[int] = []
    time = SimpleNamespace(now=0.0)
    transport: Any = SimpleNamespace(rate=RATE, pulled=0, make_up=made_up.append)
    output: Any = SimpleNamespace(error=None, lead_seconds=0.0)
    deck: Any = SimpleNamespace(transport=transport)
    device = Device(output, deck, transport, tick_seconds=TICK, greeting=lambda: None, clock=lambda: time.now)
    for tick in range(200):
        time.now = tick * TICK + (1.0 if tick > 100 else 0.0)
        transport.pulled = round(tick * TICK * RATE)
        device.look()
    assert made_up == [pytest.approx(RATE, abs=100)]
