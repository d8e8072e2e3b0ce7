"""``nightstretch play`` as a person meets it: its options, and what it remembers between nights."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.beds import SteadyBed
from support.listening import Device, Eyes, Hands, Happening

from nightstretch import session
from nightstretch.bed_files import Stereo
from nightstretch.cli import run
from nightstretch.errors import BedError, OutputError
from nightstretch.player import deck, outputs, play, terminal
from nightstretch.player.play import TICK_SECONDS
from nightstretch.player.status import Status
from nightstretch.player.terminal import Console
from nightstretch.practice.folder import log_path, place_path
from nightstretch.voices.room import TAIL_SECONDS

pytestmark = pytest.mark.usefixtures("humming")

REST, RIGHT, LEFT, NIGHT = (
    "Rest here for a while.",
    "Turn to the right now.",
    "Turn to the left now.",
    "Good night to you.",
)
RESTING, HOLDING = 12.0, 24.0  # seconds: amid the first exercise, and the second one


@dataclass
class Evening:
    """Runs the command with a device whose time passes at once."""

    capsys: pytest.CaptureFixture[str]
    device: Device = field(default_factory=Device)
    eyes: Eyes = field(default_factory=Eyes)
    script: list[tuple[float, Happening]] = field(default_factory=list)

    def play(self, *arguments: str, keys: list[tuple[float, Happening]] | None = None) -> list[str]:
        """Give what it says on standard error, without the safety advice."""
        code, messages = self.try_to_play(*arguments, keys=keys)
        assert code == 0, messages
        assert messages.pop(0) == "Stop if it hurts."
        assert messages.pop(0) == ""
        assert "space pauses" in messages[0]
        return messages[1:]

    def try_to_play(
        self, *arguments: str, keys: list[tuple[float, Happening]] | None = None
    ) -> tuple[int, list[str]]:
        self.eyes.seen.clear()
        self.script = keys or []
        code = run(["play", *arguments])
        printed = self.capsys.readouterr()
        assert printed.out == ""
        return code, printed.err.splitlines()

    @property
    def cues(self) -> list[str]:
        """What was said, in its order."""
        return list(dict.fromkeys(status.cue for status in self.eyes.seen if status.cue))

    @property
    def last(self) -> Status:
        return self.eyes.seen[-1]


@pytest.fixture
def evening(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Evening:
    evening = Evening(capsys)
    monkeypatch.setattr(deck, "BUFFER_SECONDS", 1000)
    monkeypatch.setattr(outputs, "find_output", lambda *_: evening.device)
    monkeypatch.setattr(
        terminal, "open_console", lambda *_: Console(Hands(evening.device, evening.script), evening.eyes)
    )
    return evening


def kept() -> dict[str, Any]:
    place: dict[str, Any] = json.loads(place_path().read_text())
    return place


def nights() -> list[dict[str, Any]]:
    return [json.loads(line) for line in log_path().read_text().splitlines()] if log_path().exists() else []


class TestOptions:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--sleep-timer", "0"], "'--sleep-timer': 0 is out of range; give the minutes until it ends"),
            (["--sleep-timer", "nan"], "nan is out of range"),
            (["--sleep-timer", "soon"], "'soon' is no number; give the minutes until it ends, up to 720"),
            (["--settle", "-1"], "'--settle': -1 is out of range; give seconds of quiet, up to 3600"),
            (["--tail", "721"], "'--tail': 721 is out of range; give minutes of quiet, up to 720"),
            (["--screen", "bright"], "'bright' is not one of 'dark', 'dim', 'plain'"),
            (["--output", "null", "--output-device", "x"], "the output null cannot choose its device"),
        ],
    )
    def test_mistakes_are_told_in_one_line(
        self, short: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(["play", str(short), *arguments]) in {1, 2}
        printed = capsys.readouterr()
        assert message in printed.err
        assert printed.err.count("\n") == 1
        assert printed.out == ""

    def test_it_plays_to_the_end_and_says_no_more_than_it_must(self, evening: Evening, short: Path) -> None:
        assert evening.play(str(short)) == []
        assert evening.cues == ["Good evening to you.", REST, RIGHT, LEFT, NIGHT]

    def test_the_timer_ends_it_and_that_is_no_error(
        self, evening: Evening, short: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clock = SimpleNamespace(monotonic=lambda: len(evening.eyes.seen) * TICK_SECONDS)
        monkeypatch.setattr(play, "time", clock)
        evening.play(str(short), "--sleep-timer", "0.4")
        assert evening.cues[-1] == RIGHT
        assert kept()["text"] == RIGHT

    def test_quiet_comes_before_and_after(self, evening: Evening, short: Path) -> None:
        evening.play(str(short), "--settle", "30", "--tail", "1")
        parts = list(dict.fromkeys(status.part for status in evening.eyes.seen))
        assert parts == ["Settling in", "Opening", "Rest", "Turn", "Closing", "Quiet"]
        assert not evening.device.sound[: 30 * 24_000].any()
        assert evening.last.elapsed_seconds == pytest.approx(30 + 45.6 + 2 * TAIL_SECONDS + 60, abs=0.1)


class TestBed:
    def test_one_that_can_no_longer_be_read_is_told_in_the_morning_and_every_word_is_heard(
        self, evening: Evening, short: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Failing(SteadyBed):
            def read(self, frames: int) -> Stereo:
                if len(evening.eyes.seen) > RESTING / TICK_SECONDS:
                    raise BedError("rain.flac: cannot be read any further; copy it again")
                return super().read(frames)

        monkeypatch.setattr(session, "open_bed", lambda _: Failing())
        (message,) = evening.play(str(short), "--bed", "rain.flac")
        assert message == (
            "nightstretch: the bed faded away, and the words went on without it: "
            "rain.flac: cannot be read any further; copy it again"
        )
        assert evening.cues[-1] == NIGHT

    def test_one_that_cannot_be_read_at_all_is_told_before_the_first_sound(
        self, evening: Evening, short: Path
    ) -> None:
        code, messages = evening.try_to_play(str(short), "--bed", "no/such.flac")
        assert code == 1
        assert messages[-1] == (
            "nightstretch: no/such.flac: cannot be read (No such file or directory); name a sound file"
        )
        assert not evening.device.heard


class TestResume:
    def test_the_first_cue_is_the_last_one(self, evening: Evening, short: Path) -> None:
        evening.play(str(short), keys=[(HOLDING, "q")])
        assert kept()["text"] == RIGHT
        assert evening.play("--resume") == []
        assert evening.cues == [RIGHT, LEFT, NIGHT]
        assert evening.eyes.seen[5].exercise == 2

    def test_it_can_be_left_again_and_again(self, evening: Evening, short: Path) -> None:
        evening.play(str(short), keys=[(RESTING, "q")])
        evening.play("--resume", keys=[(15, "q")])
        assert (kept()["exercise"], kept()["cue"], kept()["text"]) == (2, 0, RIGHT)
        evening.play("--resume", keys=[(15, "q")])
        assert (kept()["exercise"], kept()["cue"], kept()["text"]) == (2, 1, LEFT)

    def test_speed_and_volume_are_as_they_were_and_mute_is_not(self, evening: Evening, short: Path) -> None:
        keys: list[tuple[float, Happening]] = [(RESTING, key) for key in ("[", "[", "9", "9", "9", "m")]
        evening.play(str(short), keys=[*keys, (HOLDING, "q")])
        evening.play("--resume")
        assert (evening.last.speed, evening.last.volume, evening.last.muted) == (0.8, 0.7, False)

    def test_all_is_as_it_was_wished_for(self, evening: Evening, short: Path) -> None:
        wishes = ["--only", "2", "--no-closing", "--start-side", "left", "--tail", "1"]
        evening.play(str(short), *wishes, keys=[(15, "q")])
        assert evening.cues == ["Good evening to you.", LEFT]
        evening.play("--resume")
        assert evening.cues == [LEFT, RIGHT]
        assert evening.last.part == "Quiet"
        assert evening.last.elapsed_seconds == pytest.approx(7.6 + 24 + 60, abs=1)

    def test_what_is_asked_for_now_counts_for_more(self, evening: Evening, short: Path) -> None:
        evening.play(str(short), "--speed", "0.8", keys=[(HOLDING, "q")])
        evening.play("--resume", "--speed", "1.2", "--no-closing")
        assert evening.last.speed == 1.2
        assert NIGHT not in evening.cues

    def test_an_exercise_that_is_skipped_now_is_begun_without(self, evening: Evening, short: Path) -> None:
        evening.play(str(short), keys=[(HOLDING, "q")])
        evening.play("--resume", "--skip", "2")
        assert evening.cues == ["Good evening to you.", REST, NIGHT]

    def test_the_routine_may_be_named_once_more(self, evening: Evening, short: Path) -> None:
        evening.play(str(short), keys=[(HOLDING, "q")])
        assert evening.play("short.yaml", "--resume") == []
        assert evening.cues[0] == RIGHT

    def test_another_routine_has_no_such_place(self, evening: Evening, short: Path) -> None:
        evening.play(str(short), "--speed", "0.8", keys=[(HOLDING, "q")])
        other = short.with_name("other.yaml")
        other.write_text(short.read_text())
        code, messages = evening.try_to_play(str(other), "--resume")
        assert code == 0
        assert f"the last session was {short}; this one begins from the beginning" in messages[0]
        assert evening.cues[0] == "Good evening to you."
        assert evening.last.speed == 1.0

    @pytest.mark.parametrize("played", [True, False])
    def test_after_a_finished_session_it_begins_from_the_beginning(
        self, evening: Evening, short: Path, played: bool
    ) -> None:
        if played:
            evening.play(str(short), keys=[(HOLDING, "q")])
            evening.play("--resume")
        code, messages = evening.try_to_play(str(short), "--resume")
        assert code == 0
        assert "it begins from the beginning" in messages[0]
        assert evening.cues[0] == "Good evening to you."

    def test_a_routine_from_another_folder_is_found_again(
        self, evening: Evening, short: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        evening.play("short.yaml", keys=[(HOLDING, "q")])
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        evening.play("--resume")
        assert evening.cues[0] == RIGHT

    def test_one_that_is_gone_is_told(self, evening: Evening, short: Path) -> None:
        evening.play(str(short), keys=[(HOLDING, "q")])
        short.unlink()
        code, messages = evening.try_to_play("--resume")
        assert code == 1
        assert len(messages) == 1
        assert f"{short}: cannot be read: No such file or directory" in messages[0]

    def test_one_that_was_changed_goes_on_near_the_place(self, evening: Evening, short: Path) -> None:
        evening.play(str(short), keys=[(HOLDING, "q")])
        short.write_text(short.read_text().replace("Turn to", "Roll to"))
        evening.play("--resume")
        assert evening.cues[0] == "Roll to the right now."

    def test_a_device_that_stays_away_keeps_the_place(self, evening: Evening, short: Path) -> None:
        def unplug() -> None:
            evening.device.stalled = True
            evening.device.failures = iter([OutputError("no card")] * 100)

        code, messages = evening.try_to_play(str(short), keys=[(HOLDING, unplug)])
        assert code == 1
        assert "`nightstretch play --resume` takes up where it stopped" in messages[-1]
        evening.device.failures = iter(())
        evening.play("--resume")
        assert evening.cues[0] == RIGHT

    def test_no_device_at_the_start_forgets_nothing(self, evening: Evening, short: Path) -> None:
        evening.play(str(short), keys=[(HOLDING, "q")])
        evening.device.failures = iter([OutputError("no card")])
        assert evening.try_to_play("--resume")[0] == 1
        assert kept()["text"] == RIGHT
        assert nights() == []


class TestDamage:
    @pytest.mark.parametrize(
        "change",
        [
            lambda place: place.pop("speed"),
            lambda place: place.update(speed=9),
            lambda place: place.update(speed="quick"),
            lambda place: place.update(volume=0),
            lambda place: place.update(volume=7),
            lambda place: place.update(wishes=None),
            lambda place: place["wishes"].pop("only"),
            lambda place: place["wishes"].update(only=3),
            lambda place: place["wishes"].update(only=["x"]),
            lambda place: place["wishes"].update(breath=[4]),
            lambda place: place["wishes"].update(breath=[-4, 2, 6]),
            lambda place: place["wishes"].update(breath=["a", "b", "c"]),
            lambda place: place["wishes"].update(minutes="many"),
            lambda place: place["wishes"].update(gentle="yes"),
            lambda place: place.update(version=99),
            lambda place: place.clear(),
        ],
    )
    def test_a_damaged_place_is_told_and_it_begins_from_the_beginning(
        self, evening: Evening, short: Path, change: Callable[[dict[str, Any]], object]
    ) -> None:
        evening.play(str(short), keys=[(HOLDING, "q")])
        place = kept()
        change(place)
        place_path().write_text(json.dumps(place))
        code, messages = evening.try_to_play(str(short), "--resume", keys=[(RESTING, "q")])
        assert code == 0
        assert str(place_path()) in messages[0]
        assert "this time it begins from the beginning" in messages[0]
        assert evening.cues[0] == "Good evening to you."
        assert kept()["text"] == REST

    @pytest.mark.parametrize("content", [b"", b"\0" * 99, b"{", b"[]", b'"x"', b"\xff", b"[" * 9999])
    def test_whatever_the_file_holds(self, evening: Evening, short: Path, content: bytes) -> None:
        place_path().parent.mkdir()
        place_path().write_bytes(content)
        code, messages = evening.try_to_play(str(short), "--resume")
        assert code == 0
        assert "is damaged" in messages[0]
        assert evening.cues[-1] == NIGHT

    def test_what_is_not_asked_for_is_left_alone(self, evening: Evening, short: Path) -> None:
        place_path().parent.mkdir()
        place_path().write_text("damaged")
        assert evening.play(str(short)) == []

    def test_where_nothing_can_be_kept_it_is_told_once_and_it_plays(
        self, evening: Evening, short: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "file").touch()
        monkeypatch.setenv("NIGHTSTRETCH_STATE_DIR", str(tmp_path / "file" / "state"))
        messages = evening.play(str(short))
        assert evening.cues[-1] == NIGHT
        assert [message.split(":")[1].split(" be ")[0] for message in messages] == [
            " where you are cannot",
            " tonight cannot",
        ]


class TestLog:
    def test_a_night_is_a_line(self, evening: Evening, short: Path) -> None:
        evening.play(str(short))
        (night,) = nights()
        assert night["routine"] == str(short)
        assert night["finished"] is True
        assert night["heard_minutes"] == night["session_minutes"] == pytest.approx(45.6 / 60, abs=0.01)

    def test_one_that_was_ended_is_one_too_after_a_minute(self, evening: Evening, short: Path) -> None:
        evening.play(str(short), "--settle", "120", keys=[(50, "q")])
        assert nights() == []
        evening.play(str(short), "--settle", "120", keys=[(70, "q")])
        (night,) = nights()
        assert night["finished"] is False
        assert night["heard_minutes"] == pytest.approx(71 / 60, abs=0.1)
        assert night["session_minutes"] == pytest.approx(2 + 45.6 / 60, abs=0.1)

    def test_one_of_which_every_word_was_heard_is_finished(self, evening: Evening, short: Path) -> None:
        evening.play(str(short), "--tail", "3", keys=[(90, "q")])
        (night,) = nights()
        assert night["finished"] is True
        assert night["heard_minutes"] == pytest.approx(1.5, abs=0.1)
        assert not place_path().exists()

    def test_who_wants_none_gets_none(self, evening: Evening, short: Path) -> None:
        evening.play(str(short), "--no-log")
        assert nights() == []

    def test_a_place_is_kept_all_the_same(self, evening: Evening, short: Path) -> None:
        evening.play(str(short), "--no-log", keys=[(HOLDING, "q")])
        assert kept()["text"] == RIGHT


CHILD = f"""
import sys; sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from importlib.metadata import EntryPoint
from nightstretch.voices import registry
registry.entry_points = lambda group: [EntryPoint("hum", "support.voices:HummingVoices", group)]
registry.DEFAULT_NAMES = ("hum",)
from nightstretch.__main__ import main
main()
"""


class Child:
    """The program in a process of its own, playing in real time to nobody."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", CHILD, "play", "--output", "null", *arguments],
            env=os.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def next_cue(self) -> str:
        """Wait for the next line of the log that it prints; give its words."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip().partition("  ")[2]

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        code = self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@pytest.fixture
def children() -> Iterator[Callable[..., Child]]:
    born: list[Child] = []

    def child(*arguments: str) -> Child:
        born.append(Child(*arguments))
        return born[-1]

    yield child
    for one in born:
        one.process.kill()
        one.process.wait()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_after_a_crash_too_it_goes_on_at_the_last_cue(short: Path, children: Callable[..., Child]) -> None:
    short.write_text(short.read_text().replace("minutes: 0.2", "minutes: 0.1"))
    # Two at once keep one place; the last one to come to a cue is the one to go on with.
    others = children(str(short), "--no-opening", "--only", "2")
    player = children(str(short), "--no-opening")
    assert others.next_cue() == RIGHT
    assert [player.next_cue(), player.next_cue()] == [REST, RIGHT]
    assert player.end(signal.SIGKILL) == -signal.SIGKILL
    assert others.end(signal.SIGKILL) == -signal.SIGKILL
    again = children("--resume")
    assert again.next_cue() == RIGHT
    assert again.end(signal.SIGTERM) == 130
    assert kept()["wishes"]["only"] == []
    assert [path.name for path in place_path().parent.iterdir()] == ["place.json"]
