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

EDGES_DB: Final = 0.12
"""The first and the last moments of a cue are blocks of BS.1770 that it only half fills: 0.1 to 0.3 dB."""

_OVER_BED_DB: Final = 0.075
"""Over a bed the pauses count as sound too, which lowers the gate of BS.1770, and the loudness with it.

The fewer words, the more: by this, divided by the square of their share in the time. Measured over the
shipped routines and beds at speeds from 0.7 to 1.4, with the bed 18 LU down. A louder one lowers it further.
"""

_LEAST_SPEECH_SHARE: Final = 0.25
"""With fewer words than this the bed is much of what counts, and no gain of the voice makes up for it."""


class Mastering:
    """Gives clips the loudness of their place between two samples of a session, where its words lie.

    ``speech_share``: how much of the time there somebody speaks; a guess will do.
    """

    def __init__(self, finish: Finish, first: int, last: int, *, speech_share: float = 0.5) -> None:
        self._first = first
        self._samples = max(last - first, 1)
        self._quieter_db = finish.quieter_db
        # It falls evenly from a little above the session's loudness to below it, and the mean energy is that
        # of the whole.
        steepness = finish.quieter_db / 10 * math.log(10)
        above_db = -10 * math.log10(-math.expm1(-steepness) / steepness) if steepness else 0.0
        share = max(speech_share, _LEAST_SPEECH_SHARE)
        lost_db = EDGES_DB + (_OVER_BED_DB / share**2 if finish.bed is not None else 0.0)
        self._first_db = finish.loudness_lufs - SPEECH_LUFS + above_db + lost_db

    def gain_db(self, at: int) -> float:
        """Give the gain at a sample of the session."""
        return self._first_db - self._quieter_db * min(max((at - self._first) / self._samples, 0.0), 1.0)

    def mastered(self, clip: Clip, at: int) -> Clip:
        """Give a clip as loud as it is to be at a sample of the session."""
        signal = to_float(clip.samples) * 10 ** (self.gain_db(at) / 20)
        return Clip(to_pcm(limited(signal)), clip.rate)
