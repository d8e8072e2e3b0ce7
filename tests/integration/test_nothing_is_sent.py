"""Nothing is sent anywhere and nothing is left behind: the program itself, watched from outside.

A run starts in an empty home folder and an environment of its own, because onnxruntime keeps quiet where it
sees a CI at work, and where a test before this one has already told it to.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightstretch.voices import registry

ROUTINE = """\
title: Short
safety: Stop if it hurts.
opening: [{chime: bowl-start}, {say: Good evening to you.}]
exercises:
  - title: Turn
    minutes: 0.4
    steps:
      - sides: [right, left]
        steps: [{say: "Turn to the {side} now."}, {hold: 10, least: 5, most: 60}]
"""
LINGER_SECONDS = 12
"""onnxruntime's telemetry first looks for its server nine seconds after the import."""
LINGER = (
    "import sys, time; from nightstretch.cli import run; code = run(sys.argv[1:]); "
    f"time.sleep({LINGER_SECONDS}); sys.exit(code)"
)

PROBLEMS = {report.name: report.problem for report in registry.reports()}
needs_natural, needs_system = (
    pytest.mark.skipif(bool(PROBLEMS[name]), reason=str(PROBLEMS[name])) for name in ("natural", "system")
)
pytestmark = pytest.mark.skipif(os.name != "posix", reason="elsewhere a home folder is no variable")


class Run:
    """The program at work in an empty home folder, its system calls written down if ``traced``."""

    def __init__(self, home: Path, *command: str, traced: bool = False) -> None:
        self.home = home
        home.mkdir()
        (home / "short.yaml").write_text(ROUTINE)
        self._log = home.with_suffix(".strace")
        trace = (
            ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=socket", "-o", str(self._log)]
            if traced
            else []
        )
        self._process = subprocess.Popen(
            [*trace, sys.executable, *command],
            cwd=home,
            env={"PATH": os.environ["PATH"], "HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def finish(self) -> None:
        output, _ = self._process.communicate(timeout=120)
        assert self._process.returncode == 0, output

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def files_left(self) -> list[str]:
        """Give what lies in the home folder now, but for the routine and what was asked for."""
        files = [str(path.relative_to(self.home)) for path in self.home.rglob("*") if path.is_file()]
        return [file for file in files if file not in {"short.yaml", "short.mp3"}]

    def sockets(self) -> list[str]:
        """Give the calls that made a socket for the internet."""
        return [line for line in self._log.read_text().splitlines() if "AF_INET" in line]


@pytest.fixture(scope="module")
def strace(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Need a strace that works, and sees a socket where there is one."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    probe = Run(
        tmp_path_factory.mktemp("probe") / "home", "-c", "import socket; socket.socket().close()", traced=True
    )
    try:
        probe.finish()
    except AssertionError as error:
        pytest.skip(f"strace may not watch here: {error}")
    assert probe.sockets()


def export(voice: str) -> tuple[str, ...]:
    return ("export", "short.yaml", "--voice", voice)


@pytest.fixture(scope="module")
def lingering(strace: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Run, float]]:
    """Speak naturally and stay for a while, as ``play`` does; the other tests need not wait for that."""
    folder = tmp_path_factory.mktemp("lingering")
    run = Run(folder / "home", "-c", LINGER, *export("natural"), traced=True)
    yield run, time.monotonic()
    run.close()


@needs_natural
@needs_system
@pytest.mark.strace
@pytest.mark.usefixtures("lingering")
def test_an_export_with_the_system_voice_opens_no_socket(tmp_path: Path) -> None:
    run = Run(tmp_path / "home", "-m", "nightstretch", *export("system"), traced=True)
    run.finish()
    assert not run.sockets()


@needs_natural
@pytest.mark.parametrize("command", [export("natural"), ("voices",), ("doctor",)], ids=" ".join)
def test_only_clips_are_left_behind(command: tuple[str, ...], tmp_path: Path) -> None:
    run = Run(tmp_path / "home", "-m", "nightstretch", *command)
    run.finish()
    others = [file for file in run.files_left() if "/nightstretch/" not in file]
    assert not others
    assert bool(run.files_left()) == (command[0] == "export")


@needs_natural
@pytest.mark.strace
def test_the_natural_voice_opens_no_socket_for_as_long_as_it_runs(lingering: tuple[Run, float]) -> None:
    run, started = lingering
    run.finish()
    assert time.monotonic() - started > LINGER_SECONDS
    assert not run.sockets()
    assert all("/nightstretch/" in file for file in run.files_left())
