import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.full_disk import room_for

from nightstretch.errors import PracticeError
from nightstretch.practice.log import PracticeLog
from nightstretch.practice.night import Night, merged

FIRST = Night(datetime(2026, 3, 4, 22, 30, tzinfo=UTC), "back-pain", 18.1, 18.1, finished=True)
SECOND = Night(datetime(2026, 3, 6, 0, 30, tzinfo=UTC), "back-pain", 7.25, 18.1, finished=False)

offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
hundredths = st.integers(0, 9000).map(lambda number: number / 100)
nights = st.builds(
    Night,
    st.datetimes(datetime(1900, 1, 2), datetime(9998, 1, 1), timezones=offsets).map(  # noqa: DTZ001
        lambda moment: moment.replace(microsecond=0)
    ),
    st.text(),
    hundredths,
    hundredths,
    st.booleans(),
)
any_file = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "practice.jsonl"


def test_nothing_is_there_at_first(path: Path) -> None:
    assert PracticeLog(path).nights() == ([], None)


def test_a_night_is_a_line(path: Path) -> None:
    assert PracticeLog(path).record(FIRST) is None
    assert PracticeLog(path).record(SECOND) is None
    first, second = path.read_text().splitlines()
    assert json.loads(first)["date"] == "2026-03-04"
    assert json.loads(second) == {
        "version": 1,
        "date": "2026-03-05",
        "began": "2026-03-06T00:30:00+00:00",
        "routine": "back-pain",
        "heard_minutes": 7.25,
        "session_minutes": 18.1,
        "finished": False,
    }


@given(recorded=st.lists(nights, max_size=6))
@any_file
def test_what_is_recorded_is_read(path: Path, recorded: list[Night]) -> None:
    path.unlink(missing_ok=True)
    for night in recorded:
        assert PracticeLog(path).record(night) is None
    assert PracticeLog(path).nights() == (merged(recorded), None)


def test_a_clock_set_back_brings_nothing_out_of_order(path: Path) -> None:
    PracticeLog(path).record(SECOND)
    PracticeLog(path).record(FIRST)
    assert PracticeLog(path).nights() == ([FIRST, SECOND], None)


@given(content=st.binary())
@any_file
def test_any_file_can_be_read_and_added_to(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    before, _ = PracticeLog(path).nights()
    assert PracticeLog(path).record(FIRST) is None
    assert PracticeLog(path).nights()[0] == merged([*before, FIRST])
    assert path.read_bytes().startswith(content)


def damaged_lines() -> list[bytes]:
    sound = json.dumps({"version": 1, "began": "2026-03-04T22:30:00+00:00", "routine": "r", "finished": True})
    entry = json.loads(sound) | {"heard_minutes": 1, "session_minutes": 2}
    changes: list[dict[str, object]] = [
        {"version": 2},
        {"began": "yesterday"},
        {"began": 5},
        {"began": "2026-03-04T22:30:00"},
        {"began": "0001-01-01T00:00:00+00:00"},
        {"routine": None},
        {"finished": 1},
        {"heard_minutes": None},
        {"heard_minutes": 10**400},
        {"heard_minutes": 1e308},
        {"session_minutes": -1},
    ]
    texts = [b"{", b"7", b"[]", b"\xff", b"\x00" * 40, b"[" * 100_000, sound.encode()]
    return texts + [json.dumps(entry | change).encode() for change in changes]


@pytest.mark.parametrize("line", damaged_lines())
def test_a_damaged_line_is_told_and_left_out_and_left_there(path: Path, line: bytes) -> None:
    PracticeLog(path).record(FIRST)
    with path.open("ab") as file:
        file.write(line)  # broken off before its end
    PracticeLog(path).record(SECOND)
    found, problem = PracticeLog(path).nights()
    assert found == [FIRST, SECOND]
    assert problem is not None
    assert f"{path}: line 2 is damaged or of a newer nightstretch" in problem
    assert line in path.read_bytes().split(b"\n")


def test_many_damaged_lines_are_told_in_one(path: Path) -> None:
    PracticeLog(path).record(FIRST)
    with path.open("ab") as file:
        file.write(b"?\n\r\n" * 30)
    found, problem = PracticeLog(path).nights()
    assert found == [FIRST]
    assert problem is not None
    assert "30 lines, from 2 on, are" in problem
    assert "\n" not in problem


def test_a_folder_that_cannot_be_written_is_told_and_not_raised(path: Path) -> None:
    path.parent.write_text("a file where the folder would be")
    problem = PracticeLog(path).record(FIRST)
    assert problem is not None
    assert problem.startswith(f"tonight cannot be added to the practice log: {path}")
    assert "\n" not in problem


def test_a_log_that_cannot_be_read_is_told(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(PracticeError, match="cannot be read"):
        PracticeLog(path).nights()
    assert "cannot be written" in (PracticeLog(path).record(FIRST) or "")


def test_a_full_disk_loses_no_other_night(path: Path) -> None:
    PracticeLog(path).record(FIRST)
    with room_for(path.stat().st_size + 20):
        assert "make room" in (PracticeLog(path).record(SECOND) or "")
    assert PracticeLog(path).nights()[0] == [FIRST]
    assert PracticeLog(path).record(SECOND) is None
    assert PracticeLog(path).nights()[0] == [FIRST, SECOND]


@pytest.mark.skipif(os.name != "posix", reason="only Unix has such permissions")
def test_it_is_nobody_elses_business(path: Path) -> None:
    PracticeLog(path).record(FIRST)
    assert path.stat().st_mode & 0o077 == 0


def test_two_players_at_once_lose_no_night(path: Path) -> None:
    code = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from nightstretch.practice.log import PracticeLog
from nightstretch.practice.night import Night
for day in range(1, 29):
    began = datetime(2026, 3, day, 22, tzinfo=UTC)
    assert PracticeLog(Path(sys.argv[1])).record(Night(began, sys.argv[2], 1, 2, True)) is None
"""
    players = [subprocess.Popen([sys.executable, "-c", code, str(path), name]) for name in ("one", "two")]
    assert [player.wait() for player in players] == [0, 0]
    found, problem = PracticeLog(path).nights()
    assert problem is None
    assert len(found) == 2 * 28
