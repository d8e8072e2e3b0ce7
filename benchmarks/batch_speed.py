"""How long 24 variants of one routine take as a batch, against one worker and against 24 exports."""

import os
import shutil
import sys
import tempfile
import time
from itertools import product
from pathlib import Path
from statistics import median

from measuring import NIGHTSTRETCH, own_folders, report, run

RUNS = 3
CORES = os.cpu_count() or 1
VARIANTS = list(product(("0.9", "1"), ("5", "7", "9"), ("none", "rain"), ("mp3", "flac")))

with tempfile.TemporaryDirectory() as scratch:
    folder = Path(scratch)
    own_folders(folder)
    plan, files = folder / "plan.csv", folder / "files"
    rows = [",".join(("short-back", *variant)) for variant in VARIANTS]
    plan.write_text("\n".join(["routine,speed,minutes,bed,format", *rows]))

    def batch(workers: int) -> float:
        """Make all variants from nothing."""
        shutil.rmtree(files, ignore_errors=True)
        shutil.rmtree(folder / "cache", ignore_errors=True)
        return run([*NIGHTSTRETCH, "batch", str(plan), "-o", str(files), "--workers", str(workers)]).seconds

    def exports() -> float:
        """Make them one after the other; they, too, find the clips that one before them has left."""
        shutil.rmtree(folder / "cache", ignore_errors=True)
        start = time.perf_counter()
        for speed, minutes, bed, name in VARIANTS:
            options = ["--speed", speed, "--minutes", minutes, "--bed", bed]
            run(
                [
                    *NIGHTSTRETCH,
                    "export",
                    "short-back",
                    "--force",
                    "-o",
                    str(folder / f"one.{name}"),
                    *options,
                ]
            )
        return time.perf_counter() - start

    speedups, shares = [], []
    for _ in range(RUNS):
        many, one, singly = batch(CORES), batch(1), exports()
        print(f"{CORES} workers {many:.1f} s, one worker {one:.1f} s, {len(VARIANTS)} exports {singly:.1f} s")
        speedups.append(many / one)
        shares.append(many / singly)

kept = [
    report(f"{CORES} workers, of the time of one", median(speedups), 1 / 1.7),
    report(f"a batch, of the time of {len(VARIANTS)} exports", median(shares), 2 / 3),
]
sys.exit(not all(kept))
