"""Gaps in what is heard: a device that could not ask in time plays silence, and asks for no less afterwards.

Nobody tells of it. But what was asked for then stays behind the clock on the wall by as much, for ever.
"""

from __future__ import annotations

from collections import deque
from typing import Final

WINDOW_TICKS: Final = 10
"""How far behind a device is, is the least of so many looks: it asks in portions, and may be busy."""

STEADY_SECONDS: Final = 0.02
"""Two windows in a row that differ by more are of a device amid a gap."""

SETTLING_SECONDS: Final = 15.0
"""So long after it was opened a sound server may still change how much it holds: small gaps are none."""

LEAST_SETTLING_SECONDS, LEAST_SECONDS = 0.3, 0.06
"""What is shorter is not told yet, while it settles and afterwards."""

MOST_SECONDS: Final = 3.0
"""Whatever is longer was no gap: the program was stopped, or the computer slept."""

DRIFT: Final = 2e-4
"""By so much a sound card's clock may be slower than ours; that is no gap."""


class Gaps:
    """Finds them from a look every now and then. ``rate``: samples a second."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._behind: deque[float] = deque(maxlen=2 * WINDOW_TICKS)
        self._opened: float | None = None
        self._looked = 0.0
        self._usual: float | None = None

    def since(self, seconds: float, pulled: int) -> int:
        """Give the samples that were lost and not told of before, mostly none.

        ``seconds``: the time by a clock that is never set. ``pulled``: samples the device has asked for.
        """
        if self._opened is None:
            self._opened = self._looked = seconds
        passed, self._looked = seconds - self._looked, seconds
        self._behind.append(seconds - pulled / self._rate)
        looks = list(self._behind)
        if len(looks) < 2 * WINDOW_TICKS:
            return 0
        before, behind = min(looks[:WINDOW_TICKS]), min(looks[WINDOW_TICKS:])
        if self._usual is None:
            self._usual = behind
        self._usual += DRIFT * passed
        if abs(behind - before) > STEADY_SECONDS:
            return 0
        settling = seconds - self._opened < SETTLING_SECONDS
        least = LEAST_SETTLING_SECONDS if settling else LEAST_SECONDS
        gap = behind - self._usual
        if settling or not 0 <= gap < least:
            self._usual = behind
        return round(gap * self._rate) if least <= gap <= MOST_SECONDS else 0

    def forget(self) -> None:
        """Begin anew: the device was closed."""
        self._behind.clear()
        self._opened = self._usual = None
