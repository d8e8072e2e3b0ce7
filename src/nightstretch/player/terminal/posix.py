r"""The owner of a POSIX terminal: takes it for the keys and for what is drawn, and gives all of it back.

It is taken only in the foreground: a job in the background that touches its terminal would be suspended.
What is pressed there is Ctrl-C, Ctrl-Z and Ctrl-\ as ever, and everything else is a key.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import termios
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Self

from nightstretch.player.terminal.keys import ESCAPE_SECONDS, KeyParser

if TYPE_CHECKING:
    from nightstretch.player.terminal.canvas import Canvas

assert sys.platform != "win32"  # noqa: S101 - for mypy

_INPUT_FLAGS: Final = 0
_LOCAL_FLAGS: Final = 3
_CHARACTERS: Final = 6
"""Where `termios.tcgetattr` has them."""


class Terminal:
    """The terminal whose keys come from ``descriptor``, and on which ``canvas`` is drawn, if there is one.

    Raises termios.error or OSError where ``descriptor`` is no terminal.
    """

    def __init__(self, descriptor: int, canvas: Canvas | None = None) -> None:
        self._descriptor = descriptor
        self._canvas = canvas
        self._before = termios.tcgetattr(descriptor)
        self._taken = False
        self._gone = False
        self._parser = KeyParser()
        self._pending: deque[str] = deque()
        self._handlers: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        try:
            # Only the main thread may handle signals; elsewhere suspending stays the system's business.
            if threading.current_thread() is threading.main_thread():
                for number, handler in (
                    (signal.SIGTSTP, self._yield),
                    (signal.SIGQUIT, self._yield),
                    (signal.SIGCONT, self._continue),
                ):
                    before = signal.getsignal(number)
                    # What is ignored stays so; None: somebody set it from C, and knows why.
                    if before not in {signal.SIG_IGN, None}:
                        self._handlers[number] = before
                        signal.signal(number, handler)
            self._take()
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

    @property
    def ours(self) -> bool:
        """Whether it may be touched now."""
        return not self._gone and _in_foreground(self._descriptor)

    def read(self, seconds: float) -> str | None:
        """Wait up to ``seconds`` for a key, a moment more after an Escape; see `Keys.read`."""
        if self._pending:
            return self._pending.popleft()
        undecided = self._parser.undecided
        if not self._take():
            time.sleep(seconds)
        elif self._ready(ESCAPE_SECONDS if undecided else seconds):
            try:
                data = os.read(self._descriptor, 1024)
            except OSError:
                data = b""
            self._gone = not data  # the terminal was closed: the sound goes on without keys
            self._pending.extend(self._parser.feed(data))
        elif undecided:
            self._pending.extend(self._parser.give_up())
        return self._pending.popleft() if self._pending else None

    def draw(self, line: str) -> None:
        """Make it dark but for that line; does nothing while it is not ours."""
        if self._canvas is not None and self._take():
            self._canvas.draw(line)

    def _ready(self, seconds: float) -> bool:
        return bool(select.select([self._descriptor], [], [], seconds)[0])

    def _take(self) -> bool:
        """Take the terminal if that is due; tell whether it is ours."""
        if not self.ours:
            return False
        if not self._taken:
            self._taken = True  # first, so that it is given back whatever happens
            with contextlib.suppress(termios.error):  # it was closed
                # Without TCSANOW, what was typed before would be lost.
                termios.tcsetattr(self._descriptor, termios.TCSANOW, _at_each_key(self._before))
        return True

    def _give_back(self) -> None:
        if _in_foreground(self._descriptor):
            if self._canvas is not None:
                self._canvas.leave()
            if self._taken:
                with contextlib.suppress(termios.error):  # it was closed
                    termios.tcsetattr(self._descriptor, termios.TCSANOW, self._before)
        self._let_go()

    def _let_go(self) -> None:
        self._taken = False
        if self._canvas is not None:
            self._canvas.forget()

    def _yield(self, number: int, _: object) -> None:
        """Do what the signal does to every program (it suspends, or ends at once), with the terminal free."""
        self._give_back()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def _continue(self, *_: object) -> None:
        if signal.SIGTSTP in self._handlers:
            signal.signal(signal.SIGTSTP, self._yield)
        self._let_go()  # the shell may have changed it


def _in_foreground(descriptor: int) -> bool:
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:  # it was closed
        return False


def _at_each_key(mode: list[Any]) -> list[Any]:
    """Change a mode of the terminal so that it gives each key at once and does not echo it."""
    mode = [*mode[:_CHARACTERS], [*mode[_CHARACTERS]]]
    # Else Ctrl-S, pressed in the dark, would stop all output for good, and with it the program.
    mode[_INPUT_FLAGS] &= ~termios.IXON
    mode[_LOCAL_FLAGS] &= ~(termios.ECHO | termios.ICANON)
    mode[_CHARACTERS][termios.VMIN] = 1
    mode[_CHARACTERS][termios.VTIME] = 0
    return mode
