"""What is heard now: a state machine that an output pulls for blocks, and that the keys command.

It knows no device, no thread and no file: whoever pulls it, hears the session. Whatever makes the sound go
away (a pause, the end, a renderer that is late) turns one dial, and so does whatever brings it back.
The dial moves evenly and the volume follows it along a raised cosine, hence there is no jump in the sound
at any command, at any moment.

Nothing is lost in a fade. ``position`` is the place up to which everything was heard at full volume.
After a pause the sound comes back from a little before it, so that it is at full volume when it gets there.
"""

from __future__ import annotations

import math
import threading
import time
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from nightstretch.audio import Pcm

PAUSE_SECONDS: Final = 0.3
"""The fade of a pause, and of coming back from one."""

END_SECONDS: Final = 1.0
"""The fade when somebody ends the session early."""

STARVED_SECONDS: Final = 0.02
"""The fade when the renderer is late. This much sound is always held back for it, so it is short."""

RESTART_SECONDS: Final = 1.0
"""How much must have been rendered before a renderer that was late is trusted again."""

DRAIN_SECONDS: Final = 0.5
"""Silence pulled after the last sound before the device may be closed: more than any device still holds."""


def rewind_samples(rate: int) -> int:
    """How far the transport steps back on its source at most: through one fade out and one fade in."""
    return 2 * round(PAUSE_SECONDS * rate)


class Source(Protocol):
    """The rendered sound, as far as there is any. No call may wait."""

    @property
    def available(self) -> int:
        """Samples that can be read now."""

    @property
    def ended(self) -> bool:
        """Whether nothing more will be rendered."""

    @property
    def position(self) -> int:
        """The next sample that will be read, counted from the start of the session."""

    def read(self, size: int) -> Pcm:
        """Read on: the next ``size`` samples, at most ``available``."""

    def rewind(self, position: int) -> None:
        """Go back, at most ``rewind_samples`` behind what was read; there is silence before position 0."""


class State(Enum):
    """What a listener would say is going on."""

    WAITING = auto()
    PLAYING = auto()
    FADING_OUT = auto()
    PAUSED = auto()
    FADING_IN = auto()
    STOPPING = auto()
    FINISHED = auto()


