"""From a key to a change in the sound, and whether anything clicks: through a terminal and a sound server.

The program speaks in tones, so that a change can be seen to the millisecond. A key is timed from the moment
it is written to the terminal until the sound has become half a decibel softer, or until an answer begins, in
the recording: that the recording itself comes a little late counts against us.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import numpy.typing as npt
from measuring import own_folders, report, sound_server
from support.ear import largest_step
from support.evening import RIGHT, Evening
from support.sound_server import Recording
from support.tones import CUE_HERTZ, ROUTINE, USE, ToneVoice

from nightstretch.audio import SESSION_RATE
from nightstretch.choices import Finish
from nightstretch.mastering import Mastering
from nightstretch.voices.leveled import level
from nightstretch.voices.room import in_room

TIMES = int(sys.argv[1]) if len(sys.argv) > 1 else 15
WINDOW = SESSION_RATE // CUE_HERTZ  # one turn of the lower tone: its mean does not depend on where it begins
SOFTER = 10 ** (-0.5 / 20)

Levels = npt.NDArray[np.float64]


def levels(recording: Recording, start: int) -> Levels:
    """Give how loud the recording is from a sample on: the mean over the window that ends there."""
    sound = np.abs(recording.everything[start - WINDOW :].astype(np.float64))
    return np.convolve(sound, np.ones(WINDOW) / WINDOW, "valid")


def softer(level: Levels) -> int:
    """Give the first sample at which it has become softer."""
    return int(np.argmax(level < level[0] * SOFTER))


def begins(level: Levels) -> int:
    """Give the first sample of an answer: before it, it is silent, or for a moment nearly so."""
    first = level[: SESSION_RATE // 2]
    return int(np.flatnonzero(first == first.min())[-1])


def main() -> bool:
    """Press keys at any moment, and tell whether the sound follows in time."""
    chance = random.Random(7)  # noqa: S311 - any moments will do
    waits: dict[str, list[float]] = {}

    with tempfile.TemporaryDirectory() as scratch:
        own_folders(Path(scratch))
        routine = Path(scratch) / "tones.yaml"
        routine.write_text(ROUTINE)
        with (
            sound_server(Path(scratch)) as server,
            server.record() as recording,
            Evening(str(routine), "--no-log", before=USE + f"sys.path += {sys.path!r}") as evening,
        ):

            def press(key: bytes, seconds: float) -> int:
                """Press a key, wait, give the sample that was heard when it was pressed."""
                time.sleep(chance.uniform(0, 0.1))
                moment = time.monotonic()
                evening.press(key)
                evening.read_for(seconds)
                return recording.sample_at(moment)

            def measure(what: str, key: bytes, seconds: float, found: Callable[[Levels], int]) -> None:
                start = press(key, seconds)
                waits.setdefault(what, []).append(found(levels(recording, start)) / SESSION_RATE * 1000)

            while not recording.everything.any():
                evening.read_for(1.0)
            for number in range(TIMES):
                measure("pause", b" ", 0.8, softer)
                measure("answer in a pause", b"t", 1.3, begins)
                press(b" ", 1.2)
                measure("mute", b"m", 0.7, softer)
                press(b"m", 0.7)
                measure("volume", b"9", 0.4, softer)
                press(b"0", 0.4)
                measure("answer in place of a cue", b"t", 2.2, begins)
                if number % 4 == 0:
                    press(RIGHT, 1.2)
                    press(b"[" if number % 8 == 0 else b"]", 2.5)
            evening.press(b"q")
            if evening.end():
                sys.exit(f"the program failed: {evening.text}")

    for what, figures in waits.items():
        print(f"{what}: {', '.join(f'{figure:.0f}' for figure in figures)} ms")
    kept = [
        report(f"{what}, {name}", measured(figures), 300 if "answer" in what else 150, " ms")
        for what, figures in waits.items()
        for name, measured in (("median", median), ("worst", max))
    ]
    loudest = Mastering(Finish(), 0, 1)  # it is at the beginning
    clips = [
        loudest.mastered(level(ToneVoice().synthesize(text, 1.0), text, in_room), 0).samples
        for text in ("Cue 1.", "One minute left.")
    ]
    own = max(map(largest_step, clips))
    kept.append(
        report("the largest step, over that of the clips", largest_step(recording.everything) / own, 1)
    )
    return all(kept)


if __name__ == "__main__":
    sys.exit(not main())
