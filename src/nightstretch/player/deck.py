"""Which tape is on, from where, and what follows on it: the transport itself knows only sources."""

from __future__ import annotations

from contextlib import suppress
from typing import Final, NamedTuple

from nightstretch.audio import Clip, Pcm
from nightstretch.errors import NightstretchError
from nightstretch.player.feed import Feed
from nightstretch.player.tape import Program, Spot, Tape
from nightstretch.player.transport import FADE_SECONDS, Transport, rewind_samples
from nightstretch.timeline import Event

BUFFER_SECONDS: Final = 10.0
"""How far the rendering runs ahead of the output."""

ANSWER_FADE_SECONDS: Final = 0.15
"""How quickly a cue makes way for an answer, which is to begin within 0.3 s of the key."""

AHEAD_SECONDS: Final = 0.25
"""The voice changes its speed no sooner than this: the sound at the new speed must be there by then."""


class _Run(NamedTuple):
    """A tape that is played from a sample on."""

    tape: Tape
    start: int
    feed: Feed

    @property
    def position(self) -> int:
        """What comes next: the silence before the start counts as the start."""
        return max(self.start, self.feed.position)


class Deck:
    """Plays a program's tapes, from sample ``start`` of ``tape`` on. ``lead`` and ``volume``: see Transport.

    For one thread; what it drives is pulled by another. So where it depends on which tape is on, that is
    asked after the transport was told to go on to no other.
    """

    def __init__(self, program: Program, tape: Tape, start: int, *, lead: int, volume: float) -> None:
        self._program = program
        self._rate = program.script.rate
        self._lead = lead
        self._feeds: list[Feed] = []
        self._run = self._wind(tape, start)
        self._next: tuple[_Run, int] | None = None  # follows at this sample
        self._paused_at: int | None = None
        self._faded = 0  # when so much has been pulled, what a pause fades out is silent
        self._heard = 0  # samples, but for the present run
        self._said: tuple[Tape, Event] | None = None
        self._part: int | None = None
        self._part_began = 0  # as a sample of the session
        self.transport = Transport(self._rate, lead=lead, volume=volume)
        self.transport.play(self._run.feed)

    @property
    def tape(self) -> Tape:
        """What is on."""
        return self._run.tape

    @property
    def position(self) -> int:
        """Where on the tape it is; in a pause, where it will go on."""
        return self._run.position if self._paused_at is None else self._paused_at

    @property
    def paused(self) -> bool:
        """Whether it waits for ``resume``."""
        return self._paused_at is not None

    @property
    def speed(self) -> float:
        """How fast the voice will speak its next cue."""
        return self._run.tape.speed if self._next is None else self._next[0].tape.speed

    @property
    def heard(self) -> int:
        """Samples of the session that were played, those that were repeated among them."""
        return self._heard + self._run.position - self._run.start

    @property
    def error(self) -> BaseException | None:
        """What ended the rendering of what is on."""
        return self._run.feed.error

    @property
    def has_time(self) -> bool:
        """Whether the rendering is so far ahead that something else may be rendered as well."""
        feed = self._run.feed
        return feed.ended or feed.available > BUFFER_SECONDS / 2 * self._rate

    @property
    def can_answer(self) -> bool:
        """Whether something can be said now without talking over another answer, or what a pause fades."""
        return not self.transport.answering and (not self.paused or self.transport.pulled >= self._faded)

    @property
    def changing(self) -> bool:
        """Whether the next tape begins at any moment."""
        return self._next is not None and self._next[1] - self.position < 2 * AHEAD_SECONDS * self._rate

    @property
    def cue(self) -> str | None:
        """The words of the cue that was begun last, None before the first."""
        return None if self._said is None else self._said[1].text

    @property
    def spot(self) -> Spot | None:
        """The place of that cue in the section that is on; None before its first."""
        return self.tape.spot_at(self.position)

    def follow(self) -> None:
        """Notice what has begun since: the next tape, a cue. To be called again and again."""
        if self._next is not None and self.transport.source is self._next[0].feed:
            self._leave_run()
            self._run, self._next = self._next[0], None
            self._program.keep_only(self.tape.speed)
        cue = self.tape.cue_at(self.position)
        if cue is not None:
            self._said = self.tape, cue

    def part(self) -> tuple[int, int]:
        """Tell which of the session's sections is on, and how many samples of it are over."""
        number, start = self.tape.section_at(self.position)
        if number != self._part:
            self._part, self._part_began = number, self.tape.before + start
        return number, self.tape.before + self.position - self._part_began

    def go_to_part(self, number: int) -> None:
        """Fade over to the beginning of a section, counted from 0."""
        tape = self._program.from_section(number, self.speed)
        self._go(tape, 0)
        self._part = None
        self._program.keep_only(tape.speed)

    def pause(self) -> None:
        """Fade out, and go on later with the cue, or the breath, that is not over."""
        if not self.paused:
            self.transport.pause()
            self._faded = self.transport.pulled + round(FADE_SECONDS * self._rate)
            self._hold()

    def cut(self) -> None:
        """Be silent at once, as if paused: there is no device any more."""
        self.transport.cut()
        self._faded = 0
        if not self.paused:
            self._hold()

    def resume(self, answer: Pcm | None = None) -> None:
        """Go on after a pause, once an answer is over if there is one."""
        if self._paused_at is not None:
            self._go(self.tape, self._paused_at, answer)

    def answer(self, answer: Pcm) -> None:
        """Say something without talking over a cue: in a long enough silence, or in place of the cue."""
        if self.has_quiet(len(answer)):
            self.transport.say(self._mastered(answer))
        else:
            self._go(self.tape, self.tape.whole_from(self.position), answer, ANSWER_FADE_SECONDS)

    def has_quiet(self, answer_samples: int) -> bool:
        """Whether there is silence enough for an answer: no cue need make way for it."""
        faded_over = self.transport.source is self._run.feed
        return self.paused or (faded_over and self._quiet() > self._around(answer_samples))

    def say_again(self) -> None:
        """Go back to the last cue; where it is on no tape that is on, only its words are said again."""
        cue = self.tape.cue_at(self.position)
        if cue is not None:
            self._go(self.tape, cue.start)
        elif self._said is not None:
            tape, cue = self._said
            with suppress(NightstretchError):
                clip = tape.renderer.clip(cue).samples
                self._go(self.tape, self.tape.whole_from(self.position), clip)

    def change_speed(self, speed: float, answer_samples: int) -> bool:
        """Let the next cue have another speed; False, and no change, where what is left would not fit.

        ``answer_samples``: where there is time for it, the change leaves so much silence for an answer.
        """
        run = self._run
        found = self._program.at_speed(run.tape, self.position + self._ahead(answer_samples), speed)
        self.follow()
        if self._run is not run:  # the next tape began meanwhile
            return self.change_speed(speed, answer_samples)
        if found is None:
            return False
        at, tape = found
        before, self._next = self._next, (self._wind(tape, 0), at)
        if not self.paused and not self.transport.go_on_with(self._next[0].feed, at, run.feed):
            self._go(tape, 0)  # it took so long that the place was passed: a fade hides that
        if before is not None:
            before[0].feed.cancel()
        self._program.keep_only(self.tape.speed, self.speed)
        return True

    def close(self) -> None:
        """Stop rendering."""
        for feed in self._feeds:
            feed.cancel()  # first: what a cancelled renderer does to them is no error
        self._program.close()
        for feed in self._feeds:
            feed.close()

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
        self, tape: Tape, start: int, answer: Pcm | None = None, fade_seconds: float = FADE_SECONDS
    ) -> None:
        """Fade over to another place, by way of an answer if there is one."""
        following = None
        if self._next is not None:
            later, at = self._next
            later.feed.cancel()
            if tape is self.tape and start <= at:
                # From another feed: the transport may have begun with that one a moment ago.
                following = self._wind(later.tape, 0), at
        self._leave_run()
        self._run = self._wind(tape, start, round(FADE_SECONDS * self._rate))
        self._next = following
        self._paused_at = None
        self.transport.play(
            self._run.feed,
            then=following and (following[0].feed, following[1]),
            answer=None if answer is None else self._mastered(answer),
            fade_seconds=fade_seconds,
        )

    def _mastered(self, answer: Pcm) -> Pcm:
        """Give an answer as loud as the cues around it."""
        at = self.tape.before + self.position
        return self._program.mastered(Clip(answer, self._rate), at).samples

    def _leave_run(self) -> None:
        self._heard = self.heard
        self._run.feed.cancel()

    def _hold(self) -> None:
        self.follow()
        self._paused_at = self.tape.whole_from(self._run.position)

    def _ahead(self, answer_samples: int) -> int:
        """Give the samples before the speed may change."""
        if self.paused:
            return 0
        around = self._around(answer_samples) + 1
        return max(round(AHEAD_SECONDS * self._rate), around if self._quiet() > around else 0)

    def _around(self, answer_samples: int) -> int:
        """Give the samples of silence that an answer needs."""
        return answer_samples + round(FADE_SECONDS * self._rate)

    def _quiet(self) -> int:
        """Give the samples for which nothing will sound, as far as that is known."""
        position = self.position
        quiet = self.tape.quiet_for(position)
        if self._next is None:
            return quiet or 0
        later, at = self._next
        if quiet is not None and position + quiet < at:
            return quiet
        return at - position + (later.tape.quiet_for(0) or 0)
