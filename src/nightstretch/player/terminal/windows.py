"""The owner of a Windows console. Written from the documentation; nobody has tried it yet.

A console does not echo what is read key by key, so only what is drawn has to be given back.
"""

from __future__ import annotations

import ctypes
import msvcrt
import sys
import time
from typing import TYPE_CHECKING, Final, Self

from nightstretch.player.terminal.keys import OTHER

if TYPE_CHECKING:
    from nightstretch.player.terminal.canvas import Canvas

assert sys.platform == "win32"  # noqa: S101 - for mypy

_ARROWS: Final = {"H": "up", "P": "down", "K": "left", "M": "right", "s": "left", "t": "right"}
"""The second halves of the arrows, and of those to the sides with Ctrl."""

_POLL_SECONDS: Final = 0.02

_SEQUENCES: Final = 0x4
"""ENABLE_VIRTUAL_TERMINAL_PROCESSING: the console obeys control sequences."""


class Terminal:
    """The console, and what is drawn on it, if anything is."""

    ours = True

    def __init__(self, canvas: Canvas | None = None) -> None:
        self._canvas = canvas

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._canvas is not None:
            self._canvas.leave()

    def read(self, seconds: float) -> str | None:
        """Wait up to ``seconds`` for a key; see `Keys.read`."""
        deadline = time.monotonic() + seconds
        while not msvcrt.kbhit():
            if time.monotonic() >= deadline:
                return None
            time.sleep(_POLL_SECONDS)
        key = msvcrt.getwch()
        if key == "\x03":
            raise KeyboardInterrupt
        # The first half of an arrow or a function key; the second one may also be an accented letter.
        if key == "\x00" or (key == "\xe0" and msvcrt.kbhit()):
            return _ARROWS.get(msvcrt.getwch())
        return key if key.isascii() and key.isprintable() else OTHER

    def draw(self, line: str) -> None:
        """Make it dark but for that line."""
        if self._canvas is not None:
            self._canvas.draw(line)


def obeys_sequences(descriptor: int) -> bool:
    """Tell whether the console behind ``descriptor`` obeys control sequences; have it do so if it can."""
    kernel = ctypes.windll.kernel32
    handle = msvcrt.get_osfhandle(descriptor)
    mode = ctypes.c_uint32()
    return bool(
        kernel.GetConsoleMode(ctypes.c_void_p(handle), ctypes.byref(mode))
        and kernel.SetConsoleMode(ctypes.c_void_p(handle), mode.value | _SEQUENCES)
    )
