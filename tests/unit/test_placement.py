import threading
from collections.abc import Iterator

import pytest

from nightstretch.errors import VoiceError
from nightstretch.placement import Placement
from nightstretch.timeline import Event, Passage

WAIT_SECONDS = 10

ITEMS: list[Event | Passage] = [
    Event("hold", 0, 9),
    Event("say", 2, 4, "a"),
    Passage("Any", 1, 0, 9),
    Event("pause", 9, 12),
    Passage("Other", 2, 9, 12),
]


def counted(read: list[int]) -> Iterator[Event | Passage]:
    for number, item in enumerate(ITEMS):
        read.append(number)
        yield item


def hoarse() -> Iterator[Event | Passage]:
    yield ITEMS[0]
    raise VoiceError("hoarse")


def test_every_reader_gets_all_from_the_start_and_it_is_done_once() -> None:
    read: list[int] = []
    placement = Placement(counted(read))
    early, late = iter(placement), iter(placement)
    assert [next(early), next(early)] == ITEMS[:2]
    assert read == [0, 1]
    assert list(late) == ITEMS
    assert list(early) == ITEMS[2:]
    assert list(placement) == ITEMS
    assert read == [0, 1, 2, 3, 4]


def test_readers_in_several_threads_get_the_same() -> None:
    read: list[int] = []
    placement = Placement(counted(read))
    all_at_once = threading.Barrier(4)
    got: list[list[Event | Passage]] = []

    def reader() -> None:
        all_at_once.wait(WAIT_SECONDS)
        got.append(list(placement))

    threads = [threading.Thread(target=reader) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_SECONDS)
    assert got == [ITEMS] * 4
    assert read == [0, 1, 2, 3, 4]


def test_what_is_placed_so_far_can_be_looked_at_without_waiting() -> None:
    placement = Placement(counted([]))
    assert (placement.events, placement.passages, placement.until) == ([], [], 0)
    reader = iter(placement)
    next(reader)
    next(reader)
    assert (placement.events, placement.until) == (ITEMS[:2], 9)
    list(reader)
    assert (placement.events, placement.passages, placement.until) == (
        [ITEMS[0], ITEMS[1], ITEMS[3]],
        [ITEMS[2], ITEMS[4]],
        12,
    )


def test_what_is_placed_can_be_read_while_somebody_waits_for_more() -> None:
    waits, goes_on = threading.Event(), threading.Event()

    def slow() -> Iterator[Event | Passage]:
        yield ITEMS[0]
        waits.set()
        assert goes_on.wait(WAIT_SECONDS)
        yield ITEMS[2]

    placement = Placement(slow())
    placement.look_ahead()
    assert waits.wait(WAIT_SECONDS)
    reader = iter(placement)
    assert next(reader) == ITEMS[0]
    goes_on.set()
    assert next(reader) == ITEMS[2]


@pytest.mark.parametrize("_again", range(20))
def test_a_reader_goes_on_with_its_item_though_another_waits_for_the_next(_again: int) -> None:
    steps = [threading.Event() for _ in ITEMS]

    def slow() -> Iterator[Event | Passage]:
        for step, item in zip(steps, ITEMS, strict=True):
            assert step.wait(WAIT_SECONDS), "the reader was kept waiting for what it did not need yet"
            yield item

    placement = Placement(slow())
    placement.look_ahead()
    reader = iter(placement)
    for step, item in zip(steps, ITEMS, strict=True):
        step.set()
        assert next(reader) == item


def test_an_error_is_raised_to_every_reader_after_what_came_before_it() -> None:
    placement = Placement(hoarse())
    placement.raise_error()
    for _ in range(2):
        reader = iter(placement)
        assert next(reader) == ITEMS[0]
        with pytest.raises(VoiceError, match="hoarse"):
            next(reader)
    with pytest.raises(VoiceError, match="hoarse"):
        placement.raise_error()


def test_looking_ahead_places_all_and_keeps_what_goes_wrong() -> None:
    placement = Placement(hoarse())
    placement.look_ahead()
    with pytest.raises(VoiceError, match="hoarse"):
        list(placement)


@pytest.mark.parametrize(
    ("position", "swell"),
    [
        (0, 0.0),
        (10, 0.0),
        (15, 0.5),
        (20, 1.0),
        (25, 1.0),
        (30, 1.0),
        (33, 0.7),
        (39, 0.1),
        (40, 0.0),
        (99, 0.0),
    ],
)
def test_the_lungs_fill_and_empty_with_guided_breath(position: int, swell: float) -> None:
    events: list[Event | Passage] = [
        Event("pause", 0, 10),
        Event("breath", 10, 20, phase="in"),
        Event("say", 11, 14, "in"),
        Event("say", 15, 16, "and"),
        Event("breath", 20, 30, phase="hold"),
        Event("breath", 30, 40, phase="out"),
        Event("say", 31, 33, "out"),
        Event("pause", 40, 50),
    ]
    placement = Placement(iter(events))
    assert placement.swell_at(position) == 0  # what is not placed yet does not breathe
    assert list(placement) == events
    assert placement.swell_at(position) == pytest.approx(swell)
