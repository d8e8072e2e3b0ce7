"""An independent meter: ffmpeg's ``ebur128``."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


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
    command = ["ffmpeg", "-nostats", "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-"]
    report = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    summary = report.rpartition("Summary:")[2]

    def figure(name: str) -> float:
        (value,) = re.findall(rf"\s{name}:\s+(-?(?:[\d.]+|inf))", summary)
        return float(value)

    return Measured(figure("I"), figure("LRA"), figure("Peak"))
