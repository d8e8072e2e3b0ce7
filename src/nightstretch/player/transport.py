"""What is heard now: a state machine that an output pulls for blocks, and that is told what to play.

It knows no device, no thread and no file: whoever pulls it, hears the session. Whatever makes the sound go
away (a pause, a skip, the end, a renderer that is late) turns one dial, and so does whatever brings it back.
The dial moves evenly and the sound follows it along a raised cosine, hence there is no jump in the sound
at any command, at any moment. Volume is a second dial, which the sound follows as it is.

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

HUSH_SECONDS: Final = 0.3
"""What stays of every silence while time is made up: words are not to run into each other."""

DRAIN_SECONDS: Final = 0.5
"""Silence pulled after the last sound before the device may be closed: more than any device still holds."""


def rewind_samples(rate: int) -> int:
    """How far the transport steps back on its source at most: the fade when it is late, and a fade in."""
    return round(STARVED_SECONDS * rate) + round(FADE_SECONDS * rate)


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

    channels = 1

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
        self._hush_samples = round(HUSH_SECONDS * rate)
        self._drain_samples = round(DRAIN_SECONDS * rate)
        self.rate = rate
        self._needed = max(lead, self._starved_samples)
        self._source: Source | None = None
        self._waiting: Source | None = None  # comes once it is silent
        # Goes on at this sample of what waits or, if nothing does, of what plays.
        self._following: tuple[Source, int] | None = None
        self._full = 0  # up to this sample the source was heard in full
        self._sounding = False
        self._dial = 0.0  # 0 is silence, 1 is the source as it is
        self._falling_over: int | None = None  # samples the way from 1 to 0 takes; None: not falling
        self._paused = False
        self._stop_over = 0
        self._stop_at: int | None = None
        self._wants_stop = False
        self._finished = False
        self._answer: Pcm | None = None  # what is still to come of it; no source begins before its end
        self._next_answer: Pcm | None = None  # comes once it is silent
        self._gain = self._volume = volume
        self._starved = False  # it is silent, or will be, only because the renderer is late
        self._late = 0  # samples by which it was late, and that were not caught up yet
        self._hush = 0  # samples of silence up to here, while it catches up
        self._pulled = 0
        self._quiet = 0  # samples of silence pulled since the last sound
        self._underruns = 0
        self._first_sound: float | None = None

    @property
    def source(self) -> Source | None:
        """What is playing, or was when it fell silent."""
        return self._source

    @property
    def awake(self) -> bool:
        """Whether it plays, or waits for what is to be played: neither paused nor at its end."""
        return not (self._paused or self._finished or self._wants_stop)

    @property
    def gain(self) -> float:
        """The volume as it is now, on its way to the one that is wanted."""
        return self._gain

    @property
    def answering(self) -> bool:
        """Whether an answer is being spoken or will be."""
        with self._lock:
            return self._answer is not None or self._next_answer is not None

    @property
    def underruns(self) -> int:
        """How often there was a gap. Waiting for the first sound after ``play`` is not counted."""
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

        ``then``: see ``go_on_with``. ``answer``: see ``say``.
        """
        with self._lock:
            self._paused = False
            self._waiting, self._following = source, then
            if answer is not None:
                self._next_answer = answer
            if not self._sounding:
                self._fall_silent()
            elif self._falling_over is None:
                self._falling_over = round(fade_seconds * self.rate)

    def go_on_with(self, source: Source, at: int, present: Source | None = None) -> bool:
        """Play ``source`` in place of the present one from its sample ``at`` on: there it must be silent.

        The present one is the one that was asked for last, even if it waits for the other to fade. Returns
        False, and does nothing, where that sample has been passed, or ``present`` is given and another is.
        """
        with self._lock:
            now = self._source if self._waiting is None else self._waiting
            if now is None or now.position > at or (present is not None and now is not present):
                return False
            self._following = source, at
            return True

    def pause(self) -> None:
        """Fade to silence and stay there until something is to be played. An answer is spoken to its end."""
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

    def stop(self, *, fade_seconds: float = END_SECONDS, at: int | None = None) -> None:
        """Fade out and finish, at once or from sample ``at`` of the source on. There is no way back.

        What is silent, or fading already, does not wait for that sample.
        """
        with self._lock:
            self._wants_stop |= not self._finished
            self._stop_over = round(fade_seconds * self.rate)
            if at is not None and self._sounding and self._falling_over is None:
                self._stop_at = at
            else:
                self._stop()

    def say(self, answer: Pcm) -> None:
        """Speak over whatever is heard, which had better be silence. Not while ``answering``."""
        with self._lock:
            self._answer = answer

    def make_up(self, samples: int) -> None:
        """Count a gap of the device, and leave as much out of the silence to come.

        While it is paused, nobody missed anything.
        """
        with self._lock:
            if self._sounding:
                self._underruns += 1
                self._late += samples

    def set_volume(self, volume: float) -> None:
        """Let the volume go to ``volume``, 0 to 1."""
        with self._lock:
            self._volume = volume

    def pull(self, frames: int) -> Pcm:
        """Give the next ``frames`` samples, shape ``(frames,)``; silence where there is none. Never waits."""
        block: Pcm = np.zeros(frames, np.int16)
        filled = 0
        with self._lock:
            while filled < frames:
                sounding = self._sounding or self._begin()
                sound = (self._advance if sounding else self._silence)(frames - filled)
                heard = sounding or self._answer is not None
                self._quiet = 0 if heard else self._quiet + len(sound)
                block[filled : filled + len(sound)] = self._spoken_over(sound)
                filled += len(sound)
            block = self._turned_down(block)
            self._pulled += frames
        if self._first_sound is None and block.any():
            self._first_sound = self._clock()
        return block

    def _hold(self) -> None:
        self._paused = True
        self._starved = False
        self._waiting = self._following = self._next_answer = None

    def _stop(self) -> None:
        """Begin the last fade, in which an answer takes part."""
        self._stop_at = self._next_answer = None
        self._starved = False
        self._finished |= not self._sounding
        self._falling_over = self._stop_over
        if self._answer is not None:
            dial = 1 - np.arange(1, self._stop_over + 1) / self._stop_over
            answer = self._answer[: self._stop_over]
            self._answer = _scaled(answer, _cosine(dial[: len(answer)]))

    def _begin(self) -> bool:
        """Leave the silence if that is wanted and possible; an answer comes first."""
        if self._answer is None:
            self._answer, self._next_answer = self._next_answer, None
        source = self._source
        if source is None or self._finished or self._paused or self._answer is not None:
            return False
        if not self._is_ready(source):
            return False
        self._sounding = True
        self._starved = False
        self._hush = 0
        if self._dial == 0:
            # Where it was late, it goes back to where it was in full, and by a fade before that.
            start = self._full - self._fade_samples
            self._late += source.position - start
            source.rewind(start)
        return True

    def _silence(self, most: int) -> Pcm:
        """Wait for up to ``most`` samples, or to the end of an answer."""
        size = most if self._answer is None else min(most, len(self._answer))
        if self._starved:
            self._late += size
        return np.zeros(size, np.int16)

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
            first = self._source is None  # it begins in the silence that was there before it
            self._source, self._waiting = self._waiting, None
            self._dial = 1.0 if first else 0.0
            # Until it was heard in full, being late means to begin it again.
            self._full = self._source.position + (0 if first else self._fade_samples)
            self._starved = False
            self._late = 0

    def _advance(self, most: int) -> Pcm:
        """Play up to ``most`` samples, as far as one turn of the dial goes; none where it has to change."""
        source = self._source
        if source is None or self._passes_a_mark(source):
            return np.zeros(0, np.int16)
        ended = source.ended
        ready = source.available
        if ended and ready == 0:
            # Amid a fade the end was not heard as it is: it is still to come.
            whole = self._falling_over is None
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
            # Making up time must not make it late again.
            sound = self._caught_up(source.read(size), size if ended else ready - self._restart_samples)
        if self._dial == 1:
            self._full = max(self._full, source.position)
        elif self._dial == 0:
            self._fall_silent()
        return sound

    def _marks(self) -> list[int]:
        """Give the samples at which something is due."""
        marks = [] if self._stop_at is None else [self._stop_at]
        if self._following is not None and self._waiting is None:
            marks.append(self._following[1])
        return marks

    def _passes_a_mark(self, source: Source) -> bool:
        """Do what is due at this sample; tell whether another source follows from here on."""
        if self._stop_at is not None and source.position >= self._stop_at:
            self._stop()
        if self._following is None or self._waiting is not None or source.position < self._following[1]:
            return False
        self._source, self._following = self._following[0], None
        self._full = self._source.position
        if self._stop_at is not None:  # that was a place on the source before
            self._stop()
        if self._starved:  # it was late by less than was left of it
            self._starved = False
            self._falling_over = None
        if self._falling_over is None:
            self._dial = 1.0
        if not self._is_ready(self._source):
            self._fall_behind()
            self._fall_silent()
        return True

    def _fall_behind(self) -> None:
        if self._falling_over is None:  # else it is on its way to silence anyhow
            self._underruns += 1
            self._starved = True
            self._needed = self._restart_samples

    def _caught_up(self, sound: Pcm, most: int) -> Pcm:
        """Leave out up to ``most`` samples of silence while it is late: so the time is right again."""
        if not self._late:
            return sound
        places = np.arange(len(sound))
        hush = places - np.maximum.accumulate(np.where(sound, places, -1 - self._hush))
        self._hush = int(hush[-1])
        left_out = np.flatnonzero(hush > self._hush_samples)[: max(0, min(self._late, most))]
        self._late -= len(left_out)
        return np.delete(sound, left_out)

    def _turn_dial(self, source: Source, target: float, over: int, most: int) -> Pcm:
        """Play up to ``most`` samples while the dial moves to ``target``; all of its range takes ``over``."""
        way = target - self._dial
        # A hair less, so that rounding in earlier pulls does not make the way a sample longer.
        steps = max(1, math.ceil(abs(way) * over - 1e-6))
        size = min(most, steps)
        dial = self._dial + way * np.arange(1, size + 1) / steps
        self._dial = target if size == steps else float(dial[-1])
        return _scaled(source.read(size), _cosine(dial))

    def _spoken_over(self, sound: Pcm) -> Pcm:
        """Add what comes next of an answer."""
        if self._answer is None:
            return sound
        spoken, rest = self._answer[: len(sound)], self._answer[len(sound) :]
        self._answer = rest if len(rest) else None
        total = sound.astype(np.int32)
        total[: len(spoken)] += spoken
        return np.clip(total, -32768, 32767).astype(np.int16)

    def _turned_down(self, block: Pcm) -> Pcm:
        """Give the block at the present volume, on its way to the one that is wanted."""
        if self._gain == self._volume == 1:
            return block
        reach = np.arange(len(block) + 1) / self._fade_samples
        gain = np.clip(self._volume, self._gain - reach, self._gain + reach)
        self._gain = float(gain[-1])
        return _scaled(block, gain[1:])


def _cosine(dial: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    curve: npt.NDArray[np.float64] = 0.5 - 0.5 * np.cos(np.pi * dial)
    return curve


def _scaled(sound: Pcm, factor: npt.NDArray[np.float64]) -> Pcm:
    scaled: Pcm = np.rint(sound * factor).astype(np.int16)
    return scaled
