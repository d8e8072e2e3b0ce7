import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.full_disk import room_for

from nightstretch.errors import PracticeError
from nightstretch.practice.folder import log_path, place_path, state_directory
from nightstretch.practice.place import Place, PlaceFile

WISHES: dict[str, Any] = {"voice": None, "minutes": 12.5, "only": [1, 3], "gentle": True, "breath": [4, 7, 8]}
PLACE = Place("back-pain", WISHES, 2, "Neck and shoulders", 7, "Let your head grow heavy.", 0.9, 0.5)
NEWER = b'{"version": 2, "place": "somewhere else"}'

numbers = st.integers(-(2**53), 2**53) | st.floats(-(2.0**53), 2.0**53)
simple = st.none() | st.booleans() | numbers | st.text()
places = st.builds(
    Place,
    routine=st.text(),
    wishes=st.dictionaries(st.text(), simple | st.lists(simple)),
    exercise=st.none() | st.integers(1, 99),
    part=st.text(),
    cue=st.integers(0, 9999),
    text=st.text(),
    speed=st.floats(0.5, 2),
    volume=st.floats(-60, 60),
)
any_file = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "place.json"


def names(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.parent.iterdir())


def place_of(number: int) -> Place:
    """One whose parts all tell the number, each in a length of its own."""
    return Place("r" * number, {"minutes": number}, None, "Opening", number, "t" * number * 50, 1.0, 1.0)


class TestFolder:
    def test_it_is_named_by_the_variable(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NIGHTSTRETCH_STATE_DIR", str(tmp_path))
        assert state_directory() == tmp_path
        assert (place_path(), log_path()) == (tmp_path / "place.json", tmp_path / "practice.jsonl")

    def test_it_is_the_users_own_otherwise(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NIGHTSTRETCH_STATE_DIR", "")
        assert state_directory().name == "nightstretch"


class TestPlace:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"wishes": {"only": {1, 2}}},
            {"wishes": {"only": (1, 2)}},
            {"wishes": {"breath": [[4]]}},
            {"wishes": {1: 2}},
            {"wishes": []},
            {"exercise": 0},
            {"exercise": True},
            {"cue": -1},
            {"cue": 1.0},
            {"speed": float("nan")},
            {"volume": float("inf")},
            {"speed": 2**54},
            {"text": None},
            {"routine": b"back-pain"},
        ],
    )
    def test_what_cannot_be_kept_is_refused(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=f"{next(iter(wrong))} cannot be kept"):
            Place(**(vars(PLACE) | wrong))


class TestKeeping:
    def test_nothing_is_kept_at_first(self, path: Path) -> None:
        assert PlaceFile(path).load() is None

    @given(place=places)
    @any_file
    def test_what_is_saved_is_loaded(self, path: Path, place: Place) -> None:
        assert PlaceFile(path).save(place) is None
        assert PlaceFile(path).load() == place
        assert names(path) == ["place.json"]

    def test_a_routine_file_of_any_name_can_be_kept(self, path: Path) -> None:
        odd = Place(**(vars(PLACE) | {"routine": os.fsdecode(b"/home/\xff.yaml")}))
        PlaceFile(path).save(odd)
        assert PlaceFile(path).load() == odd

    def test_only_the_last_is_kept(self, path: Path) -> None:
        file = PlaceFile(path)
        for number in range(5):
            file.save(place_of(number))
        assert file.load() == place_of(4)

    def test_a_finished_session_leaves_nothing(self, path: Path) -> None:
        file = PlaceFile(path)
        assert file.clear() is None
        file.save(PLACE)
        assert file.clear() is None
        assert file.load() is None
        assert names(path) == []

    @pytest.mark.skipif(os.name != "posix", reason="only Unix has such permissions")
    def test_it_is_nobody_elses_business(self, path: Path) -> None:
        PlaceFile(path).save(PLACE)
        assert path.stat().st_mode & 0o077 == 0


