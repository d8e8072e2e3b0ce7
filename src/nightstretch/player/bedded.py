"""What the output pulls where there is a bed: the session, whatever happens to it, over a sound that goes on.

The transport knows nothing of it. The bed comes with the session and goes with it: it fades, over seconds,
where the listener pauses and where the session ends.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from nightstretch.audio import SESSION_RATE, Pcm
from nightstretch.bedding import Bedding
from nightstretch.beds import BED_RATE
from nightstretch.player.transport import DRAIN_SECONDS, Transport

_PULLED: Final = SESSION_RATE // 100
"""Samples pulled at a time, little enough to answer a key at once."""


class Bedded:
    """Lays a bed under what a transport plays, in stereo at ``rate`` frames a second.

    ``bedding.swell`` may be set at any time.
    """

    rate = BED_RATE
    channels = 2

    def __init__(self, transport: Transport, bedding: Bedding) -> None:
        self._transport = transport
        self._bedding = bedding
        self._ready: Pcm = np.zeros((0, 2), np.int16)
        self._silent_frames = 0

    @property
    def drained(self) -> bool:
        """Whether both are over, and the device has played everything."""
        return self._transport.drained and self._silent_frames >= DRAIN_SECONDS * BED_RATE

    def pull(self, frames: int) -> Pcm:
        """Give the next frames, shape ``(frames, 2)``. Never waits, but for the file of the bed."""
        parts, missing = [self._ready], frames - len(self._ready)
        while missing > 0:
            self._bedding.presence = float(self._transport.awake)
            self._bedding.volume = self._transport.gain
            part = self._bedding.under(self._transport.pull(_PULLED))
            self._silent_frames = self._silent_frames + len(part) if self._bedding.silent else 0
            parts.append(part)
            missing -= len(part)
        joined = np.concatenate(parts)
        self._ready = joined[frames:]
        return joined[:frames]
