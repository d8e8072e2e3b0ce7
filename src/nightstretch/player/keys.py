"""The keys a listener presses, one at a time, without an echo and without Enter.

The terminal is given back as it was in every case, also when the program is suspended. What is no key with
a meaning (arrows, accents, bytes that are no text, half an escape sequence) is swallowed here and does no
harm. Where there is no terminal there are no keys.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

if TYPE_CHECKING:
    from types import TracebackType
    from typing import TextIO

ESCAPE_SECONDS: Final = 0.05
"""An Escape that nothing follows for this long is the Escape key, not the beginning of a sequence."""


class Keys(Protocol):
    """A source of keys; a context manager that holds the terminal."""

    def __enter__(self) -> Self:
        """Take the terminal."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the terminal back."""

    def read(self, seconds: float) -> str | None:
        """Wait up to ``seconds`` for a key; return its character (printable ASCII), or None."""


class NoKeys:
    """Where nobody can press anything."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was taken."""

    def read(self, seconds: float) -> str | None:
        """Wait for ``seconds``."""
        time.sleep(seconds)
        return None


class KeyParser:
    """Bytes from a terminal to keys, however they are cut into pieces."""

    def __init__(self) -> None:
        self._inside = ""  # "": plain text; "ESC": after an Escape; "CSI": in a sequence; "SS3": one to come

    @property
    def escaped(self) -> bool:
        """Whether an Escape came last: a key of its own, or the beginning of a sequence."""
        return self._inside == "ESC"

    def feed(self, data: bytes) -> list[str]:
        """Take the next bytes; return the keys that are complete, as printable ASCII characters."""
        keys = []
        for character in data.decode("latin-1"):
            if character == "\x1b":
                self._inside = "ESC"
            elif self._inside == "ESC":
                self._inside = {"[": "CSI", "O": "SS3"}.get(character, "")
            elif self._inside == "CSI":
                if "@" <= character <= "~":  # the final byte of a control sequence
                    self._inside = ""
            elif self._inside == "SS3":
                self._inside = ""
            elif " " <= character <= "~":
                keys.append(character)
        return keys

    def forget_escape(self) -> None:
        """Nothing followed: what comes next is a key again."""
        self._inside = ""


if sys.platform == "win32":
    import msvcrt

    class _Console:
        """The keys of a Windows console. Written from the documentation; nobody has tried it yet."""

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            """Nothing was taken: the console does not echo what ``getwch`` reads."""

        def read(self, seconds: float) -> str | None:
            deadline = time.monotonic() + seconds
            while not msvcrt.kbhit():
                if time.monotonic() >= deadline:
                    return None
                time.sleep(0.02)
            key = msvcrt.getwch()
            if key == "\x03":
                raise KeyboardInterrupt
            if key in {"\x00", "\xe0"}:  # an arrow or a function key: its second half follows
                msvcrt.getwch()
                return None
            return key if key.isascii() and key.isprintable() else None

    def open_keys(stream: TextIO | None) -> Keys:
        """Keys from the console, or none where ``stream`` (standard input) is no console."""
        return _Console() if stream is not None and stream.isatty() else NoKeys()

else:
    import select
    import signal
    import termios
    import threading
    import tty

    class _Terminal:
        """The keys of a POSIX terminal, taken while it is in the foreground."""

        def __init__(self, descriptor: int) -> None:
            self._descriptor = descriptor
            self._before = termios.tcgetattr(descriptor)
            self._taken = False
            self._gone = False
            self._parser = KeyParser()
            self._pending: list[str] = []
            self._handlers: dict[signal.Signals, Any] = {}

        def __enter__(self) -> Self:
            try:
                # Only the main thread may handle signals; elsewhere suspending stays the system's business.
                if threading.current_thread() is threading.main_thread():
                    for number, handler in (
                        (signal.SIGTSTP, self._suspend),
                        (signal.SIGCONT, self._continue),
                    ):
                        self._handlers[number] = signal.getsignal(number)
                        signal.signal(number, handler)
                self._is_ours()
            except BaseException:  # an interrupt may come at any moment, this one too
                self.__exit__()
                raise
            return self

        def __exit__(self, *_: object) -> None:
            try:
                self._give_back()
            except BaseException:
                self._give_back()
                raise
            finally:
                for number, handler in self._handlers.items():
                    signal.signal(number, handler)

        def read(self, seconds: float) -> str | None:
            if self._pending:
                return self._pending.pop(0)
            if not self._is_ours():
                time.sleep(seconds)
            elif self._ready(seconds):
                try:
                    data = os.read(self._descriptor, 1024)
                except OSError:
                    data = b""
                self._gone = not data  # the terminal was closed: the sound goes on without keys
                self._pending = self._parser.feed(data)
                if self._parser.escaped and not self._ready(ESCAPE_SECONDS):
                    self._parser.forget_escape()
            return self._pending.pop(0) if self._pending else None

        def _ready(self, seconds: float) -> bool:
            return bool(select.select([self._descriptor], [], [], seconds)[0])

        def _is_ours(self) -> bool:
            """Take the terminal if that is due; tell whether it is ours to read."""
            if self._gone or not _in_foreground(self._descriptor):
                return False
            if not self._taken:
                self._taken = True  # first, so that it is given back whatever happens
                # Ctrl-C and Ctrl-Z stay signals. Without TCSANOW, what was typed before would be lost.
                tty.setcbreak(self._descriptor, termios.TCSANOW)
            return True

        def _give_back(self) -> None:
            if self._taken and _in_foreground(self._descriptor):
                with contextlib.suppress(termios.error):  # the terminal was closed
                    termios.tcsetattr(self._descriptor, termios.TCSANOW, self._before)
            self._taken = False

        def _suspend(self, *_: object) -> None:
            self._give_back()
            signal.signal(signal.SIGTSTP, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGTSTP)

        def _continue(self, *_: object) -> None:
            signal.signal(signal.SIGTSTP, self._suspend)
            self._taken = False  # the shell may have changed it

    def _in_foreground(descriptor: int) -> bool:
        """Tell whether the terminal is ours: a job in the background that touches it would be suspended."""
        try:
            return os.tcgetpgrp(descriptor) == os.getpgrp()
        except OSError:  # it was closed
            return False

    def open_keys(stream: TextIO | None) -> Keys:
        """Keys from the terminal, or none where ``stream`` (standard input) is no terminal."""
        try:
            return NoKeys() if stream is None else _Terminal(stream.fileno())
        except (OSError, ValueError, termios.error):
            return NoKeys()
