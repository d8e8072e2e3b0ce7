"""How long the export of the shipped routine takes, against a plain script that does one thing at a time."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from measuring import NIGHTSTRETCH, report, run

RUNS = 5
PLAIN = Path(__file__).with_name("plain_export.py")

with tempfile.TemporaryDirectory() as scratch:
    folder = Path(scratch)
    cache = folder / "cache"
    listing = subprocess.run(
        [*NIGHTSTRETCH, "script", "--format", "json"], check=True, capture_output=True, text=True
    ).stdout
    (folder / "script.json").write_text(listing)
    plain = [sys.executable, str(PLAIN), str(folder / "script.json"), str(folder / "plain.mp3")]
    ours = [*NIGHTSTRETCH, "export", "--force", "-o", str(folder / "ours.mp3")]
    ratios: dict[str, list[float]] = {"empty cache": [], "warm cache": []}
    for number in range(RUNS + 1):
        shutil.rmtree(cache, ignore_errors=True)
        yardstick = run(plain).seconds
        empty = run(ours, NIGHTSTRETCH_CACHE_DIR=str(cache)).seconds
        warm = run(ours, NIGHTSTRETCH_CACHE_DIR=str(cache)).seconds
        if number:  # the first round warms up the machine
            ratios["empty cache"].append(empty / yardstick)
            ratios["warm cache"].append(warm / yardstick)
            print(f"plain {yardstick:.2f} s, empty cache {empty:.2f} s, warm cache {warm:.2f} s")

kept = [
    report("empty cache, ratio", median(ratios["empty cache"]), 0.8),
    report("warm cache, ratio", median(ratios["warm cache"]), 0.45),
]
sys.exit(not all(kept))
