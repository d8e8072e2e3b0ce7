"""What is written to a terminal to make it dark, to keep one line on it, and to give it back.

Plain control sequences, which every terminal of the last decades knows, rather than a library: there are five
of them.
"""

from __future__ import annotations

import contextlib
import os
import unicodedata
from typing import Final

ENTER: Final = "\x1b[?1049h\x1b[?25l"
"""Go to the alternate screen, so that nothing of the other one is lost, and hide the cursor."""

LEAVE: Final = "\x1b[0m\x1b[?25h\x1b[?1049l"
"""Show the cursor, and go back to the screen and to the place on it that there was before."""

DIM_RED_ON_BLACK: Final = "\x1b[38;5;88m\x1b[48;5;16m"
"""These two of the 256 colours are the same everywhere; of the first sixteen, themes make what they like."""

FAINT: Final = "\x1b[2m"

CLEAR: Final = "\x1b[H\x1b[2J"

_USUAL_COLUMNS: Final = 80


class Canvas:
    """A dark screen with at most one line, on the terminal behind ``descriptor``. It belongs to one thread.

    A terminal that goes away meanwhile is no error: nobody looks at it.
    """

    def __init__(self, descriptor: int, encoding: str, *, colour: bool) -> None:
        self._descriptor = descriptor
        self._encoding = encoding
        self._style = DIM_RED_ON_BLACK if colour else FAINT
        self._entered = False
        self._drawn: tuple[str, os.terminal_size] | None = None

    def draw(self, line: str) -> None:
        """Show ``line``, cut to the width there is, and nothing else; write only what has changed."""
        # Asking for the size at each call is cheaper, and safer, than to be told by a signal.
        drawn = line, self._size()
        if drawn == self._drawn:
            return
        text = CLEAR + cut(line, drawn[1].columns or _USUAL_COLUMNS)
        if not self._entered:
            self._entered = True  # first, so that it is left whatever happens
            text = ENTER + self._style + text
        self._write(text)
        self._drawn = drawn

    def leave(self) -> None:
        """Give the screen back as it was, if it was taken; ``draw`` takes it again."""
        if self._entered:
            self._write(LEAVE)
        self.forget()

    def forget(self) -> None:
        """Know that somebody else has given the screen back meanwhile."""
        self._entered = False
        self._drawn = None

    def _size(self) -> os.terminal_size:
        try:
            return os.get_terminal_size(self._descriptor)
        except OSError:
            return os.terminal_size((0, 0))

    def _write(self, text: str) -> None:
        # Not through the stream: its buffer cannot be used amid the answer to a signal.
        with contextlib.suppress(OSError):
            os.write(self._descriptor, text.encode(self._encoding, "replace"))


def cut(text: str, columns: int) -> str:
    """Cut ``text`` so that it takes up to ``columns`` columns; leave out what cannot be printed."""
    kept = ""
    for character in text:
        if not character.isprintable():
            continue
        columns -= _width(character)
        if columns < 0:
            break
        kept += character
    return kept


def _width(character: str) -> int:
    """Columns that a character takes."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
