from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightstretch.player.terminal.keys import OTHER, KeyParser, NoKeys

PRINTABLE = {chr(code) for code in range(0x20, 0x7F)}
NAMES = PRINTABLE | {"left", "right", "up", "down", OTHER}

# Random bytes hardly ever make a sequence: bytes that mean something are drawn more often.
BYTES = st.lists(
    st.one_of(
        st.binary(min_size=1, max_size=4),
        st.sampled_from(
            [b"\x1b", b"[", b"\x1b[", b"\x1bO", b"\x1b]", b"\x1b[200~", b"\x1b[201~", b"\x1b[M", b"A"]
        ),
    ),
    max_size=30,
).map(b"".join)


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (b" qQ?[", [" ", "q", "Q", "?", "["]),
        (b"\x1b[A\x1b[B\x1b[C\x1b[D", ["up", "down", "right", "left"]),
        (b"\x1bOA\x1bOB\x1bOC\x1bOD", ["up", "down", "right", "left"]),
        (b"\x1b[1;5D\x1b[1;2C", ["left", "right"]),
        (b"\x1b\x1b[A ", ["up", " "]),
        (b"\r\n\t\x7f\x00\x01\x04", [OTHER] * 7),
        ("éßあ🙂".encode(), [OTHER] * 4),  # one key each, however many bytes
        (b"\xff\x80q", [OTHER, "q"]),  # no UTF-8
    ],
)
def test_keys_have_names(data: bytes, keys: list[str]) -> None:
    assert KeyParser().feed(data) == keys


@pytest.mark.parametrize(
    "data",
    [
        b"\x1bOP\x1b[15~\x1b[24;2~",  # F1, F5, Shift-F12
        b"\x1b[[A\x1b[[E",  # F1 and F5 of the Linux console
        b"\x1b[H\x1b[F\x1b[3~",  # Home, End, Delete
        b"\x1bq\x1b\xc3\xa9",  # Alt-q, Alt-e with an accent
        b"\x1b[200~rm -rf q\n\x1b[C\x1b[201~",  # a paste
        b"\x1b[M !q\x1b[<0;10;5M\x1b[<0;10;5m",  # the mouse
        b"\x1b[?1;2c\x1b[>0;1C\x1b[I\x1b[O",  # answers, and the focus that comes and goes
        b"\x1b]11;rgb:0000/0000/0000\a\x1b]11;rgb:0/0/0\x1b\\\x1bP1$r0m\x1b\\",
        b"\x1b[1;",
    ],
)
def test_what_is_no_key_is_swallowed(data: bytes) -> None:
    assert KeyParser().feed(data) == []


def test_a_sequence_that_is_broken_off_does_no_harm() -> None:
    assert KeyParser().feed(b"\x1b[1;\x1b[C\x1bO\x1b[C\x1b[M \x1b[C\x1b]11;\x1b[C\x1b[1\n") == [
        "right"
    ] * 4 + [OTHER]


@given(BYTES, st.lists(st.integers(0, 120), max_size=6))
def test_it_does_not_matter_how_the_bytes_are_cut(data: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    parser = KeyParser()
    pieces = [data[start:end] for start, end in pairwise(edges)]
    assert [key for piece in pieces for key in parser.feed(piece)] == KeyParser().feed(data)


@given(st.one_of(st.binary(max_size=1000), BYTES))
def test_whatever_comes_the_keys_are_heard_again(data: bytes) -> None:
    parser = KeyParser()
    assert set(parser.feed(data)) <= NAMES
    if parser.undecided:
        parser.give_up()
    # What began as a click of the mouse takes three more.
    assert parser.feed(b"qqqq")[-1] == "q"


@pytest.mark.parametrize(
    ("begun", "keys"), [(b"\x1b", [OTHER]), (b"\x1b]", []), (b"\x1bP", []), (b"\x1b[200~", [])]
)
def test_what_nothing_follows_does_not_swallow_the_next_key(begun: bytes, keys: list[str]) -> None:
    parser = KeyParser()
    assert parser.feed(begun) == []
    assert parser.undecided
    assert parser.give_up() == keys
    assert parser.feed(b"q") == ["q"]


def test_where_there_are_no_keys_there_are_none() -> None:
    with NoKeys() as keys:
        assert keys.read(0) is None
