"""How a signal ends the program: at once, gently, and in one way for Ctrl-C, SIGTERM and SIGHUP.

A signal raises KeyboardInterrupt in the main thread, so that what tidies up after an error does so after a
signal too. Three things are added to that. Further signals do not break the tidying off. An interrupt that
foreign code swallowed (C modules turn it into an ImportError while they load) is not forgotten: `check`
raises it again. And a signal that is ignored when the program starts, as under ``nohup``, stays ignored.

Nothing here happens to a program that uses nightstretch as a library: `install` is for the command line. It
comes before every other import, so this module imports little.
"""

from __future__ import annotations

import os
import signal
import sys
import time

INTERRUPTED = 130
"""The exit code after a signal, whichever it was."""

PATIENCE_SECONDS = 5.0
"""Tidying up that takes longer hangs: a signal after that ends the process as it is."""

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class _State:
    seen = False  # a signal came, and has not been answered
    since = 0.0  # when tidying up began, by `time.monotonic`
    expecting = False  # tidying up, the next signal counts all the same
    finished = False  # nothing is left to tidy up


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
        raise KeyboardInterrupt


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


def _answer(_number: int, _frame: object) -> None:
    if _state.finished:
        os._exit(INTERRUPTED)
    if not _tidying_up() or _state.expecting:
        _state.seen = True
        _state.since = time.monotonic()
        _state.expecting = False
        raise KeyboardInterrupt
    if time.monotonic() - _state.since > PATIENCE_SECONDS:
        os._exit(INTERRUPTED)


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
