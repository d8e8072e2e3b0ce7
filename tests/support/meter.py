"""An independent meter: ffmpeg's ``ebur128``."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from nightstretch.audio import Pcm


@dataclass(frozen=True)
class Measured:
    """Integrated loudness in LUFS, loudness range in LU, true peak in dBTP; each to one decimal."""

    lufs: float
    range_lu: float
    peak_dbtp: float


def measured_by_ffmpeg(path: Path) -> Measured:
    """Measure a sound file; skips the test where there is no ffmpeg."""
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not on the PATH")
    summary = _summary(["-i", str(path)], "ebur128=peak=true")
    return Measured(_figure(summary, "I"), _figure(summary, "LRA"), _figure(summary, "Peak"))


def lufs_by_ffmpeg(sound: Pcm, rate: int) -> float:
    """Measure the integrated loudness of a mono sound."""
    given = ["-f", "s16le", "-ar", str(rate), "-ac", "1", "-i", "-"]
    return _figure(_summary(given, "ebur128", sound.astype("<i2").tobytes()), "I")


def _summary(given: list[str], meter: str, sound: bytes = b"") -> str:
    command = ["ffmpeg", "-nostats", *given, "-map", "0:a", "-af", meter, "-f", "null", "-"]
    said = subprocess.run(command, input=sound, capture_output=True, check=True).stderr
    return said.decode(errors="replace").rpartition("Summary:")[2]


def _figure(summary: str, name: str) -> float:
    (value,) = re.findall(rf"\s{name}:\s+(-?(?:[\d.]+|inf))", summary)
    return float(value)
