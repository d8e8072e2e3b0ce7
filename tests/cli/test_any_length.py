"""``--minutes``, ``--breath``, ``--start-side``, ``--gentle`` and ``check``, as a person uses them."""

import json
import re
from pathlib import Path

import pytest

from nightstretch.cli import run

pytestmark = pytest.mark.usefixtures("humming")

ELASTIC = """\
title: Elastic
safety: Stop if it hurts.
exercises:
  - title: Breathe
    minutes: 2
    steps:
      - {breathe: {in: 3, hold: 1, out: 5}, rounds: 6, least: 1, most: 150}
      - {pause: 8, least: 1, most: 600}
  - title: Turn
    minutes: 4
    steps:
      - move: The turn
        steps: [{say: Turn hard.}]
        gentle: [{say: Turn a little.}]
      - sides: [right, left]
        steps: [{say: "Turn to the {side} now."}, {hold: 60, least: 5, most: 600}]
      - {pause: 8, least: 1, most: 600}
      - {repeat: 2, most: 9, steps: [{say: Wait.}, {pause: 8, least: 1, most: 500}]}
"""


@pytest.fixture
def elastic(short: Path) -> str:
    path = short.with_name("elastic.yaml")
    path.write_text(ELASTIC)
    return path.name


def events(capsys: pytest.CaptureFixture[str], *command: str) -> list[dict[str, object]]:
    capsys.readouterr()
    assert run(["script", *command, "--format", "json"]) == 0
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)["events"]
    return found


def said(capsys: pytest.CaptureFixture[str], *command: str) -> list[object]:
    return [event["text"] for event in events(capsys, *command) if event["kind"] == "say"]


