"""What an output is to the rest of the program: something that pulls sound at its own pace."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol, TypeVar

from nightstretch.audio import Pcm
from nightstretch.errors import OutputError
from nightstretch.player.patience import within

Pull = Callable[[int], Pcm]
"""Asked for ``frames`` samples, gives a block of shape ``(frames,)`` without waiting; from any one thread.

With two channels the shape is ``(frames, 2)``.
"""

USE_EXPORT = "`nightstretch export` writes the session to a file instead"

ANSWER_SECONDS: Final = 5.0
"""How long a sound system may take to open, to close or list its devices; one that works needs far less."""

T = TypeVar("T")


class Output(Protocol):
    """One way to the ears. Making one is cheap: it loads no library and opens no device.

    It can be started again after it was closed, and after a start that failed, as often as it takes: that is
    how a device is waited for that went away. One that goes away shows in either of two ways: nothing is
    pulled any more, or there is an OutputError in ``error``. No call takes longer than ``ANSWER_SECONDS``.
    """

    @property
    def lead_seconds(self) -> float:
        """How far ahead of the ear it may pull at one go; 0 where it pulls as it plays."""

    @property
    def error(self) -> BaseException | None:
        """What ended the playback from inside: an error of the pull, or of the device. None: all is well.

        Forgotten when it is started again.
        """

    def start(self, pull: Pull, rate: int, channels: int = 1) -> None:
        """Open the device and play what ``pull`` gives, at ``rate`` samples a second, until ``close``.

        Returns at once. Raises OutputError where there is no device or no library for it.
        """

    def close(self) -> None:
        """Stop the sound and let go of the device; may be called twice, and without ``start``.

        Nothing is pulled afterwards.
        """

    def problem(self) -> str | None:
        """Say why nothing can be heard through it here and what to do about it, or None. For ``doctor``."""

    def devices(self) -> Sequence[str]:
        """Name the devices to choose from, as ``find_output`` takes them; empty if there is no choice.

        Raises OutputError where there is no device or no library for it.
        """


def answered(call: Callable[[], T]) -> T:
    """Give what a call of a sound library gives, without its chatter; OutputError if it takes too long."""
    try:
        with quiet_libraries():
            return within(ANSWER_SECONDS, call)
    except TimeoutError:
        raise OutputError(f"the sound system does not answer; start it again, or {USE_EXPORT}") from None


class _StandardError:
    """Hushed from the first ``hush`` on to the ``restore`` of the last, in whichever threads they come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hushed = 0
        self._kept: int | None = None

    def hush(self) -> None:
        with self._lock:
            self._hushed += 1
            if self._hushed > 1:
                return
            with contextlib.suppress(OSError):  # standard error is closed: nothing to hold back
                self._kept = os.dup(2)
                sink = os.open(os.devnull, os.O_WRONLY)
                os.dup2(sink, 2)
                os.close(sink)

    def restore(self) -> None:
        with self._lock:
            self._hushed -= 1
            if not self._hushed and self._kept is not None:
                os.dup2(self._kept, 2)
                os.close(self._kept)
                self._kept = None


_standard_error: Final = _StandardError()


@contextlib.contextmanager
def quiet_libraries() -> Iterator[None]:
    """Hold back what the sound libraries of the system write to standard error by themselves.

    Without a sound card ALSA writes dozens of lines there; the one line that helps would drown in them.
    """
    _standard_error.hush()
    try:
        yield
    finally:
        _standard_error.restore()
