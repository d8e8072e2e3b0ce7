"""MP3 by LAME, in this process: nothing but a wheel is needed, and the file grows as the session is mixed."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

import lameenc
import numpy as np

from nightstretch.export.base import Block, Metadata
from nightstretch.export.formats import MPEG1_LEAST_RATE
from nightstretch.export.lame_header import LameHeader
from nightstretch.export.tags import id3_tag

_QUALITY: Final = 5
"""LAME's own choice. 3 sounds no better in speech and takes 13 % more time; 7 takes 27 % less, but shapes no
noise. Figures: ``docs/decisions/mp3-by-lameenc.md``."""

_ENCODE_SECONDS: Final = 10
"""How much to encode at a time. LAME lets go of Python's lock, and each return to it can wait 5 ms
for another thread that computes: at a fifth of a second, the mixer's block, a quarter of an hour took 20 s
beside such a thread; at ten seconds, half a second more than alone."""

_MOVE_BYTES: Final = 1 << 20


def _scale(rate: int, bitrate_kbps: int) -> float:
    """Give by what LAME multiplies every sample, so that coarse coding clips nothing.

    ``lameenc`` cannot tell it not to. What is lost is given back.
    """
    scales = {192: 0.97, 224: 0.98, 256: 1.0, 320: 1.0} if rate >= MPEG1_LEAST_RATE else {}
    return scales.get(bitrate_kbps, 0.95)


class Mp3File:
    """A constant bitrate, with chapters, words and cover in an ID3 tag.

    Stereo is joint where LAME joins it of its own accord, which is up to 128 kbit/s.
    ``path``: an existing file is overwritten. ``bitrate_kbps``: one of those in ``formats``.
    Raises OSError.
    """

    def __init__(self, path: Path, *, rate: int, channels: int, bitrate_kbps: int) -> None:
        self._encoder = lameenc.Encoder()
        self._encoder.silence()  # or LAME reports on the standard output
        self._encoder.set_channels(channels)
        self._encoder.set_in_sample_rate(rate)
        self._encoder.set_out_sample_rate(rate)  # or LAME resamples to what it thinks fit for the bitrate
        self._encoder.set_bit_rate(bitrate_kbps)
        self._encoder.set_quality(_QUALITY)
        self._gain = np.float32(1 / _scale(rate, bitrate_kbps))
        self._header = LameHeader(rate=rate, channels=channels, bitrate_kbps=bitrate_kbps)
        self._samples = 0
        self._pending = bytearray()
        self._thread = ThreadPoolExecutor(1, "mp3")
        self._encoding: Future[bytes] | None = None
        self._enough_bytes = _ENCODE_SECONDS * rate * channels * 2
        self._file = path.open("w+b")

    def write(self, block: Block) -> None:
        """Add a block. Raises OSError."""
        self._samples += len(block)
        self._pending += block.tobytes()
        if len(self._pending) >= self._enough_bytes:
            self._encode()

    def finish(self, metadata: Metadata) -> None:
        """Write what LAME still holds, and put the tag and the header in front. Raises OSError."""
        self._encode()
        self._take()
        self._thread.shutdown()
        self._add(self._encoder.flush())
        _put_in_front(self._file, id3_tag(metadata) + self._header.frame(self._samples))
        self._file.close()

    def abort(self) -> None:
        """Close the file as it is."""
        self._thread.shutdown()
        with suppress(OSError):  # what is still in its buffer is not wanted
            self._file.close()

    def _encode(self) -> None:
        """Have LAME encode what is there while the next is made, for which it has a thread of its own."""
        self._take()
        self._encoding = self._thread.submit(self._encoded, bytes(self._pending))
        self._pending.clear()

    def _encoded(self, pcm: bytes) -> bytes:
        given = np.clip(np.rint(np.frombuffer(pcm, np.int16) * self._gain), -32768, 32767)
        encoded: bytes = self._encoder.encode(given.astype("<i2").tobytes())
        return encoded

    def _take(self) -> None:
        if self._encoding is not None:
            self._add(self._encoding.result())
            self._encoding = None

    def _add(self, sound: bytes) -> None:
        self._file.write(sound)
        self._header.add(sound)


def _put_in_front(file: BinaryIO, head: bytes) -> None:
    """Move what is in the file towards its end, piece by piece from behind, and write ``head`` before it.

    The tag has to be in front for players that stream, and its size is known only when all has been said. So
    is what the header tells.
    """
    end = file.seek(0, os.SEEK_END)
    while end > 0:
        start = max(0, end - _MOVE_BYTES)
        file.seek(start)
        piece = file.read(end - start)
        file.seek(start + len(head))
        file.write(piece)
        end = start
    file.seek(0)
    file.write(head)
