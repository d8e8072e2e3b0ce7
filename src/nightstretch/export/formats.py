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

MPEG1_LEAST_RATE: Final = 32_000
"""In samples a second: an MP3 of less is MPEG-2."""

MPEG2_BITRATES_KBPS: Final = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
"""What an MP3 of MPEG-2 can have, in kbit/s."""

MPEG1_BITRATES_KBPS: Final = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
"""What an MP3 of MPEG-1 can have, in kbit/s."""


class _Format(NamedTuple):
    """Where a format's class is, and what bitrates it has in mono and in stereo: none if nothing is lost."""

    module: str
    kind: str
    mono_kbps: Collection[int] | None = None
    stereo_kbps: Collection[int] | None = None


# Mono is at 24,000 samples a second and stereo at 44,100. The limits of the last four are what their
# encoders make of that, measured: beyond them Vorbis and Opus refuse to begin, and AAC quietly does something
# else than it was asked for.
_PYDUB: Final = "nightstretch.export.pydub_formats"
_FORMATS: Final = {
    "mp3": _Format("nightstretch.export.mp3", "Mp3File", MPEG2_BITRATES_KBPS, MPEG1_BITRATES_KBPS),
    "wav": _Format("nightstretch.export.wav", "WavFile"),
    "flac": _Format("nightstretch.export.flac", "FlacFile"),
    "m4a": _Format(_PYDUB, "M4aFile", range(12, 112 + 1), range(24, 320 + 1)),
    "m4b": _Format(_PYDUB, "M4bFile", range(12, 112 + 1), range(24, 320 + 1)),
    "ogg": _Format(_PYDUB, "OggFile", range(16, 90 + 1), range(45, 500 + 1)),
    "opus": _Format(_PYDUB, "OpusFile", range(6, 256 + 1), range(6, 512 + 1)),
}

FORMATS: Final = tuple(_FORMATS)
"""The names of all formats, which are also the endings of their files."""

DEFAULT_BITRATE_KBPS: Final = 64
"""In mono at 24 kHz more than speech needs to sound clean: 7 MB for a quarter of an hour."""

DEFAULT_STEREO_BITRATE_KBPS: Final = 128
"""In stereo at 44.1 kHz what rain or wind under speech needs: 14 MB for a quarter of an hour."""


def format_of(path: Path) -> str:
    """Give the format that the ending of ``path`` stands for. Raises UsageError if there is none."""
    name = path.suffix[1:].lower()
    if name not in FORMATS:
        endings = ", ".join(f".{name}" for name in FORMATS)
        raise UsageError(
            f"{path} does not end in a format; end it in one of {endings}, or choose with --format"
        )
    return name


def check_bitrate(format_name: str, bitrate_kbps: int, *, channels: int) -> None:
    """Raise UsageError for a format that there is not, or a bitrate that it cannot have.

    ``channels``: 1 is mono at 24 kHz, 2 is stereo at 44.1 kHz. A format without a bitrate takes any.
    """
    chosen = _format(format_name)
    allowed = chosen.mono_kbps if channels == 1 else chosen.stereo_kbps
    if allowed is None or bitrate_kbps in allowed:
        return
    if isinstance(allowed, range):
        choice = f"give {allowed[0]} to {allowed[-1]}"
    else:
        choice = f"choose one of {', '.join(map(str, allowed))}"
    sound = "mono" if channels == 1 else "stereo"
    raise UsageError(f"the format {format_name} cannot have {bitrate_kbps} kbit/s; {choice} in {sound}")


def open_file(
    path: Path, format_name: str, *, rate: int, channels: int = 1, bitrate_kbps: int | None = None
) -> AudioFile:
    """Open a new file at ``path``, whatever its ending; one that exists is overwritten. See ``whole_file``.

    ``rate``: samples a second, 24,000 in mono and 44,100 in stereo. ``channels``: 1 or 2.
    ``bitrate_kbps``: for the formats that have one; None for what speech in mono, or a sound under it in
    stereo, needs.
    Raises UsageError for a format or bitrate there is not, ExportError where the format needs what is not
    installed, OSError.
    """
    if bitrate_kbps is None:
        bitrate_kbps = DEFAULT_BITRATE_KBPS if channels == 1 else DEFAULT_STEREO_BITRATE_KBPS
    check_bitrate(format_name, bitrate_kbps, channels=channels)
    chosen = _format(format_name)
    kind = getattr(import_module(chosen.module), chosen.kind)
    file: AudioFile = kind(path, rate=rate, channels=channels, bitrate_kbps=bitrate_kbps)
    return file


def _format(name: str) -> _Format:
    if name not in _FORMATS:
        raise UsageError(f"no format is called {name!r}; choose one of {', '.join(FORMATS)}")
    return _FORMATS[name]
