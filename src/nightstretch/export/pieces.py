"""Sound in pieces of one length, however it comes: so it is measured in memory that does not grow."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from nightstretch.audio import to_float
from nightstretch.export.base import Block

Signal = npt.NDArray[np.float32]
"""In [-1, 1], of shape ``(frames, channels)``."""


class Pieces:
    """Cuts blocks of PCM into pieces of so many frames."""

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._blocks: list[Signal] = []
        self._held = 0

    def add(self, block: Block) -> Iterator[Signal]:
        """Take a block; give the pieces that are whole."""
        signal = to_float(block)
        self._blocks.append(signal if signal.ndim > 1 else signal[:, np.newaxis])
        self._held += len(block)
        if self._held < self._frames:
            return
        joined = np.concatenate(self._blocks)
        whole = len(joined) // self._frames * self._frames
        self._blocks, self._held = [joined[whole:]], len(joined) - whole
        for start in range(0, whole, self._frames):
            yield joined[start : start + self._frames]

    def rest(self) -> Iterator[Signal]:
        """Give what is left, which is shorter than a piece; nothing where nothing is."""
        if self._held:
            yield np.concatenate(self._blocks)
        self._blocks, self._held = [], 0
