# mypy: disable-error-code="no-untyped-call"
# mutagen's types leave its constructors out.

"""FLAC by libsndfile, in this process: half the size of WAV, nothing lost, no ffmpeg."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import soundfile
from mutagen.flac import FLAC

from nightstretch.export.base import Block, Metadata
from nightstretch.export.disk import Disk
from nightstretch.export.vorbis_comment import cover_picture, vorbis_comment


class FlacFile:
    """16 bits, with title, chapters and cover. ``path``: an existing file is overwritten.

    Raises OSError.
    """

    def __init__(self, path: Path, *, rate: int, channels: int, bitrate_kbps: int) -> None:
        del bitrate_kbps  # nothing is lost
        self._disk = Disk(path, "w+")
        try:
            with self._disk.watched():
                self._file = soundfile.SoundFile(self._disk, "w", rate, channels, "PCM_16", format="FLAC")
        except OSError:
            self._disk.close()
            raise

    def write(self, block: Block) -> None:
        """Add a block. Raises OSError."""
        with self._disk.watched():
            self._file.write(block)

    def finish(self, metadata: Metadata) -> None:
        """Complete the file, then add the tags. Raises OSError."""
        with self._disk.watched():
            self._file.close()
            self._disk.seek(0)
            flac = FLAC(self._disk)
            flac.update(vorbis_comment(metadata))
            flac.add_picture(cover_picture())
            self._disk.seek(0)
            flac.save(self._disk)
        self._disk.close()

    def abort(self) -> None:
        """Close the file as it is."""
        with suppress(soundfile.SoundFileError):
            self._file.close()
        self._disk.close()
