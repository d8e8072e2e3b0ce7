"""The same input gives the same bytes, however many threads speak it and in whichever process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nightstretch.choices import Choices
from nightstretch.session import Session, find_routine, open_voice
from nightstretch.voices import registry

TWIST = 3
"""The number of a short exercise, of words that are spoken alone, in a hold and on both sides."""

PROBLEM = {report.name: report.problem for report in registry.reports()}["natural"]
pytestmark = pytest.mark.skipif(bool(PROBLEM), reason=str(PROBLEM))


def export(path: Path, monkeypatch: pytest.MonkeyPatch, threads: int) -> bytes:
    """Speak everything anew with so many threads."""
    monkeypatch.setenv("NIGHTSTRETCH_CACHE_DIR", str(path.with_suffix(".cache")))
    monkeypatch.setattr(os, "cpu_count", lambda: threads)
    only = Choices(only=frozenset({TWIST}), opening=False, closing=False)
    with Session(find_routine("back-pain"), open_voice("natural"), choices=only) as session:
        session.export(path)
    return path.read_bytes()


def test_threads_and_processes_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = export(tmp_path / "one.mp3", monkeypatch, 1)
    four = export(tmp_path / "four.mp3", monkeypatch, 4)
    assert one == four

    monkeypatch.setenv("NIGHTSTRETCH_CACHE_DIR", str(tmp_path / "other"))
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    command = [sys.executable, "-m", "nightstretch", "export", "--only", str(TWIST)]
    command += ["--voice", "natural", "--no-opening", "--no-closing", "-o", str(tmp_path / "other.mp3")]
    subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / "other.mp3").read_bytes() == one
