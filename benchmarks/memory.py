"""Peak memory of exporting 60 minutes, and 8 hours over a bed, against 15: longer must not need more.

The long routine is the shipped one four times over, with every sentence made another one, so that nothing
is gained from a clip that was heard before. The peak depends on which sentences two threads happen to speak
at the same time, so each length is exported several times, with an empty cache, and the median counts.

The 8 hours are the shipped routine with a tail of rain, against the same without the tail, out of the cache.
They take as long to encode as 30 sessions: ``python benchmarks/memory.py night`` measures them alone, and
``python benchmarks/memory.py hour`` the 60 minutes.
"""

import re
import sys
import tempfile
from pathlib import Path
from statistics import median

from measuring import NIGHTSTRETCH, report, run

from nightstretch.resources import folder

RUNS = 5
NIGHT_TAIL_MINUTES = 465

shipped = (folder("narration") / "back-pain.yaml").read_text()
head, rest = shipped.split("\nexercises:\n")
exercises, closing = rest.split("\nclosing:\n")
# The short routine has the longest sentences too: they are what the voice needs most memory for.
beginnings = ["Then ", "And ", "So ", ""]


def varied(beginning: str) -> str:
    """Give the exercises with other sentences to say."""
    return re.sub(r"(?m)^( *- say: )(?=[A-Z])", rf"\1{beginning}", exercises)


def an_hour(scratch: Path) -> bool:
    """Measure 60 minutes of other words against 15."""
    peaks = {}
    for minutes, parts in {15: beginnings[:1], 60: beginnings}.items():
        routine = scratch / f"{minutes}.yaml"
        routine.write_text("\n".join([head, "exercises:", *map(varied, parts), "closing:", closing]))
        command = [*NIGHTSTRETCH, "export", str(routine), "-o", str(scratch / f"{minutes}.mp3")]
        measured = [
            run([*command, "--force"], NIGHTSTRETCH_CACHE_DIR=str(scratch / f"{minutes}-{number}"))
            for number in range(RUNS)
        ]
        peaks[minutes] = median(one.peak_mb for one in measured)
        print(f"{minutes} minutes: {', '.join(f'{one.peak_mb:.0f}' for one in measured)} MB")
    return report("60 minutes take more by", peaks[60] - peaks[15], 15, " MB")


def a_night(scratch: Path) -> bool:
    """Measure 8 hours over a bed against a quarter of an hour."""
    command = [*NIGHTSTRETCH, "export", "--force", "--bed", "rain", "-o", str(scratch / "night.mp3")]
    cache = str(scratch / "night")
    run(command, NIGHTSTRETCH_CACHE_DIR=cache)
    evening = median(run(command, NIGHTSTRETCH_CACHE_DIR=cache).peak_mb for _ in range(RUNS))
    night = run([*command, "--tail", str(NIGHT_TAIL_MINUTES)], NIGHTSTRETCH_CACHE_DIR=cache)
    print(f"over a bed: {evening:.0f} MB, with a tail of {NIGHT_TAIL_MINUTES} minutes {night.peak_mb:.0f} MB")
    return report("8 hours over a bed take more by", night.peak_mb - evening, 20, " MB")


parts = {"hour": an_hour, "night": a_night}
with tempfile.TemporaryDirectory() as folder_name:
    kept = [parts[name](Path(folder_name)) for name in sys.argv[1:] or parts]
sys.exit(not all(kept))
