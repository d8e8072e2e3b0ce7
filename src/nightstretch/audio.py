"""The one kind of sound that is passed around: a mono clip of 16-bit samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

SESSION_RATE: Final = 24_000
"""Samples a second of every session: the natural voice's own rate, so that its clips are never resampled."""

Pcm = npt.NDArray[np.int16]
"""Mono 16-bit samples, shape ``(samples,)``."""


@dataclass(frozen=True, eq=False)
class Clip:
    """A piece of mono sound.

    ``samples``: 16-bit PCM of shape ``(samples,)``. 16 bits everywhere, so that a clip that comes out of
    the cache is the clip that went in, and the same input gives the same bytes.
    ``rate``: samples a second.
    """

    samples: Pcm
    rate: int

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def seconds(self) -> float:
        """Its length in seconds."""
        return len(self.samples) / self.rate


def to_pcm(signal: npt.NDArray[np.floating]) -> Pcm:
    """Round a signal in [-1, 1] to 16-bit samples; what lies outside is clipped."""
    pcm: Pcm = np.clip(np.rint(signal * 32767.0), -32768, 32767).astype(np.int16)
    return pcm


def to_float(pcm: Pcm) -> npt.NDArray[np.float32]:
    """16-bit samples as a signal in [-1, 1]."""
    return pcm.astype(np.float32) / np.float32(32767.0)
