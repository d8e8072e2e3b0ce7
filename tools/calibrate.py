"""Measure how fast the natural voice speaks at each of its settings, or check that the kept table holds.

Without arguments it prints the table that src/nightstretch/voices/natural.py keeps. With ``--check`` it
speaks the passage at several speeds and ends with 1 where speed 1.0 is more than 5 % off; with ``--voice``
it does so for another voice.
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from nightstretch.audio import Clip, to_pcm
from nightstretch.voices.base import CALM_WPM
from nightstretch.voices.calibration import PASSAGE, calibrate, words_per_minute
from nightstretch.voices.leveled import level
from nightstretch.voices.natural import VARIANT, disable_telemetry
from nightstretch.voices.registry import open_voice

SPEEDS = (0.5, 0.65, 0.7, 0.85, 1.0, 1.2, 1.4, 1.7, 2.0)
TOLERANCE = 0.05
SETTINGS = [round(0.26 + 0.02 * step, 2) for step in range(48)]


def print_table() -> None:
    """Measure hibari itself, at every setting."""
    disable_telemetry()
    from hibari import Hibari  # noqa: PLC0415

    model = Hibari(voice=VARIANT)

    def speak(text: str, setting: float) -> Clip:
        return level(Clip(to_pcm(model(text, speed=setting, seed=0)), model.sample_rate), text)

    with ThreadPoolExecutor(os.cpu_count()) as executor:
        for setting, wpm in calibrate(speak, SETTINGS, PASSAGE, executor).points:
            print(f"        ({setting}, {wpm}),")


def check(name: str) -> bool:
    """Measure a voice through the same door the program uses, and print what came of each speed."""
    voice = open_voice(name)
    slowest, fastest = voice.speeds
    print(f"{name}: speeds from {slowest:.2f} to {fastest:.2f}")
    print(f"{'speed':>6} {'wanted':>7} {'spoken':>7} {'off':>7}")
    held = True
    with ThreadPoolExecutor(os.cpu_count()) as executor:
        for speed in SPEEDS:
            wanted = CALM_WPM * min(max(speed, slowest), fastest)
            clips = executor.map(lambda text, speed=speed: (text, voice.synthesize(text, speed)), PASSAGE)
            spoken = words_per_minute(clips)
            print(f"{speed:>6} {wanted:>7.1f} {spoken:>7.1f} {spoken / wanted - 1:>+7.1%}")
            if speed == 1.0:
                held = abs(spoken / CALM_WPM - 1) <= TOLERANCE
    voice.close()
    return held


def main() -> int:
    """Do what the arguments say; give the exit code."""
    parser = argparse.ArgumentParser(description="Measure or check the pace of a voice.")
    parser.add_argument("--check", action="store_true", help="check the kept table instead of making one")
    parser.add_argument("--voice", default="natural", help="the voice to check")
    arguments = parser.parse_args()
    if not arguments.check:
        print_table()
        return 0
    if check(arguments.voice):
        return 0
    print(f"speed 1.0 is more than {TOLERANCE:.0%} away from {CALM_WPM:.0f} words a minute", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
