"""The program with the standard streams and the settings that people and other programs give it."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from nightstretch import cli
from nightstretch.cli import run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="written for a POSIX shell")
FULL = Path("/dev/full")


def shell(redirections: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the program with streams as a shell's redirections make them."""
    command = f'"$@" {redirections}'
    return subprocess.run(
        ["sh", "-c", command, "sh", sys.executable, "-m", "nightstretch", *arguments],
        env=os.environ | environment,
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("redirections", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_error(redirections: str) -> None:
    ended = shell(redirections, "routines")
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert shell(redirections, "pley").returncode == 2


def test_what_is_printed_never_ends_up_in_a_file_that_is_opened(tmp_path: Path) -> None:
    code = f"""
import os, nightstretch.cli
nightstretch.cli.run(["routines"])
file = open({str(tmp_path / "file")!r}, "w")
assert file.fileno() > 2
os.write(1, b"noise"); os.write(2, b"noise")
"""
    closed = '"$@" <&- >&- 2>&-'
    subprocess.run(["sh", "-c", closed, "sh", sys.executable, "-c", code], check=True)
    assert (tmp_path / "file").read_bytes() == b""


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")
class TestFull:
    def test_results_that_cannot_be_printed_are_told_in_one_line(self) -> None:
        ended = shell(">/dev/full", "routines")
        assert ended.returncode == 1
        (line,) = ended.stderr.decode().splitlines()
        assert line.startswith("nightstretch: standard output cannot be written (No space left on device); ")

    def test_messages_that_cannot_be_printed_are_let_go(self) -> None:
        assert shell("2>/dev/full", "pley").returncode == 2
        assert shell(">/dev/full 2>/dev/full", "routines").returncode == 1


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8"])
def test_every_title_can_be_printed(short: Path, humming: None, encoding: str) -> None:
    short.write_text(short.read_text().replace("title: Short", "title: Savāsana ☾"), encoding="utf-8")
    code = f"""
import sys; sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from importlib.metadata import EntryPoint
from nightstretch.voices import registry
registry.entry_points = lambda group: [EntryPoint("hum", "support.voices:HummingVoices", group)]
from nightstretch.cli import run
sys.exit(run(["script", "short.yaml", "--voice", "hum"]))
"""
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, b"")
    title = {"utf-8": "Savāsana ☾"}.get(encoding, r"Sav\u0101sana \u263e")
    assert title.encode() in ended.stdout


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            OSError(errno.EIO, "Input/output error", "/sounds/bowl.flac"),
            "/sounds/bowl.flac cannot be used (Inp",
        ),
        (PermissionError(errno.EACCES, "Permission denied", "x"), "x cannot be used (Permission denied); "),
    ],
)
def test_an_error_of_the_system_names_its_file(
    error: OSError, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(cli.cli, "main", fail)
    assert run([]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith(f"nightstretch: {line}")
    assert printed.err.count("\n") == 1


def test_a_mistake_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cli.cli, "main", fail)
    with pytest.raises(ZeroDivisionError):
        run([])
    # After Ctrl-C, though, what half-loaded packages do is no mistake of ours.
    monkeypatch.setattr("nightstretch.interrupts._state.seen", True)
    assert run([]) == 130


@pytest.mark.usefixtures("humming")
class TestBrokenConfig:
    @pytest.fixture(autouse=True)
    def _broken(self, user_config: Path) -> None:
        user_config.write_text("speed = ")

    @pytest.mark.parametrize("command", sorted(set(cli.cli.commands) - {"doctor"}))
    def test_help_is_still_given_and_work_is_not_begun(
        self, command: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run([command, "--help"]) == 0
        assert "Example: " in capsys.readouterr().out
        parameters = cli.cli.commands[command].params
        needed = ["x" for one in parameters if isinstance(one, click.Argument) and one.required]
        assert run([command, *needed]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert "config.toml: Invalid value" in printed.err

    def test_the_doctor_works(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["doctor"]) in {0, 1}
        assert "voice hum" in capsys.readouterr().out
