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


def hoarse(_: int) -> Pcm:
    raise VoiceError("the voice is hoarse")


def is_alive(feed: Feed) -> bool:
    """Whether it is by now: mypy takes a property that was once looked at for unchanging."""
    return feed.alive


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
        yield hoarse(2)

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
    feed = Feed([np.ones(10, np.int16)], capacity=10, keep=0)
    feed.close()
    assert feed.available == 0


def test_nothing_is_rendered_before_the_start_and_it_is_alive_from_there_to_the_end() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def blocks() -> Iterator[Pcm]:
        begun.set()
        go_on.wait(PATIENCE_SECONDS)
        yield np.ones(10, np.int16)

    feed = Feed(blocks(), capacity=100, keep=0)
    assert not is_alive(feed)
    assert not begun.is_set()
    feed.start()
    assert begun.wait(PATIENCE_SECONDS)
    assert is_alive(feed)
    go_on.set()
    finish(feed)
    assert not is_alive(feed)


def test_it_begins_at_any_sample_with_silence_before_it_and_can_step_back() -> None:
    feed = Feed([np.arange(1, 101, dtype=np.int16)], capacity=200, keep=10, start=-30)
    feed.start()
    finish(feed)
    assert feed.position == -30
    assert list(feed.read(5)) == [1, 2, 3, 4, 5]
    assert feed.position == -25
    feed.rewind(-33)
    assert feed.available == 103
    assert list(feed.read(5)) == [0, 0, 0, 1, 2]


def test_cancel_does_not_wait_and_what_comes_after_it_is_dropped() -> None:
    begun, go_on = threading.Event(), threading.Event()
    taken = []

    def blocks() -> Iterator[Pcm]:
        begun.set()
        go_on.wait(PATIENCE_SECONDS)
        for number in range(10):
            taken.append(number)
            yield np.ones(10, np.int16)

    feed = Feed(blocks(), capacity=100, keep=0)
    feed.start()
    assert begun.wait(PATIENCE_SECONDS)
    feed.cancel()
    assert is_alive(feed)
    go_on.set()
    finish(feed)
    assert taken == [0]
    assert feed.available == 0
    assert not feed.ended
    assert feed.error is None


def test_what_was_rendered_can_be_heard_after_cancel() -> None:
    feed = Feed((np.ones(50, np.int16) for _ in range(9)), capacity=100, keep=0)
    feed.start()
    while feed.available < 100:
        pass
    feed.cancel()
    finish(feed)
    assert list(feed.read(100)) == [1] * 100
    assert not feed.ended


def test_an_error_while_tidying_up_after_cancel_is_nobodys_business() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def blocks() -> Iterator[Pcm]:
        begun.set()
        go_on.wait(PATIENCE_SECONDS)
        yield hoarse(1)

    feed = Feed(blocks(), capacity=100, keep=0)
    feed.start()
    assert begun.wait(PATIENCE_SECONDS)
    feed.cancel()
    go_on.set()
    finish(feed)
    assert feed.error is None


def test_close_does_not_wait_for_ever_for_a_voice_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nightstretch.player.feed.CLOSE_SECONDS", 0.01)
    begun, go_on = threading.Event(), threading.Event()

    def blocks() -> Iterator[Pcm]:
        begun.set()
        go_on.wait(PATIENCE_SECONDS)
        yield np.ones(10, np.int16)

    feed = Feed(blocks(), capacity=100, keep=0)
    feed.start()
    assert begun.wait(PATIENCE_SECONDS)
    feed.close()
    assert is_alive(feed)
    go_on.set()
    finish(feed)


@pytest.mark.parametrize("empty", [[], [np.zeros(0, np.int16)]])
def test_nothing_to_render_is_an_end(empty: list[Pcm]) -> None:
    feed = Feed(empty, capacity=10, keep=0)
    feed.start()
    finish(feed)
    assert feed.ended
    assert feed.available == 0
