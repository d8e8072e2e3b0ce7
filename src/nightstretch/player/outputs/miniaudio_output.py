"""The default way to the ears: miniaudio, which plays through whatever sound system the machine has."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Generator, Iterable, Sequence
from types import ModuleType
from typing import Any, Final

from nightstretch.audio import Pcm
from nightstretch.errors import OutputError, UsageError
from nightstretch.player.outputs.base import ANSWER_SECONDS, USE_EXPORT, Pull, answered
from nightstretch.player.patience import within

PERIOD_MILLISECONDS: Final = 40
"""Sound asked for at a time. The device holds three of these: enough to get past most busy moments, and few
enough to answer a key within 150 ms. Shorter ones leave more gaps when the computer is busy."""


class MiniaudioOutput:
    """Plays through the default device of the sound system, or through ``device``.

    ``device``: its name, or a part of it, in capitals or not, that no other device has.

    A device that goes away says nothing, and the library's stop callback is never called: the pulls cease,
    that is all. So it is with PulseAudio when its server is killed, or a chosen sink taken away; what
    plays through the default one is moved to another. Then ``close`` takes no time, and ``start`` fails at
    once until the server or the sink is back, and works at once when it is. A server that hangs is worse: it
    holds up either of them for half a minute. Neither is waited for longer than ``ANSWER_SECONDS``; what is
    opened later is closed again unheard.
    """

    lead_seconds = 0.0

    def __init__(self, device: str | None = None) -> None:
        self._wanted = device
        self._device: Any = None
        self._closed = threading.Event()
        self._error: BaseException | None = None

    @property
    def error(self) -> BaseException | None:
        """What ended the playback from inside; see ``Output``."""
        return self._error

    def start(self, pull: Pull, rate: int, channels: int = 1) -> None:
        """Open the device and play. Raises OutputError; UsageError if several devices may be meant."""
        miniaudio = _library()
        self._error = None
        closed = self._closed = threading.Event()
        try:
            self._device = answered(
                lambda: self._opened(miniaudio, self._blocks(pull, closed), rate, channels)
            )
        except miniaudio.MiniaudioError as error:
            raise OutputError(_no_device(error)) from error
        finally:
            if self._device is None:
                closed.set()

    def close(self) -> None:
        """Stop the sound and let go of the device."""
        self._closed.set()
        device, self._device = self._device, None
        if device is not None:
            with contextlib.suppress(TimeoutError):
                within(ANSWER_SECONDS, device.close)

    def problem(self) -> str | None:
        """Say why nothing can be heard through it here, or None."""
        try:
            self._listed()
        except OutputError as error:
            return str(error)
        return None

    def devices(self) -> Sequence[str]:
        """Name the playback devices of the sound system. Raises OutputError."""
        return tuple(self._listed())

    def _opened(
        self, miniaudio: ModuleType, source: Generator[Pcm | bytes, int], rate: int, channels: int
    ) -> Any:  # noqa: ANN401
        device = miniaudio.PlaybackDevice(
            output_format=miniaudio.SampleFormat.SIGNED16,
            nchannels=channels,
            sample_rate=rate,
            buffersize_msec=PERIOD_MILLISECONDS,
            device_id=self._chosen(miniaudio),
            backends=self._backends(miniaudio),
            app_name="nightstretch",
        )
        next(source)
        try:
            device.start(source)
        except miniaudio.MiniaudioError:
            device.close()
            raise
        return device

    def _chosen(self, miniaudio: ModuleType) -> Any:  # noqa: ANN401 - an id is a pointer of the library's
        """Find the id of the wanted device; None is the default one."""
        if self._wanted is None:
            return None
        ids = self._ids(miniaudio)
        part = self._wanted.casefold()
        meant = [self._wanted] if self._wanted in ids else [name for name in ids if part in name.casefold()]
        if not meant:
            raise OutputError(f'there is no sound device "{self._wanted}"; choose one of {_quoted(ids)}')
        if len(meant) > 1:
            raise UsageError(f'"{self._wanted}" may be any of {_quoted(meant)}; give more of its name')
        # From now on it is this one: should it go away, no other is to sound in its place.
        self._wanted = meant[0]
        return ids[self._wanted]

    def _listed(self) -> dict[str, Any]:
        miniaudio = _library()
        try:
            return answered(lambda: self._ids(miniaudio))
        except miniaudio.MiniaudioError as error:
            raise OutputError(_no_device(error)) from error

    def _ids(self, miniaudio: ModuleType) -> dict[str, Any]:
        """Give the ids of all devices by their names; of two with the same name, that of the first."""
        found = miniaudio.Devices(self._backends(miniaudio)).get_playbacks()
        if not found:
            raise OutputError(_no_device(LookupError("it lists none")))
        ids: dict[str, Any] = {}
        for device in found:
            ids.setdefault(device["name"], device["id"])
        return ids

    @staticmethod
    def _backends(miniaudio: ModuleType) -> list[Any]:
        # By itself miniaudio would fall back to the null backend, and play to nobody without a word.
        return [kind for kind in miniaudio.Backend if kind.name not in {"NULL", "CUSTOM"}]

    def _blocks(self, pull: Pull, closed: threading.Event) -> Generator[Pcm | bytes, int, None]:
        frames = yield b""
        # An error in the callback would only be printed, by the library: keep it for the main thread.
        try:
            while not closed.is_set():
                frames = yield pull(frames)
        except Exception as error:  # noqa: BLE001
            self._error = error
        yield b""


def _library() -> ModuleType:
    """Load the library only where it is used: commands that make no sound start without it."""
    with contextlib.suppress(ImportError):
        import miniaudio  # noqa: PLC0415

        library: ModuleType = miniaudio
        return library
    raise OutputError(
        "the sound library miniaudio is not installed; pip install miniaudio (where there is no wheel it "
        f"needs a C compiler), or use --output simpleaudio; {USE_EXPORT}"
    )


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _no_device(error: Exception) -> str:
    reason = " ".join(str(part) for part in error.args)
    return f"no sound card or sound server was found (miniaudio: {reason}); {USE_EXPORT}"