class TestWhatCannotBeRead:
    @given(content=st.binary() | st.recursive(simple, st.lists).map(json.dumps).map(str.encode))
    @any_file
    def test_any_file_is_loaded_or_told(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        with pytest.raises(PracticeError, match=r"place\.json is damaged"):
            PlaceFile(path).load()

    @given(data=st.data(), name=st.sampled_from(["version", *vars(PLACE)]))
    @any_file
    def test_a_place_with_a_part_that_is_another_is_loaded_or_told(
        self, path: Path, data: st.DataObject, name: str
    ) -> None:
        other = data.draw(
            st.recursive(simple, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
        )
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"version": 1} | vars(PLACE) | {name: other}))
        try:
            found = PlaceFile(path).load()
        except PracticeError as error:
            assert "\n" not in str(error)  # noqa: PT017 - both ways are right
        else:
            assert isinstance(found, Place)

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"[" * 100_000,
            b'{"version": 1}',
            b'{"version": 0}',
            b'{"version": ' + b"9" * 5000 + b"}",
            b"\xff\xfe{}",
            b"null",
        ],
    )
    def test_damage_is_told_in_one_line(self, path: Path, content: bytes) -> None:
        path.parent.mkdir()
        path.write_bytes(content)
        with pytest.raises(PracticeError, match=r"^\S+place\.json is damaged, so .* from the beginning$"):
            PlaceFile(path).load()

    def test_every_half_of_it_is_told(self, path: Path) -> None:
        PlaceFile(path).save(PLACE)
        content = path.read_bytes()
        for length in range(len(content) - 1):  # without the last byte, the end of the line, it is whole
            path.write_bytes(content[:length])
            with pytest.raises(PracticeError, match="is damaged"):
                PlaceFile(path).load()

    def test_that_of_a_newer_version_is_told_and_left_alone(self, path: Path) -> None:
        path.parent.mkdir()
        path.write_bytes(NEWER)
        with pytest.raises(PracticeError, match="of a newer nightstretch"):
            PlaceFile(path).load()
        assert path.read_bytes() == NEWER

    @pytest.mark.parametrize("content", [NEWER, b"damaged"])
    def test_it_is_set_aside_by_a_new_session_and_not_destroyed(self, path: Path, content: bytes) -> None:
        path.parent.mkdir()
        path.write_bytes(content)
        file = PlaceFile(path)
        assert file.save(PLACE) is None
        assert file.save(PLACE) is None
        assert file.load() == PLACE
        assert path.with_name("place.unread.json").read_bytes() == content

    def test_it_is_set_aside_by_a_session_that_saved_nothing(self, path: Path) -> None:
        path.parent.mkdir()
        path.write_bytes(NEWER)
        assert PlaceFile(path).clear() is None
        assert names(path) == ["place.unread.json"]

    def test_a_folder_in_its_place_is_told_and_set_aside(self, path: Path) -> None:
        path.mkdir(parents=True)
        with pytest.raises(PracticeError, match="cannot be read"):
            PlaceFile(path).load()
        assert PlaceFile(path).save(PLACE) is None
        assert PlaceFile(path).load() == PLACE


class TestWhatCannotBeWritten:
    def test_it_is_told_once_and_never_raised(self, path: Path) -> None:
        path.parent.write_text("a file where the folder would be")
        file = PlaceFile(path)
        problem = file.save(PLACE)
        assert problem is not None
        assert problem.startswith("where you are cannot be kept for another time: ")
        assert str(path) in problem
        assert "\n" not in problem
        assert file.save(PLACE) is None
        assert file.clear() is None

    def test_that_it_cannot_be_forgotten_is_told(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def read_only(*_: object, **__: object) -> None:
            raise PermissionError(30, "Read-only file system")

        PlaceFile(path).save(PLACE)
        monkeypatch.setattr(Path, "unlink", read_only)
        problem = PlaceFile(path).clear()
        assert problem is not None
        assert "Read-only file system" in problem

    def test_a_full_disk_keeps_the_place_before(self, path: Path) -> None:
        file = PlaceFile(path)
        file.save(PLACE)
        with room_for(100):
            assert "make room" in (file.save(place_of(3)) or "")
        assert file.load() == PLACE
        assert names(path) == ["place.json"]
        assert file.save(place_of(3)) is None
        assert file.load() == place_of(3)


class TestKilled:
    """Nobody tidies up after a ``kill -9``."""

    PLAYER = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from test_place import PlaceFile, place_of
file = PlaceFile(Path(sys.argv[1]))
"""

    def play(self, path: Path, code: str) -> subprocess.Popen[str]:
        arguments = [sys.executable, "-c", self.PLAYER + code, str(path), "", str(Path(__file__).parent)]
        support = str(Path(__file__).parents[2])
        environment = os.environ | {"PYTHONPATH": support}
        return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment)

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
    @pytest.mark.parametrize("moment", ["os.fdopen", "Path.replace"])
    def test_amid_a_save_the_place_before_is_kept(self, path: Path, moment: str) -> None:
        code = f"""
file.save(place_of(1))
{moment} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
file.save(place_of(2))
"""
        with self.play(path, code) as player:
            assert player.wait() == -9
        assert PlaceFile(path).load() == place_of(1)

    def test_at_any_moment_the_place_is_whole(self, path: Path) -> None:
        code = """
number = 0
while True:
    number += 1
    file.save(place_of(number % 50))
    print(number, flush=True)
"""
        for saves in (1, 20, 60):
            with self.play(path, code) as player:
                assert player.stdout is not None
                for _ in range(saves):
                    player.stdout.readline()
                player.kill()
            found = PlaceFile(path).load()
            assert found is not None
            assert found == place_of(found.cue)


def test_two_players_at_once_never_tear_it(path: Path) -> None:
    file = PlaceFile(path)
    file.save(place_of(0))

    def play() -> None:
        own = PlaceFile(path)
        for number in range(200):
            assert own.save(place_of(number)) is None

    players = [threading.Thread(target=play) for _ in range(2)]
    for player in players:
        player.start()
    while any(player.is_alive() for player in players):
        found = file.load()
        assert found is not None
        assert found == place_of(found.cue)
    for player in players:
        player.join()
    assert file.load() == place_of(199)
    assert names(path) == ["place.json"]
