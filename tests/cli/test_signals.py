"""Real signals to real processes, at the moments that were seen to go wrong."""

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the moments are read from /proc")

COMMANDS = {
    "export": ("export", "-o", "old.mp3", "--force"),
    "play": ("play", "--output", "null"),
}
OLD = b"an older recording"
PATIENCE_SECONDS = 60.0


class Program:
    """The program, in a folder of its own that holds an older file."""

    def __init__(self, folder: Path, command: str, stderr: int | None = None) -> None:
        folder.mkdir()
        (folder / "old.mp3").write_bytes(OLD)
        self.folder = folder
        self._messages = folder.with_suffix(".txt")
        environment = {name: os.environ[name] for name in os.environ if not name.startswith("NIGHTSTRETCH_")}
        environment["NIGHTSTRETCH_CACHE_DIR"] = str(folder.with_suffix(".cache"))
        environment["NIGHTSTRETCH_CONFIG"] = str(folder.with_suffix(".toml"))
        with self._messages.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "nightstretch", *COMMANDS[command], "--voice", "natural"],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr or file,
            )

    def wait_until(self, moment: Callable[["Program"], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not moment(self):
            assert self.process.poll() is None, f"it ended by itself: {self.messages}"
            assert time.monotonic() < deadline, f"{moment.__name__} never came: {self.messages}"
            time.sleep(0.002)

    def proc(self, name: str) -> str:
        return Path(f"/proc/{self.process.pid}/{name}").read_text()

    @property
    def messages(self) -> str:
        return self._messages.read_text()


def starting(program: Program) -> bool:
    """At the first moment at which it can answer: click is not imported yet."""
    caught = int(program.proc("status").partition("SigCgt:")[2].split()[0], 16)
    return bool(caught & 1 << signal.SIGTERM - 1)


def loading(program: Program) -> bool:
    """Amid the import of onnxruntime, which makes an ImportError of an interrupt."""
    return "onnxruntime" in program.proc("maps")


def writing(program: Program) -> bool:
    """Amid the file; the voice is inside onnxruntime, in several threads."""
    if not list(program.folder.glob(".nightstretch-*")):
        return False
    time.sleep(0.3)
    return True


def playing(program: Program) -> bool:
    """Amid the session, after the safety advice."""
    if not program.messages:
        return False
    time.sleep(0.2)
    return True


@dataclass(frozen=True)
class Case:
    command: str
    moment: Callable[[Program], bool]
    signals: tuple[signal.Signals, ...]

    def __str__(self) -> str:
        return "-".join([self.command, self.moment.__name__, *(number.name for number in self.signals)])


@dataclass(frozen=True)
class Answer:
    code: int
    messages: str
    files: dict[str, bytes]
    seconds: float


CASES = [
    Case(command, moment, signals)
    for command, moments in {
        "export": (starting, loading, writing),
        "play": (starting, loading, playing),
    }.items()
    for moment in moments
    for signals in (
        (signal.SIGINT,),
        (signal.SIGTERM,),
        (signal.SIGHUP,),
        (signal.SIGINT, signal.SIGINT, signal.SIGINT),
    )
    # Between the handlers and the first import, and inside one, one signal is as good as another.
    if moment is not loading or signals in {(signal.SIGINT,), (signal.SIGINT,) * 3}
]


def answer(case: Case, folder: Path) -> Answer:
    program = Program(folder, case.command)
    try:
        program.wait_until(case.moment)
        began = time.monotonic()
        for number in case.signals:
            program.process.send_signal(number)
            time.sleep(0.03)
        code = program.process.wait(PATIENCE_SECONDS)
        seconds = time.monotonic() - began
    finally:
        program.process.kill()
        program.process.wait()
    return Answer(
        code, program.messages, {path.name: path.read_bytes() for path in folder.iterdir()}, seconds
    )


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[Case, Answer]:
    """All cases, several at once, for much of their time is waiting."""
    folder = tmp_path_factory.mktemp("signals")
    with ThreadPoolExecutor(4) as executor:
        found = executor.map(lambda case: answer(case, folder / str(case)), CASES)
        return dict(zip(CASES, found, strict=True))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_signal_ends_it_gently(case: Case, answers: dict[Case, Answer]) -> None:
    given = answers[case]
    lines = given.messages.splitlines()
    assert given.code == 130
    assert lines[-1] == "nightstretch: interrupted"
    assert not [line for line in lines if "Traceback" in line or "xception" in line or "instead" in line]
    assert given.files == {"old.mp3": OLD}


def test_the_cursor_is_given_back(tmp_path: Path) -> None:
    terminal, stderr = pty.openpty()
    program = Program(tmp_path / "folder", "export", stderr)
    os.close(stderr)
    program.wait_until(writing)
    program.process.terminate()
    shown = b""
    while not shown.endswith(b"interrupted\r\n"):
        shown += os.read(terminal, 1024)
    assert program.process.wait(PATIENCE_SECONDS) == 130
    os.close(terminal)
    assert shown.rfind(b"\x1b[?25h") > shown.rfind(b"\x1b[?25l") >= 0


def test_what_nohup_ignores_stays_ignored(tmp_path: Path) -> None:
    code = (
        "from nightstretch import interrupts; interrupts.install(); print(open('/proc/self/status').read())"
    )
    shown = subprocess.run(
        ["nohup", sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    ignored, caught = (int(shown.partition(f"{name}:")[2].split()[0], 16) for name in ("SigIgn", "SigCgt"))
    assert ignored & 1 << signal.SIGHUP - 1
    assert caught & 1 << signal.SIGTERM - 1


def test_an_interrupt_is_known_in_whatever_python_makes_of_it() -> None:
    # As Python 3.11 does where it comes while a class is made.
    code = """
import os, signal
from nightstretch import __main__, cli
def run():
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    except KeyboardInterrupt as error:
        raise RuntimeError("Error calling __set_name__") from error
cli.run = run
__main__.main()
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (130, "nightstretch: interrupted\n")


@pytest.mark.parametrize(("seconds", "left"), [(0.3, False), (60, True)])
def test_a_thread_that_nobody_waits_for_can_tidy_up_unless_it_hangs(
    tmp_path: Path, seconds: float, left: bool
) -> None:
    file = tmp_path / "temporary"
    code = f"""
import os, signal, sys, threading, time
from pathlib import Path
from nightstretch import __main__, cli
def work():
    time.sleep({seconds})
    Path({str(file)!r}).unlink()
def run():
    threading.Thread(target=work).start()
    os.kill(os.getpid(), signal.SIGTERM)
cli.run = run
__main__.main()
"""
    file.touch()
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (130, "nightstretch: interrupted\n")
    assert file.exists() == left