def refusal(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    """Run what is refused, and give the one line that says why."""
    capsys.readouterr()
    assert run(["script", *command]) == 2
    printed = capsys.readouterr()
    assert not printed.out
    errors = [line for line in printed.err.splitlines() if "rror" in line or line.startswith("nightstretch:")]
    assert "Traceback" not in printed.err
    assert len(errors) == 1, printed.err
    return errors[0]


class TestMinutes:
    @pytest.mark.parametrize(
        ("minutes", "why"),
        [
            ("0", "0 is out of range; give 5 to 60 minutes"),
            ("-1", "-1 is out of range; give 5 to 60 minutes"),
            ("4.9", "4.9 is out of range; give 5 to 60 minutes"),
            ("61", "61 is out of range; give 5 to 60 minutes"),
            ("nan", "nan is out of range; give 5 to 60 minutes"),
            ("inf", "inf is out of range; give 5 to 60 minutes"),
            ("1e9", "1e+09 is out of range; give 5 to 60 minutes"),
            ("abc", "'abc' is no number; give 5 to 60 minutes"),
            ("", "'' is no number; give 5 to 60 minutes"),
            ("9" * 5000, "inf is out of range; give 5 to 60 minutes"),
        ],
        ids=lambda value: value[:8],
    )
    def test_what_no_evening_lasts_is_refused(
        self, elastic: str, minutes: str, why: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        error = refusal(capsys, elastic, "--minutes", minutes)
        assert why in error
        assert "--minutes" in error

    @pytest.mark.parametrize("minutes", [5, 7.25, 33.3, 60], ids=str)
    def test_the_exercises_last_that_long_together(
        self, elastic: str, minutes: float, capsys: pytest.CaptureFixture[str]
    ) -> None:
        capsys.readouterr()
        assert run(["script", elastic, "--format", "json", "--minutes", str(minutes)]) == 0
        printed = json.loads(capsys.readouterr().out)
        end = max(event["end"] for event in printed["events"])
        assert end == round(minutes * 60 * printed["sample_rate"])

    @pytest.mark.parametrize("command", ["script", "export"])
    def test_both_suggestions_of_an_error_work(
        self, short: Path, command: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        words = "\n".join(f"      - say: Word {'and word ' * 4}number {number}." for number in range(58))
        short.write_text(
            f"title: Full\nsafety: Stop.\nexercises:\n  - title: Talk\n    minutes: 5\n    steps:\n{words}\n"
            "      - {pause: 8, least: 1, most: 600}\n"
        )
        out = ["-o", "x.wav", "--force"] if command == "export" else []
        assert run([command, str(short), *out]) == 1
        error = capsys.readouterr().err
        found = re.search(r"what works is --speed (\S+) or --minutes (\S+)$", error.strip())
        assert found, error
        speed, minutes = map(float, found.groups())
        assert run([command, str(short), "--speed", str(speed), *out]) == 0
        assert run([command, str(short), "--minutes", str(minutes), *out]) == 0
        # and there are no nearer ones
        assert run([command, str(short), "--speed", f"{speed - 0.01:.2f}", *out]) == 1
        assert run([command, str(short), "--minutes", f"{minutes - 0.1:.1f}", *out]) == 1

    def test_too_much_time_has_a_suggestion_that_works_too(
        self, elastic: str, short: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        short.write_text(re.sub("most: [56]00", "most: 60", ELASTIC))
        assert run(["script", str(short), "--minutes", "60"]) == 1
        error = capsys.readouterr().err
        found = re.search(r"--minutes (\S+)$", error.strip())
        assert found, error
        assert run(["script", str(short), "--minutes", found[1]]) == 0
        assert run(["script", str(short), "--minutes", f"{float(found[1]) + 0.1:.1f}"]) == 1


class TestBreath:
    @pytest.mark.parametrize(
        "pattern",
        ["0-0-0", "4-", "-1-2-3", "1000-1-1", "", "4", "4-2-0", "1-1-9", "9-9-13", "a-b", "4-2-6-2"],
    )
    def test_what_nobody_breathes_is_refused(
        self, elastic: str, pattern: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        error = refusal(capsys, elastic, f"--breath={pattern}")
        assert "--breath" in error
        assert repr(pattern) in error

    @pytest.mark.parametrize("option", [["--breath", "-1-2-3"], ["--breath", ""]], ids=str)
    def test_it_is_refused_as_a_word_of_its_own_too(
        self, elastic: str, option: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert "is no breath; write 4-2-6 or 4-6, or one of own, " in refusal(capsys, elastic, *option)

    @pytest.mark.parametrize(
        ("pattern", "seconds"),
        [
            ("own", {"in": 3, "hold": 1, "out": 5}),
            ("4-6", {"in": 4, "out": 6}),
            ("5-5", {"in": 5, "out": 5}),
            ("4-7-8", {"in": 4, "hold": 7, "out": 8}),
            ("4-2-6", {"in": 4, "hold": 2, "out": 6}),
            ("4.5-0-6.25", {"in": 4.5, "out": 6.25}),
        ],
    )
    @pytest.mark.parametrize("speed", ["0.7", "1.4"])
    def test_each_is_breathed_at_any_speed(
        self,
        elastic: str,
        pattern: str,
        seconds: dict[str, float],
        speed: str,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        capsys.readouterr()
        command = ["script", elastic, "--format", "json", "--breath", pattern, "--speed", speed]
        assert run(command) == 0
        printed = json.loads(capsys.readouterr().out)
        breathed = {
            (event["phase"], (event["end"] - event["start"]) / printed["sample_rate"])
            for event in printed["events"]
            if event["kind"] == "breath"
        }
        assert breathed == set(seconds.items())


class TestMoves:
    def test_the_sides_can_be_turned(self, elastic: str, capsys: pytest.CaptureFixture[str]) -> None:
        right, left = "Turn to the right now.", "Turn to the left now."
        assert said(capsys, elastic)[1:3] == [right, left]
        assert said(capsys, elastic, "--start-side", "right")[1:3] == [right, left]
        assert said(capsys, elastic, "--start-side", "left")[1:3] == [left, right]

    def test_a_side_that_there_is_not_names_those_there_are(
        self, elastic: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        error = refusal(capsys, elastic, "--start-side", "middle")
        assert "'middle'" in error
        assert "right or left" in error

    def test_gentle_says_the_gentler_words(self, elastic: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert said(capsys, elastic)[0] == "Turn hard."
        assert said(capsys, elastic, "--gentle")[0] == "Turn a little."

    def test_export_takes_them_all(self, elastic: str, tmp_path: Path) -> None:
        options = ["--minutes", "5", "--breath", "5-5", "--start-side", "left", "--gentle"]
        assert run(["export", elastic, "-o", "x.wav", *options]) == 0
        assert (tmp_path / "x.wav").exists()


class TestCheck:
    def test_a_sound_file_has_its_lengths_at_three_speeds(
        self, elastic: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(["check", elastic]) == 0
        first, *others = capsys.readouterr().out.splitlines()
        assert first == f"{elastic}: Elastic, 2 exercises, 6 minutes"
        found = [re.fullmatch(r"speed (\S+): from (\S+) to (\S+) minutes", line) for line in others]
        assert [line and line[1] for line in found] == ["0.7", "1", "1.4"]
        for line in filter(None, found):
            assert float(line[2]) < 6 < float(line[3])

    def test_every_problem_is_printed_with_its_place(
        self, elastic: str, short: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        text = ELASTIC.replace("minutes: 2", "minutes: -2").replace("hold: 60", "hold: soon")
        short.write_text(text.replace("most: 600}\n  - title", "mist: 600}\n  - title"))
        assert run(["check", str(short)]) == 1
        printed = capsys.readouterr()
        lines = printed.out.splitlines()
        places = [re.match(rf"{re.escape(str(short))}:(\d+):\d+: .", line) for line in lines]
        assert [place and place[1] for place in places] == ["5", "8", "16"]
        assert not printed.err

    def test_words_that_do_not_fit_are_a_problem_at_their_speed(
        self, short: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        short.write_text(short.read_text().replace("Rest here", "Rest here" + " and here" * 6))
        assert run(["check", str(short)]) == 1
        _, slow, *others = capsys.readouterr().out.splitlines()
        assert re.match(
            r"speed 0\.7: .*short\.yaml:5: exercise 1 \(Rest\) needs at least \S+ s and has", slow
        )
        assert [line.split(":")[0] for line in others] == ["speed 1", "speed 1.4"]
        assert all(" minutes" in line for line in others)
