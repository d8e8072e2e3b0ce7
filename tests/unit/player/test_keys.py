import io
import os
import pty
import select
import sys
import termios
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightstretch.player.keys import KeyParser, NoKeys, open_keys


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (b" q", [" ", "q"]),
        (b"\x1b[C \x1b[1;5Dq", [" ", "q"]),  # arrows
        (b"\x1bOPq", ["q"]),  # F1
        (b"\x1bqq", ["q"]),  # Alt-q is another key than q
        (b"\xff\xc3\xa9\x00\x7f\nq", ["q"]),  # no UTF-8, an accent, controls
        (b"\x1b\x1b[A ", [" "]),
        (b"\x1b[1;", []),
    ],
)
def test_only_plain_characters_are_keys(data: bytes, keys: list[str]) -> None:
    assert KeyParser().feed(data) == keys


@given(st.binary(max_size=60), st.lists(st.integers(0, 60), max_size=5))
def test_it_does_not_matter_how_the_bytes_are_cut(data: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    parser = KeyParser()
    pieces = [data[start:end] for start, end in pairwise(edges)]
    assert [key for piece in pieces for key in parser.feed(piece)] == KeyParser().feed(data)


def test_an_escape_alone_does_not_swallow_the_next_key() -> None:
    parser = KeyParser()
    parser.feed(b"\x1b")
    assert parser.escaped
    parser.forget_escape()
    assert parser.feed(b"q") == ["q"]


def test_there_are_no_keys_without_a_terminal() -> None:
    assert isinstance(open_keys(None), NoKeys)
    assert isinstance(open_keys(io.StringIO("q")), NoKeys)
    reading, writing = os.pipe()
    with os.fdopen(reading) as stream:
        assert isinstance(open_keys(stream), NoKeys)
    os.close(writing)
    assert isinstance(open_keys(stream), NoKeys)  # closed
    with NoKeys() as keys:
        assert keys.read(0) is None


PROGRAM = """
import sys, termios
from nightstretch.player.keys import open_keys
before = termios.tcgetattr(0)
try:
    with open_keys(sys.stdin) as keys:
        print("ready", flush=True)
        while (key := keys.read(0.1)) != "q":
            if key:
                print(repr(key), flush=True)
            if key == "!":
                raise RuntimeError
finally:
    print("restored" if termios.tcgetattr(0) == before else "left changed", flush=True)
"""


class Child:
    """A program of its own at a terminal of its own."""

    def __init__(self, *command: str) -> None:
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            command = command or (sys.executable, "-c", PROGRAM)
            os.execvp(command[0], command)  # noqa: S606 - a program of our own
        self.text = ""
        self.wait_for("ready")

    def press(self, keys: bytes) -> None:
        os.write(self.terminal, keys)

    def wait_for(self, text: str) -> None:
        while text not in self.text:
            assert select.select([self.terminal], [], [], 10)[0], self.text
            self.text += os.read(self.terminal, 1024).decode(errors="replace")

    def end(self) -> int:
        _, status = os.waitpid(self.pid, 0)
        os.close(self.terminal)
        return status


def test_keys_come_at_once_without_an_echo() -> None:
    child = Child()
    child.press(b"a\x1b[Cb")
    child.wait_for("'b'")
    assert child.text.split() == ["ready", "'a'", "'b'"]
    child.press(b"q")
    child.wait_for("restored")
    assert child.end() == 0


@pytest.mark.parametrize("last", [b"!", b"\x03"])
def test_the_terminal_is_given_back_after_an_error_and_after_ctrl_c(last: bytes) -> None:
    child = Child()
    child.press(last)
    child.wait_for("restored")
    assert child.end() != 0


INTERRUPTED = """
import tty
from nightstretch.player import keys
set_cbreak = tty.setcbreak
def interrupted(*arguments):
    set_cbreak(*arguments)
    raise KeyboardInterrupt
keys.tty.setcbreak = interrupted
print("ready", flush=True)
"""


def test_the_terminal_is_given_back_when_taking_it_is_interrupted() -> None:
    child = Child(sys.executable, "-c", INTERRUPTED + PROGRAM)
    child.wait_for("restored")
    assert child.end() != 0


def test_what_was_typed_before_is_not_lost() -> None:
    child = Child("sh", "-c", 'echo ready; read _; exec "$0" -c "$1"', sys.executable, PROGRAM)
    child.press(b"go on\nxq")
    child.wait_for("restored")
    assert "'x'" in child.text
    assert child.end() == 0


def test_suspending_gives_the_terminal_back_and_continuing_takes_it_again() -> None:
    # Only a job of a shell can be suspended.
    child = Child(
        "sh", "-m", "-c", '"$0" -c "$1"; echo suspended; read _; fg >/dev/null', sys.executable, PROGRAM
    )
    held = termios.tcgetattr(child.terminal)
    child.press(b"\x1a")
    child.wait_for("suspended")
    assert termios.tcgetattr(child.terminal) != held
    child.press(b"go on\n")
    deadline = time.monotonic() + 10
    while termios.tcgetattr(child.terminal) != held:
        assert time.monotonic() < deadline
    child.press(b"c")
    child.wait_for("'c'")
    child.press(b"q")
    child.wait_for("restored")
    assert child.end() == 0
