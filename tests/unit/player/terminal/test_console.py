import contextlib
import io
import os
import re
import signal
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.terminal import PATIENCE_SECONDS, Child

from nightstretch.player.status import Status
from nightstretch.player.terminal import SCREEN_NAMES, Console, NoKeys, open_console, reading_seconds
from nightstretch.player.terminal.canvas import DIM_RED_ON_BLACK, ENTER, LEAVE
from nightstretch.player.terminal.screen import Dark, Dim, Plain

STATUS = Status(
    "Back pain", "Knee to chest", 1, "Lie down.", 65.0, 725.0, 1.0, 1.0, muted=False, paused=False
)

PROGRAM = """
import sys, termios
from nightstretch import interrupts
from nightstretch.player.status import Status
from nightstretch.player.terminal import open_console
interrupts.install()
status = Status("Back pain", "Knee to chest", 1, "Lie down.", 65.0, 725.0, 1.0, 1.0, False, False)
before = termios.tcgetattr(0)
try:
    with open_console(sys.argv[1], sys.stdin, sys.stdout if sys.argv[1] else None) as console:
        if sys.argv[1]:
            console.show(status)
        print("ready", flush=True)
        while (key := console.read(0.1)) != "q":
            console.show(status)
            if key:
                print(repr(key), flush=True)
            if key == "!":
                raise RuntimeError
finally:
    print("restored" if termios.tcgetattr(0) == before else "left changed", flush=True)
"""
KEYS_ONLY = ""
"""For the program: there is nothing to be seen but what it prints itself."""


class Tty:
    """A terminal for this process, which believes that it is in the foreground."""

    def __init__(self) -> None:
        self.outside, inside = os.openpty()
        self.stdin = open(inside, encoding="utf-8")  # noqa: PTH123, SIM115 - closed below
        self.stdout = open(os.dup(inside), "w", encoding="utf-8")  # noqa: PTH123, SIM115
        os.set_blocking(self.outside, False)

    def press(self, keys: bytes) -> None:
        os.write(self.outside, keys)

    def mode(self) -> list[object]:
        return termios.tcgetattr(self.outside)

    def read(self) -> str:
        """Give what was written since the last time."""
        seen = b""
        with contextlib.suppress(BlockingIOError):
            while True:
                seen += os.read(self.outside, 4096)
        return seen.decode()

    def close(self) -> None:
        self.stdin.close()
        self.stdout.close()
        os.close(self.outside)


@pytest.fixture
def tty(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tty]:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr("os.tcgetpgrp", lambda _: os.getpgrp())
    tty = Tty()
    yield tty
    tty.close()


def screen_of(console: Console) -> object:
    return console._screen


def keys_of(console: Console) -> object:
    return console._keys


def test_the_screen_is_dark_unless_something_else_is_asked_for(tty: Tty) -> None:
    kinds = [type(screen_of(open_console(name, tty.stdin, tty.stdout))) for name in (None, *SCREEN_NAMES)]
    assert kinds == [Dark, Dark, Dim, Plain]


@pytest.mark.parametrize("name", [None, *SCREEN_NAMES])
@pytest.mark.parametrize("term", ["dumb", "", "unknown", None])
def test_a_terminal_that_obeys_nothing_gets_the_log_and_gives_keys(
    tty: Tty, monkeypatch: pytest.MonkeyPatch, name: str | None, term: str | None
) -> None:
    if term is None:
        monkeypatch.delenv("TERM")
    else:
        monkeypatch.setenv("TERM", term)
    with open_console(name, tty.stdin, tty.stdout) as console:
        console.show(STATUS)
        tty.press(b"q")
        assert console.read(1) == "q"
    assert tty.read() == "01:05  Lie down.\r\n"


@pytest.mark.parametrize("name", [None, *SCREEN_NAMES])
def test_without_a_terminal_there_is_a_log_and_there_are_no_keys(tty: Tty, name: str | None) -> None:
    for stdin, stdout in (
        (None, io.StringIO()),
        (io.StringIO("q"), io.StringIO()),
        (io.StringIO("q"), tty.stdout),
        (tty.stdin, io.StringIO()),
    ):
        with open_console(name, stdin, stdout) as console:
            assert console.read(0) is None
            assert isinstance(screen_of(console), Plain)
            console.show(STATUS)
        if isinstance(stdout, io.StringIO):
            assert stdout.getvalue() == "01:05  Lie down.\n"
    with open_console(name, None, None) as console:
        console.show(STATUS)


def test_there_are_no_keys_without_a_terminal() -> None:
    assert isinstance(keys_of(open_console(None, None, None)), NoKeys)
    assert isinstance(keys_of(open_console(None, io.StringIO("q"), None)), NoKeys)
    reading, writing = os.pipe()
    with os.fdopen(reading) as stream:
        assert isinstance(keys_of(open_console(None, stream, None)), NoKeys)
    os.close(writing)
    assert isinstance(keys_of(open_console(None, stream, stream)), NoKeys)  # closed
    assert isinstance(screen_of(open_console(None, stream, stream)), Plain)


