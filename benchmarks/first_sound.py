"""From the start of ``nightstretch play`` to the first audible sample handed to the output.

The null output stands for the sound card. Its time is compared with that of importing numpy, which no player
of this kind can do without.
"""

import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from measuring import own_folders, report, run

RUNS = 7
CHILD = "--child"


def play() -> None:
    """Play as the command does, and say when the first audible sample was handed over."""
    from nightstretch.audio import Pcm
    from nightstretch.cli import run as run_cli
    from nightstretch.player.outputs.base import Pull
    from nightstretch.player.outputs.null_output import NullOutput

    start = NullOutput.start

    def start_listening(self: NullOutput, pull: Pull, rate: int, channels: int = 1) -> None:
        def listen(frames: int) -> Pcm:
            block = pull(frames)
            if block.any():
                Path(sys.argv[2]).write_text(str(time.monotonic()))
                os._exit(0)
            return block

        start(self, listen, rate, channels)

    NullOutput.start = start_listening  # type: ignore[method-assign,assignment]
    sys.exit(run_cli(["play", "--output", "null"]))


def main() -> None:
    """Measure in turn: numpy, an empty cache, a warm one."""
    over: dict[str, list[float]] = {"empty cache": [], "warm cache": []}
    with tempfile.TemporaryDirectory() as scratch:
        own_folders(Path(scratch))
        heard = Path(scratch) / "heard"
        warm = Path(scratch) / "warm"
        exporting = [sys.executable, "-m", "nightstretch", "export", "-o", str(Path(scratch) / "x.mp3")]
        run(exporting, NIGHTSTRETCH_CACHE_DIR=str(warm))
        for number in range(RUNS + 1):
            yardstick = run([sys.executable, "-c", "import numpy"]).seconds
            for name, cache in {"empty cache": Path(scratch) / f"empty-{number}", "warm cache": warm}.items():
                begin = time.monotonic()
                run([sys.executable, __file__, CHILD, str(heard)], NIGHTSTRETCH_CACHE_DIR=str(cache))
                if number:
                    over[name].append(float(heard.read_text()) - begin - yardstick)
    for name, seconds in over.items():
        print(f"{name}: {', '.join(f'{value:.2f}' for value in seconds)} s over `import numpy`")
    kept = [
        report(f"{name}, over `import numpy`", median(over[name]), bound, " s")
        for name, bound in (("empty cache", 1.0), ("warm cache", 0.5))
    ]
    sys.exit(not all(kept))


if __name__ == "__main__":
    play() if CHILD in sys.argv else main()
