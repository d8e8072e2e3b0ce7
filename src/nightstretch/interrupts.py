"""How a signal ends the program: at once, gently, and in one way for Ctrl-C, SIGTERM and SIGHUP.

A signal raises KeyboardInterrupt in the main thread, so that what tidies up after an error does so after a
signal too. Five things are added to that:

- Further signals do not break the tidying off.
- An import is not broken off, but answered right after. Else it would sometimes keep a lock of Python's for
  ever, for which other threads then wait in vain; and C modules would make an ImportError of the interrupt.
- Nor is the taking or giving back of a lock of ``threading``, which is Python code: an interrupt in it can
  leave it locked, and the end would wait for ever for the threads that want it.
- An interrupt that foreign code swallowed all the same is not forgotten: `check` raises it again.
- A signal that is ignored when the program starts, as under ``nohup``, stays ignored.

Nothing here happens to a program that uses nightstretch as a library: `install` is for the command line. It
comes before every other import, so this module imports little.
"""

from __future__ import annotations

import _thread
import os
import signal
import sys
import time
from types import FrameType

INTERRUPTED = 130
"""The exit code after a signal, whichever it was."""

PATIENCE_SECONDS = 5.0
"""Tidying up that takes longer hangs: a signal after that ends the process as it is. An import, by itself."""

LAST_SECONDS = 20.0
"""And after so long it ends without another signal: nobody may be there to send one."""

AGAIN_SECONDS = 0.01
"""How long after an import, at most, a signal that came in it is answered."""

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class _State:
    seen = False  # a signal came, and has not been answered
    since = 0.0  # when it came, by `time.monotonic`
    deferred = False  # it came amid an import, and is still to be raised
    expecting = False  # tidying up, the next signal counts all the same
    finished = False  # nothing is left to tidy up
    watched = False  # a thread ends the process if nothing else does


_state = _State()


def install() -> None:
    """Answer signals from now on. To be called from the main thread."""
    for name in _SIGNALS:
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        # None: somebody set it from C, and knows why.
        if number is not None and signal.getsignal(number) not in {signal.SIG_IGN, None}:
            signal.signal(number, _answer)
    sys.unraisablehook = _say_unless_interrupted


def interrupted() -> bool:
    """Tell, in any thread, whether the program was asked to end."""
    return _state.seen


def check() -> None:
    """Raise KeyboardInterrupt if the program was asked to end, even if that was swallowed since."""
    if _state.seen:
        _raise()


class ExpectingAnother:
    """A block that tidies up at leisure after a first signal, and in which the next one counts, too."""

    def __enter__(self) -> None:
        self._before = _state.seen
        _state.seen = False
        _state.expecting = True

    def __exit__(self, *_: object) -> None:
        _state.expecting = False
        _state.seen = _state.seen or self._before


def finish() -> None:
    """Say that all is done and tidy: a signal from now on ends the process there and then."""
    _state.finished = True


def _answer(number: int, frame: FrameType | None) -> None:
    if _state.finished:
        os._exit(INTERRUPTED)
    now = time.monotonic()
    if _locking(frame) or _importing(frame):
        if not _state.deferred:
            _state.deferred = _state.seen = True
            _state.since = now
            _thread.start_new_thread(_ask_again, (number, _thread.get_ident()))
        elif now - _state.since > PATIENCE_SECONDS:
            os._exit(INTERRUPTED)
        return
    _state.deferred = False
    if _state.expecting or not _tidying_up():
        if not _state.watched:
            _state.watched = True
            _thread.start_new_thread(_end_at_last, (_state,))
        _state.seen = True
        _state.since = now
        _raise()
    if now - _state.since > PATIENCE_SECONDS:
        os._exit(INTERRUPTED)


def _raise() -> None:
    _state.deferred = False
    _state.expecting = False
    raise KeyboardInterrupt


def _end_at_last(state: _State) -> None:
    """End the process as it is once tidying up has taken far too long; in a thread of its own."""
    time.sleep(LAST_SECONDS)
    if state is _state and not state.finished:
        os._exit(INTERRUPTED)


def _ask_again(number: int, main_thread: int) -> None:
    """Give the main thread the signal again, until it was answered; in a thread of its own."""
    while True:
        time.sleep(AGAIN_SECONDS)
        if not _state.deferred:
            return
        send(number, main_thread)


def send(number: int, main_thread: int) -> None:
    """Give the main thread of this process a signal."""
    if sys.platform == "win32":
        _thread.interrupt_main(signal.Signals(number))
    else:
        signal.pthread_kill(main_thread, number)  # which also wakes it, where it waits


def _locking(frame: FrameType | None) -> bool:
    if frame is None or not frame.f_code.co_filename.endswith("threading.py"):
        return False
    return frame.f_code.co_name in {"__enter__", "__exit__"}


def _importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back
    return False


def _say_unless_interrupted(unraisable: sys.UnraisableHookArgs) -> None:
    """Keep quiet of an interrupt that came amid a callback, from which nothing can be raised: see `check`."""
    if not (_state.seen and isinstance(unraisable.exc_value, KeyboardInterrupt)):
        sys.__unraisablehook__(unraisable)


def _tidying_up() -> bool:
    """Tell whether what was interrupted is itself an answer to an interrupt, on its way up to the root."""
    error = sys.exception()
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__context__
    return False
