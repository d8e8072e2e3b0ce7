"""Loudness by ITU-R BS.1770-4, in LUFS: of speech at once, of something long in pieces.

It is here because the packages that measure it import ``scipy.signal``, most of a second for two filters.
The K-weighting is applied in the frequency domain, where numpy is fast. Tests hold it against ffmpeg's
``ebur128``.
"""

from __future__ import annotations

from functools import lru_cache
from math import pi, tan
from typing import Final

import numpy as np
import numpy.typing as npt

SILENT_LUFS: Final = -70.0
"""The absolute gate of the standard: nothing quieter counts as sound."""

RINGING_SECONDS: Final = 0.1
"""By then the high-pass of the weighting has decayed by more than 100 dB."""

RELATIVE_GATE_LU: Final = 10.0
"""The relative gate: what is so much quieter than the mean of the rest does not count."""

OFFSET_LU: Final = -0.691
"""What the standard adds to the level of the weighted power."""

_HOP_SECONDS, _BLOCK_HOPS = 0.1, 4
_PIECE_SECONDS = 2.5  # what is weighted at a time: so much fits in the processor's cache


def loudness(signal: npt.NDArray[np.float32], rate: int) -> float:
    """Give the integrated loudness of a signal in LUFS, ``-inf`` for silence.

    Its shape is ``(samples,)`` or ``(samples, channels)``, and all channels count alike, as the standard
    has it for mono and stereo.
    """
    return gated(block_powers(signal, rate))


def block_powers(signal: npt.NDArray[np.float32], rate: int) -> npt.NDArray[np.float64]:
    """Give the weighted power of every gating block: long sounds come in pieces, and are ``gated`` at once.

    A signal shorter than one gating block of 0.4 s is one block: the standard has no word for it, and one
    spoken word has no pause to gate.
    """
    hop = round(_HOP_SECONDS * rate)
    if len(signal) < _BLOCK_HOPS * hop:
        return _energies(signal, rate, len(signal)) / len(signal) if len(signal) else np.empty(0)
    hops = _energies(signal, rate, hop)
    blocks: npt.NDArray[np.float64] = np.lib.stride_tricks.sliding_window_view(hops, _BLOCK_HOPS).sum(axis=1)
    return blocks / (_BLOCK_HOPS * hop)


def _energies(signal: npt.NDArray[np.float32], rate: int, samples: int) -> npt.NDArray[np.float64]:
    """Give the weighted energy of every so many samples, of all channels; a rest at the end is left out."""
    whole = len(signal) // samples * samples
    parts = [k_weighted(channel, rate)[:whole].reshape(-1, samples) for channel in np.atleast_2d(signal.T)]
    energies: npt.NDArray[np.float64] = sum(
        (np.einsum("ij,ij->i", part, part) for part in parts), np.zeros(whole // samples)
    )
    return energies


def gated(powers: npt.NDArray[np.float64]) -> float:
    """Give the loudness of blocks of those powers in LUFS, ``-inf`` where all are silent."""
    powers = powers[powers > _power(SILENT_LUFS)]
    if not len(powers):
        return -np.inf
    gate = _lufs(float(powers.mean())) - RELATIVE_GATE_LU
    return _lufs(float(powers[powers > _power(gate)].mean()))


def _lufs(power: float) -> float:
    return float(OFFSET_LU + 10 * np.log10(power)) if power > 0 else -np.inf


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - OFFSET_LU) / 10))


def k_weighted(signal: npt.NDArray[np.float32], rate: int) -> npt.NDArray[np.float32]:
    """Weight one channel as the standard has it. What came ``RINGING_SECONDS`` before is heard no more."""
    ringing = round(RINGING_SECONDS * rate)
    length = round(_PIECE_SECONDS * rate)
    weighted = np.empty(len(signal), np.float32)
    for start in range(0, len(signal), length):
        # A piece begins early enough to ring as if it had never been cut, and ends before it wraps around.
        early = min(start, ringing)
        piece = signal[start - early : start + length].astype(np.float32)
        size = fast_length(len(piece) + ringing)
        spectrum = np.fft.rfft(piece, size) * _response(size, rate)
        weighted[start : start + length] = np.fft.irfft(spectrum, size)[early : len(piece)]
    return weighted


def fast_length(least: int) -> int:
    """Give a length that is fast to transform, out of so few that their responses can be kept."""
    size = 1 << (least - 1).bit_length()
    return size * 3 // 4 if size * 3 // 4 >= least else size


@lru_cache(maxsize=8)
def _response(size: int, rate: int) -> npt.NDArray[np.complex64]:
    """Give the response of the two filters of the standard, carried over from 48 kHz to ``rate``."""
    z = np.exp(-2j * pi * np.arange(size // 2 + 1) / size)  # z^-1 on the unit circle

    def quadratic(coefficients: tuple[float, float, float]) -> npt.NDArray[np.complex128]:
        powers = np.stack((np.ones_like(z), z, z * z))
        return np.tensordot(coefficients, powers, 1)

    k, q = tan(pi * 1681.974450955533 / rate), 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    middle = high**0.4996667741545416
    shelf = quadratic((high + middle * k / q + k**2, 2 * (k**2 - high), high - middle * k / q + k**2))
    shelf /= quadratic((1 + k / q + k**2, 2 * (k**2 - 1), 1 - k / q + k**2))
    k, q = tan(pi * 38.13547087602444 / rate), 0.5003270373238773
    scale = 1 + k / q + k**2  # the high-pass of the standard is left unscaled above the fraction line
    high_pass = quadratic((1.0, -2.0, 1.0)) * scale
    high_pass /= quadratic((scale, 2 * (k**2 - 1), 1 - k / q + k**2))
    return (shelf * high_pass).astype(np.complex64)
