"""What is to be found in a recording: these very samples, where, and how loud."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nightstretch.audio import SESSION_RATE, Pcm

_PIECE_SAMPLES = SESSION_RATE // 4
_PIECES = 4
_LIKE_IT = 0.97  # of 1: by far more than two different words are like each other


@dataclass(frozen=True)
class Match:
    """Where a clip begins in a recording, in samples, and how loud it is there; 1 is as it is."""

    start: int
    gain: float


def find(recording: Pcm, clip: Pcm, since: int = 0) -> Match | None:
    """Find where the beginning of a clip is heard, from sample ``since`` on.

    On a busy machine a sound server drops samples, or is late: another piece of the clip will do then.
    """
    sound = recording[since:].astype(np.float64)
    for offset in range(0, min(len(clip), _PIECES * _PIECE_SAMPLES), _PIECE_SAMPLES):
        match = _find_piece(sound, clip[offset : offset + _PIECE_SAMPLES].astype(np.float64))
        if match is not None:
            return Match(since + match.start - offset, match.gain)
    return None


def _find_piece(sound: npt.NDArray[np.float64], piece: npt.NDArray[np.float64]) -> Match | None:
    if len(sound) < len(piece):
        return None
    alike = _correlated(sound, piece)
    energy = np.cumsum(np.concatenate([[0.0], sound**2]))
    there = energy[len(piece) :] - energy[: -len(piece)]
    score = alike / np.sqrt(np.maximum(there, len(piece)) * (piece @ piece))
    start = int(np.argmax(score))  # the first of the best: a chime is like itself a moment later
    return Match(start, float(alike[start] / (piece @ piece))) if score[start] > _LIKE_IT else None


def _correlated(sound: npt.NDArray[np.float64], piece: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    size = 1 << (len(sound) + len(piece)).bit_length()
    product = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(piece, size))
    return np.fft.irfft(product, size)[: len(sound) - len(piece) + 1]


def loudest(recording: Pcm, start: int, end: int) -> int:
    """Give the largest sample between two."""
    return int(np.abs(recording[start:end].astype(np.int32)).max(initial=0))


def largest_step(sound: Pcm) -> int:
    """Give the largest difference of two samples in a row: where it is more than in the clips, it clicks."""
    return int(np.abs(np.diff(sound.astype(np.int32))).max(initial=0))
