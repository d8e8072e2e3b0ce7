"""One session, from the first sound to the last, with a listener who may ask for anything meanwhile.

What is played is the deck's business; what is wished for, and what happens to it, is looked at here a few
times a second.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

import numpy as np

from nightstretch import interrupts
from nightstretch.audio import Pcm
from nightstretch.bedding import Bedding
from nightstretch.errors import BedError
from nightstretch.player import answers as say
from nightstretch.player.answers import Answers
from nightstretch.player.bedded import Bedded
from nightstretch.player.commands import Command, command_of
from nightstretch.player.deck import Deck
from nightstretch.player.device import Device
from nightstretch.player.media_keys import MediaKeys, NoMediaKeys
from nightstretch.player.outputs.base import Output
from nightstretch.player.presses import Presses
from nightstretch.player.status import Status
from nightstretch.player.tape import Program, Spot, Tape
from nightstretch.player.terminal import Console, NoKeys, NoScreen
from nightstretch.player.transport import FADE_SECONDS

TICK_SECONDS: Final = 0.05
"""How often it looks whether something is to be done."""

TIMER_FADE_SECONDS: Final = 4.0
"""The fade when the sleep timer ends it: whoever sleeps by then is not to notice."""

RESTART_SECONDS: Final = 3.0
"""Later than this in a part, going back means to its own beginning."""

SPEED_PAUSE_SECONDS: Final = 0.25
"""After a change of the speed, further presses are gathered for this long."""

ANSWER_SECONDS: Final = 1.0
"""An answer that is not ready so long after its key is left out: nobody knows any more what it is for."""

SPEED_STEP: Final = 0.1
VOLUME_STEP: Final = 0.1
LEAST_VOLUME: Final = 0.1
MOST_KEYS: Final = 100
"""Keys that are read at a time."""


@dataclass(frozen=True)
class Listener:
    """Who listens, and how.

    ``volume``: 0 to 1. ``sleep_minutes``: when the sleep timer ends it, or None. ``reading_seconds``: how
    long what was printed stays to be read. ``remember``: is told the place of each cue, the speed and the
    volume, whenever one of them is another. ``goodnight``: is told how it went, also where something went
    wrong.
    """

    volume: float = 1.0
    sleep_minutes: float | None = None
    reading_seconds: float = 0.0
    remember: Callable[[Spot, float, float], object] = lambda _spot, _speed, _volume: None
    goodnight: Callable[[Outcome], object] = lambda _outcome: None


@dataclass(frozen=True)
class Outcome:
    """How it went.

    ``completed``: all that sounds was heard; False where it was ended before. ``seconds``: how much of the
    session was heard; ``of_seconds``: how long the session is. ``underruns``: how often the renderer was
    late, and silence was heard instead. ``first_sound``: when the first audible sample was handed to the
    output, by ``time.monotonic()``. ``bed_error``: why the bed ended before the words, or None.
    """

    completed: bool
    seconds: float
    of_seconds: float
    underruns: int
    first_sound: float | None
    bed_error: BedError | None = None


class Player:
    """Plays a program's tapes for one listener. ``start``: the sample of ``tape`` to begin at.

    ``bedding``: what lays a bed under it, or None.
    """

    def __init__(
        self,
        program: Program,
        tape: Tape,
        start: int,
        *,
        answers: Answers,
        output: Output,
        listener: Listener,
        bedding: Bedding | None = None,
    ) -> None:
        self._script = program.script
        self._rate = program.script.rate
        self._slowest, self._fastest = program.speeds
        self._answers = answers
        self._listener = listener
        lead = round(output.lead_seconds * self._rate)
        self._deck = Deck(program, tape, start, lead=lead, volume=listener.volume)
        self._transport = self._deck.transport
        self._bedding = bedding
        self._sound = self._transport if bedding is None else Bedded(self._transport, bedding)
        self._device = Device(
            output, self._deck, self._sound, tick_seconds=TICK_SECONDS, greeting=self._back_again
        )
        self._volume = listener.volume
        self._muted = False
        self._kept: tuple[Spot, float, float] | None = None
        self._ending = False
        self._heard_all = False  # before it was ended

        self._wishes: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._presses = Presses()
        self._helped = False
        self._answer_said = ""
        self._answer_due: str | Callable[[], str] | None = None
        self._answer_ticks = 0  # for which it was not ready
        self._speed_steps = 0  # wished for, and still to be done
        self._speed_ticks = 0  # before they may be done

        self._set_timer(listener.sleep_minutes)

    @property
    def wish(self) -> Callable[[Command], None]:
        """What media keys call, from any thread."""
        return self._wishes.put

    def play(self, console: Console, media_keys: MediaKeys) -> Outcome:
        """Play and return when all was heard, or when the listener, or the timer, has ended it.

        KeyboardInterrupt ends it with a fade too and goes on to the caller; a second one ends it at once.
        Raises OutputError where nothing can be heard, and whatever the tapes raise, after a fade.
        """
        with ExitStack() as last:  # the last one first, and each of them whatever becomes of the others
            last.callback(self._deck.close)
            last.callback(self._answers.close)
            last.callback(self._device.close)
            last.callback(lambda: self._listener.goodnight(self._outcome()))
            self._device.open()
            try:
                with media_keys, console:
                    self._attend(console, media_keys)
            except KeyboardInterrupt:
                with interrupts.ExpectingAnother():
                    self._end()
                    self._attend(Console(NoKeys(), NoScreen()), NoMediaKeys())
                raise
        if self._deck.error is not None:
            raise self._deck.error
        return self._outcome()

    def _outcome(self) -> Outcome:
        tape, position = self._deck.tape, self._deck.position
        heard_all = self._heard_all if self._ending else self._is_quiet_from(position)
        return Outcome(
            completed=heard_all and self._deck.error is None,
            seconds=self._deck.heard / self._rate,
            of_seconds=(tape.before + position + tape.left(position)) / self._rate,
            underruns=self._transport.underruns,
            first_sound=self._transport.first_sound,
        )

    def _is_quiet_from(self, position: int) -> bool:
        """Tell whether nothing sounds any more, to the end of the session."""
        tape = self._deck.tape
        placed = tape.left(position) <= tape.until - position
        return placed and tape.quiet_for(position) is None

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
            self._deck.follow()
            self._listen([*map(command_of, keys), *self._wished()])
            self._tick()
            # Muted is the session: who asks in the dark is answered.
            silent = self._muted and not self._transport.answering
            self._transport.set_volume(0 if silent else self._volume)
            if not reading:
                status = self._status()
                console.show(status)
                media_keys.show(status)

    @property
    def _over(self) -> bool:
        return self._sound.drained or (self._ending and self._device.lost)

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

    def _tick(self) -> None:
        if self._deck.error is not None:
            self._end()
        self._device.look()
        if self._device.lost:
            self._answer_due = None
        if not self._ending:
            self._watch_the_timer()
        if self._ending or self._device.lost:
            return
        if self._deck.has_time:
            self._answers.prepare()
        self._speed_ticks = max(0, self._speed_ticks - 1)
        if self._speed_steps and not self._speed_ticks and not self._deck.changing:
            self._change_speed()
        self._say_what_is_due()
        if self._bedding is not None:
            self._bedding.swell = self._deck.tape.swell_at(self._deck.position)
        self._remember()

    def _remember(self) -> None:
        spot = self._deck.spot
        if spot is None:
            return
        kept = spot, self._deck.speed, self._volume
        if kept != self._kept:
            self._kept = kept
            self._listener.remember(*kept)

    def _status(self) -> Status:
        tape, position = self._deck.tape, self._deck.position
        number, _ = tape.section_at(position)
        section = self._script.sections[number]
        return Status(
            title=self._script.title,
            part=section.title,
            exercise=section.number,
            cue=self._deck.cue,
            elapsed_seconds=(tape.before + position) / self._rate,
            left_seconds=max(0, tape.left(position)) / self._rate,
            speed=self._deck.speed,
            volume=self._volume,
            muted=self._muted,
            paused=self._deck.paused,
        )

    # Wishes

    def _listen(self, commands: list[Command]) -> None:
        for command, times in self._presses.counted(commands):
            if command is Command.END or not (self._ending or self._device.lost):
                self._obey(command, times)

    def _obey(self, command: Command, times: int) -> None:  # noqa: C901, PLR0912 - all of them
        deck = self._deck
        match command:
            case Command.TOGGLE:
                if times % 2:
                    deck.resume() if deck.paused else deck.pause()
            case Command.PLAY:
                deck.resume()
            case Command.PAUSE:
                deck.pause()
            case Command.NEXT | Command.PREVIOUS:
                self._skip(times if command is Command.NEXT else -times)
            case Command.AGAIN:
                deck.say_again()
            case Command.LOUDER | Command.SOFTER:
                self._turn_volume(times if command is Command.LOUDER else -times)
            case Command.MUTE:
                self._muted ^= bool(times % 2)
            case Command.SLOWER | Command.FASTER:
                self._speed_steps += times if command is Command.FASTER else -times
            case Command.TIME_LEFT:
                self._answer(lambda: say.time_left(self._status().left_seconds))
            case Command.SLEEP_TIMER:
                self._turn_timer(times)
            case Command.END:
                self._end()
            case Command.HELP:
                self._answer(say.HELP)
            case Command.UNKNOWN:
                if not self._helped:
                    self._answer(say.HELP)

    def _end(self) -> None:
        if not self._ending:  # what a fade passes by is not heard
            self._ending, self._heard_all = True, self._is_quiet_from(self._deck.position)
        self._transport.stop()

    def _skip(self, parts: int) -> None:
        number, heard = self._deck.part()
        last = len(self._script.sections) - 1
        if parts > 0 and number == last:
            self._answer(say.LAST_PART)
            return
        if parts < 0 and heard > RESTART_SECONDS * self._rate:
            parts += 1
        target = min(max(number + parts, 0), last)
        if target != number or heard or self._deck.paused:  # else it is about to begin there
            self._deck.go_to_part(target)

    def _turn_volume(self, steps: int) -> None:
        volume = min(max(round(self._volume + steps * VOLUME_STEP, 1), LEAST_VOLUME), 1.0)
        if volume == self._volume and not self._muted:
            self._answer(say.SOFTEST if steps < 0 else say.LOUDEST)
        self._muted = False
        self._volume = volume

    def _turn_timer(self, presses: int) -> None:
        """Set it to the next of its times: the next longer one, where it was set otherwise before."""
        turns = [None, *say.TIMER_MINUTES]
        now = sum(minutes <= (self._minutes or 0) for minutes in say.TIMER_MINUTES)
        minutes = turns[(now + presses) % len(turns)]
        self._set_timer(minutes)
        self._answer(say.NO_TIMER if minutes is None else say.timer_set(minutes))

    def _set_timer(self, minutes: float | None) -> None:
        self._minutes = minutes
        self._deadline = None if minutes is None else time.monotonic() + minutes * 60

    def _change_speed(self) -> None:
        """Go to the speed that is wished for, or the nearest to it that fits."""
        steps, self._speed_steps = self._speed_steps, 0
        self._speed_ticks = round(SPEED_PAUSE_SECONDS / TICK_SECONDS)
        slower = steps < 0
        now = self._deck.speed
        wished = round(now + steps * SPEED_STEP, 2)
        speed = min(max(wished, self._slowest), self._fastest)
        back = SPEED_STEP if slower else -SPEED_STEP
        answer = say.SLOWER if slower else say.FASTER
        clip = self._answers.clip(answer)
        answer_samples = 0 if clip is None else len(clip)
        while (now - speed) * back > 0 and not self._deck.change_speed(speed, answer_samples):
            speed = round(speed + back, 2)
        if (now - speed) * back <= 0:
            answer = say.SLOWEST if slower else say.FASTEST
        elif speed != wished:
            answer = say.NEARLY_SLOWER if slower else say.NEARLY_FASTER
        elif clip is None or not (self._deck.can_answer and self._deck.has_quiet(len(clip))):
            return  # no cue makes way for this: the next one tells it by itself
        self._answer(answer)

    def _answer(self, answer: str | Callable[[], str]) -> None:
        """Say something, and the same no second time while a key is held down.

        While another answer is spoken, only the latest of those to come waits for its turn. One that is not
        ready is waited for too, ``ANSWER_SECONDS``. ``answer``: if it is to be called, then when it is said.
        """
        self._answer_due = answer
        self._answer_ticks = 0
        self._say_what_is_due()

    def _say_what_is_due(self) -> None:
        if self._answer_due is None:
            return
        text = self._answer_due if isinstance(self._answer_due, str) else self._answer_due()
        clip = self._answers.clip(text)
        if text == self._answer_said and (self._presses.held or self._transport.answering):
            self._answer_due = None
        elif self._deck.can_answer and clip is not None:
            self._answer_due = None
            self._answer_said = text
            self._helped |= text == say.HELP
            # Muted, it waits for the volume to come back.
            lead = np.zeros(round(FADE_SECONDS * self._rate) if self._muted else 0, np.int16)
            self._deck.answer(np.concatenate([lead, clip]))
        elif self._deck.can_answer:
            self._answer_ticks += 1
            if self._answer_ticks * TICK_SECONDS > ANSWER_SECONDS:
                self._answer_due = None

    # What happens to it

    def _watch_the_timer(self) -> None:
        if self._deadline is not None and time.monotonic() >= self._deadline:
            deck = self._deck
            end = None if deck.paused else deck.tape.end_of_sound(deck.position)
            self._ending = True
            self._heard_all = self._is_quiet_from(deck.position if end is None else end)
            self._transport.stop(fade_seconds=TIMER_FADE_SECONDS, at=end)

    def _back_again(self) -> Pcm | None:
        """Give what is said when the sound is back, and begin to speak it where it is not ready."""
        clip = self._answers.clip(f"{say.SOUND_IS_BACK} {self._status().part}.")
        return self._answers.clip(say.SOUND_IS_BACK) if clip is None else clip
