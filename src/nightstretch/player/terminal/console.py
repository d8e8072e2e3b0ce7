"""The keys and the screen of one session, opened together: the only way in for the rest of the program."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final, Self, TextIO

from nightstretch.player.terminal.canvas import Canvas
from nightstretch.player.terminal.keys import Keys, NoKeys
from nightstretch.player.terminal.screen import Dark, Dim, NoScreen, Plain, Screen

if sys.platform == "win32":
    from nightstretch.player.terminal.windows import Terminal, obeys_sequences
else:
    import termios

    from nightstretch.player.terminal.posix import Terminal

if TYPE_CHECKING:
    from types import TracebackType

    from nightstretch.player.status import Status

SCREEN_NAMES: Final = ("dark", "dim", "plain")
"""What ``--screen`` takes; the first one is the default on a terminal."""

READING_WORDS_A_SECOND: Final = 3.0
"""Slower than most people read: they are tired."""

READING_SECONDS: Final = 15.0
"""Whoever wants to read for longer can do so before the next night."""


class Console:
    """What a listener presses and sees, as one thing; a context manager that holds the terminal.

    What is drawn begins with the first ``show``, so that what was printed can be read before.
    """

    def __init__(self, keys: Keys, screen: Screen) -> None:
        self._keys = keys
        self._screen = screen

    def __enter__(self) -> Self:
        self._keys.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._keys.__exit__(kind, error, trace)

    @property
    def listens(self) -> bool:
        """Whether there is a terminal to press keys on."""
        return not isinstance(self._keys, NoKeys)

    @property
    def covers(self) -> bool:
        """Whether ``show`` would now cover what was printed before."""
        return self._screen.covers

    def read(self, seconds: float) -> str | None:
        """Wait up to ``seconds`` for a key; return its name or None, see `Keys.read`."""
        return self._keys.read(seconds)

    def show(self, status: Status) -> None:
        """Show how far the session is; to be called about twenty times a second."""
        self._screen.show(status)


def open_console(screen: str | None, stdin: TextIO | None, stdout: TextIO | None) -> Console:
    """Open the console on these streams; nothing is taken of the terminal before it is entered.

    ``screen``: one of ``SCREEN_NAMES``, or None for the default. Where either stream is no terminal, or one
    that obeys no control sequences, it is plain whatever was asked for. Keys need only ``stdin``.

    What is to be seen of a session is its result, so it goes to standard output, and ``play | cat`` gives the
    log; standard error keeps the messages.
    """
    canvas = None
    if screen != "plain" and stdout is not None and _obeys_sequences(stdout):
        canvas = Canvas(stdout.fileno(), stdout.encoding, colour=not os.environ.get("NO_COLOR"))
    terminal = _open_terminal(stdin, canvas)
    if terminal is not None and canvas is not None:
        return Console(terminal, Dim(terminal) if screen == "dim" else Dark(terminal))
    return Console(terminal or NoKeys(), NoScreen() if stdout is None else Plain(stdout))


def reading_seconds(text: str) -> float:
    """Give the time it takes to read a text that was printed."""
    return min(len(text.split()) / READING_WORDS_A_SECOND, READING_SECONDS)


def _obeys_sequences(stream: TextIO) -> bool:
    try:
        if not stream.isatty():
            return False
        if sys.platform == "win32":
            return obeys_sequences(stream.fileno())
        else:  # noqa: RET505 - for mypy
            return os.environ.get("TERM", "dumb") not in {"", "dumb", "unknown"}
    except (OSError, ValueError):  # it was closed
        return False


if sys.platform == "win32":

    def _open_terminal(stdin: TextIO | None, canvas: Canvas | None = None) -> Terminal | None:
        return Terminal(canvas) if stdin is not None and stdin.isatty() else None

else:

    def _open_terminal(stdin: TextIO | None, canvas: Canvas | None = None) -> Terminal | None:
        try:
            return None if stdin is None else Terminal(stdin.fileno(), canvas)
        except (OSError, ValueError, termios.error):
            return None
