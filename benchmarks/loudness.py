"""How loud every shipped session is, by ffmpeg's ``ebur128``, and whether anything in it could startle.

    python benchmarks/loudness.py [--routine NAME ...] [--speed X ...] [--bed NAME ...] [--voice NAME]

Every shipped routine is exported as MP3 at three speeds, without a bed and with each shipped one, unless a
part of them is named. What ffmpeg decodes is measured. Whether cues are equally loud is measured once for
each routine and speed, without a bed and with nothing getting softer: each cue over 2 s against the middle
one. Needs ffmpeg on the PATH. All 60 sessions take half an hour; clips are kept in NIGHTSTRETCH_CACHE_DIR, if
that is set.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np
from measuring import report
from support.meter import lufs_by_ffmpeg, measured_by_ffmpeg

from nightstretch.audio import SESSION_RATE, Pcm
from nightstretch.beds import BED_RATE, bed_names
from nightstretch.choices import SESSION_LUFS, Finish
from nightstretch.export.startling import Startling
from nightstretch.session import Session, find_routine, open_voice, shipped_routines
from nightstretch.timeline import Timeline

SPEEDS: Final = (0.7, 1.0, 1.4)
NONE: Final = "none"
LONG_CUE_SECONDS: Final = 2.0
_CHUNK_BYTES: Final = 1 << 22


@dataclass(frozen=True)
class Figures:
    """What one session came out at. ``cues_lu``: how far its cues lie from the middle one, where measured."""

    off_lu: float
    peak_dbtp: float
    rise_db: float
    beside_words_db: float
    cues_lu: float | None


def exported(path: Path, routine: str, voice: str, speed: float, finish: Finish) -> Timeline:
    """Write one session."""
    with Session(find_routine(routine), open_voice(voice), speed=speed, finish=finish) as session:
        return session.export(path, force=True)


def startling(path: Path, timeline: Timeline, rate: int, channels: int) -> Startling:
    """Watch what ffmpeg makes of a file."""
    words = ((e.start / timeline.rate, e.end / timeline.rate) for e in timeline.events if e.kind == "say")
    watch = Startling(rate, words)
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", str(path), "-map", "0:a", "-f", "s16le", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as decoder:
        assert decoder.stdout is not None  # noqa: S101 - for the type checker
        while data := decoder.stdout.read(_CHUNK_BYTES):
            watch.add(np.frombuffer(data, np.int16).reshape(-1, channels))
    watch.finish()
    return watch


def cues_apart(path: Path, routine: str, voice: str, speed: float) -> float:
    """Give by how much the cues over 2 s of a routine lie from the middle one, at most, in LU."""
    timeline = exported(path, routine, voice, speed, Finish(quieter_db=0))
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", str(path), "-map", "0:a", "-f", "s16le", "-"]
    sound: Pcm = np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, np.int16)
    says = {event.text: event for event in timeline.events if event.kind == "say"}.values()
    levels = [
        lufs_by_ffmpeg(sound[event.start : event.end], SESSION_RATE)
        for event in says
        if event.end - event.start > LONG_CUE_SECONDS * SESSION_RATE
    ]
    middle = median(levels)
    return max(abs(level - middle) for level in levels)


def measure(folder: Path, routine: str, voice: str, speed: float, bed: str) -> Figures:
    """Export one session and measure what ffmpeg hears of it."""
    path = folder / "session.mp3"
    finish = Finish(bed=None if bed == NONE else bed)
    timeline = exported(path, routine, voice, speed, finish)
    measured = measured_by_ffmpeg(path)
    watch = startling(path, timeline, *((SESSION_RATE, 1) if bed == NONE else (BED_RATE, 2)))
    return Figures(
        off_lu=measured.lufs - SESSION_LUFS,
        peak_dbtp=measured.peak_dbtp,
        rise_db=watch.rise_db,
        beside_words_db=watch.beside_words_db,
        cues_lu=cues_apart(path, routine, voice, speed) if bed == NONE else None,
    )


def main() -> bool:
    """Measure what was asked for; say whether all bounds are kept."""
    parser = argparse.ArgumentParser(description="Loudness of the shipped sessions, measured by ffmpeg.")
    parser.add_argument("--routine", nargs="+", choices=shipped_routines(), default=shipped_routines())
    parser.add_argument("--speed", nargs="+", type=float, default=SPEEDS)
    parser.add_argument("--bed", nargs="+", choices=(NONE, *bed_names()), default=(NONE, *bed_names()))
    parser.add_argument("--voice", default="natural")
    asked = parser.parse_args()
    if shutil.which("ffmpeg") is None:
        sys.exit("this is measured by ffmpeg: install it first")
    figures = []
    print(
        f"{'routine':<12}{'speed':>6}  {'bed':<12}{'LUFS':>7}{'dBTP':>7}{'rise':>6}{'beside':>8}{'cues':>7}"
    )
    with tempfile.TemporaryDirectory() as scratch:
        os.environ.setdefault("NIGHTSTRETCH_CACHE_DIR", str(Path(scratch) / "cache"))
        for routine, speed, bed in product(asked.routine, asked.speed, asked.bed):
            one = measure(Path(scratch), routine, asked.voice, speed, bed)
            figures.append(one)
            cues = "" if one.cues_lu is None else f"±{one.cues_lu:.1f}"
            print(
                f"{routine:<12}{speed:>6g}  {bed:<12}{SESSION_LUFS + one.off_lu:>7.1f}{one.peak_dbtp:>7.1f}"
                f"{one.rise_db:>6.1f}{one.beside_words_db:>8.1f}{cues:>7}",
                flush=True,
            )
    cues_lu = [one.cues_lu for one in figures if one.cues_lu is not None]
    kept = [
        report("loudness is off by", max(abs(one.off_lu) for one in figures), 0.5, " LU"),
        report("true peak", max(one.peak_dbtp for one in figures), -3, " dBTP"),
        report("the fastest rise beside the words", max(one.rise_db for one in figures), 6, " dB in 20 ms"),
        report("the loudest 100 ms beside the words", max(one.beside_words_db for one in figures), 0, " dB"),
        report("a cue is off the middle one by", max(cues_lu, default=0.0), 1, " LU"),
    ]
    return all(kept)


if __name__ == "__main__":
    sys.exit(not main())
