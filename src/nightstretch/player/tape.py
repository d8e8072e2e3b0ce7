"""The session as it can be played: from any part on, from any moment of it, and at another speed from there.

A tape is one straight run of it, with sample positions of its own. Nothing on a tape is ever changed:
whatever a listener asks for becomes another tape, or the same one from another place.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from nightstretch.audio import Pcm
from nightstretch.estimates import GuessedLengths
from nightstretch.mixer import mix
from nightstretch.placement import Placement
from nightstretch.refit import Rest, rest_of
from nightstretch.renderer import Renderer
from nightstretch.script import Script, Section
from nightstretch.timeline import DoesNotFitError, Event, Lengths, Passage, collect, fit, reach
from nightstretch.voices.base import KeptVoice

_SOUNDING: Final = {"say", "chime"}

_LONGEST_SECONDS: Final = 120
"""No cue, chime or breath is longer."""


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


@dataclass(frozen=True)
class Laid:
    """How a stretch of a tape was placed: a section, with these lengths, from sample ``start`` on.

    ``loose``: see ``refit.Rest``.
    """

    start: int
    section: Section
    lengths: Lengths
    loose: Section | None = None


class Tape:
    """A run of the session to its end.

    ``script``: the sections on it. ``first``: the place of the first of them in the whole session.
    ``before``: samples of the session before it, and ``cues_before``: cues of its first section before it.
    ``laid``: how it was placed, as far as it is; where that is empty, section by section.
    ``expected``: how long each section will be, until it is placed.
    """

    def __init__(
        self,
        script: Script,
        renderer: Renderer,
        placement: Placement,
        laid: Sequence[Laid],
        *,
        first: int = 0,
        before: int = 0,
        cues_before: int = 0,
        expected: Sequence[int] = (),
    ) -> None:
        self.script = script
        self.renderer = renderer
        self.first = first
        self.before = before
        self._placement = placement
        self._laid = laid
        self._cues_before = cues_before
        self._expected = expected
        # Of an opening that is still being spoken, only the lengths up to now are known, and needed.
        self._known = _Planned(renderer, renderer.speed, renderer)
        placement.look_ahead()

    @property
    def speed(self) -> float:
        """How fast the voice speaks on it."""
        return self.renderer.speed

    def blocks(self, start: int = 0, silence: int = 0) -> Iterator[Pcm]:
        """Give its sound in mono blocks from sample ``start`` on, after so many samples of silence.

        Raises FitError, VoiceError or SoundError as soon as something is wrong, however far away it is.
        """
        for block in mix(self._placement, self.renderer.clip, start, silence):
            self._placement.raise_error()
            yield block

    def section_at(self, position: int) -> tuple[int, int]:
        """Tell which of the session's sections is on at ``position``, and where on this tape it begins."""
        ends = [passage.end for passage in self._placement.passages]
        number = min(bisect_right(ends, position), len(self.script.sections) - 1)
        return self.first + number, ends[number - 1] if number else 0

    def length_of_section(self, number: int) -> int:
        """Give the samples of one of the session's sections, from here on; a guess until it is placed."""
        place = number - self.first
        if place < len(self._placement.passages):
            passage = self._placement.passages[place]
            return passage.end - passage.start
        return self._expected[place]

    def left(self, position: int) -> int:
        """Give the samples from ``position`` to the end of the session; a guess until all is placed."""
        return sum(map(self.length_of_section, self._numbers())) - position

    def laid_at(self, position: int) -> Laid:
        """Tell how what is on at ``position`` was placed."""
        number, start = self.section_at(position)
        section = Laid(start, self.script.sections[number - self.first], self._known)
        return next((laid for laid in reversed(self._laid) if laid.start <= position), section)

    def cues_until(self, position: int) -> int:
        """Count the cues of the section that is on that began before ``position``."""
        spot = self.spot_at(position - 1)
        number, _ = self.section_at(position - 1)
        return spot.cue + 1 if spot else self._cues_before if number == self.first else 0

    def cue_at(self, position: int) -> Event | None:
        """Give the cue that was begun last."""
        return next((event for event in self._back_from(position) if event.kind == "say"), None)

    def spot_at(self, position: int) -> Spot | None:
        """Give the place of the cue that was begun last in the section that is on; None before its first."""
        number, start = self.section_at(position)
        cues = [event for event in self._from(start) if event.kind == "say" and event.start <= position]
        if not cues:
            return None
        section = self.script.sections[number - self.first]
        before = self._cues_before if number == self.first else 0
        return Spot(section.number, section.title, before + len(cues) - 1, cues[-1].text or "")

    def whole_from(self, position: int) -> int:
        """Give the latest sample up to ``position`` from which nothing is heard, or breathed, by half.

        That is the start of the cue or chime that is sounding, or of the breath in progress.
        """
        whole = position
        breathing = False
        for event in self._back_from(position):
            if event.kind == "breath" and (event.end > position or breathing):
                whole = min(whole, event.start)
                breathing = event.phase != "in"
            elif event.kind in _SOUNDING and event.end > position:
                whole = min(whole, event.start)
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
        return max(position, *ends, position)

    def find(self, spot: Spot) -> int:
        """Give the sample where a cue of the first section begins: the nearest that says the same."""
        says: list[Event] = []
        for item in self._placement:
            if isinstance(item, Passage):
                break
            if item.kind == "say":
                says.append(item)
        alike = [number for number, say in enumerate(says) if say.text == spot.text]
        if not says:
            return 0
        number = min(alike or range(len(says)), key=lambda number: abs(number - spot.cue))
        return says[number].start

    def _numbers(self) -> range:
        return range(self.first, self.first + len(self.script.sections))

    def _from(self, position: int) -> Iterator[Event]:
        """Give the events that begin at ``position`` or later, as far as they are placed."""
        events = self._placement.events
        number = bisect_right(events, position - 1, key=lambda event: event.start)
        while number < len(events):
            yield events[number]
            number += 1

    def _back_from(self, position: int) -> Iterator[Event]:
        """Give the events that began up to ``position``, and not long before, the last one first."""
        events = self._placement.events
        long_ago = position - _LONGEST_SECONDS * self.script.rate
        number = bisect_right(events, position, key=lambda event: event.start) - 1
        while number >= 0 and events[number].start >= long_ago:
            yield events[number]
            number -= 1


