"""The computer stays awake while it plays, as far as that can be had; the screen may go dark.

wakepy asks whoever is in charge: Windows, `caffeinate` on macOS, the desktop on Linux. All of them let the
computer sleep again when this process is gone, however it went. It happens in a thread of its own, since a
desktop may take its time, and the sound does not wait for it.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Final

from nightstretch.player.patience import within

CLOSE_SECONDS: Final = 0.5
"""How long the end waits for whoever was asked: if they hang, the end of the process tells them."""

ANSWER_SECONDS: Final = 5.0
"""How long `awake_problem` waits; wakepy asks one after the other, for two seconds each."""


@contextlib.contextmanager
def keep_awake() -> Iterator[None]:
    """Keep the computer awake until the block is left. Raises nothing, prints nothing, waits for nothing."""
    over = threading.Event()

    def hold() -> None:
        with contextlib.suppress(Exception):  # what is wrong is told by `awake_problem`, to those who ask
            _stay_awake(over)

    thread = threading.Thread(target=hold, name="awake", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(CLOSE_SECONDS)


def awake_problem() -> str | None:
    """Try it; say why the computer cannot be kept awake and what to do about it, or None if it can."""
    over = threading.Event()
    over.set()
    try:
        kept = within(ANSWER_SECONDS, lambda: _stay_awake(over))
    except Exception:  # noqa: BLE001 - whatever it is, the remedy is the same
        kept = False
    return None if kept else "nobody here can keep it awake; set it not to sleep for as long as you stretch"


def _stay_awake(over: threading.Event) -> bool:
    """Stay awake until it is ``over``; tell whether anybody could see to that.

    Raises whatever wakepy does where ending it fails.
    """
    from wakepy import keep  # noqa: PLC0415 - of no use before something plays

    with keep.running(on_fail="pass") as mode:
        kept = mode.active
        if kept:
            over.wait()
    return kept
