# mypy: disable-error-code="no-untyped-call"
# mutagen's types leave its constructors out.

"""FLAC by libsndfile, in this process: half the size of WAV, nothing lost, no ffmpeg."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

import soundfile
from mutagen.flac import FLAC, Picture
from mutagen.id3 import PictureType

from nightstretch.audio import Pcm
from nightstretch.export.base import Chapter, Metadata
from nightstretch.export.tags import cover_png, milliseconds

if TYPE_CHECKING:
    # A module that only type checkers have.
    from _typeshed import ReadableBuffer


class FlacFile:
    """Mono, 16 bits, with title, chapters and cover. ``path``: an existing file is overwritten.

    Raises OSError.
    """

    def __init__(self, path: Path, *, rate: int, bitrate_kbps: int) -> None:
        del bitrate_kbps  # nothing is lost
        self._disk = _Disk(path, "w+")
        try:
            with self._disk.watched():
                self._file = soundfile.SoundFile(self._disk, "w", rate, 1, "PCM_16", format="FLAC")
        except OSError:
            self._disk.close()
            raise

    def write(self, block: Pcm) -> None:
        """Add a block of shape ``(samples,)``. Raises OSError."""
        with self._disk.watched():
            self._file.write(block)

    def finish(self, metadata: Metadata) -> None:
        """Complete the file, then add the tags. Raises OSError."""
        with self._disk.watched():
            self._file.close()
            self._disk.seek(0)
            flac = FLAC(self._disk)
            flac["title"], flac["artist"] = metadata.title, metadata.artist
            for number, chapter in enumerate(metadata.chapters, start=1):
                flac[f"CHAPTER{number:03}"] = _clock(chapter, metadata.rate)
                flac[f"CHAPTER{number:03}NAME"] = chapter.title
            picture = Picture()
            picture.mime, picture.type, picture.data = "image/png", PictureType.COVER_FRONT, cover_png()
            flac.add_picture(picture)
            self._disk.seek(0)
            flac.save(self._disk)
        self._disk.close()

    def abort(self) -> None:
        """Close the file as it is."""
        with suppress(soundfile.SoundFileError):
            self._file.close()
        self._disk.close()


def _clock(chapter: Chapter, rate: int) -> str:
    seconds, ms = divmod(milliseconds(chapter.start, rate), 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"


class _Disk(FileIO):
    """A file for libraries that lose an OSError: it is kept here, and raised when they return.

    libsndfile says "System error" of a disk that is full, and nothing at all when it fills up with the last
    few kilobytes. Without a buffer, since that would fail in ``seek``.
    """

    _error: OSError | None = None

    def write(self, data: ReadableBuffer, /) -> int:
        rest = memoryview(data)
        size = rest.nbytes
        try:
            while rest.nbytes:
                rest = rest[super().write(rest) :]
        except OSError as error:
            self._error = error
            return 0
        return size

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Raise the OSError that a write in the block has met, instead of what a library made of it."""
        try:
            yield
        except Exception:
            if self._error is None:
                raise
        if self._error is not None:
            raise self._error
