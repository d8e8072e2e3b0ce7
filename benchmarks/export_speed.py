"""How long the export of the shipped routine takes, against a plain script that does one thing at a time.

With a bed it is stereo at 44.1 kHz, and the yardstick is LAME alone, on the very samples of the session. That
is measured in one process, without the half second that Python takes to start, for both.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import lameenc
import numpy as np
from measuring import NIGHTSTRETCH, report, run

from nightstretch.bedding import Frames
from nightstretch.beds import BED_RATE, open_bed
from nightstretch.choices import Finish
from nightstretch.export.formats import DEFAULT_STEREO_BITRATE_KBPS
from nightstretch.session import Session, find_routine, open_voice

RUNS = 5
PLAIN = Path(__file__).with_name("plain_export.py")


def lame_seconds(sound: Frames) -> float:
    """Let LAME alone encode a session in stereo, as ``export`` has it do."""
    start = time.perf_counter()
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_channels(2)
    encoder.set_in_sample_rate(BED_RATE)
    encoder.set_out_sample_rate(BED_RATE)
    encoder.set_bit_rate(DEFAULT_STEREO_BITRATE_KBPS)
    encoder.set_quality(5)
    encoder.encode(sound.tobytes())
    encoder.flush()
    return time.perf_counter() - start


def over_a_bed() -> Session:
    """Open the shipped routine with rain under it."""
    return Session(find_routine("back-pain"), open_voice("natural"), finish=Finish(bed="rain"))


def with_a_bed(folder: Path, cache: Path) -> list[float]:
    """Export over a bed out of a warm cache, and let LAME alone do its part of it, in turn."""
    os.environ["NIGHTSTRETCH_CACHE_DIR"] = str(cache)
    with over_a_bed() as session, open_bed("rain") as bed:
        sound = np.concatenate(list(session.soundtrack.frames(bed)))
    ratios = []
    for _ in range(RUNS):
        alone = lame_seconds(sound)
        start = time.perf_counter()
        with over_a_bed() as session:
            session.export(folder / "bed.mp3", force=True)
        seconds = time.perf_counter() - start
        ratios.append(seconds / alone)
        print(f"LAME alone {alone:.2f} s, export with a bed {seconds:.2f} s")
    return ratios


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
    over_lame = with_a_bed(folder, cache)

kept = [
    report("empty cache, ratio", median(ratios["empty cache"]), 0.7),
    report("warm cache, ratio", median(ratios["warm cache"]), 0.4),
    report("with a bed, against LAME alone, ratio", median(over_lame), 1.3),
]
sys.exit(not all(kept))
