"""What is heard now: a state machine that an output pulls for blocks, and that is told what to play.

It knows no device, no thread and no file: whoever pulls it, hears the session. Whatever makes the sound go
away (a pause, a skip, the end, a renderer that is late) turns one dial, and so does whatever brings it back.
The dial moves evenly and the sound follows it along a raised cosine, hence there is no jump in the sound
at any command, at any moment. Volume is a second dial, of the same make.

What faded away is not lost: to go on, the transport is given a source that begins a little before.
"""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from nightstretch.audio import Pcm

FADE_SECONDS: Final = 0.3
"""The fade of a pause, of a skip, of the volume, and of coming back."""

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
    return 2 * round(FADE_SECONDS * rate)


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
        """The next sample that will be read."""

    def read(self, size: int) -> Pcm:
        """Read on: the next ``size`` samples, at most ``available``."""

    def rewind(self, position: int) -> None:
        """Go back, at most ``rewind_samples`` behind what was read; there is silence before the start."""


class Transport:
    """Plays sources when pulled. Commands and pulls may come from different threads.

    ``rate``: samples a second. ``lead``: samples that must be rendered before the sound begins, for outputs
    that pull ahead of the ear. ``volume``: 0 to 1. ``clock``: seconds, for ``first_sound``.
    """

    def __init__(
        self,
        rate: int,
        *,
        lead: int = 0,
        volume: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._fade_samples = round(FADE_SECONDS * rate)
        self._starved_samples = round(STARVED_SECONDS * rate)
        self._restart_samples = max(lead, round(RESTART_SECONDS * rate))
        self._drain_samples = round(DRAIN_SECONDS * rate)
        self._rate = rate
        self._needed = max(lead, self._starved_samples)
        self._source: Source | None = None
        self._following: tuple[Source, int] | None = None  # goes on without a seam, at this sample
        self._waiting: Source | None = None  # comes once it is silent,
        self._after_waiting: tuple[Source, int] | None = None  # and this follows it
        self._full = 0  # up to this sample the source was heard in full
        self._sounding = False
        self._seamless = True  # the source begins in silence that was there before it
        self._dial = 0.0  # 0 is silence, 1 is the source as it is
        self._falling_over: int | None = None  # samples the way from 1 to 0 takes; None: not falling
        self._paused = False
        self._stop_over = round(END_SECONDS * rate)
        self._stop_at: int | None = None
        self._wants_stop = False
        self._finished = False
        self._answer: Pcm | None = None  # what is still to come of it; no source begins before its end
        self._next_answer: Pcm | None = None  # comes once it is silent
        self._gain = self._volume = volume
        self._starved = False  # it is silent because the renderer is late
        self._late = 0  # samples by which it was late, and that were not caught up yet
        self._pulled = 0
        self._quiet = 0  # samples of silence pulled since the last sound
        self._underruns = 0
        self._first_sound: float | None = None

    @property
    def source(self) -> Source | None:
        """What is playing, or was when it fell silent."""
        return self._source

    @property
    def answering(self) -> bool:
        """Whether an answer is being spoken or will be."""
        return self._answer is not None or self._next_answer is not None

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

    def play(
        self,
        source: Source,
        *,
        then: tuple[Source, int] | None = None,
        answer: Pcm | None = None,
        fade_seconds: float = FADE_SECONDS,
    ) -> None:
        """Fade out what is heard, then play ``source`` from where it stands; in between comes ``answer``.

        ``then``: see ``go_on_with``.
        """
        with self._lock:
            self._paused = False
            self._following = None
            self._waiting, self._after_waiting = source, then
            if answer is not None and self._answer is None:
                self._next_answer = answer
            if not self._sounding:
                self._fall_silent()
            elif self._falling_over is None:
                self._falling_over = round(fade_seconds * self._rate)

    def go_on_with(self, source: Source, at: int) -> bool:
        """Play ``source`` in place of the present one from its sample ``at`` on: there it must be silent.

        Returns False, and does nothing, where that sample has been passed.
        """
        with self._lock:
            if self._waiting is not None:
                self._after_waiting = source, at
            elif self._source is None or self._source.position > at:
                return False
            else:
                self._following = source, at
            return True

    def pause(self) -> None:
        """Fade to silence and stay there until something is to be played."""
        with self._lock:
            self._hold()
            if self._sounding and self._falling_over is None:
                self._falling_over = self._fade_samples

    def cut(self) -> None:
        """Be silent at once and stay so: where there is no device any more, nobody hears a click."""
        with self._lock:
            self._hold()
            self._answer = None
            self._fall_silent()

    def _hold(self) -> None:
        self._paused = True
        self._waiting = self._after_waiting = self._following = self._next_answer = None

    def stop(self, *, fade_seconds: float = END_SECONDS, at: int | None = None) -> None:
        """Fade out and finish, at once or from sample ``at`` of the source on. There is no way back."""
        with self._lock:
            self._stop_over = round(fade_seconds * self._rate)
            if at is not None and self._sounding and self._source is not None:
                self._stop_at = max(at, self._source.position)
            else:
                self._stop()

    def say(self, answer: Pcm) -> None:
        """Speak over whatever is heard, which had better be silence. Not while another is spoken."""
        with self._lock:
            self._answer = answer

    def set_volume(self, volume: float) -> None:
        """Let the volume go to ``volume``, 0 to 1."""
        with self._lock:
            self._volume = volume

    def pull(self, frames: int) -> Pcm:
        """Give the next ``frames`` samples, shape ``(frames,)``; silence where there is none. Never waits."""
        block: Pcm = np.zeros(frames, np.int16)
        filled = 0
        with self._lock:
            while filled < frames and (self._sounding or self._begin()):
                sound = self._advance(frames - filled)
                block[filled : filled + len(sound)] = sound
                filled += len(sound)
            if self._starved:
                self._late += frames - filled
            spoken = self._speak(block)
            block = self._turned_down(block)
            self._pulled += frames
            sounding = max(filled, spoken)
            self._quiet = frames - sounding if sounding else self._quiet + frames
        if self._first_sound is None and block.any():
            self._first_sound = self._clock()
        return block

    def _stop(self) -> None:
        self._wants_stop |= not self._finished
        self._finished |= not self._sounding
        self._falling_over = self._stop_over

    def _begin(self) -> bool:
        """Leave the silence if that is wanted and possible."""
        source = self._source
        if source is None or self._finished or self._paused or self._answer is not None:
            return False
        if not self._is_ready(source):
            return False
        self._sounding = True
        self._starved = False
        if self._seamless:
            self._dial = 1.0
        else:
            # Where it was late, it goes back to where it was in full, and by a fade before that.
            behind = source.position - (self._full - self._fade_samples)
            source.rewind(source.position - behind)
            self._late += behind
        self._seamless = False
        return True

    def _is_ready(self, source: Source) -> bool:
        # The order matters: once it has ended, what is available is all there is.
        return source.ended or source.available > self._needed

    def _fall_silent(self) -> None:
        """Take what was waiting for the silence."""
        self._sounding = False
        self._dial = 0.0
        self._falling_over = None
        self._finished |= self._wants_stop
        if self._waiting is not None:
            self._take(self._waiting, seamless=self._source is None)
            self._following = self._after_waiting
            self._waiting = self._after_waiting = None
            self._starved = False
            self._late = 0
        if self._next_answer is not None:
            self._answer, self._next_answer = self._next_answer, None

    def _take(self, source: Source, *, seamless: bool) -> None:
        self._source = source
        self._seamless = seamless
        # Until it was heard in full, being late means to begin it again.
        self._full = source.position + (0 if seamless else self._fade_samples)

    def _advance(self, most: int) -> Pcm:
        """Play up to ``most`` samples, as far as one turn of the dial goes; none where it has to change."""
        source = self._source
        if source is None or self._passes_a_mark(source):
            return np.zeros(0, np.int16)
        ended = source.ended
        ready = source.available
        if ended and ready == 0:
            # Amid a pause the end was not heard as it is: it comes after the pause.
            whole = self._falling_over is None or self._wants_stop
            self._fall_silent()
            self._finished |= whole
            return source.read(0)
        if not ended and self._falling_over != self._starved_samples:
            ready -= self._starved_samples
            if ready <= 0:
                self._fall_behind()
                self._falling_over = self._starved_samples
                return source.read(0)

        size = min(most, ready, *(mark - source.position for mark in self._marks()))
        if self._falling_over is not None:
            sound = self._turn_dial(source, 0.0, self._falling_over, size)
        elif self._dial < 1:
            sound = self._turn_dial(source, 1.0, self._fade_samples, size)
        else:
            sound = self._caught_up(source.read(size))
        if self._dial == 1:
            self._full = max(self._full, source.position)
        elif self._dial == 0:
            self._fall_silent()
        return sound

    def _marks(self) -> list[int]:
        """Give the samples at which something is due."""
        marks = [] if self._stop_at is None else [self._stop_at]
        return marks if self._following is None else [*marks, self._following[1]]

    def _passes_a_mark(self, source: Source) -> bool:
        """Do what is due at this sample; tell whether another source follows from here on."""
        if self._stop_at is not None and source.position >= self._stop_at:
            self._stop_at = None
            self._stop()
        if self._following is None or source.position < self._following[1]:
            return False
        following, _ = self._following
        self._following = None
        self._take(following, seamless=True)
        self._sounding = False
        if not self._is_ready(following):
            self._fall_behind()
        return True

    def _fall_behind(self) -> None:
        self._underruns += 1
        self._starved = True
        self._needed = self._restart_samples

    def _caught_up(self, sound: Pcm) -> Pcm:
        """Leave out silence for as long as it is late: the time is right again, and no word is lost."""
        if not self._late or sound.any():
            return sound
        left_out = min(self._late, len(sound))
        self._late -= left_out
        return sound[left_out:]

    def _turn_dial(self, source: Source, target: float, over: int, most: int) -> Pcm:
        """Play up to ``most`` samples while the dial moves to ``target``; all of its range takes ``over``."""
        way = target - self._dial
        # A hair less, so that rounding in earlier pulls does not make the way a sample longer.
        steps = max(1, math.ceil(abs(way) * over - 1e-6))
        size = min(most, steps)
        dial = self._dial + way * np.arange(1, size + 1) / steps
        self._dial = target if size == steps else float(dial[-1])
        return _scaled(source.read(size), _cosine(dial))

    def _speak(self, block: Pcm) -> int:
        """Add what there is of an answer; give how many samples that were."""
        if self._answer is None:
            return 0
        spoken, rest = self._answer[: len(block)], self._answer[len(block) :]
        total = block[: len(spoken)].astype(np.int32) + spoken
        block[: len(spoken)] = np.clip(total, -32768, 32767)
        self._answer = rest if len(rest) else None
        return len(spoken)

    def _turned_down(self, block: Pcm) -> Pcm:
        """Give the block at the present volume, on its way to the one that is wanted."""
        if self._gain == self._volume:
            return block if self._gain == 1 else _scaled(block, np.float64(self._gain))
        way = self._volume - self._gain
        steps = np.minimum(np.arange(1, len(block) + 1) / self._fade_samples, abs(way))
        gain = self._gain + math.copysign(1, way) * steps
        self._gain = self._volume if steps[-1] == abs(way) else float(gain[-1])
        return _scaled(block, gain)


def _cosine(dial: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    curve: npt.NDArray[np.float64] = 0.5 - 0.5 * np.cos(np.pi * dial)
    return curve


def _scaled(sound: Pcm, factor: npt.NDArray[np.float64] | np.float64) -> Pcm:
    scaled: Pcm = np.rint(sound * factor).astype(np.int16)
    return scaled
