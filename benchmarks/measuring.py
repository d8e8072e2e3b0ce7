"""What the benchmarks share: running a command, and saying whether a figure keeps its bound."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

NIGHTSTRETCH = (sys.executable, "-m", "nightstretch")


@dataclass(frozen=True)
class Run:
    """A finished process: its wall time in seconds and its peak memory in megabytes."""

    seconds: float
    peak_mb: float


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
    return Run(seconds, usage.ru_maxrss * kilobyte / 1e6)


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
