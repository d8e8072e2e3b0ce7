"""How loud everything is in the end: the session as a whole, and softer from cue to cue towards its end.

Clips come at one loudness. What is done to them here is one gain for each, from its first sample to its last,
so that no word fades; and what that would lift above the peak is held below it.
"""

from __future__ import annotations

import math
from typing import Final

from nightstretch.audio import Clip, to_float, to_pcm
from nightstretch.choices import Finish
from nightstretch.voices.leveled import SPEECH_LUFS, limited

_OVER_BED_DB: Final = 0.3
"""Over a bed the pauses count as sound too, which lowers the gate of BS.1770, and the loudness with it.

By 0.2 to 0.4 dB, measured over the shipped routines at speeds from 0.7 to 1.4 and at 60 minutes, with the bed
18 LU down. What is louder than that lowers it further.
"""


class Mastering:
    """Gives clips the loudness of their place between two samples of a session, where its words lie."""

    def __init__(self, finish: Finish, first: int, last: int) -> None:
        self._first = first
        self._samples = max(last - first, 1)
        self._quieter_db = finish.quieter_db
        # It falls evenly from a little above the session's loudness to below it, and the mean energy is that
        # of the whole.
        steepness = finish.quieter_db / 10 * math.log(10)
        above_db = -10 * math.log10(-math.expm1(-steepness) / steepness) if steepness else 0.0
        over_db = _OVER_BED_DB if finish.bed is not None else 0.0
        self._first_db = finish.loudness_lufs - SPEECH_LUFS + above_db + over_db

    def gain_db(self, at: int) -> float:
        """Give the gain at a sample of the session."""
        return self._first_db - self._quieter_db * min(max((at - self._first) / self._samples, 0.0), 1.0)

    def mastered(self, clip: Clip, at: int) -> Clip:
        """Give a clip as loud as it is to be at a sample of the session."""
        signal = to_float(clip.samples) * 10 ** (self.gain_db(at) / 20)
        return Clip(to_pcm(limited(signal)), clip.rate)