class Program:
    """A session's tapes. Who has it ends it: threads render for it.

    ``renderer``: of the speed to begin with. ``speeds``: the slowest and the fastest that may be asked for.
    """

    def __init__(self, script: Script, voice: KeptVoice, renderer: Renderer) -> None:
        self.script = script
        self.speeds = voice.speeds
        self._voice = voice
        self._renderers = {renderer.speed: renderer}
        guess = GuessedLengths(renderer.speed)
        self._expected = [
            section.samples or collect(script, fit(_only(script, section), guess)).samples
            for section in script.sections
        ]

    def section_of(self, spot: Spot) -> int | None:
        """Find the section that a place is in, counted from 0; None where it is not in this session."""
        for number, section in enumerate(self.script.sections):
            if section.number == spot.exercise and (section.number is not None or section.title == spot.part):
                return number
        return None

    def from_section(self, number: int, speed: float, placement: Placement | None = None) -> Tape:
        """Give the tape from a section on, counted from 0. ``placement``: of it, if there is one."""
        script = replace(self.script, sections=self.script.sections[number:])
        renderer = self._renderer(speed, script)
        laid: list[Laid] = []
        return Tape(
            script,
            renderer,
            placement or Placement(_place(script, renderer, 0, laid)),
            laid,
            first=number,
            before=sum(self._expected[:number]),
            expected=self._expected[number:],
        )

    def at_speed(self, tape: Tape, position: int, speed: float) -> tuple[int, Tape] | None:
        """Change the speed from the first cue after ``position`` on.

        Gives the sample of ``tape`` at which another one follows on without a seam. None where what is left
        would not fit at that speed, or nothing is left to be said.
        """
        number, start = tape.section_at(position)
        later = tape.script.sections[number - tape.first + 1 :]
        laid = tape.laid_at(position)
        rest = rest_of(laid.section, laid.lengths, self.script.rate, position - laid.start, laid.loose)
        if rest is None and not later:
            return None
        try:
            if rest is not None:
                _first_that_fits(
                    (rest.section, rest.loose), _Planned(None, speed, tape.renderer), self.script
                )
            for section in later:
                _first_that_fits((section,), _Planned(None, speed, tape.renderer), self.script)
        except DoesNotFitError:
            return None
        sections = later if rest is None else (rest.section, *later)
        script = replace(tape.script, sections=sections)
        renderer = self._renderer(speed, script)
        placed: list[Laid] = []
        if rest is None:
            at = start + tape.length_of_section(number)
            stream = _place(script, renderer, 0, placed)
        else:
            at = laid.start + rest.at
            planned = _Planned(renderer, speed, tape.renderer)
            stream = _roll(rest, script, renderer, planned, placed)
        return at, Tape(
            script,
            renderer,
            Placement(stream),
            placed,
            first=number + (rest is None),
            before=tape.before + at,
            cues_before=0 if rest is None else tape.cues_until(at),
            expected=[section.samples or 0 for section in sections],
        )

    def keep_only(self, speed: float) -> None:
        """Stop rendering at any other speed."""
        for other in [other for other in self._renderers if other != speed]:
            self._renderers.pop(other).cancel()

    def close(self) -> None:
        """Stop rendering at the speeds that were asked for since."""
        for renderer in self._renderers.values():
            renderer.cancel()

    def _renderer(self, speed: float, script: Script) -> Renderer:
        if speed in self._renderers:
            self._renderers[speed].want(script.texts())
        else:
            self._renderers[speed] = Renderer(self._voice, speed, script.texts())
        return self._renderers[speed]


