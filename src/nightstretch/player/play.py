"""One session, from the first sound to the last, with a listener who may ask for anything meanwhile.

The transport is told what to play; what that is, and from where, is decided here, a few times a second.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final, NamedTuple

from nightstretch import interrupts
from nightstretch.errors import OutputError
from nightstretch.player import answers as say
from nightstretch.player.answers import Answers
from nightstretch.player.commands import Command, command_of
from nightstretch.player.feed import Feed
from nightstretch.player.media_keys import MediaKeys, NoMediaKeys
from nightstretch.player.outputs.base import Output
from nightstretch.player.status import Status
from nightstretch.player.tape import Program, Spot, Tape
from nightstretch.player.terminal import Console, NoKeys, NoScreen
from nightstretch.player.transport import FADE_SECONDS, Transport, rewind_samples

BUFFER_SECONDS: Final = 10.0
"""How far the rendering runs ahead of the output."""

TICK_SECONDS: Final = 0.05
"""How often it looks whether something is to be done."""

ANSWER_FADE_SECONDS: Final = 0.15
"""How quickly a cue makes way for an answer, which is to begin within 0.3 s of the key."""

TIMER_FADE_SECONDS: Final = 4.0
"""The fade when the sleep timer ends it: whoever sleeps by then is not to notice."""

AHEAD_SECONDS: Final = 0.25
"""The voice changes its speed no sooner than this: the sound at the new speed must be there by then."""

RESTART_SECONDS: Final = 3.0
"""Later than this in a part, going back means to its own beginning."""

KEY_PAUSE_SECONDS: Final = 0.2
"""Presses for another speed are gathered until there is none for this long."""

STALLED_SECONDS: Final = 5.0
"""A device that asks for nothing this long is gone; most do not say so."""

AGAIN_SECONDS: Final = 2.0
"""How often a device that went away is tried again,"""

PATIENCE_SECONDS: Final = 60.0
"""and for how long."""

SPEED_STEP: Final = 0.1
VOLUME_STEP: Final = 0.1
LEAST_VOLUME: Final = 0.1
MOST_KEYS: Final = 100
"""Keys that are read at a time."""


@dataclass(frozen=True)
class Listener:
    """Who listens, and how.

    ``volume``: 0 to 1. ``sleep_minutes``: when the sleep timer ends it, or None. ``reading_seconds``: how
    long what was printed stays to be read. ``remember``: is told each cue, the speed and the volume.
    ``goodnight``: is told how it went, also where something went wrong.
    """

    volume: float = 1.0
    sleep_minutes: float | None = None
    reading_seconds: float = 0.0
    remember: Callable[[Spot, float, float], object] = lambda _spot, _speed, _volume: None
    goodnight: Callable[[Outcome], object] = lambda _outcome: None


@dataclass(frozen=True)
class Outcome:
    """How it went.

    ``completed``: heard to the end; False where it was ended before. ``seconds``: from where it began to
    where it ended, as the session is counted; ``of_seconds``: how long the session is. ``underruns``: how
    often the renderer was late, and silence was heard instead. ``first_sound``: when the first audible sample
    was handed to the output, by ``time.monotonic()``.
    """

    completed: bool
    seconds: float
    of_seconds: float
    underruns: int
    first_sound: float | None


class _Run(NamedTuple):
    """A tape that is played from a sample on."""

    tape: Tape
    start: int
    feed: Feed

    @property
    def position(self) -> int:
        """What comes next: the silence before the start counts as the start."""
        return max(self.start, self.feed.position)


class Player:
    """Plays a program's tapes for one listener. ``start``: where on ``tape`` to begin."""

    def __init__(
        self,
        program: Program,
        tape: Tape,
        start: int,
        *,
        answers: Answers,
        output: Output,
        listener: Listener,
    ) -> None:
        self._program = program
        self._answers = answers
        self._output = output
        self._listener = listener
        self._rate = program.script.rate
        self._lead = round(output.lead_seconds * self._rate)
        self._transport = Transport(self._rate, lead=self._lead, volume=listener.volume)
        self._began = tape.before + start
        self._feeds: list[Feed] = []
        self._run = self._wind(tape, start)
        self._next: tuple[_Run, int] | None = None  # follows at this sample
        self._transport.play(self._run.feed)
        self._paused_at: int | None = None
        self._speed = tape.speed
        self._speed_steps = 0
        self._speed_ticks = 0
        self._volume = listener.volume
        self._muted = False
        self._helped = False
        self._answer_said = ""
        self._answer_due: str | None = None
        self._before: tuple[Tape, int] | None = None  # the tape that this one followed, at this sample
        self._cue: str | None = None
        self._deadline: float | None = None
        self._timer: int | None = None
        self._ending = False
        self._lost_ticks: int | None = None
        self._pulled = 0
        self._stalled_ticks = 0
        self._wishes: queue.SimpleQueue[Command] = queue.SimpleQueue()
        if listener.sleep_minutes is not None:
            self._deadline = time.monotonic() + listener.sleep_minutes * 60

    @property
    def wish(self) -> Callable[[Command], None]:
        """What media keys call, from any thread."""
        return self._wishes.put

    def play(self, console: Console, media_keys: MediaKeys) -> Outcome:
        """Play and return when all was heard, or when the listener, or the timer, has ended it.

        KeyboardInterrupt ends it with a fade too and goes on to the caller; a second one ends it at once.
        Raises OutputError where nothing can be heard, and whatever the tapes raise, after a fade.
        """
        try:
            self._output.start(self._transport.pull, self._rate)
            try:
                with media_keys, console:
                    self._attend(console, media_keys)
            except KeyboardInterrupt:
                with interrupts.ExpectingAnother():
                    self._end()
                    self._attend(Console(NoKeys(), NoScreen()), NoMediaKeys())
                raise
        finally:
            self._output.close()
            self._answers.close()
            self._program.close()
            for feed in self._feeds:
                feed.close()
            outcome = self._outcome()
            self._listener.goodnight(outcome)
        if self._run.feed.error is not None:
            raise self._run.feed.error
        return outcome

    def _outcome(self) -> Outcome:
        seconds = (self._run.tape.before + self._position - self._began) / self._rate
        left = self._run.tape.left(self._position) / self._rate
        return Outcome(
            completed=not self._transport.stopped,
            seconds=seconds,
            of_seconds=seconds + self._began / self._rate + left,
            underruns=self._transport.underruns,
            first_sound=self._transport.first_sound,
        )

    # Every moment

    def _attend(self, console: Console, media_keys: MediaKeys) -> None:
        """Answer wishes until it is over. Raises what went wrong in the output."""
        reading = round(self._listener.reading_seconds / TICK_SECONDS) if console.covers else 0
        while not self._over:
            interrupts.check()
            keys = list(self._keys(console))
            if reading and keys and keys[0].lower() != "q":
                keys, reading = keys[1:], 1  # that key was to say: I have read it
            reading = max(0, reading - 1)
            self._follow()
            self._listen([*map(command_of, keys), *self._wished()])
            self._tick()
            if not reading:
                status = self._status()
                console.show(status)
                media_keys.show(status)

    @property
    def _over(self) -> bool:
        return self._transport.drained or (self._ending and self._lost_ticks is not None)

    def _keys(self, console: Console) -> Iterator[str]:
        seconds = TICK_SECONDS
        for _ in range(MOST_KEYS):
            key = console.read(seconds)
            if key is None:
                return
            yield key
            seconds = 0

    def _wished(self) -> Iterator[Command]:
        while not self._wishes.empty():
            yield self._wishes.get()

    def _follow(self) -> None:
        """Notice that the transport went on to the next tape."""
        if self._next is not None and self._transport.source is self._next[0].feed:
            self._run.feed.cancel()
            self._before = self._run.tape, self._next[1]
            self._run, self._next = self._next[0], None
            self._program.keep_only(self._run.tape.speed)

    def _tick(self) -> None:
        if self._run.feed.error is not None:
            self._end()
        self._watch_the_device()
        if self._ending:
            return
        self._watch_the_timer()
        if self._speed_steps:
            self._speed_ticks += 1
            if self._speed_ticks * TICK_SECONDS > KEY_PAUSE_SECONDS:
                self._change_speed()
        if self._answer_due is not None and not self._transport.answering:
            self._answer(self._answer_due)
        self._remember()

    def _remember(self) -> None:
        cue = self._run.tape.cue_at(self._position)
        if cue is not None and cue.text != self._cue:
            self._cue = cue.text
            spot = self._run.tape.spot_at(self._position)
            if spot is not None:
                self._listener.remember(spot, self._speed, self._volume)

    def _status(self) -> Status:
        tape, position = self._run.tape, self._position
        number, _ = tape.section_at(position)
        section = self._program.script.sections[number]
        return Status(
            title=self._program.script.title,
            part=section.title,
            exercise=section.number,
            cue=self._cue,
            elapsed_seconds=(tape.before + position) / self._rate,
            left_seconds=max(0, tape.left(position)) / self._rate,
            speed=self._speed,
            volume=self._volume,
            muted=self._muted,
            paused=self._paused_at is not None,
        )

    # What is played

    @property
    def _position(self) -> int:
        """Where on the tape it is; in a pause, where it will go on."""
        return self._run.position if self._paused_at is None else self._paused_at

    def _wind(self, tape: Tape, start: int, silence: int = 0) -> _Run:
        """Have a tape rendered from a sample on."""
        keep = rewind_samples(self._rate)
        feed = Feed(
            tape.blocks(start, silence),
            capacity=round(BUFFER_SECONDS * self._rate) + self._lead + keep,
            keep=keep,
            start=start - silence,
        )
        feed.start()
        self._feeds = [*(old for old in self._feeds if old.alive), feed]
        return _Run(tape, start, feed)

    def _go(
        self, tape: Tape, start: int, answer: str | None = None, fade_seconds: float = FADE_SECONDS
    ) -> None:
        """Fade over to another place, by way of an answer if there is one."""
        if self._next is not None and (tape is not self._run.tape or start > self._next[1]):
            self._next[0].feed.cancel()
            self._next = None
        self._run.feed.cancel()
        self._run = self._wind(tape, start, round(FADE_SECONDS * self._rate))
        self._paused_at = None
        self._transport.play(
            self._run.feed,
            then=self._next and (self._next[0].feed, self._next[1]),
            answer=None if answer is None else self._answers.clip(answer),
            fade_seconds=fade_seconds,
        )

    # Wishes

    def _listen(self, commands: list[Command]) -> None:
        for command, presses in groupby(commands):
            if command is Command.END or not (self._ending or self._lost_ticks is not None):
                self._obey(command, len(list(presses)))

    def _obey(self, command: Command, times: int) -> None:  # noqa: C901, PLR0912 - all of them
        match command:
            case Command.TOGGLE:
                if times % 2:
                    self._resume() if self._paused_at is not None else self._pause()
            case Command.PLAY:
                self._resume()
            case Command.PAUSE:
                self._pause()
            case Command.NEXT | Command.PREVIOUS:
                self._skip(times if command is Command.NEXT else -times)
            case Command.AGAIN:
                self._say_again()
            case Command.LOUDER | Command.SOFTER:
                self._turn_volume(times if command is Command.LOUDER else -times)
            case Command.MUTE:
                self._muted ^= bool(times % 2)
                self._transport.set_volume(0 if self._muted else self._volume)
            case Command.SLOWER | Command.FASTER:
                self._speed_steps += times if command is Command.FASTER else -times
                self._speed_ticks = 0
            case Command.TIME_LEFT:
                self._answer(say.time_left(self._status().left_seconds))
            case Command.SLEEP_TIMER:
                self._turn_timer(times)
            case Command.END:
                self._end()
            case Command.HELP:
                self._answer(say.HELP)
            case Command.UNKNOWN:
                if not self._helped:
                    self._answer(say.HELP)
                self._helped = True

    def _pause(self) -> None:
        if self._paused_at is None:
            self._paused_at = self._run.tape.whole_from(self._run.position)
            self._transport.pause()

    def _resume(self) -> None:
        if self._paused_at is not None:
            self._go(self._run.tape, self._paused_at)

    def _end(self) -> None:
        self._ending = True
        self._transport.stop()

    def _skip(self, parts: int) -> None:
        number, start = self._run.tape.section_at(self._position)
        if parts < 0 and self._position - start > RESTART_SECONDS * self._rate:
            parts += 1
        last = len(self._program.script.sections) - 1
        if parts > 0 and number == last:
            self._answer(say.LAST_PART)
            return
        target = min(max(number + parts, 0), last)
        self._go(self._program.from_section(target, self._speed), 0)

    def _say_again(self) -> None:
        tape = self._run.tape
        cue = tape.cue_at(self._position)
        if cue is not None:
            self._go(tape, cue.start)
        elif self._before is not None:  # it was said before the speed changed, and so it is said again
            before, at = self._before
            cue = before.cue_at(at - 1)
            if cue is not None:
                self._go(before, cue.start)
                self._next = self._wind(tape, 0), at
                self._transport.go_on_with(self._next[0].feed, at)

    def _turn_volume(self, steps: int) -> None:
        self._muted = False
        self._volume = min(max(round(self._volume + steps * VOLUME_STEP, 1), LEAST_VOLUME), 1.0)
        self._transport.set_volume(self._volume)

    def _turn_timer(self, presses: int) -> None:
        turns = [None, *say.TIMER_MINUTES]
        self._timer = turns[(turns.index(self._timer) + presses) % len(turns)]
        self._deadline = None if self._timer is None else time.monotonic() + self._timer * 60
        self._answer(say.NO_TIMER if self._timer is None else say.timer_set(self._timer))

    def _change_speed(self) -> None:
        """Go to the speed that is wished for, or the nearest to it that fits."""
        steps, self._speed_steps = self._speed_steps, 0
        slowest, fastest = self._program.speeds
        wished = round(self._speed + steps * SPEED_STEP, 2)
        speed = min(max(wished, slowest), fastest)
        way = -SPEED_STEP if steps > 0 else SPEED_STEP
        found = None
        while (speed - self._speed) * way < 0 and (found := self._at_speed(speed)) is None:
            speed = round(speed + way, 2)
        if found is None:
            self._answer(say.SLOWEST if steps < 0 else say.FASTEST)
            return
        at, tape = found
        if self._next is not None:
            self._next[0].feed.cancel()
        self._next = self._wind(tape, 0), at
        if self._paused_at is None and not self._transport.go_on_with(self._next[0].feed, at):
            # It took so long that the place was passed: a fade hides that.
            self._run, self._next = self._next[0], None
            self._transport.play(self._run.feed)
        self._speed = speed
        self._answer(say.SLOWER if steps < 0 else say.FASTER)

    def _at_speed(self, speed: float) -> tuple[int, Tape] | None:
        ahead = round(AHEAD_SECONDS * self._rate) if self._paused_at is None else 0
        return self._program.at_speed(self._run.tape, self._position + ahead, speed)

    def _answer(self, text: str) -> None:
        """Say something without talking over a cue: in a long enough pause, or in place of the cue.

        While an answer is spoken only the latest of the others waits for its turn.
        """
        self._answer_due = None
        if self._transport.answering:
            self._answer_due = text if text != self._answer_said else None
            return
        clip = self._answers.clip(text)
        if clip is None:
            return
        self._answer_said = text
        if self._paused_at is not None:
            self._transport.say(clip)
            return
        tape, position = self._run.tape, self._position
        quiet = tape.quiet_for(position)
        if quiet is None or quiet > len(clip) + FADE_SECONDS * self._rate:
            self._transport.say(clip)
        else:
            self._go(tape, tape.whole_from(position), text, ANSWER_FADE_SECONDS)

    # What happens to it

    def _watch_the_timer(self) -> None:
        if self._deadline is not None and time.monotonic() >= self._deadline:
            self._ending = True
            end = None if self._paused_at is not None else self._run.tape.end_of_sound(self._run.position)
            self._transport.stop(fade_seconds=TIMER_FADE_SECONDS, at=end)

    def _watch_the_device(self) -> None:
        """Notice that the device went away, and wait for it. Raises OutputError when it stays away."""
        if self._lost_ticks is not None:
            self._wait_for_the_device(self._lost_ticks)
            return
        error = self._output.error
        if error is not None and not isinstance(error, OutputError):
            raise error
        # Waiting is counted, not measured: a computer that slept for an hour has not lost its device.
        pulled = self._transport.pulled
        self._stalled_ticks = self._stalled_ticks + 1 if pulled == self._pulled else 0
        self._pulled = pulled
        patience = STALLED_SECONDS + self._output.lead_seconds
        if error is not None or self._stalled_ticks * TICK_SECONDS > patience:
            self._lost_ticks = 0
            if self._paused_at is None:
                self._paused_at = self._run.tape.whole_from(self._run.position)
            self._transport.cut()
            self._output.close()
            self._answers.clip(self._back_again())  # so that it is ready by then

    def _wait_for_the_device(self, ticks: int) -> None:
        self._lost_ticks = ticks + 1
        if self._lost_ticks % round(AGAIN_SECONDS / TICK_SECONDS):
            return
        try:
            self._output.start(self._transport.pull, self._rate)
        except OutputError as error:
            if self._lost_ticks * TICK_SECONDS > PATIENCE_SECONDS:
                raise OutputError(
                    f"the sound device has gone away ({error}); when it is back, "
                    "`nightstretch play --resume` takes up where it stopped"
                ) from error
            return
        self._lost_ticks = None
        self._stalled_ticks = 0
        text = self._back_again()
        answer = text if self._answers.clip(text) is not None else say.SOUND_IS_BACK
        self._go(self._run.tape, self._position, answer)

    def _back_again(self) -> str:
        return f"{say.SOUND_IS_BACK} {self._status().part}."
