"""The tool that makes the sounds, run as a program."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from nightstretch.audio import SESSION_RATE

ROOT = Path(__file__).resolve().parents[2]
STORED = sorted((ROOT / "sounds").rglob("*.flac"))
MAKE = [sys.executable, str(ROOT / "tools" / "make_sounds.py")]


def signal_of(path: Path) -> npt.NDArray[np.float64]:
    samples, _ = soundfile.read(path, dtype="float64")
    return np.asarray(samples, dtype=np.float64)


def test_the_tool_makes_every_stored_sound_and_no_other(tmp_path: Path) -> None:
    subprocess.run([*MAKE, "--folder", str(tmp_path)], capture_output=True, check=True)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.flac"))
    assert made == sorted(path.relative_to(ROOT / "sounds") for path in STORED)
    for path in made:
        assert np.abs(signal_of(ROOT / "sounds" / path) - signal_of(tmp_path / path)).max() <= 1 / 32768


def test_the_check_sees_changed_missing_and_damaged_sounds(tmp_path: Path) -> None:
    start, change, end = (tmp_path / f"bowl-{name}.flac" for name in ("start", "change", "end"))
    samples, _ = soundfile.read(ROOT / "sounds" / start.name, dtype="int16")
    samples[50_000] += 2
    soundfile.write(start, samples, SESSION_RATE)
    end.write_bytes((ROOT / "sounds" / end.name).read_bytes()[:9000])
    done = subprocess.run(
        [*MAKE, "--check", "--folder", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    first, second, third, *others = done.stderr.splitlines()
    assert first == f"{start.name}: differs from what this tool makes by up to 2 steps"
    assert second.startswith(f"{change.name}: cannot be read")
    assert third.startswith(f"{end.name}: cannot be read")
    assert sorted(line.partition(":")[0] for line in others) == [
        f"beds/{path.name}" for path in STORED if path.parent.name == "beds"
    ]
