"""A listener for tests: presses keys at set moments, while time passes on a device that is no device."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self

import numpy as np

from nightstretch.audio import SESSION_RATE, Pcm
from nightstretch.beds import BED_RATE
from nightstretch.errors import OutputError
from nightstretch.player.outputs.base import Pull
from nightstretch.player.play import TICK_SECONDS
from nightstretch.player.status import Status
from nightstretch.player.terminal import Console

TICK = round(TICK_SECONDS * SESSION_RATE)

Happening = str | Callable[[], object]


class Device:
    """An output whose time passes when it is told to."""

    lead_seconds = 0.0

    def __init__(self) -> None:
        self.heard: list[Pcm] = []
        self.error: BaseException | None = None
        self.starts = 0
        self.closed = 0
        self.pull: Pull | None = None
        self.failures: Iterator[OutputError | None] = iter(())
        self.stalled = False

    def start(self, pull: Pull, rate: int, channels: int = 1) -> None:
        assert (rate, channels) in {(SESSION_RATE, 1), (BED_RATE, 2)}
        self._frames = TICK * rate // SESSION_RATE
        self.starts += 1
        self.error = None
        if failure := next(self.failures, None):
            raise failure
        self.stalled = False
        self.pull = pull

    def close(self) -> None:
        self.closed += 1
        self.pull = None

    def problem(self) -> str | None:
        return None

    def devices(self) -> list[str]:
        return []

    def pass_time(self) -> None:
        if self.pull is None or self.stalled or self.error is not None:
            return
        # With all of it rendered, no thread has a say in what follows.
        transport: Any = getattr(self.pull, "__self__", None)
        transport = getattr(transport, "_transport", transport)  # where a bed lies under it
        following = transport._following and transport._following[0]
        for source in (transport._source, transport._waiting, following):
            if source is not None:
                source._thread.join(10)
        self.heard.append(self.pull(self._frames))

    @property
    def sound(self) -> Pcm:
        return np.concatenate(self.heard)


class Hands:
    """Presses keys, or lets things happen, at moments in seconds of the device's time."""

    def __init__(self, device: Device, script: Iterable[tuple[float, Happening]] = ()) -> None:
        self._device = device
        self._script = sorted(script, key=lambda entry: entry[0])
        self.seconds = 0.0
        self.held = False

    def __enter__(self) -> Self:
        self.held = True
        return self

    def __exit__(self, *_: object) -> None:
        self.held = False

    def read(self, seconds: float) -> str | None:
        if seconds:
            self._device.pass_time()
            self.seconds += TICK_SECONDS
        while self._script and self._script[0][0] <= self.seconds:
            _, happening = self._script.pop(0)
            if isinstance(happening, str):
                return happening
            happening()
        return None


class Eyes:
    """A screen that remembers what it was shown."""

    covers = False

    def __init__(self) -> None:
        self.seen: list[Status] = []

    def show(self, status: Status) -> None:
        self.seen.append(status)


def console(device: Device, script: Iterable[tuple[float, Happening]] = ()) -> tuple[Console, Eyes]:
    eyes = Eyes()
    return Console(Hands(device, script), eyes), eyes
