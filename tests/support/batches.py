"""A batch in a process of its own, whose workers find the humming voices too, as a package."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nightstretch.batch.lock import LOCK
from support.routines import SHORT
from support.voices import GATE

PATIENCE_SECONDS = 60.0

OWN = ("SHA256SUMS", "manifest.json")
"""The files that a batch writes about its files."""

_VOICES = """\
[nightstretch.voices]
hum = support.voices:HummingVoices
gated = support.voices:GatedVoices
"""


def install_voices(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every process that is started from now on find the humming voices as those of a package."""
    package = folder / "site" / "humming-1.0.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: humming\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(_VOICES)
    paths = [str(package.parent), str(Path(__file__).parents[1]), *sys.path]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in paths if path))


class Gated:
    """A folder with a plan of six rows at two speeds, whose voice waits at a gate and tells what it says."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        install_voices(folder, monkeypatch)
        self.folder = folder
        self._gate = folder / "gate"
        self._gate.mkdir()
        monkeypatch.setenv(GATE, str(self._gate))
        (folder / "short.yaml").write_text(SHORT)
        rows = [f"short.yaml,gated,{speed},{name}" for speed in (1, 1.1) for name in ("mp3", "wav", "flac")]
        (folder / "plan.csv").write_text("\n".join(["routine,voice,speed,format", *rows]))

    def start(self, *options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "nightstretch", "batch", "plan.csv", *options],
            cwd=self.folder,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # a signal to its group goes to its workers, and not to the tests
        )

    def workers(self, count: int) -> list[int]:
        """Wait until so many processes wait at the gate; give their ids."""
        wait_until(lambda: len(self._waiting()) >= count)
        return sorted(map(int, self._waiting()))

    def _waiting(self) -> list[str]:
        return [path.name for path in self._gate.iterdir() if path.name.isdigit()]

    def spoken(self) -> list[str]:
        """Give what was said, each with its speed, by all workers together."""
        return [line for path in self._gate.glob("*.spoken") for line in path.read_text().splitlines()]

    def open(self) -> None:
        (self._gate / "open").touch()

    def files(self) -> list[str]:
        """Name all the files in the folder of the batch, also those that are hidden, but the lock."""
        found = (path.name for path in (self.folder / "plan").rglob("*") if path.is_file())
        return sorted(name for name in found if name != LOCK)

    ALL = tuple(
        sorted([*OWN, *(f"short-gated-{s}.{f}" for s in ("1", "1.1") for f in ("mp3", "wav", "flac"))])
    )


def be_deaf(mark: Path) -> None:
    """Leave one's process id in a file, and then hear no signal that can be blocked for a minute."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    mark.write_text(f"{os.getpid()}\n")
    time.sleep(PATIENCE_SECONDS)


def wait_until(moment: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not moment():
        assert time.monotonic() < deadline, "the moment never came"
        time.sleep(0.01)


def is_running(process_id: int) -> bool:
    """Tell whether a process is there and is not only waiting to be buried."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
