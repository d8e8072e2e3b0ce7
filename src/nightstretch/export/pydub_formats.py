"""The formats that only ffmpeg can write, through pydub.

pydub holds a whole session in memory: 45 MB for a quarter of an hour, twice that while it works. The formats
above it in the list do not. Why it is used here and only here: ``docs/decisions/where-pydub-serves.md``.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Final

from nightstretch.audio import Pcm
from nightstretch.errors import ExportError
from nightstretch.export.base import Metadata

_REMEDY: Final = "pip install 'nightstretch[formats]'"
_SAME_BYTES: Final = ["-fflags", "+bitexact", "-flags:a", "+bitexact"]


def problem() -> str | None:
    """Say what is missing for these formats and how to get it; None where nothing is."""
    try:
        _tools()
    except ExportError as error:
        return str(error)
    return None


class _PydubFile:
    """Mono, with title and artist. ``path``: an existing file is overwritten.

    Raises ExportError where pydub or ffmpeg is missing or fails, OSError.
    """

    muxer: ClassVar[str]
    codec: ClassVar[str]

    def __init__(self, path: Path, *, rate: int, bitrate_kbps: int) -> None:
        # Now, not after the whole session has been spoken.
        self._pydub, self._ffmpeg = _tools()
        self._path = path
        self._rate = rate
        self._bitrate_kbps = bitrate_kbps
        self._pcm = bytearray()

    def write(self, block: Pcm) -> None:
        """Add a block of shape ``(samples,)``."""
        self._pcm += block.astype("<i2", copy=False).tobytes()

    def finish(self, metadata: Metadata) -> None:
        """Have everything encoded. Raises ExportError where ffmpeg fails, OSError."""
        with _temporary_files_beside(self._path), self._path.open("w+b") as file:
            failure = self._encode(file, metadata)
        if failure is not None:
            raise ExportError(f"{self._ffmpeg} failed ({failure}); try another ffmpeg, or --format mp3")

    def abort(self) -> None:
        """Forget what was written."""
        self._pcm.clear()

    def _encode(self, file: BinaryIO, metadata: Metadata) -> str | None:
        """Have pydub run ffmpeg; give what went wrong, if anything did."""
        session = self._pydub.AudioSegment(
            data=bytes(self._pcm), sample_width=2, frame_rate=self._rate, channels=1
        )
        session.converter = self._ffmpeg
        self._pcm.clear()
        with warnings.catch_warnings():
            # When it fails, pydub leaves files open for Python to close and to complain of.
            warnings.simplefilter("ignore", ResourceWarning)
            try:
                session.export(
                    file,
                    format=self.muxer,
                    codec=self.codec,
                    bitrate=f"{self._bitrate_kbps}k",
                    parameters=_SAME_BYTES,
                    tags={"title": metadata.title, "artist": metadata.artist},
                )
            except self._pydub.exceptions.CouldntEncodeError as error:
                # The command that pydub ran, and everything ffmpeg printed: the reason comes last.
                return (
                    str(error).split("\n", 1)[0].rpartition(" ")[2]
                    + ": "
                    + str(error).strip().rpartition("\n")[2]
                )
            except OSError as error:
                if error.filename != self._ffmpeg:
                    raise
                return str(error.strerror)
        return None


class M4aFile(_PydubFile):
    """AAC, for Apple's players."""

    muxer = "ipod"
    codec = "aac"


class OggFile(_PydubFile):
    """Vorbis."""

    muxer = "ogg"
    codec = "libvorbis"


class OpusFile(_PydubFile):
    """Opus: the best sound for its size."""

    muxer = "opus"
    codec = "libopus"


def _tools() -> tuple[Any, str]:
    """Give the module pydub and the path of ffmpeg. Raises ExportError where one is missing."""
    try:
        with warnings.catch_warnings():
            # It warns that it found no ffmpeg, which we tell it below, and of its own old spellings.
            warnings.simplefilter("ignore")
            pydub = import_module("pydub")
    except ImportError:
        raise ExportError(f"the formats m4a, ogg and opus need pydub; {_REMEDY}") from None
    ffmpeg = shutil.which("ffmpeg") or _bundled_ffmpeg()
    if ffmpeg is None:
        raise ExportError(f"the formats m4a, ogg and opus need ffmpeg; install it, or {_REMEDY}")
    return pydub, ffmpeg


def _bundled_ffmpeg() -> str | None:
    try:
        return str(import_module("imageio_ffmpeg").get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        return None


@contextmanager
def _temporary_files_beside(path: Path) -> Iterator[None]:
    """Have pydub make its temporary files in a folder of ours: when it fails, it leaves them behind."""
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(
        dir=path.parent, prefix=f"{path.stem}-", suffix=".partial", ignore_cleanup_errors=True
    ) as folder:
        tempfile.tempdir = folder
        try:
            yield
        finally:
            tempfile.tempdir = before
