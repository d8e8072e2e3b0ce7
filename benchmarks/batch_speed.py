"""How long 24 variants of one routine take as a batch, against one core, one worker and 24 exports.

One worker is more than one core's work: it mixes in one thread while another encodes MP3, and speaks on all
cores. So a worker for each core is held against one worker that has one core; what one worker with all of
them takes is told beside it, and how many cores each kept busy.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from statistics import median

from measuring import NIGHTSTRETCH, Run, own_folders, report, run

RUNS = 3
CORES = os.cpu_count() or 1
VARIANTS = list(product(("0.9", "1"), ("5", "7", "9"), ("none", "rain"), ("mp3", "flac")))

if not hasattr(os, "sched_setaffinity"):
    sys.exit("this is measured on Linux, where a program can be held to one core")


@contextmanager
def one_core() -> Iterator[None]:
    """Hold what is started in the block to one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


with tempfile.TemporaryDirectory() as scratch:
    folder = Path(scratch)
    own_folders(folder)
    plan, files = folder / "plan.csv", folder / "files"
    rows = [",".join(("short-back", *variant)) for variant in VARIANTS]
    plan.write_text("\n".join(["routine,speed,minutes,bed,format", *rows]))

    def batch(workers: int) -> Run:
        """Make all variants from nothing."""
        shutil.rmtree(files, ignore_errors=True)
        shutil.rmtree(folder / "cache", ignore_errors=True)
        return run([*NIGHTSTRETCH, "batch", str(plan), "-o", str(files), "--workers", str(workers)])

    def export(speed: str, minutes: str, bed: str, name: str) -> Run:
        """Make one of them as `export` does."""
        options = ["--speed", speed, "--minutes", minutes, "--bed", bed]
        target = str(folder / f"one.{name}")
        return run([*NIGHTSTRETCH, "export", "short-back", "--force", "-o", target, *options])

    def exports() -> Run:
        """Make them one after the other; they, too, find the clips that one before them has left."""
        shutil.rmtree(folder / "cache", ignore_errors=True)
        done = [export(*variant) for variant in VARIANTS]
        return Run(
            sum(one.seconds for one in done),
            max(one.peak_mb for one in done),
            sum(one.cpu_seconds for one in done),
        )

    speedups, shares = [], []
    for _ in range(RUNS):
        many = batch(CORES)
        with one_core():
            held = batch(1)
        one, singly = batch(1), exports()
        for name, taken in {
            f"{CORES} workers": many,
            "one worker on one core": held,
            "one worker on all": one,
            f"{len(VARIANTS)} exports": singly,
        }.items():
            busy = taken.cpu_seconds / taken.seconds
            print(f"{name}: {taken.seconds:.1f} s, {busy:.2f} cores busy", flush=True)
        speedups.append(many.seconds / held.seconds)
        shares.append(many.seconds / singly.seconds)

kept = [
    report(f"{CORES} workers, of the time of one on one core", median(speedups), 1 / 1.7),
    report(f"a batch, of the time of {len(VARIANTS)} exports", median(shares), 2 / 3),
]
sys.exit(not all(kept))