class _Planned:
    """Lengths at a speed: those of its renderer where they are known, else estimates by another's."""

    def __init__(self, renderer: Renderer | None, speed: float, other: Renderer) -> None:
        self._renderer = renderer
        self._factor = other.speed / speed
        self._other = other
        self._guessed = GuessedLengths(speed)

    def speech(self, text: str) -> int:
        known = None if self._renderer is None else self._renderer.known(text)
        if known is not None:
            return known
        other = self._other.known(text)
        return self._guessed.speech(text) if other is None else round(other * self._factor)

    def chime(self, name: str) -> int:
        return self._guessed.chime(name)


class _Frozen:
    """Lengths as they are known now, however they change."""

    def __init__(self, lengths: Lengths, texts: Iterable[str]) -> None:
        self._lengths = lengths
        self._known = {text: lengths.speech(text) for text in texts}

    def speech(self, text: str) -> int:
        return self._known[text]

    def chime(self, name: str) -> int:
        return self._lengths.chime(name)


def _place(script: Script, lengths: Lengths, start: int, laid: list[Laid]) -> Iterator[Event | Passage]:
    """Place sections from sample ``start`` on, whatever the speed became: an error would be worse."""
    for section in script.sections:
        fitted = _forced(section, lengths, script)
        laid.append(Laid(start, fitted, lengths))
        end = start
        for item in fit(_only(script, fitted), lengths):
            yield replace(item, start=start + item.start, end=start + item.end)
            end = max(end, start + item.end)
        start = end


def _roll(
    rest: Rest, script: Script, renderer: Renderer, planned: Lengths, laid: list[Laid]
) -> Iterator[Event | Passage]:
    """Place the rest of a section while it is still being spoken, and then what follows.

    Until all its lengths are known it is fitted by estimates, and again at each cue: that cue is placed by
    its real length, and the end stays where it is.
    """
    start, forms = 0, (rest.section, rest.loose)
    while True:
        texts = set(_only(script, forms[0]).texts()) | set(_only(script, forms[1]).texts())
        rolling = any(renderer.known(text) is None for text in texts)
        lengths = _Frozen(planned, texts)
        try:
            section = _first_that_fits(forms, lengths, script)
        except DoesNotFitError:
            section = _forced(forms[1], lengths, script)
        timeline = collect(script, fit(_only(script, section), lengths))
        says = [event for event in timeline.events if event.kind == "say"]
        following = None
        if rolling and says:
            if renderer.known(says[0].text or "") is None:
                renderer.speech(says[0].text or "")  # waits for it
                continue
            following = rest_of(section, lengths, script.rate, says[0].end, forms[1])
        laid.append(Laid(start, section, lengths, forms[1]))
        end = timeline.samples if following is None else following.at
        for event in timeline.events:
            if event.start < end:
                yield replace(event, start=start + event.start, end=start + event.end)
        start += end
        if following is None:
            break
        forms = following.section, following.loose
    yield Passage(rest.section.title, rest.section.number, 0, start)
    yield from _place(replace(script, sections=script.sections[1:]), renderer, start, laid)


def _only(script: Script, section: Section) -> Script:
    return replace(script, sections=(section,))


def _first_that_fits(forms: Sequence[Section], lengths: Lengths, script: Script) -> Section:
    """Give the first of the forms of a section that fits. Raises DoesNotFitError."""
    for number, section in enumerate(forms):
        try:
            if section.samples is not None:
                collect(script, fit(_only(script, section), lengths))
        except DoesNotFitError:
            if number == len(forms) - 1:
                raise
        else:
            return section
    raise AssertionError("there is at least one form")


def _forced(section: Section, lengths: Lengths, script: Script) -> Section:
    """Give the section, or one that is a little longer or shorter where that is needed to place it."""
    if section.samples is None:
        return section
    least, most = reach(section, lengths, script.rate)
    nearest = replace(section, samples=min(max(section.samples, least), most))
    try:
        return _first_that_fits((section, nearest), lengths, script)
    except DoesNotFitError:
        return replace(section, samples=None)
