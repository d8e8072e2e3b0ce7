"""A voice made fit for the mixer: every clip at the session's rate, without silence around it, equally loud.

Engines differ in all three. Pauses are only exact if clips begin and end with their words, and a listener who
is nearly asleep must not be startled by one cue that is louder than the others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
import soxr

from nightstretch.audio import SESSION_RATE, Clip, to_float, to_pcm
from nightstretch.errors import VoiceError
from nightstretch.voices.base import Voice
from nightstretch.voices.loudness import loudness

SPEECH_LUFS: Final = -19.0
PEAK_DBFS: Final = -4.8
"""Sample peak. -3 dBTP is promised of the finished file: in the shipped routines, what lies between samples
was seen 1.4 dB above this, at speed 0.7, and MP3 adds a little."""

_VERSION = "leveled-6"  # part of every cache key: raise it when a clip comes out different
_FRAME_SECONDS = 0.005
_MARGIN_FRAMES = 2  # 10 ms on either side, in which the fades lie
_BELOW_SPEECH_DB = 40.0  # a soft "f" lies some 30 dB below the vowels, an engine's breath 45 dB
_LEAST_BELOW_SPEECH_DB = 30.0
_ABOVE_NOISE_DB = 6.0
_SPEECH_PERCENTILE, _NOISE_PERCENTILE = 95, 2

Signal = npt.NDArray[np.float32]


class LeveledVoice:
    """A voice whose clips are at ``SESSION_RATE``, trimmed, faded over 5 ms and at ``SPEECH_LUFS``."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self.name = voice.name
        self.identity = f"{_VERSION} soxr {soxr.__version__}; {voice.identity}"
        self.speeds = voice.speeds
        self.takes_ipa = voice.takes_ipa

    def synthesize(self, text: str, speed: float) -> Clip:
        """Speak ``text``. Raises VoiceError, also where nothing is to be heard."""
        return level(self._voice.synthesize(text, speed), text)

    def close(self) -> None:
        """Close the voice itself."""
        self._voice.close()


def level(clip: Clip, text: str, treat: Callable[[Signal], Signal] | None = None) -> Clip:
    """Resample, trim, treat and level the clip of a text. Raises VoiceError where nothing is to be heard.

    ``treat`` is given sound that begins and ends at zero, and may lengthen it.
    """
    signal = to_float(clip.samples)
    if clip.rate != SESSION_RATE:
        signal = soxr.resample(signal, clip.rate, SESSION_RATE)
    start, end = speech_bounds(signal, SESSION_RATE)
    signal = _fade(signal[start:end])
    if treat is not None:
        signal = treat(signal)
    lufs = loudness(signal, SESSION_RATE)
    if not np.isfinite(lufs):
        raise VoiceError(f"the voice made no sound for {text!r}; try another one: nightstretch voices")
    return Clip(to_pcm(_at_speech_level(signal, lufs)), SESSION_RATE)


def _at_speech_level(signal: Signal, lufs: float) -> Signal:
    """Give a signal at ``SPEECH_LUFS``, its peaks held below ``PEAK_DBFS``."""
    signal = signal * _gain(SPEECH_LUFS - lufs)
    if (held := limited(signal)) is not signal:
        # The limiter takes a little away: up to 0.25 LU. Once more, with its energy given back, and it is
        # less than 0.1 LU, without the time that measuring again would take.
        held = limited(held * np.sqrt(np.dot(signal, signal) / np.dot(held, held)))
    return held


def speech_bounds(signal: Signal, rate: int) -> tuple[int, int]:
    """Give the first sample of the speech in a mono signal and the one after its last, margins included.

    Speech is what lies less than 40 dB below the loudest of it; where the noise is louder than that, what
    stands out of the noise, but always everything within 30 dB of the loudest. Empty bounds: silence.
    """
    frame = max(1, round(_FRAME_SECONDS * rate))
    level_db = 10 * np.log10(np.mean(_frames(signal, frame) ** 2, axis=1) + 1e-20)
    if not len(level_db) or not np.any(signal):
        return 0, 0
    speech_db, noise_db = np.percentile(level_db, (_SPEECH_PERCENTILE, _NOISE_PERCENTILE))
    # A single word between long silences: its loudest frame is then the better measure.
    speech_db = max(speech_db, level_db.max() - 10)
    threshold_db = max(speech_db - _BELOW_SPEECH_DB, noise_db + _ABOVE_NOISE_DB)
    heard = np.flatnonzero(level_db >= min(threshold_db, speech_db - _LEAST_BELOW_SPEECH_DB))
    start = max(0, int(heard[0]) - _MARGIN_FRAMES) * frame
    return start, min(len(signal), (int(heard[-1]) + 1 + _MARGIN_FRAMES) * frame)


def _frames(signal: Signal, frame: int) -> Signal:
    """Give the signal in rows of ``frame`` samples, the last one filled up with silence."""
    padded: Signal = np.pad(signal, (0, -len(signal) % frame))
    return padded.reshape(-1, frame)


def _gain(decibels: float) -> np.float32:
    return np.float32(10 ** (decibels / 20))


def limited(signal: Signal) -> Signal:
    """Turn down what would be louder than ``PEAK_DBFS``, gliding there and back within milliseconds."""
    ceiling = 10 ** (PEAK_DBFS / 20)
    if np.abs(signal).max() <= ceiling:
        return signal
    frame = round(_FRAME_SECONDS * SESSION_RATE)
    peaks = np.abs(_frames(signal, frame)).max(axis=1)
    needed = np.pad(ceiling / np.maximum(peaks, ceiling), 1, mode="edge")
    # With the least of its neighbours at the centre of each frame, the line between two centres never lies
    # above what either frame needs. Each such line is a row.
    least = np.minimum(np.minimum(needed[:-2], needed[1:-1]), needed[2:])
    knots = np.pad(least, 1, mode="edge").astype(np.float32)
    rise = np.arange(frame, dtype=np.float32) / np.float32(frame)
    lines = knots[:-1, None] + np.diff(knots)[:, None] * rise
    held: Signal = signal * lines.reshape(-1)[frame // 2 :][: len(signal)]
    return held


def _fade(signal: Signal) -> Signal:
    """Let the signal begin and end at zero, over 5 ms each."""
    length = min(round(_FRAME_SECONDS * SESSION_RATE), len(signal) // 2)
    ramp = np.sin(np.linspace(0, np.pi / 2, length, endpoint=False, dtype=np.float32)) ** 2
    faded = signal.copy()
    faded[:length] *= ramp
    faded[len(faded) - length :] *= ramp[::-1]
    return faded
