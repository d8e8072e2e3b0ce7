"""Which presses of a key are somebody's, and which are only the key, held down.

A terminal tells of no release. It tells of the key once, again after up to two seconds, as the system is set,
and from then on every few hundredths of a second. So the second press may be either: it waits for a moment,
and counts if no third one follows.
"""

from __future__ import annotations

from itertools import groupby
from typing import Final

from nightstretch.player.commands import GRADUAL, Command

HELD_TICKS: Final = 1
"""A key that comes again after so few ticks without one is held down: nobody presses so quickly."""

SECOND_TICKS: Final = 40
"""One that comes again after more of them is not: no system waits so long for the first repeat."""


class Presses:
    """Counts presses. To be asked at every tick, also where there are none."""

    def __init__(self) -> None:
        self.held = False  # the last one comes from a key that is held down
        self._last: Command | None = None
        self._idle_ticks = 0
        self._second: Command | None = None  # counts if no third one follows

    def counted(self, commands: list[Command]) -> list[tuple[Command, int]]:
        """Give what is wished for, and how often, after these presses."""
        counted: list[tuple[Command, int]] = []
        for command, presses in groupby(commands):
            times = len(list(presses))
            again = command is self._last and self._idle_ticks <= SECOND_TICKS
            self.held = again and (self._idle_ticks <= HELD_TICKS or times > 1)
            if again and command not in GRADUAL:
                self._second = None if self.held else command
            else:
                counted += [*self._waited(), (command, times)]
            self._last = command
            self._idle_ticks = 0
        if not commands:
            self._idle_ticks += 1
            if self._idle_ticks > HELD_TICKS:
                counted += self._waited()
        return counted

    def _waited(self) -> list[tuple[Command, int]]:
        second, self._second = self._second, None
        return [] if second is None else [(second, 1)]
