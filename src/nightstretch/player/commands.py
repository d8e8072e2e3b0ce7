"""What a listener can ask for while it plays, whichever way they ask: a key, a headset's button."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final


class Command(Enum):
    """One wish. ``PLAY`` and ``PAUSE`` are for buttons that know which of them they are.

    ``UNKNOWN``: somebody wishes for something, and does not know how.
    """

    TOGGLE = auto()
    PLAY = auto()
    PAUSE = auto()
    NEXT = auto()
    PREVIOUS = auto()
    AGAIN = auto()
    LOUDER = auto()
    SOFTER = auto()
    MUTE = auto()
    SLOWER = auto()
    FASTER = auto()
    TIME_LEFT = auto()
    SLEEP_TIMER = auto()
    END = auto()
    HELP = auto()
    UNKNOWN = auto()


GRADUAL: Final = {
    Command.NEXT,
    Command.PREVIOUS,
    Command.LOUDER,
    Command.SOFTER,
    Command.SLOWER,
    Command.FASTER,
}
"""What goes on for as long as its key is held down; anything else happens once then: see `Presses`."""

KEYS: Final = {
    " ": Command.TOGGLE,
    "right": Command.NEXT,
    "left": Command.PREVIOUS,
    "r": Command.AGAIN,
    "up": Command.LOUDER,
    "0": Command.LOUDER,
    "down": Command.SOFTER,
    "9": Command.SOFTER,
    "m": Command.MUTE,
    "[": Command.SLOWER,
    "]": Command.FASTER,
    "t": Command.TIME_LEFT,
    "s": Command.SLEEP_TIMER,
    "q": Command.END,
    "?": Command.HELP,
}
"""What each key asks for; letters count in either case."""


def command_of(key: str) -> Command:
    """Give what a key asks for: ``UNKNOWN`` if it means nothing."""
    return KEYS.get(key.lower(), Command.UNKNOWN)
