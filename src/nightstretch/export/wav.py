"""WAV, for whoever wants to go on working with the sound: nothing lost, nothing needed."""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path
from typing import Final

from nightstretch.errors import ExportError
from nightstretch.export.base import Block, Metadata
from nightstretch.export.tags import id3_tag

_MOST_BYTES: Final = 0xFFFFFFFF - (1 << 20)  # sizes are 32 bits; leaves room for the tag


class WavFile:
    """16 bits, with the same tag as an MP3 in a chunk of its own.

    Not by the standard library's ``wave``, which knows no tags and complains again while it is cleared away
    after a full disk. ``path``: an existing file is overwritten. Raises OSError.
    """

    def __init__(self, path: Path, *, rate: int, channels: int, bitrate_kbps: int) -> None:
        del bitrate_kbps  # nothing is lost
        self._rate = rate
        self._channels = channels
        self._bytes = 0
        self._file = path.open("wb")
        self._file.write(self._header(tag_bytes=0))

    def write(self, block: Block) -> None:
        """Add a block. Raises ExportError beyond 4 GB, OSError."""
        self._bytes += block.nbytes
        if self._bytes > _MOST_BYTES:
            raise ExportError("a WAV file holds no more than 4 GB; choose --format flac")
        self._file.write(block.astype("<i2", copy=False).tobytes())

    def finish(self, metadata: Metadata) -> None:
        """Add the tag, then write the sizes. Raises OSError."""
        tag = id3_tag(metadata)
        chunk = struct.pack("<4sI", b"id3 ", len(tag)) + tag + b"\0" * (len(tag) % 2)
        self._file.write(chunk)
        self._file.seek(0)
        self._file.write(self._header(tag_bytes=len(chunk)))
        self._file.close()

    def abort(self) -> None:
        """Close the file as it is."""
        with suppress(OSError):  # what is still in its buffer is not wanted
            self._file.close()

    def _header(self, tag_bytes: int) -> bytes:
        sample_bytes = 2 * self._channels  # left and right together
        return struct.pack(
            "<4sI4s 4sIHHIIHH 4sI",
            *(b"RIFF", 36 + self._bytes + tag_bytes, b"WAVE"),
            *(b"fmt ", 16, 1, self._channels, self._rate, sample_bytes * self._rate, sample_bytes, 16),
            *(b"data", self._bytes),
        )
