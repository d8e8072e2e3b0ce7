from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self

import numpy as np
import pytest

from nightstretch.audio import Pcm
from nightstretch.errors import OutputError, VoiceError
from nightstretch.player.outputs.base import Pull
from nightstretch.player.play import STALLED_SECONDS, TICK_SECONDS, Outcome, play

RATE = 1000
TICK = round(TICK_SECONDS * RATE)


class Device:
    """An output whose time passes when it is told to."""

    lead_seconds = 0.0

    def __init__(self) -> None:
        self.heard: list[Pcm] = []
        self.error: BaseException | None = None
        self.closed = 0
        self.pull: Pull | None = None
        self.failure: OutputError | None = None

    def start(self, pull: Pull, rate: int) -> None:
        assert rate == RATE
        if self.failure:
            raise self.failure
        self.pull = pull
        # The sessions here fit into the buffer: with all of it rendered, no thread has a say in what follows.
        transport: Any = getattr(pull, "__self__", None)
        transport._source._thread.join(10)

    def close(self) -> None:
        self.closed += 1

    def problem(self) -> str | None:
        return None

    def devices(self) -> list[str]:
        return []

    def pass_time(self) -> None:
        if self.pull is not None:
            self.heard.append(self.pull(TICK))

    @property
    def sound(self) -> Pcm:
        return np.concatenate(self.heard)


class Fingers:
    """Keys that are pressed, or things that happen, one a tick; time passes on the device meanwhile."""

    def __init__(self, device: Device, script: Iterable[str | Callable[[], None] | None] = ()) -> None:
        self.device = device
        self.script = iter(script)
        self.held = False

    def __enter__(self) -> Self:
        self.held = True
        return self

    def __exit__(self, *_: object) -> None:
        self.held = False

    def read(self, _seconds: float) -> str | None:
        self.device.pass_time()
        happening = next(self.script, None)
        if callable(happening):
            happening()
            return None
        return happening


def ramp(samples: int) -> Pcm:
    return np.arange(1, samples + 1).astype(np.int16)


def session(samples: int, then: BaseException | None = None) -> Iterator[Pcm]:
    yield ramp(samples)
    if then:
        raise then


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Device:
    device = Device()
    # After Ctrl-C the keys are let go; time passes on.
    monkeypatch.setattr("nightstretch.player.play.NoKeys", lambda: Fingers(device))
    return device


def heard(device: Device) -> list[int]:
    return [int(sample) for sample in device.sound if sample]


def test_everything_is_heard_and_then_it_is_over(device: Device) -> None:
    keys = Fingers(device)
    outcome = play(session(2500), RATE, device, keys)
    assert heard(device) == list(range(1, 2501))
    assert len(device.sound) >= 2500 + 500  # what the device still held was heard, too
    assert outcome == Outcome(completed=True, position=2500, underruns=0, first_sound=outcome.first_sound)
    assert outcome.first_sound is not None
    assert device.closed == 1
    assert not keys.held


def test_space_pauses_and_resumes(device: Device) -> None:
    script = [None] * 30 + [" "] + [None] * 30 + [" "]
    outcome = play(session(6000), RATE, device, Fingers(device, script))
    assert outcome.completed
    assert outcome.position == 6000
    assert set(range(1, 6001)) <= set(heard(device))
    assert np.sum(device.sound == 0) > 2500


def test_q_ends_it_early_with_a_fade(device: Device) -> None:
    outcome = play(session(6000), RATE, device, Fingers(device, [None] * 20 + ["q"]))
    assert not outcome.completed
    assert 0 < outcome.position < 2500
    assert max(heard(device)) < outcome.position + 1000


def test_a_big_q_is_as_good_where_caps_lock_is_on(device: Device) -> None:
    assert not play(session(6000), RATE, device, Fingers(device, [None] * 20 + ["Q"])).completed


def test_other_keys_mean_nothing(device: Device) -> None:
    assert play(session(500), RATE, device, Fingers(device, list("xyz"))).completed


def interrupt() -> None:
    raise KeyboardInterrupt


def test_ctrl_c_fades_and_goes_on_to_the_caller(device: Device) -> None:
    keys = Fingers(device, [None] * 20 + [interrupt])
    with pytest.raises(KeyboardInterrupt):
        play(session(6000), RATE, device, keys)
    assert not keys.held
    assert device.sound[-500:].max() == 0
    assert device.closed == 1


def test_a_second_ctrl_c_ends_at_once(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nightstretch.player.play.NoKeys", lambda: Fingers(device, [interrupt]))
    with pytest.raises(KeyboardInterrupt):
        play(session(6000), RATE, device, Fingers(device, [None] * 20 + [interrupt]))
    assert device.sound[-1] > 0
    assert device.closed == 1


def test_an_interrupt_that_foreign_code_swallowed_ends_it(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nightstretch.interrupts._state.seen", False)

    def swallow() -> None:
        monkeypatch.setattr("nightstretch.interrupts._state.seen", True)

    with pytest.raises(KeyboardInterrupt):
        play(session(6000), RATE, device, Fingers(device, [None] * 20 + [swallow]))
    assert device.sound[-500:].max() == 0


def test_an_error_of_the_renderer_ends_it_gently_and_is_raised(device: Device) -> None:
    with pytest.raises(VoiceError, match="hoarse"):
        play(session(3000, VoiceError("hoarse")), RATE, device, Fingers(device))
    assert device.sound[-500:].max() == 0
    assert device.closed == 1


def test_an_error_of_the_output_is_raised(device: Device) -> None:
    def fail() -> None:
        device.error = OutputError("unplugged")

    with pytest.raises(OutputError, match="unplugged"):
        play(session(3000), RATE, device, Fingers(device, [fail]))
    assert device.closed == 1


def test_without_a_device_nothing_is_left_running(device: Device) -> None:
    device.failure = OutputError("no card")
    closed = []

    def blocks() -> Iterator[Pcm]:
        try:
            while True:
                yield ramp(1000)
        finally:
            closed.append(True)

    with pytest.raises(OutputError, match="no card"):
        play(blocks(), RATE, device, Fingers(device))
    assert closed == [True]


def test_a_device_that_takes_no_more_sound_is_said_to_be_gone(device: Device) -> None:
    ticks = []

    def unplug() -> None:
        device.pull = None

    def count() -> None:
        ticks.append(1)

    script = [None, None, unplug] + [count] * 1000
    with pytest.raises(OutputError, match="gone away"):
        play(session(6000), RATE, device, Fingers(device, script))
    assert len(ticks) == pytest.approx(STALLED_SECONDS / TICK_SECONDS, abs=2)
