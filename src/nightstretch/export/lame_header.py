"""The header frame that tells a player how long an MP3 is, and which samples of it were never in the session.

It is a frame of silence in front of the sound, laid out as in Xing's "Info" header and its LAME extension
(gabriel.mp3-tech.org/mp3infotag.html); what it says is what LAME itself would say, field by field, where a
player looks. ``lameenc`` cannot write it and ``mutagen`` only reads it: ``docs/decisions/mp3-by-lameenc.md``.

Sizes in bytes, lengths in samples of each channel. Only for what ``mp3`` makes: Layer III of MPEG-1 or, under
32,000 samples a second, of MPEG-2, at a constant bitrate.
Nothing is raised.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from nightstretch.export.formats import MPEG1_BITRATES_KBPS, MPEG1_LEAST_RATE, MPEG2_BITRATES_KBPS

DELAY_SAMPLES: Final = 576
"""How many samples LAME puts before the first. Decoders add 529 of their own, and know that by themselves."""

_VERSION: Final = b"LAME3.100"
"""What readers know this layout by: without a version, many would not read on. ``lameenc`` tells none."""

_ALL_FIELDS: Final = 0b1111  # frames, bytes, table of contents, quality
_CONSTANT_BITRATE: Final = 1
_MOST_TOLD_KBPS: Final = 0xFF  # stands for more, too
_INFO: Final = struct.Struct(
    ">"
    "4s I I I 100s I"  # "Info", which fields follow, frames, bytes, table of contents, quality
    "9s B B 8x x B"  # version, how the bitrate varies, lowpass; peak and gains; flags; bitrate
    "3s x x 2x"  # delay and padding, 12 bits each; how it was made; gain; preset
    "I H"  # bytes once more, CRC of the sound
)
_CRC: Final = struct.Struct(">H")
_STRETCH_WORDS: Final = 128


class LameHeader:
    """Hears of the sound as it is written, and gives the frame that belongs in front of it."""

    def __init__(self, *, rate: int, channels: int, bitrate_kbps: int) -> None:
        """Begin with no sound. ``rate``: samples of each channel a second."""
        mpeg1, mono = rate >= MPEG1_LEAST_RATE, channels == 1
        self._bitrates_kbps = MPEG1_BITRATES_KBPS if mpeg1 else MPEG2_BITRATES_KBPS
        self._frame_samples = 1152 if mpeg1 else 576
        self._side_info_bytes = (17 if mono else 32) if mpeg1 else (9 if mono else 17)
        self._bitrate_kbps = bitrate_kbps
        # Of a frame at 1 kbit/s: so at 44,100 samples a second, most frames are one byte longer than others.
        self._frame_bytes = Fraction(125 * self._frame_samples, rate)
        self._start = b""
        self._bytes = 0
        self._crc = 0

    def add(self, sound: bytes) -> None:
        """Take note of more of what LAME gave, in order."""
        self._start = (self._start + sound[:4])[:4]
        self._bytes += len(sound)
        self._crc = crc16(sound, self._crc)

    def frame(self, samples: int) -> bytes:
        """Give the frame, when all sound has been added. ``samples``: how many LAME was given."""
        sync, version, rates, mode = self._start
        # Every frame has the bitrate of the file. Those under 64 kbit/s are too short for this one.
        least = len(self._start) + self._side_info_bytes + _INFO.size + _CRC.size
        size, bitrate_kbps = next(
            (size, kbps)
            for kbps in self._bitrates_kbps
            if (size := int(kbps * self._frame_bytes)) >= least and kbps >= self._bitrate_kbps
        )
        frames = round(self._bytes / (self._bitrate_kbps * self._frame_bytes))
        padding = frames * self._frame_samples - DELAY_SAMPLES - samples
        # The bitrate is its number among those there are, from 1; no byte is stuffed.
        rates = (self._bitrates_kbps.index(bitrate_kbps) + 1) << 4 | rates & 0b1101
        head = bytes((sync, version, rates, mode)) + bytes(self._side_info_bytes)
        head += _INFO.pack(
            *(b"Info", _ALL_FIELDS, frames, size + self._bytes),
            *(bytes(256 * percent // 100 for percent in range(100)), 0),
            *(_VERSION, _CONSTANT_BITRATE, 0, min(self._bitrate_kbps, _MOST_TOLD_KBPS)),
            (DELAY_SAMPLES << 12 | padding).to_bytes(3),
            *(size + self._bytes, self._crc),
        )
        return (head + _CRC.pack(crc16(head))).ljust(size, b"\0")


def crc16(data: bytes, before: int = 0) -> int:
    """Give the CRC-16 of ``data``, as LAME has it. ``before``: that of what came before."""
    # Step by step, but for many stretches of the data side by side: an hour takes a tenth of a second.
    stretches = len(data) // (2 * _STRETCH_WORDS)
    after_word = _after_word()
    crcs = np.zeros(stretches, np.uint16)
    side_by_side = np.frombuffer(data, "<u2", stretches * _STRETCH_WORDS).reshape(stretches, _STRETCH_WORDS)
    for words in side_by_side.T:
        crcs = after_word[crcs ^ words]
    crc = before
    for of_stretch in crcs.tolist():
        crc = int(_after_stretch()[crc]) ^ of_stretch
    rest = data[stretches * 2 * _STRETCH_WORDS :]
    for word in np.frombuffer(rest, "<u2", len(rest) // 2).tolist():
        crc = int(after_word[crc ^ word])
    if len(rest) % 2:
        crc = int(after_word[(crc ^ rest[-1]) << 8 & 0xFFFF]) ^ crc >> 8
    return crc


@cache
def _after_word() -> npt.NDArray[np.uint16]:
    """Give what becomes of each CRC in sixteen steps, which is two bytes."""
    crcs = np.arange(1 << 16)
    for _ in range(16):
        crcs = crcs >> 1 ^ (crcs & 1) * 0xA001
    return crcs.astype(np.uint16)


@cache
def _after_stretch() -> npt.NDArray[np.uint16]:
    """Give what becomes of each CRC over a stretch of zeros."""
    crcs = np.arange(1 << 16, dtype=np.uint16)
    for _ in range(_STRETCH_WORDS):
        crcs = _after_word()[crcs]
    return crcs
