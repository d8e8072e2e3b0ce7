"""The session as it can be played: from any part on, from any moment of it, and at another speed from there.

A tape is one straight run of it, with sample positions of its own. Nothing on a tape is ever changed:
whatever a listener asks for becomes another tape, or the same one from another place.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from operator import attrgetter
from typing import Final

from nightstretch.audio import Clip, Pcm
from nightstretch.estimates import GuessedLengths, KnownLengths, ScaledLengths
from nightstretch.mixer import mix
from nightstretch.placement import Placement
from nightstretch.player.laying import (
    Laid,
    expected_samples,
    first_that_fits,
    forced,
    lay,
    roll,
    timeline_of,
)
from nightstretch.refit import Rest, rest_of
from nightstretch.renderer import Renderer
from nightstretch.script import Script
from nightstretch.timeline import LEAST_GAP_SECONDS, DoesNotFitError, Event, Lengths, Passage
from nightstretch.voices.base import KeptVoice

_SOUNDING: Final = {"say", "chime"}

Mastered = Callable[[Clip, int], Clip]
"""Gives a clip as it is to be heard at a sample of the session."""


def as_it_is(clip: Clip, _at: int) -> Clip:
    """Leave a clip as loud as it is."""
    return clip


@dataclass(frozen=True)
class Spot:
    """A place that can be found again on another evening.

    ``exercise``: its number, None in the opening and the closing. ``part``: the title of the section.
    ``cue``: how many cues of that section came before. ``text``: the words of the cue that begins here.
    """

    exercise: int | None
    part: str
    cue: int
    text: str


class Tape:
    """A run of the session to its end.

    ``script``: the sections on it. ``first``: the place of the first of them in the whole session.
    ``before``: samples of the session before it, and ``cues_before``: cues of its first section before it.
    ``laid``: how it was placed, as far as it is, in order; what is not in it was placed section by section.
    ``expected``: how long each section will be, in samples, until it is placed.
    """

    def __init__(
        self,
        script: Script,
        renderer: Renderer,
        placement: Placement,
        laid: Sequence[Laid],
        expected: Sequence[int],
        *,
        first: int = 0,
        before: int = 0,
        cues_before: int = 0,
        mastered: Mastered = as_it_is,
    ) -> None:
        self._mastered = mastered
        self.script = script
        self.renderer = renderer
        self.lengths = KnownLengths(renderer.known, GuessedLengths(renderer.speed))
        self.first = first
        self.before = before
        self._placement = placement
        self._laid = laid
        self._expected = expected
        self._cues_before = cues_before
        placement.look_ahead()

    @property
    def speed(self) -> float:
        """How fast the voice speaks on it."""
        return self.renderer.speed

    @property
    def until(self) -> int:
        """The sample up to which it is placed."""
        return self._placement.until

    def blocks(self, start: int = 0, silence: int = 0) -> Iterator[Pcm]:
        """Give its sound in mono blocks from sample ``start`` on, after so many samples of silence.

        Raises FitError, VoiceError or SoundError as soon as something is wrong, however far away it is.
        """

        def clip_of(event: Event) -> Clip:
            return self._mastered(self.renderer.clip(event), self.before + event.start)

        for block in mix(self._placement, clip_of, start, silence):
            self._placement.raise_error()
            yield block

    def swell_at(self, position: int) -> float:
        """Tell how full the lungs are, 0 to 1, where breath is guided; else 0."""
        return self._placement.swell_at(position)

    def section_at(self, position: int) -> tuple[int, int]:
        """Tell which of the session's sections is on at ``position``, and where on this tape it begins."""
        passages = self._placement.passages
        place = bisect_right(passages, position, key=attrgetter("end"))
        place = min(place, len(self.script.sections) - 1)
        return self.first + place, passages[place - 1].end if place else 0

    def left(self, position: int) -> int:
        """Give the samples from ``position`` to the end of the session; a guess until all is placed."""
        passages = tuple(self._placement.passages)
        placed = passages[-1].end if passages else 0
        return placed + sum(self._expected[len(passages) :]) - position

    def end_of_section(self, number: int) -> int:
        """Give the sample where one of the session's sections ends. Waits until it is placed."""
        passages = (item for item in self._placement if isinstance(item, Passage))
        return next(islice(passages, number - self.first, None)).end

    def rest(self, position: int) -> Rest | None:
        """Give what follows from the next cue of the section on; None if it has no cue any more.

        ``position`` is at most ``until``. Of a section of which nothing is placed yet, all of it follows.
        Raises DoesNotFitError where the lengths that are not known yet are guessed too badly.
        """
        number, start = self.section_at(position)
        # What is laid is there before its events are; hence this order.
        begun = next(self._from(start), None) is not None
        laid = next((laid for laid in reversed(self._laid) if laid.start <= position), None)
        if laid is None or laid.start < start:
            laid = Laid(start, self.script.sections[number - self.first], self.lengths)
        if not begun:
            return Rest(start, laid.section, laid.loose or laid.section)
        rest = rest_of(laid.section, laid.lengths, self.script.rate, position - laid.start, laid.loose)
        return rest and replace(rest, at=laid.start + rest.at)

    def cues_before(self, position: int, number: int) -> int:
        """Count the cues of one of the session's sections that began before ``position``."""
        place = number - self.first
        start = self._placement.passages[place - 1].end if place else 0
        events = self._placement.events[self._place_of(start) : self._place_of(position)]
        return sum(event.kind == "say" for event in events) + (0 if place else self._cues_before)

    def cue_at(self, position: int) -> Event | None:
        """Give the cue that was begun last."""
        return next((event for event in self._back_from(position) if event.kind == "say"), None)

    def spot_at(self, position: int) -> Spot | None:
        """Give the place of the cue that was begun last in the section that is on; None before its first."""
        number, start = self.section_at(position)
        cue = self.cue_at(position)
        if cue is None or cue.start < start:
            return None
        section = self.script.sections[number - self.first]
        return Spot(section.number, section.title, self.cues_before(cue.start, number), cue.text or "")

    def whole_from(self, position: int) -> int:
        """Give the latest sample up to ``position`` from which nothing is heard, or breathed, by half.

        That is the start of the cue or chime that is sounding, or of the breath in progress.
        """
        whole = position
        breathing = False
        for event in self._back_from(position):
            if event.kind == "breath" and (event.end > position or breathing):
                whole = event.start
                breathing = event.phase != "in"
            elif event.kind in _SOUNDING and event.end > position:
                whole = event.start
            elif event.kind != "say":
                break  # words may lie within something else; whatever else is over came after all before it
        return whole

    def quiet_for(self, position: int) -> int | None:
        """Give the samples until something sounds: 0 where it does, None where nothing will, so far."""
        if self.end_of_sound(position) > position:
            return 0
        later = (event.start for event in self._from(position) if event.kind in _SOUNDING)
        start = next(later, None)
        return None if start is None else start - position

    def end_of_sound(self, position: int) -> int:
        """Give where the cue or chime that sounds at ``position`` ends; ``position`` where none does."""
        ends = (event.end for event in self._back_from(position) if event.kind in _SOUNDING)
        return max(position, next(ends, position))

    def find(self, spot: Spot) -> int:
        """Give the sample where a cue of the first section begins: the nearest that says the same."""
        end = self.end_of_section(self.first)
        says = [event for event in self._placement.events if event.kind == "say" and event.start < end]
        number = _nearest(says, spot)
        return 0 if number is None else says[number].start

    def _place_of(self, position: int) -> int:
        """Give the number of the first event that begins at ``position`` or later."""
        return bisect_left(self._placement.events, position, key=attrgetter("start"))

    def _from(self, position: int) -> Iterator[Event]:
        """Give the events that begin at ``position`` or later, as far as they are placed."""
        return islice(self._placement.events, self._place_of(position), None)

    def _back_from(self, position: int) -> Iterator[Event]:
        """Give the events that began up to ``position``, the last one first."""
        events = self._placement.events
        return map(events.__getitem__, reversed(range(self._place_of(position + 1))))


