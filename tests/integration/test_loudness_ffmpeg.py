"""An independent meter agrees with ours: ffmpeg's ``ebur128``."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from nightstretch.voices.loudness import loudness

pytestmark = pytest.mark.ffmpeg


@pytest.fixture(autouse=True)
def _program() -> None:
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not on the PATH")


def measured_by_ffmpeg(signal: npt.NDArray[np.float32], rate: int, path: Path) -> float:
    soundfile.write(path, signal, rate, subtype="FLOAT")
    command = ["ffmpeg", "-nostats", "-i", str(path), "-af", "ebur128", "-f", "null", "-"]
    report = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    (integrated,) = re.findall(r"I:\s+(-?[\d.]+) LUFS", report.rpartition("Summary:")[2])
    return float(integrated)


@pytest.mark.parametrize("rate", [24_000, 22_050, 48_000])
@pytest.mark.parametrize("sound", ["noise", "tones", "speech with pauses"])
def test_loudness_is_what_ffmpeg_measures(rate: int, sound: str, tmp_path: Path) -> None:
    seconds = 6
    time = np.arange(seconds * rate) / rate
    noise = np.random.default_rng(0).standard_normal(len(time))
    signal = {
        "noise": 0.05 * noise,
        "tones": 0.2 * np.sin(2 * np.pi * 60 * time) + 0.1 * np.sin(2 * np.pi * 5000 * time),
        "speech with pauses": 0.1 * noise * np.maximum(0, np.sin(2 * np.pi * time / 2)) ** 2,
    }[sound].astype(np.float32)
    expected = measured_by_ffmpeg(signal, rate, tmp_path / "sound.wav")
    assert loudness(signal, rate) == pytest.approx(expected, abs=0.1)  # ffmpeg prints one decimal
