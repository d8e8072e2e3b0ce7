"""What the benchmarks share: running a command, and saying whether a figure keeps its bound."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

# What the tests listen with serves here too: a sound server of our own, a terminal of our own.
sys.path.append(str(Path(__file__).parents[1] / "tests"))

if TYPE_CHECKING:
    from support.sound_server import SoundServer

NIGHTSTRETCH = (sys.executable, "-m", "nightstretch")


@dataclass(frozen=True)
class Run:
    """A finished process: its wall time, its peak memory in megabytes, and the time of all its threads.

    The last is with the processes that it has waited for.
    """

    seconds: float
    peak_mb: float
    cpu_seconds: float


def run(command: Sequence[str], **environment: str) -> Run:
    """Run a command to its end; its output is thrown away, its failure ends the benchmark."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"failed with {process.returncode}: {' '.join(command)}")
    kilobyte = 1024 if sys.platform != "darwin" else 1
    return Run(seconds, usage.ru_maxrss * kilobyte / 1e6, usage.ru_utime + usage.ru_stime)


def in_turn(runs: int, **commands: Sequence[str]) -> Mapping[str, float]:
    """Run each command in turn, as often as ``runs``, after a warm-up; give each one's median wall time."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(runs + 1):
        for name, command in commands.items():
            measured = run(command).seconds
            if number:
                seconds[name].append(measured)
    return {name: median(times) for name, times in seconds.items()}


def report(what: str, figure: float, bound: float, unit: str = "") -> bool:
    """Print a figure and its bound; give whether it is kept."""
    kept = figure <= bound
    print(f"{what}: {figure:.2f}{unit}, at most {bound:g}{unit}: {'kept' if kept else 'NOT KEPT'}")
    return kept


@contextlib.contextmanager
def sound_server(folder: Path) -> Iterator[SoundServer]:
    """Give a PulseAudio of our own, the default one meanwhile. Without one the benchmark ends."""
    missing = [name for name in ("pulseaudio", "pactl", "pacat", "parec") if shutil.which(name) is None]
    if missing:
        sys.exit(f"this is measured on PulseAudio: install it first ({', '.join(missing)} is missing)")
    from support.sound_server import SoundServer

    with contextlib.closing(SoundServer(folder)) as server:
        os.environ["PULSE_SERVER"] = server.address
        yield server


def own_folders(folder: Path) -> None:
    """Keep what is measured away from the clips, the places and the settings of whoever measures."""
    os.environ["NIGHTSTRETCH_CACHE_DIR"] = str(folder / "cache")
    os.environ["NIGHTSTRETCH_STATE_DIR"] = str(folder / "state")
    os.environ["NIGHTSTRETCH_CONFIG"] = str(folder / "config.toml")