def test_no_color_is_honoured(tty: Tty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    with open_console("dim", tty.stdin, tty.stdout) as console:
        console.show(STATUS)
    assert not re.search(r"\x1b\[[34]\d", tty.read())


@pytest.mark.parametrize("name", ["dark", "dim"])
def test_the_terminal_is_taken_and_given_back_as_it_was(tty: Tty, name: str) -> None:
    before = tty.mode()
    with open_console(name, tty.stdin, tty.stdout) as console:
        assert tty.mode() != before
        assert tty.read() == ""  # what was printed can still be read
        console.show(STATUS)
        console.show(STATUS)
    assert tty.mode() == before
    seen = tty.read()
    assert seen.startswith(ENTER + DIM_RED_ON_BLACK)
    assert seen.endswith(LEAVE)
    assert (seen.count(ENTER), seen.count(LEAVE)) == (1, 1)
    assert ("12:05 left  Knee to chest  speed 1" in seen) == (name == "dim")


def test_the_terminal_is_left_alone_in_the_background(tty: Tty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.tcgetpgrp", lambda _: os.getpgrp() + 1)
    before = tty.mode()
    with open_console("dim", tty.stdin, tty.stdout) as console:
        tty.press(b"q")
        assert console.read(0) is None
        console.show(STATUS)
        assert tty.mode() == before
        assert not console.covers
        monkeypatch.setattr("os.tcgetpgrp", lambda _: os.getpgrp())  # now it comes to the foreground
        console.show(STATUS)
        assert tty.mode() != before
        monkeypatch.setattr("os.tcgetpgrp", lambda _: os.getpgrp() + 1)
        assert ENTER in tty.read()
    assert tty.read() == ""


def test_signals_that_are_ignored_stay_so_and_handlers_are_given_back(tty: Tty) -> None:
    numbers = (signal.SIGTSTP, signal.SIGQUIT, signal.SIGCONT)
    before = [signal.getsignal(number) for number in numbers]
    ignored = signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    try:
        with open_console("dark", tty.stdin, tty.stdout):
            assert signal.getsignal(signal.SIGTSTP) == signal.SIG_IGN
            os.kill(os.getpid(), signal.SIGCONT)
            assert signal.getsignal(signal.SIGTSTP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTSTP, ignored)
    assert [signal.getsignal(number) for number in numbers] == before


def test_a_thousand_keys_are_read_one_by_one(tty: Tty) -> None:
    before = tty.mode()
    with open_console("dark", tty.stdin, tty.stdout) as console:
        tty.press(b"\x1b[C9" * 500)
        assert [console.read(1) for _ in range(1000)] == ["right", "9"] * 500
        tty.press(bytes(range(256)))
        while console.read(0):
            pass
    assert tty.mode() == before


def test_an_escape_that_nothing_follows_is_a_key(tty: Tty) -> None:
    with open_console("dark", tty.stdin, tty.stdout) as console:
        tty.press(b"\x1b")
        assert console.read(1) is None
        assert console.read(0) == "other"
        tty.press(b"\x1b")
        assert console.read(1) is None
        tty.press(b"[C")  # the other half of an arrow
        assert console.read(0) == "right"


def test_ctrl_s_is_a_key_and_stops_nothing(tty: Tty) -> None:
    with open_console("dark", tty.stdin, tty.stdout) as console:
        tty.press(b"\x13")
        assert console.read(1) == "other"
        console.show(STATUS)
        assert ENTER in tty.read()


def test_the_terminal_is_given_back_even_if_its_keys_fail(tty: Tty, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tty.mode()
    with open_console("dark", tty.stdin, tty.stdout) as console:
        console.show(STATUS)
        tty.press(b"q")
        with monkeypatch.context() as failing:
            failing.setattr("os.read", lambda *_: b"")
            assert console.read(1) is None
    assert tty.mode() == before
    assert tty.read().endswith(LEAVE)


def test_a_terminal_that_goes_away_takes_the_keys_with_it(tty: Tty) -> None:
    with open_console("dim", tty.stdin, tty.stdout) as console:
        console.show(STATUS)
        other, tty.outside = tty.outside, os.open(os.devnull, os.O_RDONLY)
        os.close(other)
        assert console.read(1) is None
        assert console.read(0) is None
        console.show(STATUS)


@pytest.mark.parametrize(("words", "seconds"), [(0, 0), (6, 2), (1000, 15)])
def test_there_is_time_to_read_what_was_printed_though_not_for_ever(words: int, seconds: float) -> None:
    assert reading_seconds("word " * words) == seconds


# From here on, programs of their own.


def given_back(text: str) -> bool:
    """Tell whether every screen that was entered was left, one after the other."""
    changes = re.findall(r"\x1b\[\?(1049[hl]|25[hl])", text)
    pattern = ["1049h", "25l", "25h", "1049l"]
    return changes == pattern * (len(changes) // len(pattern))


def test_keys_come_at_once_without_an_echo() -> None:
    child = Child(PROGRAM, KEYS_ONLY)
    child.press(b"a\x1b[Cb")
    child.wait_for("'b'")
    assert child.text.split() == ["ready", "'a'", "'right'", "'b'"]
    child.press(b"q")
    assert child.end() == 0
    assert "restored" in child.text


@pytest.mark.parametrize("screen", SCREEN_NAMES)
@pytest.mark.parametrize(
    ("last", "code"),
    [
        (b"q", 0),
        (b"!", 1),
        (b"\x03", -signal.SIGINT),
        (signal.SIGTERM, -signal.SIGINT),
        (signal.SIGHUP, -signal.SIGINT),
    ],
)
def test_the_terminal_is_given_back_on_every_way_out(
    screen: str, last: bytes | signal.Signals, code: int
) -> None:
    child = Child(PROGRAM, screen, size=(5, 20))
    if isinstance(last, bytes):
        child.press(last)
    else:
        os.kill(child.pid, last)
    assert child.end() == code
    assert "restored" in child.text
    assert given_back(child.text)
    assert (ENTER in child.text) == (screen != "plain")
    assert ("\x1b" in child.text) == (screen != "plain")


QUIT = "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"


def test_the_terminal_is_given_back_before_ctrl_backslash_ends_it() -> None:
    child = Child(QUIT + PROGRAM, "dark")
    child.press(b"\x1c")
    child.wait_for(LEAVE)
    assert child.end() == -signal.SIGQUIT
    assert given_back(child.text)


INTERRUPTED = """
import termios
set_mode = termios.tcsetattr
def interrupted(*arguments):
    termios.tcsetattr = set_mode
    set_mode(*arguments)
    raise KeyboardInterrupt
termios.tcsetattr = interrupted
print("ready", flush=True)
"""


def test_the_terminal_is_given_back_when_taking_it_is_interrupted() -> None:
    child = Child(INTERRUPTED + PROGRAM, KEYS_ONLY)
    assert child.end() != 0
    assert "restored" in child.text


def test_what_was_typed_before_is_not_lost() -> None:
    child = Child(PROGRAM, KEYS_ONLY, script='echo ready; read _; exec "$@"')
    child.press(b"go on\nxq")
    child.wait_for("restored")
    assert "'x'" in child.text
    assert child.end() == 0


@pytest.mark.parametrize("screen", [KEYS_ONLY, "dark", "dim"])
def test_suspending_gives_the_terminal_back_and_continuing_takes_it_again(screen: str) -> None:
    child = Child(PROGRAM, screen, script='"$@"; echo suspended; read _; fg >/dev/null')
    held = termios.tcgetattr(child.terminal)
    child.press(b"\x1a")
    child.wait_for("suspended")
    assert termios.tcgetattr(child.terminal) != held
    assert given_back(child.text)
    child.text = ""
    child.press(b"go on\n")
    if screen:
        child.wait_for(ENTER)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while termios.tcgetattr(child.terminal) != held:
        assert time.monotonic() < deadline
    child.press(b"cq")
    assert child.end() == 0
    assert "'c'" in child.text
    assert "restored" in child.text
    assert given_back(child.text)


def test_a_job_that_starts_in_the_background_takes_the_terminal_when_it_is_fetched() -> None:
    child = Child(PROGRAM, "dark", script='"$@" & echo started; read _; fg >/dev/null')
    child.wait_for("started")
    assert "\x1b" not in child.text
    child.press(b"go on\n")
    child.wait_for(ENTER)
    child.press(b"q")
    assert child.end() == 0
    assert "restored" in child.text
    assert given_back(child.text)


HUNG_UP = """
import contextlib, signal, sys
from pathlib import Path
from nightstretch.player.status import Status
from nightstretch.player.terminal import open_console
signal.signal(signal.SIGHUP, signal.SIG_IGN)
status = Status("Back pain", "Knee to chest", 1, "Lie down.", 65.0, 725.0, 1.0, 1.0, False, False)
with open_console("dim", sys.stdin, sys.stdout) as console:
    console.show(status)
    with contextlib.suppress(OSError):  # it may be closed before this returns
        print("ready", flush=True)
    console.read(20)
    console.show(status)
    console.read(0)
Path(sys.argv[1]).write_text("went on")
"""


def test_a_terminal_that_is_closed_is_no_error(tmp_path: Path) -> None:
    child = Child(HUNG_UP, str(tmp_path / "outcome.txt"))
    child.close()
    child.end()
    assert (tmp_path / "outcome.txt").read_text() == "went on"
