import threading

import pytest

from nightstretch.player.patience import within


def test_what_a_call_gives_is_given() -> None:
    assert within(10, lambda: "good night") == "good night"


def test_what_a_call_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        within(10, lambda: 1 // 0)


def test_a_call_that_hangs_is_left_behind() -> None:
    over = threading.Event()
    with pytest.raises(TimeoutError):
        within(0.01, over.wait)
    over.set()
