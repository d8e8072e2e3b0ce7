"""Beds for tests, and what is heard of one under a voice."""

import numpy as np
import numpy.typing as npt

from nightstretch.bed_files import Stereo
from nightstretch.bedding import Frames
from nightstretch.beds import Bed

STEADY = 0.2


class SteadyBed(Bed):
    """A level on the left and its opposite on the right: in the middle is the voice alone."""

    def __init__(self, level: float = STEADY) -> None:
        self._level = level
        self.closed = False

    def read(self, frames: int) -> Stereo:
        return np.tile(np.array([self._level, -self._level], np.float32), (frames, 1))

    def close(self) -> None:
        self.closed = True


def bed_of(heard: Frames) -> npt.NDArray[np.float64]:
    """Give the gain that a steady bed has at each frame."""
    left, right = heard.astype(np.float64).T
    return np.asarray((left - right) / 2 / 32767 / STEADY)


def voice_of(heard: Frames) -> npt.NDArray[np.float64]:
    """Give the voice over a steady bed, as loud as it is in mono, in 16-bit steps."""
    left, right = heard.astype(np.float64).T
    return np.asarray((left + right) / 2 * 2**0.5)
