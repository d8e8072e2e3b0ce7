"""A voice in a room: a little warmer than the engine made it, with the air of a small, soft room around it.

A synthetic voice is as dry as a recording booth, and close to the ear its brightness tires. Both are mended
once for every clip, before it is kept: what plays does no work for it. The filters are SciPy's, which is
imported by the first clip that is made, so that a session out of the cache starts without it.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Final

import numpy as np
import numpy.typing as npt

from nightstretch.audio import SESSION_RATE, Clip, to_float, to_pcm
from nightstretch.voices.base import Voice
from nightstretch.voices.leveled import at_speech_level

SHELF_HZ: Final = 4000.0
SHELF_DB: Final = -3.0
"""What lies above the shelf is turned down by this in the end; of the first order, so it begins softly."""

ROOM_DB: Final = -25.0
"""The energy of the room against that of the voice: more of it, and a recogniser mistakes more words."""

DECAY_SECONDS: Final = 0.2
"""How long the room takes to fall by 60 dB: that of a bedroom with curtains and a carpet."""

TAIL_SECONDS: Final = 0.12
"""What is kept of the room after the last word; by then it is inaudible, and faded."""

_VERSION = "room-2"  # part of every cache key: raise it when a clip comes out different
_FIRST_REFLECTION_SECONDS = 0.006
_WALLS_HZ = 3000.0  # soft walls give back little above this
_SEED = 7

Signal = npt.NDArray[np.float32]


class RoomVoice:
    """A levelled voice, in the room."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self.name = voice.name
        self.identity = f"{_VERSION} scipy {version('scipy')}; {voice.identity}"
        self.speeds = voice.speeds
        self.takes_ipa = voice.takes_ipa

    def synthesize(self, text: str, speed: float) -> Clip:
        """Speak ``text``; the clip is longer by ``TAIL_SECONDS``. Raises VoiceError."""
        clip = self._voice.synthesize(text, speed)
        return Clip(to_pcm(at_speech_level(in_room(to_float(clip.samples)))), clip.rate)

    def close(self) -> None:
        """Close the voice itself."""
        self._voice.close()


def in_room(signal: Signal) -> Signal:
    """Give a mono signal at the session's rate as it sounds in the room, with what rings after it."""
    from scipy.signal import lfilter, oaconvolve  # noqa: PLC0415 - see above

    tail = round(TAIL_SECONDS * SESSION_RATE)
    warm = lfilter(*_shelf(), np.pad(signal, (0, tail)))
    sound: Signal = (warm + oaconvolve(warm, room())[: len(warm)]).astype(np.float32)
    sound[-tail:] *= np.cos(np.linspace(0, np.pi / 2, tail, dtype=np.float32)) ** 2
    return sound


@cache
def _shelf() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Give the coefficients of the high shelf: ``(numerator, denominator)``."""
    from scipy.signal import bilinear  # noqa: PLC0415

    corner = 2 * SESSION_RATE * np.tan(np.pi * SHELF_HZ / SESSION_RATE)  # where the bilinear map puts it
    gain = 10 ** (SHELF_DB / 20)
    numerator, denominator = bilinear([gain, corner], [1, corner], SESSION_RATE)
    return numerator, denominator


@cache
def room() -> npt.NDArray[np.float64]:
    """Give the room's own answer to a click, without the click: noise that dies away, from soft walls."""
    from scipy.signal import butter, lfilter  # noqa: PLC0415

    samples = round(DECAY_SECONDS * SESSION_RATE)
    seconds = np.arange(samples) / SESSION_RATE
    noise = np.random.default_rng(_SEED).standard_normal(samples)
    noise *= 10 ** (-3 * seconds / DECAY_SECONDS)
    # Rises over the first moments, so that no single wall is heard.
    noise *= np.clip((seconds - _FIRST_REFLECTION_SECONDS) / (2 * _FIRST_REFLECTION_SECONDS), 0, 1)
    soft = lfilter(*butter(1, _WALLS_HZ, fs=SESSION_RATE), noise)
    answer: npt.NDArray[np.float64] = soft * 10 ** (ROOM_DB / 20) / np.sqrt(np.sum(soft**2))
    return answer
