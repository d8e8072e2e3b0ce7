"""Playback through simpleaudio, for those who have it: the extra ``simpleaudio``.

The library plays whole buffers, cannot pause, leaves a gap of 55 ms between two buffers and goes on sounding
for about 0.2 s after a stop. So it is handed the session in stretches with silence around them, each started
when the clock says so: the gaps fall into the silence, and the time never drifts. The price is that a pause
or the end acts at the next silence, after the sentence that is being spoken.
"""

from __future__ import annotations

import importlib.metadata
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

import numpy as np

from nightstretch.audio import Pcm
from nightstretch.errors import OutputError, install_extra
from nightstretch.player.outputs.base import ANSWER_SECONDS, USE_EXPORT, Pull, answered, quiet_libraries

PIECE_SECONDS: Final = 0.05
"""How much is pulled at a time."""

SILENCE_SECONDS: Final = 0.3
"""Silence of this length ends a stretch: more than the gap between two buffers, with room to spare."""

LONGEST_SECONDS: Final = 20.0
"""A stretch that has not found its silence by then is cut, and the gap is heard."""

AHEAD_SECONDS: Final = 0.2
"""How long before its time a silence is pulled: the time there is to gather the stretch that follows it."""

GAP_SECONDS: Final = 0.1
"""How long the buffer before may still be held by the library when the next one is due."""


@dataclass(frozen=True)
class Stretch:
    """Sound with silence around it; ``start``: its first sample, counted from the start of the playback."""

    start: int
    samples: Pcm


def next_stretch(pull: Pull, start: int, rate: int) -> Stretch:
    """Pull sound from sample ``start`` on, up to the next silence or the longest stretch.

    Where there is silence now, one piece of it comes back, as a stretch of zeros.
    """
    piece = round(PIECE_SECONDS * rate)
    pieces: list[Pcm] = []
    silent = 0
    while len(pieces) * PIECE_SECONDS < LONGEST_SECONDS and silent * PIECE_SECONDS < SILENCE_SECONDS:
        pieces.append(pull(piece))
        silent = 0 if pieces[-1].any() else silent + 1
        if silent == len(pieces):
            break
    return Stretch(start, np.concatenate(pieces))


class SimpleaudioOutput:
    """Plays stretch by stretch. ``clock`` and ``wait``: seconds, replaced in tests."""

    lead_seconds = LONGEST_SECONDS

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        self._clock = clock
        self._wait = wait
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None

    @property
    def error(self) -> BaseException | None:
        """What ended the playback from inside; see ``Output``."""
        return self._error

    def start(self, pull: Pull, rate: int, channels: int = 1) -> None:
        """Play, from a thread of its own. Raises OutputError, also for anything but mono.

        What lies under the words is in stereo and never silent: there would be a gap in it now and then.
        """
        if channels != 1:
            raise OutputError(
                "the output simpleaudio cannot play a bed; leave out --bed or --output simpleaudio"
            )
        library = _library()
        self._error = None
        # The library opens the device anew for each buffer: a short silence shows whether there is one.
        answered(lambda: _play(library, np.zeros(round(PIECE_SECONDS * rate), np.int16), rate))
        closed = self._closed = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(library, pull, rate, closed), name="nightstretch-simpleaudio", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop the sound."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join(ANSWER_SECONDS)
            self._thread = None

    def problem(self) -> str | None:
        """Say why nothing can be heard through it here, or None."""
        try:
            library = _library()
            answered(lambda: _play(library, np.zeros(1024, np.int16), 24_000))
        except OutputError as error:
            return str(error)
        return None

    def devices(self) -> Sequence[str]:
        """Nothing: the library knows only the default device of the system."""
        return ()

    def _run(self, library: ModuleType, pull: Pull, rate: int, closed: threading.Event) -> None:
        try:
            self._play_all(library, pull, rate, closed)
        except BaseException as error:  # noqa: BLE001 - the main thread raises it again
            if not closed.is_set():
                self._error = error

    def _play_all(self, library: ModuleType, pull: Pull, rate: int, closed: threading.Event) -> None:
        began = self._clock() + AHEAD_SECONDS
        playing: Any = None
        position = 0
        try:
            while not self._sleep_until(began + position / rate - AHEAD_SECONDS, closed):
                stretch = next_stretch(pull, position, rate)
                position += len(stretch.samples)
                if not stretch.samples.any():
                    continue
                due = began + stretch.start / rate
                while playing is not None and playing.is_playing() and self._clock() < due + GAP_SECONDS:
                    self._sleep_until(self._clock() + 0.005, closed)
                if self._sleep_until(due, closed):
                    return
                with quiet_libraries():
                    playing = _play(library, np.trim_zeros(stretch.samples, "b"), rate)
        finally:
            if playing is not None:
                playing.stop()  # no more than that: the next thread may be playing already

    def _sleep_until(self, moment: float, closed: threading.Event) -> bool:
        """Sleep, unless it is closed meanwhile; tell whether it is."""
        return self._wait(closed, max(0.0, moment - self._clock()))


def _library() -> ModuleType:
    # From Python 3.12 on the original ends the interpreter when a sound ends: no message could follow.
    if (
        sys.version_info >= (3, 12)
        and _is_installed("simpleaudio")
        and not _is_installed("simpleaudio-patched")
    ):
        raise OutputError(
            "this simpleaudio would crash on Python 3.12 and later; pip uninstall simpleaudio, then "
            f"{install_extra('simpleaudio')}; {USE_EXPORT}"
        )
    try:
        import simpleaudio  # noqa: PLC0415
    except ImportError as error:
        raise OutputError(
            f"the output simpleaudio is not installed; {install_extra('simpleaudio')} (on Linux it needs a C "
            "compiler and the ALSA headers), or leave out --output simpleaudio"
        ) from error
    library: ModuleType = simpleaudio
    return library


def _is_installed(distribution: str) -> bool:
    try:
        importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _play(library: ModuleType, samples: Pcm, rate: int) -> Any:  # noqa: ANN401 - the library has no types
    try:
        return library.play_buffer(samples, 1, 2, rate)
    except Exception as error:  # its own error class is not exported
        raise OutputError(f"no sound card was found (simpleaudio: {error}); {USE_EXPORT}") from error