class Transport:
    """Plays a source when pulled. Commands and pulls may come from different threads.

    ``rate``: samples a second. ``lead``: samples that must be rendered before the sound begins, for outputs
    that pull ahead of the ear. ``clock``: seconds, for ``first_sound``.
    """

    def __init__(
        self, source: Source, rate: int, *, lead: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._source = source
        self._clock = clock
        self._lock = threading.Lock()
        self._pause_samples = round(PAUSE_SECONDS * rate)
        self._end_samples = round(END_SECONDS * rate)
        self._starved_samples = round(STARVED_SECONDS * rate)
        self._restart_samples = max(lead, round(RESTART_SECONDS * rate))
        self._drain_samples = round(DRAIN_SECONDS * rate)
        self._needed = max(lead, self._starved_samples)
        self._wants_pause = False
        self._wants_stop = False
        self._sounding = False
        self._dial = 0.0  # 0 is silence, 1 is the source as it is
        self._falling_over: int | None = None  # samples the way from 1 to 0 takes; None: not falling
        self._pulled = 0
        self._quiet = 0  # samples of silence pulled since the last sound
        self._finished = False
        self._position = 0
        self._underruns = 0
        self._first_sound: float | None = None

    @property
    def state(self) -> State:
        """What is going on at this moment."""
        with self._lock:
            if self._finished:
                return State.FINISHED
            if not self._sounding:
                return State.PAUSED if self._wants_pause else State.WAITING
            if self._falling_over is not None:
                return State.STOPPING if self._wants_stop else State.FADING_OUT
            return State.PLAYING if self._dial == 1 else State.FADING_IN

    @property
    def position(self) -> int:
        """Samples of the session that were heard at full volume, without a hole; it never decreases."""
        return self._position

    @property
    def underruns(self) -> int:
        """How often the renderer was late. Waiting for the first sound is not counted."""
        return self._underruns

    @property
    def first_sound(self) -> float | None:
        """When the first audible sample was handed over, by the clock; None before."""
        return self._first_sound

    @property
    def pulled(self) -> int:
        """Samples handed to the output, silence included: while this grows, there is a device."""
        return self._pulled

    @property
    def stopped(self) -> bool:
        """Whether it was stopped before its end."""
        return self._wants_stop

    @property
    def drained(self) -> bool:
        """Whether it is over and has been silent long enough for the device to have played everything."""
        return self._finished and self._quiet >= self._drain_samples

    def toggle_pause(self) -> None:
        """Fade to silence and stay there, or come back.

        Pressed again while it still fades out, the fade is completed before it comes back: turning round
        halfway would leave words behind that were never loud enough.
        """
        with self._lock:
            self._wants_pause = not self._wants_pause

    def stop(self) -> None:
        """Fade out and finish; at once where there is silence already. There is no way back."""
        with self._lock:
            self._wants_stop |= not self._finished
            self._finished |= not self._sounding

    def pull(self, frames: int) -> Pcm:
        """Give the next ``frames`` samples, shape ``(frames,)``; silence where there is none. Never waits."""
        block: Pcm = np.zeros(frames, np.int16)
        filled = 0
        with self._lock:
            while filled < frames and (self._sounding or self._begin()):
                sound = self._advance(frames - filled)
                block[filled : filled + len(sound)] = sound
                filled += len(sound)
            self._pulled += frames
            self._quiet = frames - filled if filled else self._quiet + frames
        if self._first_sound is None and block.any():
            self._first_sound = self._clock()
        return block

    def _begin(self) -> bool:
        """Leave the silence, for the first time or after a pause, if that is wanted and possible."""
        # The order matters: once it has ended, what is available is all there is.
        if (
            self._finished
            or self._wants_pause
            or not (self._source.ended or self._source.available > self._needed)
        ):
            return False
        self._sounding = True
        if self._position == 0:
            self._dial = 1.0  # nothing was heard yet, so there is nothing to come back to
        else:
            self._source.rewind(self._position - self._pause_samples)
        return True

    def _fall_silent(self) -> None:
        self._sounding = False
        self._dial = 0.0
        self._falling_over = None
        self._finished |= self._wants_stop

    def _advance(self, most: int) -> Pcm:
        """Play up to ``most`` samples, as far as one turn of the dial goes; none where it has to change."""
        if self._falling_over is None and (self._wants_stop or self._wants_pause):
            self._falling_over = self._end_samples if self._wants_stop else self._pause_samples
        ended = self._source.ended
        ready = self._source.available
        if ended and ready == 0:
            # In the middle of a pause the end was not heard as it is: it comes after the pause.
            whole = self._falling_over is None
            self._fall_silent()
            self._finished |= whole
            return self._source.read(0)
        if not ended and self._falling_over != self._starved_samples:
            ready -= self._starved_samples
            if ready <= 0:
                self._underruns += 1
                self._needed = self._restart_samples
                self._falling_over = self._starved_samples
                return self._source.read(0)

        size = min(most, ready)
        if self._falling_over is not None:
            sound = self._turn_dial(0.0, self._falling_over, size)
        elif self._dial < 1:
            sound = self._turn_dial(1.0, self._pause_samples, size)
        else:
            sound = self._source.read(size)
        if self._dial == 1:
            self._position = max(self._position, self._source.position)
        elif self._dial == 0:
            self._fall_silent()
        return sound

    def _turn_dial(self, target: float, over: int, most: int) -> Pcm:
        """Play up to ``most`` samples while the dial moves to ``target``; all of its range takes ``over``."""
        way = target - self._dial
        # A hair less, so that rounding in earlier pulls does not make the way a sample longer.
        steps = max(1, math.ceil(abs(way) * over - 1e-6))
        size = min(most, steps)
        dial = self._dial + way * np.arange(1, size + 1) / steps
        self._dial = target if size == steps else float(dial[-1])
        faded: Pcm = np.rint(self._source.read(size) * (0.5 - 0.5 * np.cos(np.pi * dial))).astype(np.int16)
        return faded
