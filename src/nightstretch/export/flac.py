"""FLAC by libsndfile, in this process: half the size of WAV, nothing lost, no ffmpeg."""

# mypy: disable-error-code="no-untyped-call"
# mutagen's types leave its constructors out.

from __future__ import annotations

from pathlib import Path

import soundfile
from mutagen.flac import FLAC, Picture
from mutagen.id3 import PictureType

from nightstretch.audio import Pcm
from nightstretch.export.base import Metadata
from nightstretch.export.tags import cover_png, milliseconds


class FlacFile:
    """Mono, 16 bits, with title, chapters and cover. ``path``: an existing file is overwritten.

    Raises OSError.
    """

    def __init__(self, path: Path, *, rate: int, bitrate_kbps: int) -> None:
        del bitrate_kbps  # nothing is lost
        self._path = path
        self._file = soundfile.SoundFile(path, "w", rate, 1, "PCM_16", format="FLAC")

    def write(self, block: Pcm) -> None:
        """Add a block of shape ``(samples,)``. Raises OSError."""
        self._file.write(block)

    def finish(self, metadata: Metadata) -> None:
        """Complete the file, then add the tags. Raises OSError."""
        self._file.close()
        flac = FLAC(self._path)
        flac["title"], flac["artist"] = metadata.title, metadata.artist
        for number, chapter in enumerate(metadata.chapters, start=1):
            seconds, ms = divmod(milliseconds(chapter.start, metadata.rate), 1000)
            clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"
            flac[f"CHAPTER{number:03}"] = clock
            flac[f"CHAPTER{number:03}NAME"] = chapter.title
        picture = Picture()
        picture.mime, picture.type, picture.data = "image/png", PictureType.COVER_FRONT, cover_png()
        flac.add_picture(picture)
        flac.save()

    def abort(self) -> None:
        """Close the file as it is."""
        self._file.close()
