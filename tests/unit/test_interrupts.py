import contextlib
import importlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightstretch import interrupts

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot raise every signal")
SIGNALS = [signal.SIGINT, signal.SIGTERM] + ([signal.SIGHUP] if sys.platform != "win32" else [])


@pytest.fixture(autouse=True)
def _answered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Answer signals during the test, and have them forgotten afterwards."""
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr(interrupts, "_state", type("State", (interrupts._State,), {})())
    interrupts.install()
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def exits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Where the process would have ended there and then."""
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    return codes


@pytest.mark.parametrize("number", SIGNALS)
def test_each_signal_interrupts(number: signal.Signals) -> None:
    assert not interrupts.interrupted()
    interrupts.check()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)
    assert interrupts.interrupted()


def test_an_interrupt_that_is_swallowed_is_raised_again() -> None:
    with contextlib.suppress(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        interrupts.check()
    with pytest.raises(KeyboardInterrupt):  # whoever is still there can ask again
        signal.raise_signal(signal.SIGINT)


def test_an_import_is_not_broken_off_but_answered_right_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "loaded_in_a_while.py").write_text(
        "import signal, time\nsignal.raise_signal(signal.SIGTERM)\ntime.sleep(0.05)\ndone = True\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    def load_and_go_on() -> None:
        importlib.import_module("loaded_in_a_while")
        time.sleep(5)

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        load_and_go_on()
    assert time.monotonic() - began < 2
    assert sys.modules.pop("loaded_in_a_while").done
    time.sleep(3 * interrupts.AGAIN_SECONDS)  # it is answered once


def test_a_lock_that_is_being_taken_is_taken_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_threading.py").write_text(
        "import signal, threading\n"
        "class Slow(threading.Condition):\n"
        "    def __enter__(self):\n"
        "        taken = super().__enter__()\n"
        "        signal.raise_signal(signal.SIGTERM)\n"
        "        return taken\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    lock = importlib.import_module("my_threading").Slow()

    def take_it_and_go_on() -> None:
        with lock:
            time.sleep(5)

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        take_it_and_go_on()
    assert time.monotonic() - began < 2
    assert lock.acquire(blocking=False)


def test_an_import_that_was_answered_by_a_check_is_not_answered_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "loaded_at_once.py").write_text("import signal\nsignal.raise_signal(signal.SIGTERM)\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("loaded_at_once")
    with pytest.raises(KeyboardInterrupt):
        interrupts.check()
    with interrupts.ExpectingAnother():
        time.sleep(3 * interrupts.AGAIN_SECONDS)


def test_an_import_that_hangs_can_be_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exits: list[int]
) -> None:
    monkeypatch.setattr(interrupts, "PATIENCE_SECONDS", 0.05)
    (tmp_path / "hanging.py").write_text(
        "import os, signal, time\nsignal.raise_signal(signal.SIGTERM)\n"
        "while not os._exit.__self__: time.sleep(0.01)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("hanging")
    assert set(exits) == {130}
    with contextlib.suppress(KeyboardInterrupt):
        time.sleep(1)


def test_an_interrupt_from_which_nothing_can_be_raised_is_quiet_and_not_forgotten(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Interrupted:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    class Broken:
        def __del__(self) -> None:
            raise ValueError("a mistake of ours")

    Interrupted()
    assert capsys.readouterr().err == ""
    assert interrupts.interrupted()
    Broken()
    assert "a mistake of ours" in capsys.readouterr().err


def test_further_signals_do_not_break_the_tidying_off() -> None:
    tidied = []

    @contextlib.contextmanager
    def tidying() -> Iterator[None]:
        try:
            yield
        finally:
            signal.raise_signal(signal.SIGTERM)
            tidied.append("inner")

    def interrupted() -> None:
        try:
            with tidying():
                signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            try:
                raise ValueError("on the way up") from None
            finally:
                signal.raise_signal(signal.SIGINT)
                tidied.append("outer")

    with pytest.raises(ValueError, match="on the way up"):
        interrupted()
    assert tidied == ["inner", "outer"]


def test_where_another_is_expected_it_counts_once() -> None:
    def interrupted_twice() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            with interrupts.ExpectingAnother():
                assert not interrupts.interrupted()
                interrupts.check()
                try:
                    signal.raise_signal(signal.SIGINT)
                finally:
                    signal.raise_signal(signal.SIGINT)
                    tidied.append(True)

    tidied: list[bool] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted_twice()
    assert tidied
    assert interrupts.interrupted()


def test_where_another_does_not_come_the_first_is_remembered() -> None:
    with contextlib.suppress(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    with interrupts.ExpectingAnother():
        pass
    assert interrupts.interrupted()


def test_tidying_up_that_hangs_can_be_ended(monkeypatch: pytest.MonkeyPatch, exits: list[int]) -> None:
    now = [100.0]
    monkeypatch.setattr("nightstretch.interrupts.time.monotonic", lambda: now[0])
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        now[0] += interrupts.PATIENCE_SECONDS - 1
        signal.raise_signal(signal.SIGINT)
        assert exits == []
        now[0] += 2
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert exits == [130]


def test_when_all_is_done_a_signal_ends_it_there_and_then(exits: list[int]) -> None:
    interrupts.finish()
    with contextlib.suppress(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)
    assert exits == [130]


def test_what_is_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    interrupts.install()
    signal.raise_signal(signal.SIGTERM)
    assert not interrupts.interrupted()


def test_whoever_hangs_while_tidying_up_is_ended(monkeypatch: pytest.MonkeyPatch, exits: list[int]) -> None:
    monkeypatch.setattr(interrupts, "LAST_SECONDS", 0.01)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)
    deadline = time.monotonic() + 10
    while not exits and time.monotonic() < deadline:
        time.sleep(0.01)
    assert exits == [interrupts.INTERRUPTED]


def test_who_is_tidy_in_time_is_left_alone(monkeypatch: pytest.MonkeyPatch, exits: list[int]) -> None:
    monkeypatch.setattr(interrupts, "LAST_SECONDS", 0.0)
    monkeypatch.setattr(interrupts._state, "finished", True)
    interrupts._end_at_last(interrupts._state)
    assert not exits
