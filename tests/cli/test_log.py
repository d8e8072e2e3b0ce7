"""``nightstretch log`` as a person meets it."""

import io
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest

from nightstretch.cli import run
from nightstretch.practice.folder import log_path
from nightstretch.practice.log import PracticeLog
from nightstretch.practice.night import Night

NOW = datetime(2026, 3, 5, 22, 30, tzinfo=UTC)  # a Thursday


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, NOW)


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(import_module("nightstretch.cli.log"), "_now", lambda: moment)


def practise(ago: int, *, finished: bool = True, routine: str = "back-pain") -> None:
    began = NOW - timedelta(days=ago)
    PracticeLog(log_path()).record(Night(began, routine, 18.2 if finished else 7.5, 18.2, finished))


def printed(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert run(["log", *options]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    return said.out


def test_before_the_first_night_it_says_what_will_be_here(capsys: pytest.CaptureFixture[str]) -> None:
    said = printed(capsys)
    assert said.startswith("Nothing here yet")
    assert said.count("\n") == 1
    assert not log_path().exists()


def test_it_is_a_calendar(capsys: pytest.CaptureFixture[str]) -> None:
    for ago, finished in ((0, False), (1, True), (2, True), (4, True), (9, False)):
        practise(ago, finished=finished)
    assert (
        printed(capsys, "--weeks", "3")
        == """\
        Mon Tue Wed Thu Fri Sat Sun
16 Feb   ·   ·   ·   ·   ·   ·   ·
23 Feb   ·   ◐   ·   ·   ·   ·   ●
 2 Mar   ·   ●   ●  [◐]

● finished   ◐ in part   · none   [ ] tonight

3 nights in a row.
5 nights in all, 1 hour and 10 minutes.
"""
    )


def test_six_weeks_are_shown_unless_asked_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    practise(0)
    assert "\n26 Jan " in printed(capsys)
    assert "\n19 Jan " not in printed(capsys)


def test_tonight_can_still_come(capsys: pytest.CaptureFixture[str]) -> None:
    practise(1)
    said = printed(capsys)
    assert "[·]" in said
    assert "1 night in a row." in said
    assert "1 night in all, 18 minutes." in said


def test_after_midnight_it_is_still_tonight(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    practise(0)
    set_clock(monkeypatch, NOW + timedelta(hours=4))
    assert "[●]\n" in printed(capsys)


def test_a_streak_that_ended_is_no_reproach(capsys: pytest.CaptureFixture[str]) -> None:
    practise(2)
    assert "Tonight can be the first in a row." in printed(capsys)


@pytest.mark.parametrize("order", [(True, False), (False, True)])
def test_a_night_is_finished_if_any_routine_was(
    order: tuple[bool, bool], capsys: pytest.CaptureFixture[str]
) -> None:
    for routine, finished in zip(("back-pain", "breathing"), order, strict=True):
        practise(0, finished=finished, routine=routine)
    said = printed(capsys)
    assert "[●]" in said
    assert "1 night in all" in said


def test_a_clock_set_back_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    practise(0)
    practise(1)
    set_clock(monkeypatch, NOW - timedelta(days=400))
    assert run(["log"]) == 0
    said = capsys.readouterr()
    assert "2 nights of the log would be after tonight; see whether the clock is right" in said.err
    assert "2 nights in all" in said.out


def test_damaged_lines_are_told_and_the_rest_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    practise(0)
    with log_path().open("a") as file:
        file.write("?\n")
    assert run(["log"]) == 0
    said = capsys.readouterr()
    assert "line 2 is damaged" in said.err
    assert "[●]" in said.out


def test_a_log_that_cannot_be_read_ends_it_with_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    log_path().mkdir(parents=True)
    assert run(["log"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert str(log_path()) in said.err


@pytest.mark.parametrize("weeks", ["0", "53", "-1", "many", ""])
def test_weeks_that_cannot_be_shown_are_refused(weeks: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["log", "--weeks", weeks]) == 2
    assert "--weeks" in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_marks_are_ascii_where_nothing_else_can_be_printed(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    practise(0)
    practise(1, finished=False)
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    assert run(["log", "--weeks", "1"]) == 0
    stream.seek(0)
    said = stream.read()
    assert said.isascii()
    assert "\n 2 Mar   .   .   /  [x]\n" in said


def test_it_loads_nothing_heavy_and_leaves_nothing_behind(tmp_path: Path) -> None:
    code = "import sys; from nightstretch.cli import run; run(['log']); print(*sys.modules)"
    environment = os.environ | {"NIGHTSTRETCH_STATE_DIR": str(tmp_path / "state")}
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment
    ).stdout
    assert not {"numpy", "yaml", "mutagen", "lameenc"} & set(loaded.split())
    assert not (tmp_path / "state").exists()
