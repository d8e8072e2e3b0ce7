"""A voice in a room: a little warmer than the engine made it, with the air of a small, soft room around it.

A synthetic voice is as dry as a recording booth, and close to the ear its brightness tires. Both are mended
once for every clip, before it is kept: what plays does no work for it. Both are one convolution by SciPy's
transforms, which are imported by the first clip that is made, so that a session out of the cache starts
without them.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.metadata import version
from typing import Final

import numpy as np
import numpy.typing as npt

from nightstretch.audio import SESSION_RATE, Clip
from nightstretch.voices.base import Voice
from nightstretch.voices.leveled import LeveledVoice, level
from nightstretch.voices.loudness import fast_length

SHELF_HZ: Final = 4000.0
SHELF_DB: Final = -3.0
"""What lies above the shelf is turned down by this in the end; of the first order, so it begins softly."""

ROOM_DB: Final = -25.0
"""The energy of the room against that of the voice: more of it, and a recogniser mistakes more words."""

DECAY_SECONDS: Final = 0.2
"""How long the room takes to fall by 60 dB: that of a bedroom with curtains and a carpet."""

TAIL_SECONDS: Final = 0.05
"""What is kept of the room after the last word, fading: more of it would take time from the pauses."""

_VERSION = "room-5"  # part of every cache key: raise it when a clip comes out different
_FIRST_REFLECTION_SECONDS = 0.006
_WALLS_HZ = 3000.0  # soft walls give back little above this
_SEED = 7

Signal = npt.NDArray[np.float32]
Filter = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]
"""The coefficients of 1 and z^-1, above and below the fraction line."""


class RoomVoice(LeveledVoice):
    """A levelled voice, in the room; its clips are longer by ``TAIL_SECONDS``."""

    def __init__(self, voice: Voice) -> None:
        super().__init__(voice)
        self.identity = f"{_VERSION} scipy {version('scipy')}; {self.identity}"

    def synthesize(self, text: str, speed: float) -> Clip:
        """Speak ``text``. Raises VoiceError, also where nothing is to be heard."""
        return level(self._voice.synthesize(text, speed), text, in_room)


def in_room(signal: Signal) -> Signal:
    """Give a mono signal at the session's rate as it sounds in the room, with what rings after it."""
    from scipy.fft import irfft, rfft  # noqa: PLC0415 - see above

    tail = round(TAIL_SECONDS * SESSION_RATE)
    heard = len(signal) + tail
    size = fast_length(heard + len(room()))
    sound: Signal = irfft(rfft(signal.astype(np.float32), size) * _response(size), size)[:heard]
    sound[-tail:] *= np.cos(np.linspace(0, np.pi / 2, tail, dtype=np.float32)) ** 2
    return sound


@cache
def room() -> npt.NDArray[np.float64]:
    """Give the room's own answer to a click, without the click: noise that dies away, from soft walls."""
    from scipy.fft import irfft, rfft  # noqa: PLC0415

    samples = round(DECAY_SECONDS * SESSION_RATE)
    seconds = np.arange(samples) / SESSION_RATE
    noise = np.random.default_rng(_SEED).standard_normal(samples)
    noise *= 10 ** (-3 * seconds / DECAY_SECONDS)
    # Rises over the first moments, so that no single wall is heard.
    noise *= np.clip((seconds - _FIRST_REFLECTION_SECONDS) / (2 * _FIRST_REFLECTION_SECONDS), 0, 1)
    size = 2 * samples
    soft = irfft(rfft(noise, size) * _at(_walls(), size), size)[:samples]
    answer: npt.NDArray[np.float64] = soft * 10 ** (ROOM_DB / 20) / np.sqrt(np.sum(soft**2))
    return answer


@lru_cache(maxsize=8)
def _response(size: int) -> npt.NDArray[np.complex64]:
    """Give what the shelf and the room do to each frequency of a transform."""
    from scipy.fft import rfft  # noqa: PLC0415

    response = _at(_shelf(), size) * (1 + rfft(room(), size))
    return np.asarray(response, np.complex64)


def _at(filter_: Filter, size: int) -> npt.NDArray[np.complex128]:
    """Give the response of a filter at each frequency of a transform."""
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)  # z^-1 on the unit circle
    numerator, denominator = filter_
    return np.asarray((numerator[0] + numerator[1] * z) / (denominator[0] + denominator[1] * z))


def _shelf() -> Filter:
    """Give the high shelf."""
    return _first_order(SHELF_HZ, 10 ** (SHELF_DB / 20))


def _walls() -> Filter:
    """Give the low-pass that soft walls are."""
    return _first_order(_WALLS_HZ, 0.0)


def _first_order(corner_hz: float, high_gain: float) -> Filter:
    """Give the filter that leaves what is far below a corner and takes ``high_gain`` of what is far above.

    By the bilinear map, with the corner where it is wanted.
    """
    corner = float(np.tan(np.pi * corner_hz / SESSION_RATE))
    scale = 1 + corner
    numerator = np.array([high_gain + corner, corner - high_gain]) / scale
    return numerator, np.array([scale, corner - 1]) / scale
