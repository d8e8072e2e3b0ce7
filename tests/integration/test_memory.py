"""A long session takes no more memory than a short one."""

import os
import tracemalloc
from pathlib import Path

import pytest
from support.voices import HummingVoice

from nightstretch.audio import SESSION_RATE
from nightstretch.routine import Exercise, Pause, Routine, Say, Span
from nightstretch.session import Session
from nightstretch.voices.cache import CachedVoice, ClipCache

MINUTES = 2
TIMES = 10
CLIP_BYTES = 2 * 5 * SESSION_RATE  # ten words at the calm pace


def evening(minutes: int) -> Routine:
    """Give a routine of so many exercises of a minute, in which nothing is said twice."""

    def exercise(number: int) -> Exercise:
        says = [Say(f"this is cue {cue} of exercise {number} now rest again") for cue in range(6)]
        steps = tuple(step for say in says for step in (say, Pause(Span(4, 1, 30))))
        return Exercise(f"Exercise {number}", 1, steps)

    return Routine("Evening", "", (), tuple(exercise(number) for number in range(minutes)), ())


def peak_bytes(minutes: int, folder: Path) -> int:
    folder.mkdir()
    voice = CachedVoice(HummingVoice(), ClipCache(folder / "clips"))
    tracemalloc.start()
    try:
        with Session(evening(minutes), voice) as session:
            timeline = session.export(folder / "evening.wav", format_name="wav")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert timeline.samples == minutes * 60 * SESSION_RATE
    return peak


def test_memory_does_not_grow_with_the_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        os, "cpu_count", lambda: 2
    )  # as many clips at work in the short one as in the long one
    peak_bytes(1, tmp_path / "first")  # what is imported and kept anyway
    short = peak_bytes(MINUTES, tmp_path / "short")
    long = peak_bytes(MINUTES * TIMES, tmp_path / "long")
    kept = (long - short) / (6 * MINUTES * (TIMES - 1))  # for each further cue
    assert kept < CLIP_BYTES / 3  # what threads happen to do at the same time is some of it
