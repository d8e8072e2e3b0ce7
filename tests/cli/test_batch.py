"""``nightstretch batch`` as a person meets it. Real workers are in tests/integration."""

import sys
from pathlib import Path

import pytest
from support.executors import Inline

from nightstretch.batch import workers
from nightstretch.batch.lock import LOCK
from nightstretch.cli import run

pytestmark = pytest.mark.usefixtures("humming", "short", "inline")


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Do the work here and now; gives how many workers were asked for."""
    counts: list[int] = []

    def processes(count: int) -> Inline:
        counts.append(count)
        return Inline(count)

    monkeypatch.setattr(workers, "Processes", processes)
    return counts


@pytest.fixture
def plan(short: Path) -> Path:
    path = short.with_name("evenings.csv")
    path.write_text("routine,speed,format\nshort.yaml,1,mp3\nshort.yaml,1.1,wav\n")
    return path


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != LOCK)


def test_names_go_to_stdout_and_words_to_stderr(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["batch", "evenings.csv"]) == 0
    printed = capsys.readouterr()
    made = [str(Path("evenings", name)) for name in ("short-1.mp3", "short-1.1.wav")]
    assert printed.out.splitlines() == made
    assert printed.err == "2 made, 0 there already, 0 failed\n"
    assert files(plan.with_name("evenings")) == [
        "SHA256SUMS",
        "manifest.json",
        "short-1.1.wav",
        "short-1.mp3",
    ]
    assert run(["batch", "evenings.csv"]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines() == made
    assert printed.err == "0 made, 2 there already, 0 failed\n"


def test_a_plan_that_is_none_makes_nothing(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan.write_text("routine,speed\nshort.yaml,9\nshort.yaml,1\nshort.yaml,1\n")
    assert run(["batch", "evenings.csv"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "nightstretch: evenings.csv:2: speed: 9 is out of range; give 0.5 to 2",
        (
            "nightstretch: evenings.csv:4: would write short-1.mp3, as line 3 does; "
            "leave one out, or name it in the column output"
        ),
        "nightstretch: evenings.csv is no plan that can be followed, so nothing was made; mend it first",
    ]
    assert not plan.with_name("evenings").exists()


def test_ten_thousand_bad_rows_are_few_lines(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan.write_text("routine,speed\n" + "short.yaml,9\n" * 10_000)
    assert run(["batch", "evenings.csv"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 22
    assert lines[-2] == "nightstretch: and 9980 more problems"


def test_a_row_that_fails_is_told_and_the_rest_is_made(
    plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan.write_text("routine,voice\nshort.yaml,missing\nshort.yaml,hum\n")
    assert run(["batch", "evenings.csv", "-o", "there"]) == 1
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [str(Path("there", "short-hum.mp3"))]
    assert printed.err.splitlines() == [
        (
            "nightstretch: evenings.csv:2: short-missing.mp3: "
            "the voice 'missing' is not available here: it is not installed; install it"
        ),
        (
            "nightstretch: 1 made, 0 there already, 1 failed; "
            "mend those rows and start again: the others are kept"
        ),
    ]


def test_paths_in_a_plan_start_at_the_plan(
    plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert run(["batch", str(plan)]) == 0
    assert "short-1.mp3" in files(elsewhere / "evenings")


def test_there_are_no_more_workers_than_rows(plan: Path, inline: list[int]) -> None:
    assert run(["batch", "evenings.csv", "--workers", "40"]) == 0
    assert inline == [2]


def test_where_a_cell_is_empty_the_options_hold(plan: Path) -> None:
    plan.write_text("routine,voice,speed,bed,output\nshort.yaml,,,,a.wav\nshort.yaml,hum,1,none,b.wav\n")
    assert run(["batch", "evenings.csv", "--voice", "brisk", "--speed", "1.2", "--bed", "rain"]) == 0
    folder = plan.with_name("evenings")
    assert (
        run(["export", "short.yaml", "--voice", "brisk", "--speed", "1.2", "--bed", "rain", "-o", "a.wav"])
        == 0
    )
    assert run(["export", "short.yaml", "-o", "b.wav"]) == 0
    for name in ("a.wav", "b.wav"):
        assert (folder / name).read_bytes() == plan.with_name(name).read_bytes()


def test_defaults_of_ones_own_hold_too(
    plan: Path, user_config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan.write_text("routine\nshort.yaml\n")
    user_config.write_text("speed = 1.2\nbitrate = 32\n")
    monkeypatch.setenv("NIGHTSTRETCH_VOICE", "brisk")
    assert run(["batch", "evenings.csv"]) == 0
    assert run(["export", "short.yaml"]) == 0
    assert (plan.with_name("evenings") / "short.mp3").read_bytes() == plan.with_name("short.mp3").read_bytes()


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("NIGHTSTRETCH_BED", "rian", "NIGHTSTRETCH_BED: no bed and no file is called 'rian' (did you mean "),
        ("NIGHTSTRETCH_VOICE", "humm", "NIGHTSTRETCH_VOICE: there is no voice 'humm'; try hum"),
    ],
)
def test_a_default_that_is_none_is_told_once_and_makes_nothing(
    plan: Path,
    variable: str,
    value: str,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(variable, value)
    assert run(["batch", "evenings.csv"]) != 0
    assert capsys.readouterr().err.startswith(f"nightstretch: {told}")
    assert not plan.with_name("evenings").exists()


def test_a_bitrate_that_a_format_cannot_have_fails_its_rows(
    plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["batch", "evenings.csv", "--bitrate", "300"]) == 1
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [str(Path("evenings", "short-1.1.wav"))]
    assert ":2: short-1.mp3: the format mp3 cannot have 300 kbit/s; " in printed.err


@pytest.mark.parametrize("options", [("--workers", "0"), ("--workers", "2", "--scheduler", "there:1")])
def test_wrong_usage_makes_nothing(plan: Path, options: tuple[str, ...]) -> None:
    assert run(["batch", "evenings.csv", *options]) == 2
    assert not plan.with_name("evenings").exists()


def test_a_cluster_without_its_extra_says_what_to_install(
    plan: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert run(["batch", "evenings.csv", "--scheduler", "127.0.0.1:1"]) == 1
    assert capsys.readouterr().err.startswith(
        "nightstretch: --scheduler needs Dask; install the extra `cluster`: pip install "
    )
    assert not plan.with_name("evenings").exists()
