"""Make the sounds in ``sounds/``: three soft singing bowls, and below them four beds that loop.

    python tools/make_sounds.py            write them
    python tools/make_sounds.py --check    compare the stored ones with freshly made ones

A bowl rings in a few modes whose frequencies are no whole multiples of each other. No bowl is perfectly
round, so each mode is really two, a fraction of a hertz apart, and their slow beating is the shimmer one
hears. The high modes die sooner. All of that is here; what a real bowl has and these have not is the knock
of the mallet, because nothing may startle somebody who is half asleep: the sound grows out of the silence
over a quarter of a second, and leaves into it.

Everybody makes the same samples: nothing in a bowl is random, and the beds (see ``bed_synthesis``) have a
generator whose stream is frozen. The stored files may differ from them by one step of 16 bits, for the
mathematics libraries of two machines may round differently. So what is checked are samples, never bytes.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import bed_synthesis
import numpy as np
import numpy.typing as npt
import soundfile

from nightstretch.audio import SESSION_RATE, Pcm, to_pcm

SOUNDS: Final = Path(__file__).resolve().parents[1] / "sounds"

Signal = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Mode:
    """One mode of vibration.

    ``ratio``: its frequency over the bowl's lowest. ``level_db``: its loudness beside that one.
    ``beat_hz``: how far its two halves lie apart. ``decay``: how long it rings, beside the lowest.
    """

    ratio: float
    level_db: float
    beat_hz: float
    decay: float


MODES: Final = (
    Mode(ratio=1.0, level_db=0.0, beat_hz=0.6, decay=1.0),
    Mode(ratio=2.76, level_db=-9.0, beat_hz=1.1, decay=0.62),
    Mode(ratio=5.22, level_db=-19.0, beat_hz=1.7, decay=0.36),
    Mode(ratio=8.21, level_db=-31.0, beat_hz=2.3, decay=0.2),
)
"""What a hammered bowl of middle size does, with the high modes as a felt mallet leaves them."""

BEAT_DEPTH: Final = 0.3
"""The weaker half of each mode beside the stronger: a shimmer of 5 dB, never a silence."""

ATTACK_DB_PER_20_MS: Final = 4.6
"""How fast a bowl may grow where it grows fastest: under the 6 dB that nothing in a session may exceed."""

ATTACK_DEPTH_DB: Final = 70.0
"""How far below its full level the growing starts: at the last bit, where a beginning cannot be heard."""

SILENCE_SECONDS: Final = 0.05
"""Digital silence at the very end, so that whatever follows starts from nothing."""


@dataclass(frozen=True)
class Bowl:
    """What tells one bowl from another.

    ``decay_seconds``: the time in which the lowest mode falls by 60 dB. ``peak_dbfs``: the highest sample;
    it is what keeps the bowl below the voice, see ``sounds/README.md``.
    """

    name: str
    lowest_hz: float
    seconds: float
    decay_seconds: float
    fade_seconds: float
    peak_dbfs: float


BOWLS: Final = (
    Bowl("bowl-start", lowest_hz=196.0, seconds=5.6, decay_seconds=13.0, fade_seconds=3.6, peak_dbfs=-18.0),
    Bowl("bowl-change", lowest_hz=220.0, seconds=4.2, decay_seconds=9.0, fade_seconds=2.8, peak_dbfs=-21.0),
    Bowl("bowl-end", lowest_hz=174.6, seconds=7.6, decay_seconds=18.0, fade_seconds=5.4, peak_dbfs=-23.5),
)


def make(bowl: Bowl) -> Pcm:
    """Make the samples of one bowl."""
    total = round(bowl.seconds * SESSION_RATE)
    time = np.arange(total) / SESSION_RATE
    signal = sum((_mode(bowl, mode, time) for mode in MODES), start=np.zeros(total))
    signal *= _attack(time) * _fade(time, bowl)
    return to_pcm(signal * (10 ** (bowl.peak_dbfs / 20) / np.abs(signal).max()))


def _mode(bowl: Bowl, mode: Mode, time: Signal) -> Signal:
    """Ring one mode: its two halves start together, beat, and die away."""
    low = 2 * np.pi * bowl.lowest_hz * mode.ratio
    high = low + 2 * np.pi * mode.beat_hz
    decay = np.power(10.0, -3 * time / (bowl.decay_seconds * mode.decay))
    level = 10 ** (mode.level_db / 20)
    halves = np.sin(low * time) + BEAT_DEPTH * np.sin(high * time)
    return level * decay * halves


def _attack(time: Signal) -> Signal:
    """Grow by a steady number of decibels at first, then ease into the full level: a logistic curve.

    The plain raised cosine is slow only near the top: its first 20 ms above the silence rise by 20 dB.
    """
    scale = 0.020 / (ATTACK_DB_PER_20_MS / 20 * math.log(10))
    start = ATTACK_DEPTH_DB / 20 * math.log(10)
    grown = 1 / (1 + np.exp(start - time / scale))
    grown -= grown[0]
    return grown


def _fade(time: Signal, bowl: Bowl) -> Signal:
    """Leave: half a cosine down to nothing, then digital silence."""
    end = bowl.seconds - SILENCE_SECONDS
    gone = np.clip((time - (end - bowl.fade_seconds)) / bowl.fade_seconds, 0.0, 1.0)
    return 0.5 + 0.5 * np.cos(np.pi * gone)


@dataclass(frozen=True)
class Sound:
    """A file of this tool. ``make``: gives its samples, shape ``(samples,)`` or ``(samples, channels)``."""

    name: str
    rate: int
    make: Callable[[], Pcm]


ALL: Final = (
    *(Sound(f"{bowl.name}.flac", SESSION_RATE, partial(make, bowl)) for bowl in BOWLS),
    *(
        Sound(f"beds/{name}.flac", recipe.rate, partial(bed_synthesis.make, recipe))
        for name, recipe in bed_synthesis.RECIPES.items()
    ),
)


def write(folder: Path) -> None:
    """Make every sound and store it."""
    for sound in ALL:
        path = folder / sound.name
        path.parent.mkdir(parents=True, exist_ok=True)
        samples = sound.make()
        soundfile.write(
            path, samples, sound.rate, format="FLAC", subtype="PCM_16", compression_level=SMALLEST
        )
        print(f"{sound.name}: {len(samples) / sound.rate} s, {path.stat().st_size} bytes")


SMALLEST: Final = 1.0
"""The beds are in every wheel; what FLAC needs to make them smaller, it needs only here."""


def check(folder: Path) -> list[str]:
    """Compare the stored sounds with freshly made ones; each difference is one line."""
    problems = []
    for sound in ALL:
        try:
            stored, rate = soundfile.read(folder / sound.name, dtype="int16")
        except (soundfile.SoundFileError, OSError) as error:
            problems.append(f"{sound.name}: cannot be read ({error})")
            continue
        made = sound.make()
        if (rate, stored.shape) != (sound.rate, made.shape):
            problems.append(f"{sound.name}: {stored.shape} at {rate} Hz, not {made.shape} at {sound.rate} Hz")
            continue
        furthest = int(np.abs(stored.astype(np.int32) - made).max())
        if furthest > 1:
            problems.append(f"{sound.name}: differs from what this tool makes by up to {furthest} steps")
    return problems


def main() -> int:
    """Run the tool."""
    parser = argparse.ArgumentParser(description="Make the sounds, or check the stored ones.")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    parser.add_argument("--folder", type=Path, default=SOUNDS, help="where they are (default: sounds/)")
    options = parser.parse_args()
    if not options.check:
        write(options.folder)
        return 0
    problems = check(options.folder)
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"{len(ALL)} sounds are as this tool makes them")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
