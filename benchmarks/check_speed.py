"""How long ``check`` and ``script --format text`` take on a warm cache, against importing what they need.

``check`` speaks the routine at three speeds: each clip is read from the cache three times over.
"""

import os
import sys
import tempfile

from measuring import NIGHTSTRETCH, in_turn, report, run

RUNS = 9
ROUTINE = "back-pain"

check = [*NIGHTSTRETCH, "check", ROUTINE]
script = [*NIGHTSTRETCH, "script", ROUTINE, "--format", "text"]
yardstick = [sys.executable, "-c", "import click, yaml, numpy"]

with tempfile.TemporaryDirectory() as cache:
    os.environ["NIGHTSTRETCH_CACHE_DIR"] = cache
    print(f"empty cache: check {run(check).seconds:.1f} s")
    times = in_turn(RUNS, check=check, script=script, imports=yardstick)

print(", ".join(f"{name} {seconds:.3f} s" for name, seconds in times.items()))
kept = [report(f"{name} against imports", times[name] / times["imports"], 3) for name in ("check", "script")]
sys.exit(not all(kept))
