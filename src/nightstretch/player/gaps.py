"""Gaps in what is heard: a device that could not ask in time plays silence, and asks for no less afterwards.

Nobody tells of it. But what was asked for then stays behind the clock on the wall by as much, for ever.
"""

from __future__ import annotations

from collections import deque
from typing import Final

WINDOW_TICKS: Final = 10
"""A device asks in portions: how far behind it is, is the least of so many looks."""

LEAST_SECONDS: Final = 0.05
"""What is shorter may be the jitter of a busy device that lost nothing."""

MOST_SECONDS: Final = 3.0
"""Whatever is longer was no gap: the program was stopped, or the computer slept."""

DRIFT: Final = 2e-4
"""By so much a sound card's clock may be slower than ours; that is no gap."""


class Gaps:
    """Finds them from a look every now and then. ``rate``: samples a second."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._behind: deque[float] = deque(maxlen=WINDOW_TICKS)
        self._usual: float | None = None
        self._looked = 0.0

    def since(self, seconds: float, pulled: int) -> int:
        """Give the samples that were lost since the last look, mostly none.

        ``seconds``: the time by a clock that is never set. ``pulled``: samples the device has asked for.
        """
        self._behind.append(seconds - pulled / self._rate)
        if len(self._behind) < WINDOW_TICKS:
            return 0
        behind = min(self._behind)
        drift = DRIFT * (seconds - self._looked)
        self._looked = seconds
        if self._usual is None or behind <= self._usual + drift:
            self._usual = behind
            return 0
        gap = behind - self._usual
        if gap < LEAST_SECONDS:
            self._usual += drift
            return 0
        self._usual = behind
        return round(gap * self._rate) if gap <= MOST_SECONDS else 0

    def forget(self) -> None:
        """Begin anew: the device was closed."""
        self._behind.clear()
        self._usual = None
