"""What playing costs: the processor, and memory over an hour in which somebody keeps pausing.

    python benchmarks/playing_cost.py [SECONDS] [PAUSES]

The processor's time is read once the voice has spoken all there is to say, for SECONDS (60). PAUSES (360) are
as many as an hour has with one every ten seconds; each makes what a minute of plain playing does not: a
thread, a buffer of ten seconds, a fade. So an hour of them takes a few minutes here.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from measuring import NIGHTSTRETCH, own_folders, report, run
from support.evening import Evening

SETTLED_SECONDS = 20
PLAYED_SECONDS = 0.3
GROWTH_MB = 4
"""One buffer of ten seconds is half a megabyte: were one in fifty of them kept, it would show."""


def processor_seconds(process: int) -> float:
    """Give the time a process has spent, its own and the system's for it."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(process: int) -> float:
    """Give the memory a process has now, in megabytes."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main(seconds: float, pauses: int) -> bool:
    """Play to nobody, and watch the process."""
    if not Path("/proc/self/statm").exists():
        sys.exit("this is measured on Linux, where /proc tells what a process takes")
    with tempfile.TemporaryDirectory() as scratch:
        own_folders(Path(scratch))
        run([*NIGHTSTRETCH, "export", "-o", str(Path(scratch) / "warm.mp3")])
        with Evening("--output", "null", "--screen", "dim", "--no-log") as evening:
            evening.read_for(SETTLED_SECONDS)
            evening.press(b"\n")  # the advice has been read
            before, began = processor_seconds(evening.pid), time.monotonic()
            evening.read_for(seconds)
            spent, took = processor_seconds(evening.pid) - before, time.monotonic() - began
            memory = []
            for _ in range(pauses):
                evening.press(b" ")
                evening.read_for(PLAYED_SECONDS)
                evening.press(b" ")
                evening.read_for(PLAYED_SECONDS)
                memory.append(resident_mb(evening.pid))
            evening.press(b"q")
            if evening.end():
                sys.exit(f"the program failed: {evening.text}")
            if evening.text.count("paused  ") < pauses:
                sys.exit("not every key paused it")
    fifth = max(1, len(memory) // 5)
    first, last = median(memory[fifth : 2 * fifth]), median(memory[-fifth:])
    print(
        f"{pauses} pauses: {memory[0]:.1f} MB after the first, then {first:.1f} MB, {last:.1f} MB at the end"
    )
    kept = [
        report("one core is used to", spent / took * 100, 3, " %"),
        report(f"memory grows over {pauses} pauses by", last - first, GROWTH_MB, " MB"),
    ]
    return all(kept)


if __name__ == "__main__":
    figures = sys.argv[1:]
    wanted_seconds = float(figures[0]) if figures else 60
    sys.exit(not main(wanted_seconds, int(figures[1]) if len(figures) > 1 else 360))
