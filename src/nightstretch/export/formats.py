"""The file formats by name, each loaded when it is wanted: to list them costs the command line nothing."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from nightstretch.errors import UsageError

if TYPE_CHECKING:
    # Only the type: the command line starts 3 ms sooner.
    from nightstretch.export.base import AudioFile

_CLASSES: Final = {
    "mp3": ("nightstretch.export.mp3", "Mp3File"),
    "wav": ("nightstretch.export.wav", "WavFile"),
    "flac": ("nightstretch.export.flac", "FlacFile"),
    "m4a": ("nightstretch.export.pydub_formats", "M4aFile"),
    "ogg": ("nightstretch.export.pydub_formats", "OggFile"),
    "opus": ("nightstretch.export.pydub_formats", "OpusFile"),
}

FORMATS: Final = tuple(_CLASSES)
"""The names of all formats, which are also the endings of their files."""

BITRATES_KBPS: Final = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
"""What an MP3 of up to 24,000 samples a second can have (MPEG-2 Layer III), in kbit/s."""

DEFAULT_BITRATE_KBPS: Final = 64
"""In mono at 24 kHz more than speech needs to sound clean: 7 MB for a quarter of an hour."""


def format_of(path: Path) -> str:
    """Give the format that the ending of ``path`` stands for. Raises UsageError if there is none."""
    name = path.suffix[1:].lower()
    if name not in FORMATS:
        endings = ", ".join(f".{name}" for name in FORMATS)
        raise UsageError(
            f"{path} does not end in a format; end it in one of {endings}, or choose with --format"
        )
    return name


def open_file(path: Path, format_name: str, *, rate: int, bitrate_kbps: int) -> AudioFile:
    """Open a new file at ``path``, whatever its ending; one that exists is overwritten. See ``whole_file``.

    ``rate``: samples a second. ``bitrate_kbps``: for the formats that have one.
    Raises UsageError for a format or bitrate there is not, ExportError where the format needs what is not
    installed, OSError.
    """
    if format_name not in FORMATS:
        raise UsageError(f"no format is called {format_name!r}; choose one of {', '.join(FORMATS)}")
    module, name = _CLASSES[format_name]
    return cast("AudioFile", getattr(import_module(module), name)(path, rate=rate, bitrate_kbps=bitrate_kbps))
