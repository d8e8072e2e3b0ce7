"""The command line as a person meets it: what it prints where, and its exit codes."""

import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import click
import miniaudio
import mutagen
import numpy as np
import pytest
import soundfile

from nightstretch import resources, session
from nightstretch.cli import cli, run
from nightstretch.errors import FitError, OutputError
from nightstretch.player.outputs.miniaudio_output import MiniaudioOutput
from nightstretch.voices import registry

pytestmark = pytest.mark.usefixtures("humming")


class Terminal(io.StringIO):
    """A standard error that somebody looks at."""

    def isatty(self) -> bool:
        return True


def leave(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be in a folder that is no longer there."""
    gone = folder / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()


class TestHelp:
    @pytest.mark.parametrize("command", sorted(cli.commands))
    def test_every_command_explains_itself_with_an_example(
        self, command: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run([command, "--help"]) == 0
        assert "Example: nightstretch " + command in capsys.readouterr().out

    @pytest.mark.parametrize("command", sorted(cli.commands))
    def test_the_readme_names_every_command(self, command: str) -> None:
        readme = Path(__file__).parents[2] / "README.md"
        assert f"nightstretch {command}" in readme.read_text()

    @pytest.mark.parametrize("command", sorted(cli.commands))
    def test_every_option_is_explained(self, command: str) -> None:
        options = [option for option in cli.commands[command].params if isinstance(option, click.Option)]
        assert all(option.help for option in options)

    def test_help_loads_nothing_heavy(self) -> None:
        code = "import sys; from nightstretch.cli import run; run(['--help']); print(*sys.modules)"
        loaded = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        ).stdout
        assert not {"numpy", "yaml", "mutagen", "lameenc", "platformdirs"} & set(loaded.split())


class TestScript:
    def test_json_is_the_contract(self, short: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["script", str(short), "--format", "json", "--speed", "1.4"]) == 0
        document = json.loads(capsys.readouterr().out)
        assert list(document) == [
            "routine",
            "title",
            "voice",
            "speed",
            "sample_rate",
            "samples",
            "exercises",
            "events",
        ]
        assert (document["title"], document["voice"], document["speed"]) == ("Short", "hum", 1.4)
        lengths = [exercise["end"] - exercise["start"] for exercise in document["exercises"]]
        assert lengths == [0.2 * 60 * 24_000, 0.4 * 60 * 24_000]
        first = document["events"][0]
        assert first == {
            "kind": "chime",
            "start": 0,
            "end": first["end"],
            "text": "bowl-start",
            "exercise": None,
            "side": None,
        }
        assert [event["start"] for event in document["events"]] == sorted(
            e["start"] for e in document["events"]
        )

    @pytest.mark.parametrize("speed", ["0.7", "1"])
    def test_json_events_lie_as_the_documentation_says(
        self, speed: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(["script", "--format", "json", "--speed", speed]) == 0
        events = json.loads(capsys.readouterr().out)["events"]
        around = events[0]
        for event in events[1:]:
            assert event["start"] >= around["start"]
            if event["start"] < around["end"]:
                assert event["kind"] == "say"
                assert around["kind"] in {"hold", "breath"}
                assert event["end"] <= around["end"]
            else:
                around = event
            assert ("phase" in event) is (event["kind"] == "breath")
            assert (event["text"] is None) is (event["kind"] not in {"say", "chime"})

    def test_text_is_readable(self, short: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["script", str(short), "--no-opening", "--no-closing"]) == 0
        printed = capsys.readouterr().out
        assert "1. Rest (0:12)" in printed
        assert "0:00  Rest here for a while." in printed
        assert "0:36  (end)" in printed

    @pytest.mark.parametrize(
        ("options", "numbers"),
        [
            (["--only", "2"], [2]),
            (["--skip", "2"], [1]),
            (["--only", "1-2", "--skip", "1"], [2]),
            (["--only", "1, 2"], [1, 2]),
        ],
    )
    def test_exercises_can_be_chosen(
        self, short: Path, options: list[str], numbers: list[int], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(["script", str(short), "--format", "json", *options]) == 0
        exercises = json.loads(capsys.readouterr().out)["exercises"]
        assert [exercise["number"] for exercise in exercises] == numbers


class TestVoices:
    @pytest.mark.parametrize(("speed", "told"), [("0.8", "0.90"), ("1.6", "1.50"), ("1.2", None)])
    def test_a_voice_that_cannot_speak_so_slowly_or_fast_says_so(
        self, short: Path, speed: str, told: str | None, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(["script", str(short), "--voice", "brisk", "--speed", speed]) == 0
        line = f"nightstretch: the voice 'brisk' cannot speak at speed {speed}; it speaks at {told}\n"
        assert capsys.readouterr().err == (line if told else "")

    @pytest.mark.parametrize(
        "arguments", [["--speed", "3"], ["--only", "6"], ["--only", "2-1"], ["--skip", "1-2"], ["none.yaml"]]
    )
    def test_no_voice_is_opened_for_what_cannot_be(
        self, short: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opened: list[object] = []
        monkeypatch.setattr(registry, "open_default", lambda: opened.append(True))
        files = [] if "none.yaml" in arguments else [str(short)]
        assert run(["script", *files, *arguments]) in {1, 2}
        assert not opened

    def test_a_voice_is_closed_where_no_session_comes_of_it(
        self, short: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        closed: list[object] = []

        def close(voice: object) -> None:
            closed.append(voice)

        def refuse(*_: object, **__: object) -> None:
            raise FitError("no")

        monkeypatch.setattr(session, "Session", refuse)
        monkeypatch.setattr("support.voices.HummingVoice.close", close)
        assert run(["script", str(short)]) == 1
        assert len(closed) == 1

    def test_a_missing_default_is_told_and_replaced(
        self, short: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(registry, "DEFAULT_NAMES", ("missing", "hum"))
        assert run(["script", str(short), "--format", "json"]) == 0
        printed = capsys.readouterr()
        assert json.loads(printed.out)["voice"] == "hum"
        assert "it is not installed; install it" in printed.err
        assert "using the voice 'hum' instead" in printed.err

    def test_no_voice_at_all_is_told(
        self, short: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(registry, "DEFAULT_NAMES", ("missing",))
        assert run(["script", str(short)]) == 1
        assert "no voice works here" in capsys.readouterr().err


class TestExport:
    def test_the_default_file_is_named_after_the_routine(
        self, short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(["export", str(short)]) == 0
        printed = capsys.readouterr()
        assert printed.out == "short.mp3\n"
        assert re.fullmatch(r"0 min 4\d s\n", printed.err)
        assert mutagen.File(tmp_path / "short.mp3").info.length > 36

    def test_a_second_export_gives_the_same_bytes(self, short: Path, tmp_path: Path) -> None:
        for name in ("a.mp3", "b.mp3"):
            assert run(["export", str(short), "-o", name]) == 0
        assert (tmp_path / "a.mp3").read_bytes() == (tmp_path / "b.mp3").read_bytes()

    def test_an_existing_file_is_kept_unless_forced(
        self, short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "short.mp3").write_bytes(b"mine")
        assert run(["export", str(short)]) == 1
        assert "--force" in capsys.readouterr().err
        assert (tmp_path / "short.mp3").read_bytes() == b"mine"
        assert run(["export", str(short), "--force"]) == 0
        assert (tmp_path / "short.mp3").read_bytes() != b"mine"

    def test_the_format_follows_the_ending(self, short: Path, tmp_path: Path) -> None:
        assert run(["export", str(short), "-o", "x.wav"]) == 0
        assert (tmp_path / "x.wav").read_bytes()[:4] == b"RIFF"

    def test_a_format_without_a_bitrate_takes_any(self, short: Path, tmp_path: Path) -> None:
        assert run(["export", str(short), "-o", "x.flac", "--bitrate", "7"]) == 0
        assert (tmp_path / "x.flac").read_bytes()[:4] == b"fLaC"

    @pytest.mark.parametrize("length", [24_000, None])
    @pytest.mark.parametrize(("term", "drawn"), [("xterm", True), ("dumb", False)])
    def test_a_terminal_shows_the_safety_text_and_how_far_it_is(
        self, short: Path, length: int | None, term: str, monkeypatch: pytest.MonkeyPatch, *, drawn: bool
    ) -> None:
        terminal = Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setattr(session.Session, "expected_samples", lambda _: length)
        monkeypatch.setenv("TERM", term)
        monkeypatch.setenv("NO_COLOR", "1")
        assert run(["export", str(short)]) == 0
        shown = terminal.getvalue()
        assert shown.startswith("Stop if it hurts.\n")
        assert ("Writing short.mp3  [" in shown) is drawn
        assert ("\r" in shown) is drawn
        assert not re.search(r"\x1b\[[\d;]*m", shown)  # no colours
        assert re.search(r"^0 min 4\d s$", shown, re.MULTILINE)

    def test_elsewhere_it_is_quiet(self, short: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["export", str(short)]) == 0
        assert len(capsys.readouterr().err.splitlines()) == 1

    @pytest.mark.parametrize("closed", ["2>&-", ">&-", "<&-", "<&- >&- 2>&-"])
    @pytest.mark.skipif(sys.platform == "win32", reason="a shell of Unix")
    def test_it_needs_no_standard_streams(self, short: Path, tmp_path: Path, closed: str) -> None:
        command = f"{sys.executable} -m nightstretch export {short} --voice natural {closed}"
        assert subprocess.run(command, shell=True, check=False, cwd=tmp_path).returncode == 0  # noqa: S602
        assert mutagen.File(tmp_path / "short.mp3").info.length > 36

    def test_a_current_folder_that_has_been_removed_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        leave(tmp_path, monkeypatch)
        assert run(["export"]) == 1
        assert "the current folder has been removed; change to another" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("empty.flac", "empty.flac: is empty; copy or download it again"),
            ("cut.wav", "cut.wav: is cut short or damaged; copy or download it again"),
            ("silent.flac", "silent.flac: is silent wherever it was tried; choose another file, or none"),
            ("brief.wav", "brief.wav: is 0.50 s long; a bed has 1 s at least; choose a longer one"),
            ("folder", "folder: is a folder; name a sound file in it"),
            ("/dev/zero", "/dev/zero: is a device or a pipe, and a bed is read again and again; name a file"),
        ],
    )
    def test_a_bed_that_cannot_be_played_is_one_line_and_leaves_nothing(
        self, name: str, message: str, short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        if name.startswith("/") and not Path(name).exists():
            pytest.skip("there are no devices with names here")
        noise = 0.1 * np.random.default_rng(1).standard_normal((44_100, 2))
        (tmp_path / "empty.flac").touch()
        (tmp_path / "folder").mkdir()
        soundfile.write(tmp_path / "silent.flac", 0 * noise, 44_100)
        soundfile.write(tmp_path / "brief.wav", noise[:22_050], 44_100)
        soundfile.write(tmp_path / "cut.wav", noise, 44_100)
        (tmp_path / "cut.wav").write_bytes((tmp_path / "cut.wav").read_bytes()[:50_000])
        there = sorted(tmp_path.iterdir())
        assert run(["export", str(short), "-o", "tonight.wav", "--bed", name]) == 1
        assert capsys.readouterr().err == f"nightstretch: {message}\n"
        assert sorted(tmp_path.iterdir()) == there

    @pytest.mark.parametrize(
        ("rate", "channels", "gain", "ending"),
        [
            (8_000, 2, 1, "wav"),
            (192_000, 2, 1, "wav"),
            (44_100, 1, 1, "wav"),
            (48_000, 6, 1, "wav"),
            (44_100, 2, 50, "wav"),
            (44_100, 2, 1, "mp3"),
        ],
        ids=["8 kHz", "192 kHz", "mono", "5.1", "clipped", "wrong ending"],
    )
    def test_an_odd_bed_plays(
        self, rate: int, channels: int, gain: float, ending: str, short: Path, tmp_path: Path
    ) -> None:
        noise = gain * 0.1 * np.random.default_rng(1).standard_normal((2 * rate, channels))
        soundfile.write(tmp_path / f"odd.{ending}", np.clip(noise, -1, 1), rate, format="WAV")
        assert run(["export", str(short), "-o", "tonight.wav", "--bed", f"odd.{ending}"]) == 0
        sound, its_rate = soundfile.read(tmp_path / "tonight.wav")
        assert (its_rate, sound.shape[1]) == (44_100, 2)
        assert sound[5 * its_rate : 6 * its_rate].any(axis=0).all()

    def test_quiet_may_follow(self, short: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["export", str(short), "-o", "tonight.wav", "--tail", "1.5"]) == 0
        assert capsys.readouterr().err.endswith("2 min 15 s\n")

    def test_a_report_is_printed_and_written_beside_it(
        self, short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(["export", str(short), "-o", "tonight.flac", "--report"]) == 0
        printed = capsys.readouterr().out.splitlines()
        assert printed[:2] == ["tonight.flac", "tonight.report.json"]
        measures = json.loads((tmp_path / "tonight.report.json").read_text())["measures"]
        assert [line[:28].strip() for line in printed[2:]] == [measure["name"] for measure in measures]
        assert {"Loudness", "Loudness range", "True peak"} <= {measure["name"] for measure in measures}

    def test_stems_lie_beside_it_in_its_format(
        self, short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(["export", str(short), "-o", "tonight.flac", "--stems", "--bed", "drone"]) == 0
        names = ["tonight.flac", *(f"tonight.{stem}.flac" for stem in ("voice", "chimes", "bed"))]
        assert capsys.readouterr().out.splitlines() == names
        assert len({mutagen.File(tmp_path / name).info.total_samples for name in names}) == 1

    def test_a_report_replaces_nothing_and_is_asked_about_first(
        self, short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "short.report.json").write_text("mine")
        assert run(["export", str(short), "--report"]) == 1
        assert "short.report.json exists already" in capsys.readouterr().err
        assert not (tmp_path / "short.mp3").exists()
        assert run(["export", str(short), "--report", "--force"]) == 0
        assert (tmp_path / "short.report.json").read_text() != "mine"

    def test_the_chapters_are_the_exercises(
        self, short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(["export", str(short)]) == 0
        capsys.readouterr()
        assert run(["script", str(short), "--format", "json"]) == 0
        exercises = json.loads(capsys.readouterr().out)["exercises"]
        chapters = mutagen.File(tmp_path / "short.mp3").tags.getall("CHAP")
        assert [chapter.sub_frames["TIT2"].text[0] for chapter in chapters] == ["Rest", "Turn"]
        for chapter, exercise in zip(chapters, exercises, strict=True):
            assert chapter.start_time == pytest.approx(exercise["start"] / 24, abs=1)


class TestMistakes:
    @pytest.mark.parametrize(
        ("arguments", "message", "code"),
        [
            (["play", "bak-pain"], "no routine is called 'bak-pain' (did you mean 'back-pain'?)", 2),
            (["script", "none.yaml"], "none.yaml: cannot be read: No such file or directory", 1),
            (["script", "--voice", "humm"], "there is no voice 'humm'; try hum", 2),
            (["script", "--voice", "missing"], "it is not installed; install it", 1),
            (["script", "--only", "6"], "has no exercise 6; it has exercises 1 to 5", 2),
            (["script", "--only", "x"], "'x' is no list of exercise numbers; write 3, or 1,3, or 2-4", 2),
            (["script", "--only", ""], "'' is no list of exercise numbers; write 3, or 1,3, or 2-4", 2),
            (["script", "--only", "1,,2"], "'1,,2' is no list of exercise numbers", 2),
            (["script", "--only", "1,"], "'1,' is no list of exercise numbers", 2),
            (["script", "--only", "-2"], "'-2' is no list of exercise numbers", 2),
            (["script", "--only", "4-2"], "4-2 runs backwards; write 2-4", 2),
            (["script", "--skip", "1,5-4"], "5-4 runs backwards; write 4-5", 2),
            (["script", "--only", "0"], "there is no exercise 0; they are numbered from 1", 2),
            (["script", "--skip", "0-3"], "there is no exercise 0; they are numbered from 1", 2),
            (["script", "--speed", "3"], "Invalid value for '--speed': 3 is out of range; give 0.5 to 2", 2),
            (["script", "--speed", "nan"], "nan is out of range; give 0.5 to 2", 2),
            (["script", "--speed", "1e999"], "inf is out of range; give 0.5 to 2", 2),
            (["script", "--speed", "fast"], "'fast' is no number; give 0.5 to 2", 2),
            (["script", "--loudness", "0"], "0 is out of range; give -35 to -14 LUFS", 2),
            (["script", "--loudness", "loud"], "'loud' is no number; give -35 to -14 LUFS", 2),
            (["script", "--quieter-over-time", "-1"], "-1 is out of range; give 0 to 20 decibels", 2),
            (["script", "--bed-level", "3"], "3 is out of range; give 6 to 40 LU below the voice", 2),
            (["export", "--bed", "rian"], "no bed and no file is called 'rian' (did you mean 'rain'?)", 1),
            (["export", "--bed", "no/such.flac"], "no/such.flac", 1),
            (["export", "--bed", ""], "no bed and no file is called ''; allowed: brown-noise, drone", 1),
            (["play", "--output", "simpleaudio", "--bed", "rain"], "leave out --bed or", 1),
            (["script", "--format", "mp4"], "'mp4' is not one of 'text', 'json'", 2),
            (["export", "-o", "x.mp4"], "x.mp4 does not end in a format", 2),
            (["export", "--format", "mp4"], "'mp4' is not one of 'mp3'", 2),
            (["export", "--bitrate", "65"], "the format mp3 cannot have 65 kbit/s; choose one of 8, 16", 2),
            (["export", "-o", "x.ogg", "--bitrate", "7"], "ogg cannot have 7 kbit/s; give 16 to 90", 2),
            (["export", "-o", "x.opus", "--bitrate", "-1"], "opus cannot have -1 kbit/s; give 6 to", 2),
            (["export", "--format", "m4a", "--bitrate", "99999"], "m4a cannot have 99999 kbit/s; give", 2),
            (["export", "-o", "no/such/x.mp3"], "there is no folder no/such", 1),
            (["export", "-o", ""], "-o needs the name of a file, as in -o tonight.mp3", 2),
            (["export", "-o", "."], ". is a folder; name a file in it, as in -o tonight.mp3", 2),
            (
                ["export", "-o", "..", "--format", "wav"],
                ".. is a folder; name a file in it, as in -o ../t",
                2,
            ),
            (["export", "."], "give a routine file", 1),
            (["play", "--output", "radio"], "'radio' is not one of 'miniaudio'", 2),
            (["pley"], "No such command 'pley'", 2),
        ],
    )
    def test_each_is_told_in_one_line(
        self,
        arguments: list[str],
        message: str,
        code: int,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert run(arguments) == code
        printed = capsys.readouterr()
        assert printed.out == ""
        assert message in printed.err
        assert "Traceback" not in printed.err
        assert list(tmp_path.iterdir()) == []

    def test_a_mistake_in_a_routine_has_its_line(
        self, short: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        short.write_text(short.read_text().replace("pause: 8", "pause: -8"))
        assert run(["export", str(short)]) == 1
        assert "short.yaml:7:52: -8 is not allowed here" in capsys.readouterr().err

    def test_too_many_words_name_the_nearest_speed_that_works(
        self, short: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        short.write_text(short.read_text().replace("Rest here", "Rest here" + " and here" * 10))
        assert run(["export", str(short)]) == 1
        error = capsys.readouterr().err
        assert "exercise 1 (Rest) needs at least" in error
        assert not list(short.parent.glob("*.mp3"))
        speed = error.rsplit("--speed ", 1)[1].strip()
        assert run(["export", str(short), "--speed", speed]) == 0
        assert run(["export", str(short), "--speed", str(round(float(speed) - 0.01, 2)), "--force"]) == 1

    def test_words_for_no_speed_say_so(self, short: Path, capsys: pytest.CaptureFixture[str]) -> None:
        short.write_text(short.read_text().replace("Rest here", "Rest here" + " and here" * 55))
        assert run(["script", str(short)]) == 1
        assert "no speed from 0.5 to 2 works; change its minutes" in capsys.readouterr().err

    def test_a_voice_that_fails_leaves_no_file(self, short: Path, capsys: pytest.CaptureFixture[str]) -> None:
        short.write_text(short.read_text().replace("Good night", "Good unspeakable night"))
        assert run(["export", str(short)]) == 1
        assert "the humming voice cannot say" in capsys.readouterr().err
        assert [path.name for path in short.parent.iterdir()] == ["short.yaml"]


class TestPlay:
    def test_a_missing_sound_card_is_told_with_a_way_out(
        self, short: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def no_card(**_: object) -> None:
            raise miniaudio.MiniaudioError("failed to init device", -401)

        monkeypatch.setattr(miniaudio, "PlaybackDevice", no_card)
        assert run(["play", str(short)]) == 1
        error = capsys.readouterr().err
        assert "nightstretch export" in error
        assert "Stop if it hurts." in error


class TestSettings:
    def test_flags_beat_variables_which_beat_the_file(
        self,
        short: Path,
        user_config: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        def speed(*arguments: str) -> float:
            assert run(["script", str(short), "--format", "json", *arguments]) == 0
            found: float = json.loads(capsys.readouterr().out)["speed"]
            return found

        user_config.write_text("speed = 1.1\n")
        assert speed() == 1.1
        monkeypatch.setenv("NIGHTSTRETCH_SPEED", "1.2")
        assert speed() == 1.2
        assert speed("--speed", "1.3") == 1.3

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (
                "sped = 1",
                "unknown key 'sped'; allowed: bed, bitrate, output, output-device, screen, speed",
            ),
            ("speed = ", "config.toml: Invalid value"),
            ("speed = 'quick'", "config.toml: speed: 'quick' is no number"),
            ("speed = 3", "config.toml: speed: 3 is out of range; give 0.5 to 2"),
            ("speed = [1]", "config.toml: speed: [1] is not allowed here; give a number"),
            ("speed = {a = 1}", "config.toml: speed: {'a': 1} is not allowed here; give a number"),
            ("speed = true", "config.toml: speed: True is not allowed here; give a number"),
            ("speed = 1979-05-27", "is not allowed here; give a number"),
            (f"speed = 1{400 * '0'}", "is no number; give 0.5 to 2"),
            (f"speed = 1{5000 * '0'}", "config.toml: "),
            (f"speed = {2000 * '['}", "config.toml: "),
            ("bitrate = [1]", "config.toml: bitrate: [1] is not allowed here; give a whole number"),
            ("bitrate = 64.5", "config.toml: bitrate: 64.5 is not allowed here; give a whole number"),
            ("bitrate = 'many'", "config.toml: bitrate: 'many' is not a valid integer"),
            ("bitrate = 7", "config.toml: bitrate: the format mp3 cannot have 7 kbit/s; choose one of"),
            ("output = 'radio'", "config.toml: output: 'radio' is not one of 'miniaudio'"),
            ("output = 3", "config.toml: output: 3 is not allowed here; give a text in quotes"),
            ("voice = ['hum']", "config.toml: voice: ['hum'] is not allowed here; give a text in quotes"),
            ("voice = 'humm'", "config.toml: voice: there is no voice 'humm'; try hum"),
            ("bed = 3", "config.toml: bed: 3 is not allowed here; give a text in quotes"),
        ],
    )
    def test_mistakes_in_the_file_are_told(
        self, text: str, message: str, short: Path, user_config: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        user_config.write_text(text)
        assert run(["export", str(short)]) == 2
        error = capsys.readouterr().err
        assert message in error
        assert str(user_config) in error
        assert error.count("\n") == 1

    @pytest.mark.parametrize("text", ["speed = '0.9'", "speed = 1", "bitrate = 32", "voice = 'hum'"])
    def test_what_an_option_takes_the_file_may_hold(self, text: str, short: Path, user_config: Path) -> None:
        user_config.write_text(text)
        assert run(["export", str(short)]) == 0

    @pytest.mark.parametrize(
        ("variable", "value", "message"),
        [
            ("NIGHTSTRETCH_SPEED", "9", "NIGHTSTRETCH_SPEED: 9 is out of range; give 0.5 to 2"),
            ("NIGHTSTRETCH_SPEED", "fast", "NIGHTSTRETCH_SPEED: 'fast' is no number"),
            ("NIGHTSTRETCH_BITRATE", "many", "NIGHTSTRETCH_BITRATE: 'many' is not a valid integer"),
            ("NIGHTSTRETCH_BITRATE", "7", "NIGHTSTRETCH_BITRATE: the format mp3 cannot have 7 kbit/s"),
            ("NIGHTSTRETCH_VOICE", "humm", "NIGHTSTRETCH_VOICE: there is no voice 'humm'; try hum"),
        ],
    )
    def test_mistakes_in_a_variable_name_it(
        self,
        variable: str,
        value: str,
        message: str,
        short: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv(variable, value)
        assert run(["export", str(short)]) == 2
        assert message in capsys.readouterr().err

    @pytest.mark.parametrize("command", [["export"], ["play", "--output", "null"]])
    def test_a_bed_that_cannot_be_played_is_blamed_on_the_variable_too(
        self,
        command: list[str],
        short: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("NIGHTSTRETCH_BED", "rian")
        assert run([*command, str(short)]) == 1
        error = capsys.readouterr().err
        assert "nightstretch: NIGHTSTRETCH_BED: no bed and no file is called 'rian' (did you mean" in error
        assert run([*command, str(short), "--bed", "rian"]) == 1
        assert "nightstretch: no bed and no file is called 'rian'" in capsys.readouterr().err

    def test_a_voice_to_check_with_is_blamed_on_the_variable_too(
        self, short: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("NIGHTSTRETCH_VOICE", "humm")
        assert run(["check", str(short)]) == 2
        assert "NIGHTSTRETCH_VOICE: there is no voice 'humm'; try hum" in capsys.readouterr().err

    @pytest.mark.parametrize("option", ["--speed", "--voice", "--bitrate"])
    def test_a_mistake_on_the_command_line_blames_nothing_else(
        self,
        option: str,
        short: Path,
        user_config: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        user_config.write_text("speed = 1.1\nvoice = 'hum'\nbitrate = 64\n")
        monkeypatch.setenv("NIGHTSTRETCH_SPEED", "1.2")
        assert run(["export", str(short), option, "9"]) == 2
        error = capsys.readouterr().err
        assert "config.toml" not in error
        assert "NIGHTSTRETCH" not in error


class TestListings:
    def test_voices(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["voices"]) == 0
        assert capsys.readouterr().out == "hum    hums\nbrisk  hums, but not slowly\n"

    def test_routines(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["routines"]) == 0
        assert "back-pain" in (printed := capsys.readouterr().out)
        assert "5 exercises, 15 minutes" in printed

    def test_doctor_gives_a_verdict_and_a_remedy(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["doctor"]) == 0
        printed = capsys.readouterr().out
        assert "ok        voice hum" in printed
        assert "note      voice missing       it is not installed; install it" in printed
        for subject in (
            *("Python", "output miniaudio", "output null", "file formats", "config file", "narration"),
            *("sounds", "clip cache", "state folder", "this folder"),
        ):
            assert f"  {subject}  " in printed

    @pytest.mark.parametrize(
        ("text", "line", "code"),
        [
            (None, "ok        config file         {path} (there is none, and none is needed)", 0),
            ("speed = 1", "ok        config file         {path}\n", 0),
            ("speed = [1]", "PROBLEM   config file         {path}: speed: [1] is not allowed here", 1),
            ("sped = 1", "PROBLEM   config file         {path}: unknown key 'sped'", 1),
        ],
    )
    def test_doctor_looks_at_the_config_and_says_where_it_is(
        self, text: str | None, line: str, code: int, user_config: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        if text is not None:
            user_config.write_text(text)
        assert run(["doctor"]) == code
        printed = capsys.readouterr()
        assert line.format(path=user_config) in printed.out
        assert printed.err == ""

    @pytest.mark.parametrize("name", ["narration", "sounds"])
    def test_doctor_finds_that_a_folder_is_missing(
        self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        package = tmp_path / "src" / "nightstretch"
        shutil.copytree(resources.folder("narration"), package / "narration")
        shutil.copytree(resources.folder("sounds"), package / "sounds")
        shutil.rmtree(package / name)
        monkeypatch.setattr(resources, "_PACKAGE", package)
        assert run(["doctor"]) == 1
        printed = capsys.readouterr().out
        assert f"PROBLEM   {name:<18}  the folder '{name}' is missing" in printed
        assert "this folder" in printed

    def test_doctor_names_devices_so_that_they_can_be_copied(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        names = ["Built-in, analog", "Headphones"]
        found = [{"name": name, "id": None} for name in names]
        monkeypatch.setattr(miniaudio, "Devices", lambda _: SimpleNamespace(get_playbacks=lambda: found))
        assert run(["doctor"]) == 0
        line = 'its default device, or one for --output-device: "Built-in, analog", "Headphones"\n'
        assert f"ok        output miniaudio    {line}" in capsys.readouterr().out

    def test_doctor_outlives_a_sound_server_that_goes_away(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def gone(_: object) -> None:
            raise OutputError("it has gone; start it again")

        monkeypatch.setattr(MiniaudioOutput, "problem", lambda _: None)
        monkeypatch.setattr(MiniaudioOutput, "devices", gone)
        assert run(["doctor"]) == 0
        assert "note      output miniaudio    it has gone; start it again\n" in capsys.readouterr().out

    def test_doctor_says_that_nothing_can_be_remembered(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "file").touch()
        monkeypatch.setenv("NIGHTSTRETCH_STATE_DIR", str(tmp_path / "file" / "state"))
        assert run(["doctor"]) == 0
        line = f"note      state folder        {tmp_path / 'file' / 'state'} cannot be written"
        assert line in capsys.readouterr().out

    def test_doctor_finds_that_the_current_folder_is_gone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        leave(tmp_path, monkeypatch)
        assert run(["doctor"]) == 0
        assert "note      this folder         it has been removed" in capsys.readouterr().out

    def test_doctor_finds_that_no_voice_is_installed(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(registry, "entry_points", lambda group: [])
        assert run(["doctor"]) == 1
        assert "PROBLEM   voices              none is installed" in capsys.readouterr().out

    def test_doctor_fails_where_nothing_can_speak(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr("support.voices.HummingVoices.problem", lambda _: "it is gone; bring it back")
        assert run(["doctor"]) == 1
        assert "PROBLEM   voice hum" in capsys.readouterr().out


class TestTutorial:
    """What docs/writing-a-routine.md tells an author to do, and what it says will happen."""

    page = (Path(__file__).parents[2] / "docs" / "writing-a-routine.md").read_text()
    example = page.split("```yaml\n")[1].split("```")[0]

    @pytest.mark.parametrize("speed", ["0.7", "1", "1.4", "2"])
    def test_its_example_works(self, speed: str, short: Path, capsys: pytest.CaptureFixture[str]) -> None:
        short.write_text(self.example)
        assert run(["script", str(short), "--format", "json", "--speed", speed]) == 0
        document = json.loads(capsys.readouterr().out)
        (exercise,) = document["exercises"]
        assert exercise["end"] - exercise["start"] == 2 * 60 * 24_000

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (
                ("{side}", "{sid}"),
                "twist.yaml:22:18: {sid} means nothing here; allowed in braces: {side} and {ot",
            ),
            (("minutes: 2", "minutes: 0.8"), "twist.yaml:12: exercise 1 (The twist) needs at least "),
            (("minutes: 2", "minutes: 6"), "twist.yaml:12: exercise 1 (The twist) fills at most "),
        ],
    )
    def test_its_mistakes_are_told_as_it_says(
        self,
        change: tuple[str, str],
        message: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("twist.yaml").write_text(self.example.replace(*change))
        assert run(["script", "twist.yaml"]) == 1
        assert message in capsys.readouterr().err
        assert message in self.page


def test_a_reader_who_goes_away_is_no_error(short: Path) -> None:
    command = [sys.executable, "-m", "nightstretch", "script", str(short), "--voice", "natural"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1
