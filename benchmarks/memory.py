"""Peak memory of exporting 60 minutes, against 15: a longer session must not need more.

The long routine is the shipped one four times over, with every sentence made another one, so that nothing
is gained from a clip that was heard before. The peak depends on which sentences two threads happen to speak
at the same time, so each length is exported several times, with an empty cache, and the median counts.
"""

import re
import sys
import tempfile
from pathlib import Path
from statistics import median

from measuring import NIGHTSTRETCH, report, run

from nightstretch.resources import folder

RUNS = 5

shipped = (folder("narration") / "back-pain.yaml").read_text()
head, rest = shipped.split("\nexercises:\n")
exercises, closing = rest.split("\nclosing:\n")
# The short routine has the longest sentences too: they are what the voice needs most memory for.
beginnings = ["Then ", "And ", "So ", ""]


def varied(beginning: str) -> str:
    """Give the exercises with other sentences to say."""
    return re.sub(r"(?m)^( *- say: )(?=[A-Z])", rf"\1{beginning}", exercises)


with tempfile.TemporaryDirectory() as scratch:
    peaks = {}
    for minutes, parts in {15: beginnings[:1], 60: beginnings}.items():
        routine = Path(scratch) / f"{minutes}.yaml"
        routine.write_text("\n".join([head, "exercises:", *map(varied, parts), "closing:", closing]))
        command = [*NIGHTSTRETCH, "export", str(routine), "-o", str(Path(scratch) / f"{minutes}.mp3")]
        measured = [
            run([*command, "--force"], NIGHTSTRETCH_CACHE_DIR=str(Path(scratch) / f"{minutes}-{number}"))
            for number in range(RUNS)
        ]
        peaks[minutes] = median(one.peak_mb for one in measured)
        print(f"{minutes} minutes: {', '.join(f'{one.peak_mb:.0f}' for one in measured)} MB")
sys.exit(not report("60 minutes take more by", peaks[60] - peaks[15], 15, " MB"))
