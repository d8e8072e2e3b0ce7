# mypy: disable-error-code="no-untyped-call"
# mutagen's types leave its constructors out.

"""The formats that only ffmpeg can write, through pydub in a process of its own.

pydub holds the whole session in memory, twice while it works: 96 MB for a quarter of an hour. When
something fails, it leaves temporary files behind and files open that complain later. In a process of its own,
with a folder of its own for temporary files, all of that ends with it. Why it is used here and only here:
``docs/decisions/where-pydub-serves.md``.
"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, Final

from mutagen.ogg import OggFileType
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis

from nightstretch.errors import ExportError, install_extra
from nightstretch.export.base import Block, Metadata
from nightstretch.export.disk import Disk
from nightstretch.export.vorbis_comment import cover_picture, vorbis_comment
from nightstretch.export.wav import WavFile

_NEEDS: Final = "the formats m4a, m4b, ogg and opus need"
_REMEDY: Final = install_extra("formats")


def problem() -> str | None:
    """Say what is missing for these formats and how to get it; None where nothing is."""
    # From Python 3.13 on, `audioop` comes from a package of that name.
    if find_spec("pydub") is None or find_spec("audioop") is None:
        return f"{_NEEDS} pydub; {_REMEDY}"
    if _find_ffmpeg() is None:
        return f"{_NEEDS} ffmpeg; install that program, or {_REMEDY}"
    return None


def _find_ffmpeg() -> str | None:
    found = shutil.which("ffmpeg")
    if found is None and find_spec("imageio_ffmpeg") is not None:
        try:
            found = str(import_module("imageio_ffmpeg").get_ffmpeg_exe())
        except RuntimeError:  # its way to say that it has none either
            return None
    return found


class _PydubFile:
    """The sound with title, artist, chapters and cover. ``path``: an existing file is overwritten.

    Raises ExportError where pydub or ffmpeg is missing or fails, OSError.
    """

    muxer: ClassVar[str]
    codec: ClassVar[str]

    def __init__(self, path: Path, *, rate: int, channels: int, bitrate_kbps: int) -> None:
        # Now, not after the whole session has been spoken.
        missing = problem()
        if missing is not None:
            raise ExportError(missing)
        self._path = path
        self._bitrate = f"{bitrate_kbps}k"
        # Beside the target, where room is needed anyhow.
        self._folder = tempfile.TemporaryDirectory(
            dir=path.parent, prefix=".nightstretch-", suffix=".partial", ignore_cleanup_errors=True
        )
        self._wav_path = Path(self._folder.name, "session.wav")
        self._wav = WavFile(self._wav_path, rate=rate, channels=channels, bitrate_kbps=bitrate_kbps)

    def write(self, block: Block) -> None:
        """Add a block. Raises ExportError beyond 4 GB, OSError."""
        self._wav.write(block)

    def finish(self, metadata: Metadata) -> None:
        """Have everything encoded. Raises ExportError where that fails, OSError."""
        self._wav.finish(metadata)
        # In the folder, so that an ffmpeg which outlives us has no file to leave behind.
        encoded = Path(self._folder.name, "encoded")
        self._encode(encoded)
        self._tag(encoded, metadata)
        encoded.replace(self._path)
        self._folder.cleanup()

    def abort(self) -> None:
        """Remove what was written so far."""
        self._wav.abort()
        self._folder.cleanup()

    def _encode(self, target: Path) -> None:
        command = [sys.executable, "-P", "-W", "ignore", "-m", "nightstretch.export.pydub_worker"]
        files = [str(self._wav_path), str(target), str(_find_ffmpeg())]
        how = [self.muxer, *self._inputs(), "-c:a", self.codec, "-b:a", self._bitrate]
        worker = subprocess.run(  # noqa: S603 - our own program, and no shell that could read a name
            [*command, *files, *how],
            env=os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), self._folder.name),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if worker.returncode != 0:
            reason = worker.stderr.strip().rpartition("\n")[2] or f"code {worker.returncode}"
            raise ExportError(f"pydub and ffmpeg failed ({reason}); make room, or choose --format mp3")

    def _inputs(self) -> list[str]:
        """Give what ffmpeg is to read besides the sound, and what it is to take from where."""
        return []

    def _tag(self, path: Path, metadata: Metadata) -> None:
        """Add what ffmpeg did not."""


class M4aFile(_PydubFile):
    """AAC, for Apple's players."""

    muxer = "ipod"
    codec = "aac"

    def _inputs(self) -> list[str]:
        # pydub hands on the sound alone. But the file it was read from has title, chapters and cover in its
        # tag, and ffmpeg reads that.
        everything = [
            "-map",
            "0:a",
            "-map",
            "1:v",
            "-c:v",
            "copy",
            "-map_metadata",
            "1",
            "-map_chapters",
            "1",
        ]
        return ["-i", str(self._wav_path), *everything]


class M4bFile(M4aFile):
    """The same as an audiobook, of which players remember the place."""

    def _inputs(self) -> list[str]:
        return [*super()._inputs(), "-brand", "M4B ", "-metadata", "media_type=2"]


class _OggFile(_PydubFile):
    """ffmpeg could write the chapters here too, but no cover."""

    tags: ClassVar[type[OggFileType]]

    def _tag(self, path: Path, metadata: Metadata) -> None:
        with closing(Disk(path, "r+")) as disk, disk.watched():
            ogg = self.tags(disk)
            ogg.update(vorbis_comment(metadata))
            ogg["metadata_block_picture"] = base64.b64encode(cover_picture().write()).decode("ascii")
            disk.seek(0)
            ogg.save(disk)


class OggFile(_OggFile):
    """Vorbis."""

    muxer = "ogg"
    codec = "libvorbis"
    tags = OggVorbis


class OpusFile(_OggFile):
    """Opus: the best sound for its size."""

    muxer = "opus"
    codec = "libopus"
    tags = OggOpus
