import contextlib
import io
import os
import termios
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightstretch.player.status import Status
from nightstretch.player.terminal.canvas import CLEAR, DIM_RED_ON_BLACK, ENTER, FAINT, LEAVE, Canvas, cut
from nightstretch.player.terminal.screen import Dark, Dim, NoScreen, Plain

STATUS = Status(
    title="Back pain",
    part="Knee to chest",
    exercise=1,
    cue="Lie down on your back.",
    elapsed_seconds=65.9,
    left_seconds=725.2,
    speed=0.9,
    volume=1.0,
    muted=False,
    paused=False,
)


class Paper:
    """A surface that remembers what was drawn."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.ours = True

    def draw(self, line: str) -> None:
        self.lines.append(line)


class Broken(io.StringIO):
    """A pipe whose reader has gone."""

    tries = 0

    def write(self, text: str) -> int:
        self.tries += 1
        raise BrokenPipeError


class Tty:
    """A terminal without a program."""

    def __init__(self) -> None:
        self.outside, self.inside = os.openpty()
        self.resize(24, 80)

    def resize(self, rows: int, columns: int) -> None:
        termios.tcsetwinsize(self.inside, (rows, columns))

    def read(self) -> str:
        """Give what was written since the last time."""
        os.set_blocking(self.outside, False)
        try:
            return os.read(self.outside, 4096).decode()
        except BlockingIOError:
            return ""


@pytest.fixture
def tty() -> Iterator[Tty]:
    tty = Tty()
    yield tty
    for descriptor in (tty.outside, tty.inside):
        with contextlib.suppress(OSError):  # the test has closed it
            os.close(descriptor)


def test_dark_is_nothing_and_covers_what_was_there_while_it_may_draw() -> None:
    paper = Paper()
    dark = Dark(paper)
    assert dark.covers
    dark.show(STATUS)
    assert paper.lines == [""]
    paper.ours = False
    assert not dark.covers


def test_dim_is_one_line_with_the_time_left_the_exercise_and_the_speed() -> None:
    paper = Paper()
    dim = Dim(paper)
    dim.show(STATUS)
    dim.show(replace(STATUS, paused=True, left_seconds=3600.0, speed=1.0))
    dim.show(replace(STATUS, volume=0.8))
    dim.show(replace(STATUS, volume=0.8, muted=True))
    assert paper.lines == [
        "12:05 left  Knee to chest  speed 0.9",
        "paused  60:00 left  Knee to chest  speed 1",
        "12:05 left  Knee to chest  speed 0.9  volume 80%",
        "12:05 left  Knee to chest  speed 0.9  muted",
    ]


def test_plain_is_a_line_for_each_new_cue() -> None:
    stream = io.StringIO()
    plain = Plain(stream)
    assert not plain.covers
    for status in (
        replace(STATUS, cue=None, elapsed_seconds=0.0),
        STATUS,
        replace(STATUS, elapsed_seconds=66.9),
        replace(STATUS, cue="Breathe in,\n  and\x1b[2J out.", elapsed_seconds=3725.0),
    ):
        plain.show(status)
    assert stream.getvalue() == "01:05  Lie down on your back.\n62:05  Breathe in, and[2J out.\n"


def test_plain_says_what_the_keys_have_changed() -> None:
    stream = io.StringIO()
    plain = Plain(stream)
    quieter = replace(STATUS, volume=0.8)
    for status in (STATUS, quieter, replace(quieter, muted=True), quieter, replace(quieter, speed=0.8)):
        plain.show(status)
    lines = [line.removeprefix("01:05  ") for line in stream.getvalue().splitlines()]
    assert lines == ["Lie down on your back.", "volume 80%", "muted", "volume 80%", "speed 0.8"]


def test_plain_says_when_it_pauses_and_goes_on() -> None:
    stream = io.StringIO()
    plain = Plain(stream)
    for paused in (False, True, True, False):
        plain.show(replace(STATUS, paused=paused))
    assert stream.getvalue() == "01:05  Lie down on your back.\n01:05  paused\n01:05  goes on\n"


def test_a_log_that_nobody_reads_any_more_ends_quietly() -> None:
    stream = Broken()
    plain = Plain(stream)
    plain.show(STATUS)
    plain.show(replace(STATUS, cue="Breathe."))
    assert stream.tries == 1


def test_no_screen_shows_nothing() -> None:
    NoScreen().show(STATUS)
    assert not NoScreen().covers


def test_a_canvas_takes_the_screen_when_it_is_first_drawn_on_and_gives_it_back_once(tty: Tty) -> None:
    canvas = Canvas(tty.inside, "utf-8", colour=True)
    canvas.leave()
    assert tty.read() == ""
    canvas.draw("")
    assert tty.read() == ENTER + DIM_RED_ON_BLACK + CLEAR
    canvas.leave()
    canvas.leave()
    assert tty.read() == LEAVE
    canvas.draw("a")
    assert tty.read() == ENTER + DIM_RED_ON_BLACK + CLEAR + "a"


def test_a_canvas_writes_only_what_has_changed(tty: Tty) -> None:
    canvas = Canvas(tty.inside, "utf-8", colour=True)
    canvas.draw("one")
    tty.read()
    canvas.draw("one")
    assert tty.read() == ""
    canvas.draw("two")
    assert tty.read() == CLEAR + "two"


def test_a_canvas_fits_the_terminal_also_after_it_was_resized(tty: Tty) -> None:
    tty.resize(5, 20)
    canvas = Canvas(tty.inside, "utf-8", colour=True)
    canvas.draw("Knee to chest  12:05 left  speed 1")
    assert tty.read().endswith(CLEAR + "Knee to chest  12:05")
    tty.resize(5, 10)
    canvas.draw("Knee to chest  12:05 left  speed 1")
    assert tty.read() == CLEAR + "Knee to ch"
    tty.resize(0, 0)  # some terminals do not know
    canvas.draw("Knee to chest  12:05 left  speed 1")
    assert tty.read() == CLEAR + "Knee to chest  12:05 left  speed 1"


def test_a_canvas_without_colour_has_none(tty: Tty) -> None:
    Canvas(tty.inside, "utf-8", colour=False).draw("a")
    assert tty.read() == ENTER + FAINT + CLEAR + "a"


def test_a_canvas_writes_what_the_encoding_has(tty: Tty) -> None:
    Canvas(tty.inside, "ascii", colour=True).draw("é")
    assert tty.read().endswith("?")


def test_a_canvas_whose_terminal_has_gone_is_drawn_on_in_vain(tty: Tty) -> None:
    canvas = Canvas(tty.inside, "utf-8", colour=True)
    canvas.draw("a")
    os.close(tty.outside)
    canvas.draw("b")
    os.close(tty.inside)
    canvas.draw("c")
    canvas.leave()


@given(st.text(), st.integers(0, 40))
def test_what_is_cut_is_a_beginning_that_can_be_printed(text: str, columns: int) -> None:
    kept = cut(text, columns)
    assert len([character for character in kept if character.isascii()]) <= columns
    assert kept.isprintable()
    assert "".join(character for character in text if character.isprintable()).startswith(kept)


@pytest.mark.parametrize(
    ("columns", "kept"), [(1, ""), (2, "膝"), (3, "膝e\u0301"), (4, "膝e\u0301x"), (9, "膝e\u0301xy")]
)
def test_wide_characters_take_two_columns_and_accents_none(columns: int, kept: str) -> None:
    assert cut("膝e\u0301xy", columns) == kept
