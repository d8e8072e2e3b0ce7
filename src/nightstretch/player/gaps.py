"""Gaps in what is heard: a device that could not ask in time plays silence, and asks for no less afterwards.

Nobody tells of it. But what was asked for then stays behind the clock on the wall by as much, for ever.
"""

from __future__ import annotations

from collections import deque
from typing import Final

WINDOW_TICKS: Final = 10
"""How far behind a device is, is the least of so many looks: it asks in portions, and may be busy."""

STEADY_SECONDS: Final = 0.02
"""Two windows in a row that differ by more are of a device amid a gap, or one that is just settling."""

LEAST_SECONDS: Final = 0.3
"""What is shorter may be no gap: sound servers change how much they hold."""

MOST_SECONDS: Final = 3.0
"""Whatever is longer was no gap: the program was stopped, or the computer slept."""


class Gaps:
    """Finds them from a look every now and then. ``rate``: samples a second."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._behind: deque[float] = deque(maxlen=2 * WINDOW_TICKS)
        self._usual: float | None = None

    def since(self, seconds: float, pulled: int) -> int:
        """Give the samples that were lost and not told of before, mostly none.

        ``seconds``: the time by a clock that is never set. ``pulled``: samples the device has asked for.
        """
        self._behind.append(seconds - pulled / self._rate)
        if len(self._behind) < 2 * WINDOW_TICKS:
            return 0
        looks = list(self._behind)
        before, behind = min(looks[:WINDOW_TICKS]), min(looks[WINDOW_TICKS:])
        if abs(behind - before) > STEADY_SECONDS:
            return 0
        gap = 0.0 if self._usual is None else behind - self._usual
        self._usual = behind
        return round(gap * self._rate) if LEAST_SECONDS <= gap <= MOST_SECONDS else 0

    def forget(self) -> None:
        """Begin anew: the device was closed."""
        self._behind.clear()
        self._usual = None
