"""The file formats by name, each loaded when it is wanted: to list them costs the command line nothing."""

from __future__ import annotations

from collections.abc import Collection
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from nightstretch.errors import UsageError

if TYPE_CHECKING:
    # Only the type: the command line starts without numpy.
    from nightstretch.export.base import AudioFile

BITRATES_KBPS: Final = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
"""What an MP3 of up to 24,000 samples a second can have (MPEG-2 Layer III), in kbit/s."""


class _Format(NamedTuple):
    """Where a format's class is. ``bitrates_kbps``: None where it has none."""

    module: str
    kind: str
    bitrates_kbps: Collection[int] | None


# The limits of the last four are what their encoders make of mono at 24,000 samples a second, measured:
# beyond them Vorbis and Opus refuse to begin, and AAC quietly does something else than it was asked for.
_FORMATS: Final = {
    "mp3": _Format("nightstretch.export.mp3", "Mp3File", BITRATES_KBPS),
    "wav": _Format("nightstretch.export.wav", "WavFile", None),
    "flac": _Format("nightstretch.export.flac", "FlacFile", None),
    "m4a": _Format("nightstretch.export.pydub_formats", "M4aFile", range(12, 112 + 1)),
    "m4b": _Format("nightstretch.export.pydub_formats", "M4bFile", range(12, 112 + 1)),
    "ogg": _Format("nightstretch.export.pydub_formats", "OggFile", range(16, 90 + 1)),
    "opus": _Format("nightstretch.export.pydub_formats", "OpusFile", range(6, 256 + 1)),
}

FORMATS: Final = tuple(_FORMATS)
"""The names of all formats, which are also the endings of their files."""

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


def check_bitrate(format_name: str, bitrate_kbps: int) -> None:
    """Raise UsageError for a format that there is not, or a bitrate that it cannot have.

    A format without a bitrate takes any.
    """
    allowed = _format(format_name).bitrates_kbps
    if allowed is None or bitrate_kbps in allowed:
        return
    if isinstance(allowed, range):
        choice = f"give {allowed[0]} to {allowed[-1]}"
    else:
        choice = f"choose one of {', '.join(map(str, allowed))}"
    raise UsageError(f"the format {format_name} cannot have {bitrate_kbps} kbit/s; {choice}")


def open_file(path: Path, format_name: str, *, rate: int, bitrate_kbps: int) -> AudioFile:
    """Open a new file at ``path``, whatever its ending; one that exists is overwritten. See ``whole_file``.

    ``rate``: samples a second. ``bitrate_kbps``: for the formats that have one.
    Raises UsageError for a format or bitrate there is not, ExportError where the format needs what is not
    installed, OSError.
    """
    check_bitrate(format_name, bitrate_kbps)
    module, kind, _ = _format(format_name)
    file: AudioFile = getattr(import_module(module), kind)(path, rate=rate, bitrate_kbps=bitrate_kbps)
    return file


def _format(name: str) -> _Format:
    if name not in _FORMATS:
        raise UsageError(f"no format is called {name!r}; choose one of {', '.join(FORMATS)}")
    return _FORMATS[name]
