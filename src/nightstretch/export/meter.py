"""A loudness meter for a stream, in memory that does not grow: loudness, loudness range and true peak.

By ITU-R BS.1770-4 (gated loudness, and true peak by fourfold oversampling) and EBU Tech 3342 (range). Every
gating block goes into a histogram of hundredths of an LU, as ffmpeg's ``ebur128`` does it; tests hold the one
against the other.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import soxr

from nightstretch.export.base import Block
from nightstretch.export.pieces import Pieces, Signal
from nightstretch.voices.loudness import OFFSET_LU, RELATIVE_GATE_LU, RINGING_SECONDS, SILENT_LUFS, k_weighted

_PIECE_SECONDS: Final = 10
_HOPS_A_SECOND: Final = 10
_MOMENT_HOPS, _SHORT_TERM_HOPS = 4, 30  # 400 ms and 3 s
_RANGE_GATE_LU = 20.0
_SOFT_SHARE, _LOUD_SHARE = 0.10, 0.95
_OVERSAMPLED: Final = 4

Powers = npt.NDArray[np.float64]


class Meter:
    """Measures PCM of so many samples a second. Give it all blocks, then ``finish`` it, then read it."""

    def __init__(self, rate: int, channels: int) -> None:
        self._rate = rate
        self._hop = rate // _HOPS_A_SECOND
        self._pieces = Pieces(_PIECE_SECONDS * rate)
        self._before: Signal = np.zeros((round(RINGING_SECONDS * rate), channels), np.float32)
        self._hops: Powers = np.zeros(0)
        self._moments = _Histogram()
        self._short_terms = _Histogram()
        self._oversampler = soxr.ResampleStream(rate, _OVERSAMPLED * rate, channels)
        self._peak = 0.0

    def add(self, block: Block) -> None:
        """Take the next block."""
        for piece in self._pieces.add(block):
            self._measure(piece)

    def finish(self) -> None:
        """Take what was held back; a hop of 0.1 s that is not whole counts no more."""
        for piece in self._pieces.rest():
            self._measure(piece)
        nothing = np.zeros((0, self._before.shape[1]), np.float32)
        self._note_peak(self._oversampler.resample_chunk(nothing, last=True))

    @property
    def lufs(self) -> float:
        """The integrated loudness, ``-inf`` for silence."""
        return self._moments.above_gate(RELATIVE_GATE_LU).mean_lufs()

    @property
    def range_lu(self) -> float:
        """The loudness range, 0 for what is shorter than 3 s."""
        return self._short_terms.above_gate(_RANGE_GATE_LU).spread_lu(_SOFT_SHARE, _LOUD_SHARE)

    @property
    def peak_dbtp(self) -> float:
        """The true peak, ``-inf`` for silence."""
        return float(20 * np.log10(self._peak)) if self._peak else -np.inf

    def _measure(self, piece: Signal) -> None:
        self._note_peak(self._oversampler.resample_chunk(piece))
        early = len(self._before)
        joined = np.concatenate((self._before, piece))
        self._before = joined[-early:]
        energy = sum((k_weighted(channel, self._rate)[early:] ** 2 for channel in joined.T), np.zeros(1))
        hops = energy[: len(energy) // self._hop * self._hop].reshape(-1, self._hop).mean(axis=1)
        known = np.concatenate((self._hops, hops))
        self._moments.add(_sliding(known, _MOMENT_HOPS, new=len(hops)))
        self._short_terms.add(_sliding(known, _SHORT_TERM_HOPS, new=len(hops)))
        self._hops = known[-_SHORT_TERM_HOPS + 1 :]

    def _note_peak(self, oversampled: Signal) -> None:
        self._peak = max(self._peak, float(np.abs(oversampled).max(initial=0)))


class _Histogram:
    """How many blocks were how loud, in hundredths of an LU from the absolute gate to +10 LUFS."""

    _GRAIN: Final = 0.01
    _LEVELS: Final = SILENT_LUFS + _GRAIN * (np.arange(8000) + 0.5)
    _POWERS: Final = 10 ** ((_LEVELS - OFFSET_LU) / 10)

    def __init__(self, counts: npt.NDArray[np.int64] | None = None) -> None:
        self._counts = np.zeros(len(self._LEVELS), np.int64) if counts is None else counts

    def add(self, powers: Powers) -> None:
        levels = OFFSET_LU + 10 * np.log10(powers[powers > 0])
        places = ((levels[levels > SILENT_LUFS] - SILENT_LUFS) / self._GRAIN).astype(np.int64)
        np.add.at(self._counts, np.minimum(places, len(self._counts) - 1), 1)

    def above_gate(self, below_mean_lu: float) -> _Histogram:
        """Give the blocks that are no further below the mean of all."""
        return _Histogram(np.where(self.mean_lufs() - below_mean_lu < self._LEVELS, self._counts, 0))

    def mean_lufs(self) -> float:
        total = int(self._counts.sum())
        return float(OFFSET_LU + 10 * np.log10(self._counts @ self._POWERS / total)) if total else -np.inf

    def spread_lu(self, soft: float, loud: float) -> float:
        """Give how far two shares of the blocks lie apart."""
        upto = np.cumsum(self._counts)
        if not upto[-1]:
            return 0.0
        low, high = np.searchsorted(upto, np.array([soft, loud]) * (upto[-1] - 1), side="right")
        return float(self._LEVELS[high] - self._LEVELS[low])


def _sliding(hops: Powers, length: int, *, new: int) -> Powers:
    """Give the mean of every ``length`` hops in a row that end with one of the ``new`` ones."""
    hops = hops[max(0, len(hops) - new - length + 1) :]
    if len(hops) < length:
        return np.zeros(0)
    return np.asarray(np.lib.stride_tricks.sliding_window_view(hops, length).mean(axis=1), np.float64)
