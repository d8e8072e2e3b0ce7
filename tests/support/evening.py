"""``nightstretch play`` itself, at a terminal of its own, as somebody has it at night."""

import contextlib
import os
import select
import signal
import termios
import time
from types import TracebackType
from typing import Self

from support.terminal import Child

RIGHT, LEFT, UP, DOWN = (b"\x1b[C", b"\x1b[D", b"\x1b[A", b"\x1b[B")

# The line lets whoever started it look at the terminal first.
_PROGRAM = """
import sys
print("ready", flush=True)
sys.stdin.readline()
{before}
from nightstretch.__main__ import main
main()
"""


class Evening(Child):
    """The program at its terminal; a context manager that leaves no process behind.

    ``arguments``: of ``nightstretch play``. ``before``: Python that runs in it first. ``environment`` adds to
    that of this process.
    """

    def __init__(
        self, *arguments: str, before: str = "", size: tuple[int, int] = (24, 80), **environment: str
    ) -> None:
        self._ended = False
        super().__init__(_PROGRAM.format(before=before), "play", *arguments, size=size, **environment)
        self._mode = termios.tcgetattr(self.terminal)
        self.left_as_it_was = False
        self.press(b"\n")
        self.wait_for("\n")

    def press_in_pieces(self, key: bytes, seconds: float = 0.05) -> None:
        """Press a key that a slow line cuts in two."""
        self.press(key[:1])
        time.sleep(seconds)
        self.press(key[1:])

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def read_for(self, seconds: float) -> str:
        """Give what it writes meanwhile."""
        before = len(self.text)
        deadline = time.monotonic() + seconds
        while select.select([self.terminal], [], [], max(0.0, deadline - time.monotonic()))[0]:
            if not self._read():
                break
        return self.text[before:]

    def end(self) -> int:
        """Read all that is left, and see whether the terminal is as it was; return its exit code."""
        while self._read():
            pass
        self.left_as_it_was = termios.tcgetattr(self.terminal) == self._mode
        self._ended = True
        return super().end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if not self._ended:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