def _nearest(says: Sequence[Event], spot: Spot) -> int | None:
    """Find the cue of a spot by its number, and its words before that; None where there are no cues."""
    alike = [number for number, say in enumerate(says) if say.text == spot.text]
    return min(alike or range(len(says)), key=lambda number: abs(number - spot.cue), default=None)


class Program:
    """A session's tapes. Who has it ends it: threads render for it.

    ``renderer``: of the speed to begin with. ``speeds``: the slowest and the fastest that may be asked for.
    """

    def __init__(
        self, script: Script, voice: KeptVoice, renderer: Renderer, mastered: Mastered = as_it_is
    ) -> None:
        self.script = script
        self.mastered = mastered
        self.speeds = voice.speeds
        self._voice = voice
        self._renderers = {renderer.speed: renderer}

    def section_of(self, spot: Spot) -> int | None:
        """Find the section that a place is in, counted from 0; None where it is not in this session."""
        for number, section in enumerate(self.script.sections):
            if section.number == spot.exercise and (section.number is not None or section.title == spot.part):
                return number
        return None

    def from_section(
        self, number: int, speed: float, placement: Placement | None = None, before: int | None = None
    ) -> Tape:
        """Give the tape from a section on, counted from 0.

        ``placement``: of it, if there is one. ``before``: samples of the session before it, if known.
        """
        script = replace(self.script, sections=self.script.sections[number:])
        renderer = self._renderer(speed, script)
        expected = expected_samples(self.script, GuessedLengths(speed))
        laid: list[Laid] = []
        return Tape(
            script,
            renderer,
            placement or Placement(lay(script, renderer, 0, laid)),
            laid,
            expected[number:],
            first=number,
            before=sum(expected[:number]) if before is None else before,
            mastered=self.mastered,
        )

    def from_spot(self, spot: Spot, number: int, speed: float) -> tuple[Tape, int]:
        """Give a tape and the sample of it where a cue of a section, counted from 0, begins.

        It waits for no voice: where the section is still to be spoken, what is left of it is guessed.
        """
        script = replace(self.script, sections=self.script.sections[number:])
        only = replace(script, sections=script.sections[:1])
        renderer = self._renderer(speed, script)
        rest, cue = None, None
        if any(renderer.known(text) is None for text in only.texts()):
            guessed = GuessedLengths(speed)
            section = forced(only.sections[0], guessed, script)
            says = [event for event in timeline_of(script, section, guessed).events if event.kind == "say"]
            cue = _nearest(says, spot)
        if cue is not None:
            # Within a hold it begins a moment before the words: no sooner than the words before are over.
            ahead = says[cue].start - round(LEAST_GAP_SECONDS * script.rate)
            rest = rest_of(section, guessed, script.rate, max(ahead, says[cue - 1].end if cue else 0))
        if rest is None or cue is None:
            tape = self.from_section(number, speed)
            return tape, tape.find(spot)
        script = replace(script, sections=(rest.section, *script.sections[1:]))
        before = sum(expected_samples(self.script, guessed)[:number]) + rest.at
        tape = self._roll(rest, script, speed, guessed, first=number, before=before, cues_before=cue)
        return tape, 0

    def at_speed(self, tape: Tape, position: int, speed: float) -> tuple[int, Tape] | None:
        """Change the speed from the first cue after ``position`` on.

        Gives the sample of ``tape`` at which another one follows on without a seam. None where what is left
        would not fit at that speed, or nothing is left to be said.
        """
        # What is not placed yet may come elsewhere than it seems; it is what comes next in any case.
        position = min(position, tape.until)
        number, _ = tape.section_at(position)
        later = tape.script.sections[number - tape.first + 1 :]
        estimates = ScaledLengths(tape.lengths, tape.speed / speed)
        kept = KnownLengths(cache(lambda text: self._voice.length(text, speed)), estimates)
        try:
            rest = tape.rest(position)
            for forms in ([(rest.section, rest.loose)] if rest else []) + [(section,) for section in later]:
                first_that_fits(forms, kept, self.script)
        except DoesNotFitError:
            return None
        script = replace(tape.script, sections=(*([rest.section] if rest else []), *later))
        if not any(script.texts()):
            return None
        if rest is None:
            at = tape.end_of_section(number)
            return at, self.from_section(number + 1, speed, before=tape.before + at)
        cues_before = tape.cues_before(rest.at, number)
        before = tape.before + rest.at
        return rest.at, self._roll(
            rest, script, speed, estimates, first=number, before=before, cues_before=cues_before
        )

    def _roll(
        self,
        rest: Rest,
        script: Script,
        speed: float,
        estimates: Lengths,
        *,
        first: int,
        before: int,
        cues_before: int,
    ) -> Tape:
        """Give the tape of the rest of a section, the first of ``script``, and of what follows it."""
        renderer = self._renderer(speed, script)
        renderer.want(replace(script, sections=(rest.section, rest.loose)).texts())
        planned = KnownLengths(renderer.known, estimates)
        laid = [Laid(0, rest.section, planned, rest.loose)]
        return Tape(
            script,
            renderer,
            Placement(roll(rest, script, renderer, planned, laid)),
            laid,
            expected_samples(script, planned),
            first=first,
            before=before,
            cues_before=cues_before,
            mastered=self.mastered,
        )

    def keep_only(self, *speeds: float) -> None:
        """Stop rendering at any other speed."""
        for other in [other for other in self._renderers if other not in speeds]:
            self._renderers.pop(other).cancel()

    def close(self) -> None:
        """Stop rendering."""
        for renderer in self._renderers.values():
            renderer.cancel()

    def _renderer(self, speed: float, script: Script) -> Renderer:
        if speed in self._renderers:
            self._renderers[speed].want(script.texts())
        else:
            self._renderers[speed] = Renderer(self._voice, speed, script.texts())
        return self._renderers[speed]
