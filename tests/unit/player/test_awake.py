"""The computer stays awake for as long as it plays, whatever becomes of those who are asked for that."""

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from nightstretch.player import awake
from nightstretch.player.awake import awake_problem, keep_awake

PATIENCE_SECONDS = 10.0

Running = Callable[[], contextlib.AbstractContextManager[SimpleNamespace]]


@pytest.fixture
def set_wakepy(monkeypatch: pytest.MonkeyPatch) -> Callable[[Running], None]:
    """Set what wakepy does."""

    def set_it(running: Running) -> None:
        keep = SimpleNamespace(running=lambda on_fail: running())
        monkeypatch.setitem(sys.modules, "wakepy", SimpleNamespace(keep=keep))

    return set_it


def test_it_is_kept_awake_until_the_block_is_left(set_wakepy: Callable[[Running], None]) -> None:
    entered = threading.Event()
    left = threading.Event()

    @contextlib.contextmanager
    def running() -> Iterator[SimpleNamespace]:
        entered.set()
        yield SimpleNamespace(active=True)
        left.set()

    set_wakepy(running)
    with keep_awake():
        assert entered.wait(PATIENCE_SECONDS)
        assert not left.is_set()
    assert left.wait(PATIENCE_SECONDS)
    assert awake_problem() is None


def test_what_the_block_raises_is_raised(set_wakepy: Callable[[Running], None]) -> None:
    set_wakepy(lambda: contextlib.nullcontext(SimpleNamespace(active=True)))
    with pytest.raises(KeyboardInterrupt), keep_awake():
        raise KeyboardInterrupt


def test_nobody_to_ask_is_told_by_the_doctor_alone(
    set_wakepy: Callable[[Running], None], capfd: pytest.CaptureFixture[str]
) -> None:
    set_wakepy(lambda: contextlib.nullcontext(SimpleNamespace(active=False)))
    with keep_awake():
        pass
    assert capfd.readouterr() == ("", "")
    assert "set it not to sleep" in str(awake_problem())


def test_somebody_who_fails_is_told_by_the_doctor_alone(
    set_wakepy: Callable[[Running], None], capfd: pytest.CaptureFixture[str]
) -> None:
    @contextlib.contextmanager
    def running() -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(active=True)
        raise RuntimeError("the bus is gone")

    set_wakepy(running)
    with keep_awake():
        pass
    assert capfd.readouterr() == ("", "")
    assert "set it not to sleep" in str(awake_problem())


def test_nobody_waits_for_who_hangs(
    set_wakepy: Callable[[Running], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()

    def running() -> contextlib.AbstractContextManager[SimpleNamespace]:
        over.wait(PATIENCE_SECONDS)
        return contextlib.nullcontext(SimpleNamespace(active=True))

    set_wakepy(running)
    monkeypatch.setattr(awake, "ANSWER_SECONDS", 0.01)
    began = time.monotonic()
    with keep_awake():
        entered = time.monotonic()
    left = time.monotonic()
    assert "set it not to sleep" in str(awake_problem())
    over.set()
    assert entered - began < awake.CLOSE_SECONDS
    assert left - entered < 2 * awake.CLOSE_SECONDS
