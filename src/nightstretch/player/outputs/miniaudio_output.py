"""The default way to the ears: miniaudio, which plays through whatever sound system the machine has."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Sequence
from types import ModuleType
from typing import Any, Final

from nightstretch.audio import Pcm
from nightstretch.errors import OutputError
from nightstretch.player.outputs.base import USE_EXPORT, Pull, quiet_libraries

PERIOD_MILLISECONDS: Final = 30
"""Sound asked for at a time. The device holds three of these: enough to get past a busy moment, and few
enough to answer a key within 150 ms."""


class MiniaudioOutput:
    """Plays through the default device of the sound system."""

    lead_seconds = 0.0

    def __init__(self) -> None:
        self._device: Any = None
        self._error: BaseException | None = None

    @property
    def error(self) -> BaseException | None:
        """What ended the playback from inside; see ``Output``."""
        return self._error

    def start(self, pull: Pull, rate: int) -> None:
        """Open the default device and play. Raises OutputError."""
        miniaudio = _library()
        source = self._blocks(pull)
        next(source)
        try:
            with quiet_libraries():
                self._device = miniaudio.PlaybackDevice(
                    output_format=miniaudio.SampleFormat.SIGNED16,
                    nchannels=1,
                    sample_rate=rate,
                    buffersize_msec=PERIOD_MILLISECONDS,
                    backends=self._backends(miniaudio),
                    app_name="nightstretch",
                )
                self._device.start(source)
        except miniaudio.MiniaudioError as error:
            self.close()
            raise OutputError(_no_device(error)) from error

    def close(self) -> None:
        """Stop the sound and let go of the device."""
        if self._device is not None:
            self._device.close()
            self._device = None

    def problem(self) -> str | None:
        """Say why nothing can be heard through it here, or None."""
        try:
            return None if self.devices() else _no_device(LookupError("it lists none"))
        except OutputError as error:
            return str(error)

    def devices(self) -> Sequence[str]:
        """List the playback devices of the sound system. Raises OutputError."""
        miniaudio = _library()
        try:
            with quiet_libraries():
                found = miniaudio.Devices(self._backends(miniaudio))
                return [f"{device['name']} ({found.backend})" for device in found.get_playbacks()]
        except miniaudio.MiniaudioError as error:
            raise OutputError(_no_device(error)) from error

    @staticmethod
    def _backends(miniaudio: ModuleType) -> list[Any]:
        # By itself miniaudio would fall back to the null backend, and play to nobody without a word.
        return [kind for kind in miniaudio.Backend if kind.name not in {"NULL", "CUSTOM"}]

    def _blocks(self, pull: Pull) -> Generator[Pcm | bytes, int, None]:
        frames = yield b""
        # An error in the callback would only be printed, by the library: keep it for the main thread.
        try:
            while True:
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


def _no_device(error: Exception) -> str:
    reason = " ".join(str(part) for part in error.args)
    return f"no sound card or sound server was found (miniaudio: {reason}); {USE_EXPORT}"
