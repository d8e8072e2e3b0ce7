"""The tape between the renderer and the transport: a bounded stretch of sound that can be stepped back on.

A plain queue would do for playing straight on. But after a pause, and after the renderer was late, a few
samples have to be heard a second time, so what was read is kept for a while.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nightstretch.audio import Pcm


class Ring:
    """A ring of samples, addressed by their position on the tape. Not thread-safe.

    ``capacity``: samples it holds in all. ``keep``: how many of them stay readable behind the furthest
    position that was read. ``start``: the first position; before it there is silence, so that one can step
    back past it.
    ``ended``: set by the writer when nothing more will come.
    """

    def __init__(self, capacity: int, keep: int, start: int = 0) -> None:
        self._samples = np.zeros(capacity, np.int16)
        self._keep = keep
        self._written = self.position = start
        self.ended = False

    @property
    def available(self) -> int:
        """Samples that can be read now."""
        return self._written - self.position

    @property
    def free(self) -> int:
        """Samples that can be written now."""
        return max(0, self.position - self._keep + len(self._samples) - self._written)

    def write(self, block: Pcm) -> int:
        """Take as much of ``block``, shape ``(samples,)``, as there is room for; return how much that was."""
        size = min(len(block), self.free)
        self._samples[self._places(self._written, size)] = block[:size]
        self._written += size
        return size

    def read(self, size: int) -> Pcm:
        """Read on: the next ``size`` samples, at most ``available``."""
        samples: Pcm = self._samples[self._places(self.position, size)]
        self.position += size
        return samples

    def rewind(self, position: int) -> None:
        """Go back to ``position``, at most ``keep`` samples behind the furthest one that was read."""
        self.position = position

    def _places(self, start: int, size: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.arange(start, start + size) % len(self._samples)
