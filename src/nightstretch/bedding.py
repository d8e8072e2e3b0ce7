"""The bed under the voice: mono at the session's rate goes in, stereo with a bed comes out.

While the voice speaks the bed makes way, slowly; in the pauses it comes back. It works on what is heard and
knows no timeline, so it is the same for a file and for a loudspeaker, whatever a listener does in between.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt
import soxr

from nightstretch.audio import SESSION_RATE, Pcm, to_float, to_pcm
from nightstretch.beds import BED_LUFS, BED_RATE, Bed
from nightstretch.choices import Finish

DUCK_DB: Final = 6.0
"""How much the bed gives way to the voice."""

ATTACK_SECONDS, HOLD_SECONDS, RELEASE_SECONDS = 0.4, 0.6, 1.5
"""How slowly it gives way, waits between two words, and comes back: time constants, and a wait."""

FADE_SECONDS: Final = 4.0
"""How long it takes the bed to come, and to go."""

SWELL_DB: Final = 6.0
"""How much the bed rises with an in-breath."""

SWELL_SECONDS: Final = 0.6
"""How slowly the swell follows."""

_IN_BOTH: Final = 0.5**0.5
"""Two loudspeakers make it twice as much: so the loudness stays that of the mono sound."""

_STEP: Final = BED_RATE // 100  # frames; so often the gain is thought over, and a line drawn between
_SPEECH: Final = 10 ** (-45 / 20)  # what is louder is meant to be heard

Frames = npt.NDArray[np.int16]
"""Interleaved stereo of 16 bits, shape ``(frames, 2)``, at ``BED_RATE``."""


class Bedding:
    """Lays a bed under mono sound.

    ``presence``, 0 or 1, is whether the bed is to be heard: it comes and goes over ``FADE_SECONDS``.
    ``swell``, 0 to 1, is how full the lungs are, which it follows if that is wished for. ``volume``, 0 to 1,
    is a gain for the bed alone. All three are set from outside. ``alone``: the sound is only made way for.
    """

    def __init__(self, bed: Bed, finish: Finish, *, alone: bool = False) -> None:
        self._bed = bed
        self._voice_gain = 0.0 if alone else _IN_BOTH
        self._gain = 10 ** ((finish.loudness_lufs - finish.bed_lu - BED_LUFS) / 20)
        self._resampler = soxr.ResampleStream(SESSION_RATE, BED_RATE, 1, dtype="float32")
        self._rest = np.zeros(0, np.float32)  # of the voice, less than a step
        self._swell_db = SWELL_DB if finish.breath_swell else 0.0
        self.presence = 1.0
        self.swell = 0.0
        self.volume = 1.0
        self._present = 0.0
        self._swell = 0.0
        self._ducked = 0.0  # 0 to 1
        self._held_steps = 0
        self._last = 0.0  # the gain at the end of the last step

    @property
    def silent(self) -> bool:
        """Whether nothing of the bed is heard."""
        return self._present == 0

    def under(self, voice: Pcm, *, last: bool = False) -> Frames:
        """Give so much of the sound as can be given by now; with the ``last`` block, all of it."""
        heard = self._resampler.resample_chunk(to_float(voice), last=last)
        heard = np.concatenate([self._rest, heard])
        whole = len(heard) if last else len(heard) // _STEP * _STEP
        self._rest = heard[whole:]
        if not whole:
            return np.zeros((0, 2), np.int16)
        heard = heard[:whole]
        starts = np.arange(0, whole, _STEP)
        speaks = np.maximum.reduceat(np.abs(heard), starts) > _SPEECH
        gains = [self._last, *map(self._gain_after, speaks.tolist())]
        self._last = gains[-1]
        gain = np.interp(np.arange(whole), [*starts, whole], gains).astype(np.float32)
        return to_pcm(self._bed.read(whole) * gain[:, None] + (heard * self._voice_gain)[:, None])

    def _gain_after(self, speaks: bool) -> float:  # noqa: FBT001 - it is what is heard, no option
        """Think the gain over after one step, in which somebody speaks or not."""
        step = _STEP / BED_RATE
        if speaks:
            self._held_steps = round(HOLD_SECONDS / step)
        else:
            self._held_steps = max(0, self._held_steps - 1)
        ducks = self._held_steps > 0
        self._ducked += (ducks - self._ducked) * step / (ATTACK_SECONDS if ducks else RELEASE_SECONDS)
        self._swell += (self.swell - self._swell) * step / SWELL_SECONDS
        most = step / FADE_SECONDS
        self._present += min(max(self.presence - self._present, -most), most)
        there = 0.5 - 0.5 * math.cos(math.pi * self._present)
        moved_db = self._swell_db * self._swell - DUCK_DB * self._ducked
        return self._gain * self.volume * there * 10 ** (moved_db / 20)
