"""The device, which may go away amid the session: that is noticed, and it is tried again.

The sound system may hang meanwhile, so it is asked from other threads: keys are to be answered all the same.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final, Protocol

from nightstretch.audio import Pcm
from nightstretch.errors import OutputError
from nightstretch.player.deck import Deck
from nightstretch.player.gaps import Gaps
from nightstretch.player.outputs.base import Output
from nightstretch.player.patience import begun

STALLED_SECONDS: Final = 5.0
"""A device that asks for nothing this long is gone; most do not say so."""

AGAIN_SECONDS: Final = 2.0
"""How often a device that went away is tried again,"""

PATIENCE_SECONDS: Final = 60.0
"""and for how long."""


class Sound(Protocol):
    """What an output pulls: ``rate`` frames a second, of so many ``channels``."""

    rate: int
    channels: int

    def pull(self, frames: int) -> Pcm:
        """Give the next frames; see ``outputs.base.Pull``."""


class Device:
    """Plays a deck through an output. ``sound``: what is heard of it.

    ``tick_seconds``: how often ``look`` is called. ``greeting``: gives what is said when it is back; it is
    asked for when it goes away as well, to be ready by then. ``clock``: seconds; it finds gaps in the sound.
    """

    def __init__(
        self,
        output: Output,
        deck: Deck,
        sound: Sound,
        *,
        tick_seconds: float,
        greeting: Callable[[], Pcm | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._gaps = Gaps(deck.transport.rate)
        self._output = output
        self._deck = deck
        self._sound = sound
        self._tick_seconds = tick_seconds
        self._greeting = greeting
        self._pulled = 0
        # Waiting is counted, not measured: a computer that slept for an hour has not lost its device.
        self._stalled_ticks = 0
        self._lost_ticks: int | None = None
        self._paused_before = False
        self._call: Future[bool] | None = None  # gives whether it is back
        self._reason = OutputError("the sound system does not answer")
        self._closed = threading.Event()

    @property
    def lost(self) -> bool:
        """Whether it went away, and is not back."""
        return self._lost_ticks is not None

    def open(self) -> None:
        """Begin to play. Raises OutputError where there is no device or no library for it."""
        self._output.start(self._sound.pull, self._sound.rate, self._sound.channels)

    def look(self) -> None:
        """Notice that it went away or came back, and pause or go on.

        Raises OutputError when it stays away, and whatever else ended the playback.
        """
        if self._lost_ticks is None:
            self._watch()
        else:
            self._wait(self._lost_ticks + 1)

    def close(self) -> None:
        """Stop the sound. What is opened later is closed again."""
        self._closed.set()
        self._output.close()

    def _watch(self) -> None:
        error = self._output.error
        if error is not None and not isinstance(error, OutputError):
            raise error
        pulled = self._deck.transport.pulled
        self._stalled_ticks = self._stalled_ticks + 1 if pulled == self._pulled else 0
        self._pulled = pulled
        if not self._output.lead_seconds and (lost := self._gaps.since(self._clock(), pulled)):
            self._deck.transport.make_up(lost)
        patience = STALLED_SECONDS + self._output.lead_seconds
        if error is not None or self._stalled_ticks * self._tick_seconds > patience:
            self._lost_ticks = self._stalled_ticks = 0
            self._paused_before = self._deck.paused
            self._call = begun(self._let_go)
            self._deck.cut()
            self._greeting()

    def _wait(self, ticks: int) -> None:
        self._lost_ticks = ticks
        if self._call is not None and self._call.done():
            call, self._call = self._call, None
            try:
                back = call.result()
            except OutputError as error:
                back, self._reason = False, error
            if back:
                self._go_on()
                return
        if ticks * self._tick_seconds > PATIENCE_SECONDS:
            raise OutputError(
                f"the sound device has gone away ({self._reason}); when it is back, "
                "`nightstretch play --resume` takes up where it stopped"
            ) from self._reason
        if self._call is None and ticks % round(AGAIN_SECONDS / self._tick_seconds) == 0:
            self._call = begun(self._try)

    def _go_on(self) -> None:
        self._lost_ticks = None
        self._gaps.forget()
        clip = self._greeting()
        if not self._paused_before:
            self._deck.resume(clip)
        elif clip is not None:
            self._deck.answer(clip)

    def _let_go(self) -> bool:
        self._output.close()
        return False

    def _try(self) -> bool:
        self.open()
        if self._closed.is_set():
            self._output.close()
        return True
