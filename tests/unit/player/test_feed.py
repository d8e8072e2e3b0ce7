import threading
from collections.abc import Iterator

import numpy as np
import pytest

from nightstretch.audio import Pcm
from nightstretch.errors import VoiceError
from nightstretch.player.feed import Feed

PATIENCE_SECONDS = 10


def finish(feed: Feed) -> None:
    feed._thread.join(PATIENCE_SECONDS)
    assert not feed._thread.is_alive()


def test_blocks_of_any_size_come_out_in_order() -> None:
    sizes = [1, 0, 500, 7, 93, 1000]
    sound = np.arange(sum(sizes), dtype=np.int16)
    feed = Feed(np.split(sound, np.cumsum(sizes)[:-1]), capacity=300, keep=10)
    feed.start()
    heard: list[int] = []
    while not feed.ended or feed.available:
        heard.extend(feed.read(min(64, feed.available)))
    assert heard == list(range(1601))
    finish(feed)


def test_it_renders_no_further_than_its_capacity() -> None:
    taken = []

    def blocks() -> Iterator[Pcm]:
        for number in range(1000):
            taken.append(number)
            yield np.zeros(100, np.int16)

    feed = Feed(blocks(), capacity=1000, keep=0)
    feed.start()
    while feed.available < 1000:
        pass
    assert len(taken) <= 11
    feed.close()
    finish(feed)
    assert not feed.ended


def test_an_error_while_rendering_is_kept_and_is_no_end() -> None:
    def blocks() -> Iterator[Pcm]:
        yield np.ones(10, np.int16)
        raise VoiceError("The voice is hoarse.")

    feed = Feed(blocks(), capacity=100, keep=0)
    feed.start()
    finish(feed)
    assert isinstance(feed.error, VoiceError)
    assert not feed.ended
    assert feed.available == 10


def test_close_wakes_a_waiting_renderer_and_lets_it_tidy_up() -> None:
    tidied = threading.Event()

    def blocks() -> Iterator[Pcm]:
        try:
            while True:
                yield np.ones(50, np.int16)
        finally:
            tidied.set()

    feed = Feed(blocks(), capacity=100, keep=0)
    feed.start()
    while feed.available < 100:
        pass
    feed.close()
    feed.close()
    finish(feed)
    assert tidied.is_set()
    assert feed.error is None


def test_a_feed_that_never_started_can_be_closed() -> None:
    Feed([], capacity=10, keep=0).close()


@pytest.mark.parametrize("empty", [[], [np.zeros(0, np.int16)]])
def test_nothing_to_render_is_an_end(empty: list[Pcm]) -> None:
    feed = Feed(empty, capacity=10, keep=0)
    feed.start()
    finish(feed)
    assert feed.ended
    assert feed.available == 0
