"""What could startle, in a stream: how fast the sound rises beside the words, and how loud it gets there.

The level is that of 50 ms, looked at every 10 ms; what lies below -60 dBFS is not heard, and counts as just
that. Words rise as words do, so a moment that touches one is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from nightstretch.export.base import Block
from nightstretch.export.pieces import Pieces, Signal

_BINS_A_SECOND: Final = 100
_LEVEL_BINS, _RISE_BINS, _LOUD_BINS = 5, 2, 10  # 50 ms, 20 ms, 100 ms
_KEPT_BINS: Final = _LOUD_BINS + _RISE_BINS
_INAUDIBLE: Final = 10 ** (-60 / 10)


class Startling:
    """Watches PCM of ``rate`` samples a second. Give it all blocks, then ``finish`` it, then read it.

    ``words``: from when to when each is spoken, in seconds, in order; it is read no further than need be.
    """

    def __init__(self, rate: int, words: Iterable[tuple[float, float]]) -> None:
        self._bin = rate // _BINS_A_SECOND
        self._pieces = Pieces(rate)
        self._words = iter(words)
        self._word: tuple[float, float] | None = (0.0, 0.0)  # the first one is asked for with the first sound
        self._powers: npt.NDArray[np.float64] = np.zeros(_KEPT_BINS)
        self._spoken = np.zeros(_KEPT_BINS, np.bool_)
        self._bins = 0
        self.rise_db = 0.0
        self._loudest_word = self._loudest_other = 0.0

    def add(self, block: Block) -> None:
        """Take the next block."""
        for piece in self._pieces.add(block):
            self._watch(piece)

    def finish(self) -> None:
        """Take what was held back; 10 ms that are not whole count no more."""
        for piece in self._pieces.rest():
            self._watch(piece)

    @property
    def beside_words_db(self) -> float:
        """By how much the loudest 100 ms beside the words are louder than those of the words.

        -inf where nothing is heard beside them, inf where nothing is said.
        """
        if not self._loudest_other:
            return -np.inf
        return (
            float(10 * np.log10(self._loudest_other / self._loudest_word)) if self._loudest_word else np.inf
        )

    def _watch(self, piece: Signal) -> None:
        whole = len(piece) // self._bin * self._bin
        new = (piece[:whole].astype(np.float64) ** 2).mean(axis=1).reshape(-1, self._bin).mean(axis=1)
        powers = np.concatenate((self._powers, new))
        spoken = np.concatenate((self._spoken, self._spoken_in(len(new))))
        self._powers, self._spoken = powers[-_KEPT_BINS:], spoken[-_KEPT_BINS:]

        level = np.maximum(_means(powers, _LEVEL_BINS), _INAUDIBLE)
        quiet = ~_any(spoken, _LEVEL_BINS)
        rises = 10 * np.log10(level[_RISE_BINS:] / level[:-_RISE_BINS])
        self.rise_db = max(self.rise_db, float(rises[quiet[_RISE_BINS:]].max(initial=0)))

        loud, touches = _means(powers, _LOUD_BINS), _any(spoken, _LOUD_BINS)
        self._loudest_word = max(self._loudest_word, float(loud[touches].max(initial=0)))
        self._loudest_other = max(self._loudest_other, float(loud[~touches].max(initial=0)))

    def _spoken_in(self, bins: int) -> npt.NDArray[np.bool_]:
        """Tell in which of the next bins something is said."""
        spoken = np.zeros(bins, np.bool_)
        start, end = self._bins / _BINS_A_SECOND, (self._bins + bins) / _BINS_A_SECOND
        while self._word is not None and self._word[0] < end:
            first, last = ((second - start) * _BINS_A_SECOND for second in self._word)
            spoken[max(0, int(first)) : max(0, int(np.ceil(last)))] = True
            if self._word[1] > end:
                break  # the rest of it comes with the next piece
            self._word = next(self._words, None)
        self._bins += bins
        return spoken


def _means(powers: npt.NDArray[np.float64], length: int) -> npt.NDArray[np.float64]:
    windows = np.lib.stride_tricks.sliding_window_view(powers, length)
    return np.asarray(windows.mean(axis=1), np.float64)


def _any(flags: npt.NDArray[np.bool_], length: int) -> npt.NDArray[np.bool_]:
    windows = np.lib.stride_tricks.sliding_window_view(flags, length)
    return np.asarray(windows.any(axis=1), np.bool_)
