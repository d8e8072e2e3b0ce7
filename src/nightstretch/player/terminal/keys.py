"""What a key is: bytes from a terminal to the names of keys, however they are cut into pieces.

A character of printable ASCII is a key, arrows have names, and every other key is ``OTHER``: it has no
meaning, but somebody pressed it. All other sequences that begin with an Escape are swallowed: function keys,
a letter with Alt, the mouse, pastes.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

OTHER: Final = "other"
"""Enter, Backspace, Tab, Escape, an accented letter, a control character: a key without a meaning."""

ESCAPE_SECONDS: Final = 0.2
"""An Escape that nothing follows for this long is the Escape key, not the beginning of a sequence.

Long enough for a slow line that cuts a sequence in two.
"""

_ARROWS: Final = {"A": "up", "B": "down", "C": "right", "D": "left"}
_PASTE_END: Final = "\x1b[201~"


class Keys(Protocol):
    """A source of keys; a context manager that holds the terminal."""

    def __enter__(self) -> Self:
        """Take the terminal."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the terminal back."""

    def read(self, seconds: float) -> str | None:
        """Wait up to ``seconds`` for a key, a moment more after an Escape; return its name, or None.

        Its name is its character (printable ASCII), "left", "right", "up", "down", or ``OTHER``.
        """


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
    """Bytes from a terminal to keys. It remembers what is not complete yet."""

    def __init__(self) -> None:
        self._state: Callable[[str], str | None] = self._plain
        self._sequence = ""  # the parameters of a control sequence; the last characters of a paste
        self._left = 0  # characters to skip

    def feed(self, data: bytes) -> list[str]:
        """Take the next bytes; return the keys that are complete."""
        # By bytes, not by characters: what is no UTF-8 is nothing special then.
        return [key for character in data.decode("latin-1") if (key := self._state(character))]

    @property
    def undecided(self) -> bool:
        """Whether it depends on what follows, and on when, what the last bytes mean.

        An Escape alone is a key. What looks like the beginning of a paste or of a report may have been Alt
        and a letter, and must not swallow the keys that are pressed after it.
        """
        return self._state in {self._escape, self._string, self._paste}

    def give_up(self) -> list[str]:
        """Nothing followed: what comes next is a key again. Return the Escape if it was one."""
        keys = [OTHER] if self._state == self._escape else []
        self._state = self._plain
        return keys

    # Each state takes a character, sets the state after it, and gives a key if that completes one.

    def _plain(self, character: str) -> str | None:
        self._state = self._plain
        if character == "\x1b":
            self._state = self._escape
            return None
        if " " <= character <= "~":
            return character
        # A letter in UTF-8 is one key: its first byte counts, the ones from 0x80 to 0xBF that follow do not.
        return None if "\x80" <= character < "\xc0" else OTHER

    def _escape(self, character: str) -> None:
        self._sequence = ""
        match character:
            case "\x1b":
                self._state = self._escape
            case "[":
                self._state = self._control
            case "O":
                self._state = self._single_shift
            case "]" | "P" | "X" | "^" | "_":
                self._state = self._string
            case _:  # Alt and a letter
                self._state = self._plain

    def _single_shift(self, character: str) -> str | None:
        if character == "\x1b":
            return self._plain(character)
        self._state = self._plain
        return _ARROWS.get(character)

    def _control(self, character: str) -> str | None:
        if " " <= character <= "?":
            self._sequence += character
            return None
        if not "@" <= character <= "~":  # it was broken off
            return self._plain(character)
        self._state = self._plain
        match self._sequence, character:
            case "200", "~":
                self._state = self._paste
            case "", "[":  # F1 to F5 of the Linux console
                self._state, self._left = self._skip, 1
            case "", "M":  # a click of the mouse, and where
                self._state, self._left = self._skip, 3
            case parameters, _ if re.fullmatch(r"[\d;]*", parameters):  # with Shift and the like, or without
                return _ARROWS.get(character)
        return None

    def _skip(self, character: str) -> str | None:
        if character == "\x1b":
            return self._plain(character)
        self._left -= 1
        if self._left == 0:
            self._state = self._plain
        return None

    def _string(self, character: str) -> None:
        if character == "\x1b":  # its end, which reads like Alt and a backslash, or the next sequence
            self._state = self._escape
        elif character == "\a":
            self._state = self._plain

    def _paste(self, character: str) -> None:
        self._sequence = (self._sequence + character)[-len(_PASTE_END) :]
        if self._sequence == _PASTE_END:
            self._state = self._plain
