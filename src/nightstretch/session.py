"""The one place that puts the parts together, and the public Python API.

``with Session(find_routine("back-pain"), open_voice("natural"), speed=0.9) as session:``
``session.export(Path("tonight.mp3"))``
"""

from __future__ import annotations

import difflib
import math
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final, Self

import numpy as np

from nightstretch import interrupts
from nightstretch.audio import SESSION_RATE, Clip, Pcm
from nightstretch.bedding import FADE_SECONDS, Bedding, Frames
from nightstretch.beds import BED_RATE, Bed, LastingBed, open_bed
from nightstretch.choices import AS_IT_COMES, AS_WRITTEN, LONGEST_MINUTES, SHORTEST_MINUTES, Choices, Finish
from nightstretch.errors import FitError, RoutineError, UsageError
from nightstretch.estimates import GuessedLengths, ScaledLengths
from nightstretch.export.base import Chapter, Line, Metadata
from nightstretch.export.formats import FORMATS, open_file
from nightstretch.export.report import Reporter
from nightstretch.export.whole_file import whole_file
from nightstretch.files import read_at_most
from nightstretch.mastering import Mastering
from nightstretch.mixer import mix
from nightstretch.placement import Placement
from nightstretch.player.answers import Answers
from nightstretch.player.awake import keep_awake
from nightstretch.player.media_keys import open_media_keys
from nightstretch.player.outputs.base import Output
from nightstretch.player.play import Listener, Outcome, Player
from nightstretch.player.tape import Program, Spot
from nightstretch.player.terminal import Console
from nightstretch.renderer import Renderer
from nightstretch.resources import folder
from nightstretch.routine import MAX_BYTES, Routine, parse_routine
from nightstretch.script import Script, build_script
from nightstretch.sounds import chime_names
from nightstretch.timeline import DoesNotFitError, Event, Lengths, Passage, Timeline, collect, fit, reach
from nightstretch.voices import registry
from nightstretch.voices.base import FASTEST_SPEED, SLOWEST_SPEED, KeptVoice
from nightstretch.voices.cache import CachedVoice, ClipCache, cache_directory
from nightstretch.voices.pronouncing import PronouncingVoice
from nightstretch.voices.room import RoomVoice

ARTIST: Final = "nightstretch"

_STEMS: Final[Mapping[str, frozenset[str]]] = {
    "voice": frozenset({"say"}),
    "chimes": frozenset({"chime"}),
}
_BED: Final = "bed"
_NO_CLIP: Final = Clip(np.zeros(0, np.int16), SESSION_RATE)

_SPEED_STEP: Final = 0.01
_MINUTES_STEP: Final = 0.1
_SPEED_TRIES: Final = 10


def open_voice(
    name: str | None, notice: Callable[[str], object] = lambda _message: None, *, dry: bool = False
) -> KeptVoice:
    """Open a voice by its name, or the best one that works here, with its clips levelled and kept on disk.

    ``dry``: without the room around it. ``notice`` is told where the default voice is not available. Raises
    UsageError for a name that there is not, VoiceError where the voice cannot speak here.
    """
    if name is None:
        voice, fallback = registry.open_default()
        if fallback:
            notice(fallback)
    else:
        voice = registry.open_voice(name)
    return CachedVoice(voice if dry else RoomVoice(voice), ClipCache(cache_directory() / "clips"))


def shipped_routines() -> tuple[str, ...]:
    """Give the names of the routines that come with the program, in alphabetical order."""
    return tuple(sorted(path.stem for path in folder("narration").glob("*.yaml")))


def find_routine(name: str) -> Routine:
    """Read a routine by its shipped name or from the path of its file.

    Raises UsageError for a name that there is not, RoutineError for a file that is not a routine.
    """
    if name in shipped_routines():
        path = folder("narration") / f"{name}.yaml"
    elif Path(name).suffix in {".yaml", ".yml"} or os.path.lexists(name):
        path = Path(name)
    else:
        near = difflib.get_close_matches(name, shipped_routines(), n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        allowed = ", ".join(shipped_routines())
        raise UsageError(f"no routine is called {name!r}{hint}; give one of {allowed}, or a file's path")
    try:
        data = read_at_most(path, MAX_BYTES)
    except OSError as error:
        raise RoutineError(f"{path}: {error}; give a routine file") from None
    return parse_routine(data, str(path), chime_names())


class Session:
    """One evening: a routine, spoken by a voice at a speed. Use it as a context manager.

    ``voice``: see ``open_voice``; the session closes it.
    Raises UsageError where the speed is out of range or the selection names an exercise there is not.
    """

    def __init__(
        self,
        routine: Routine,
        voice: KeptVoice,
        *,
        speed: float = 1.0,
        choices: Choices = AS_WRITTEN,
        finish: Finish = AS_IT_COMES,
    ) -> None:
        if not SLOWEST_SPEED <= speed <= FASTEST_SPEED:
            raise UsageError(f"speed {speed:g} is out of range; give {SLOWEST_SPEED:g} to {FASTEST_SPEED:g}")
        self.routine = routine
        takes_words = routine.pronounce and voice.takes_ipa
        self.voice: KeptVoice = PronouncingVoice(voice, routine.pronounce) if takes_words else voice
        self.speed = speed
        self._choices = choices
        self._finish = finish
        self._script = build_script(routine, SESSION_RATE, choices)
        self._renderer = Renderer(self.voice, speed, self._script.texts())
        self._placement = Placement(self._place())
        self._expected = self._guess()
        self._mastering = self._mastered()

    def timeline(self) -> Timeline:
        """Place everything and give the timeline. Raises FitError, VoiceError or SoundError."""
        return collect(self._script, self._placement)

    def blocks(self, stem: str | None = None) -> Iterator[Pcm]:
        """Give the sound in mono blocks at ``SESSION_RATE``, each as soon as it is known.

        ``stem``: one of ``stems``, to hear it alone; the bed has no sound here, and is under everything.
        Meanwhile everything that follows is placed. Raises FitError, VoiceError or SoundError as soon as
        something is wrong, however far away it is.
        """
        self._placement.look_ahead()

        kinds = _STEMS.get(stem or "", frozenset())

        def clip_of(event: Event) -> Clip:
            if kinds and event.kind not in kinds:
                return _NO_CLIP
            return self._mastering.mastered(self._renderer.clip(event), event.start)

        for block in mix(self._placement, clip_of):
            self._placement.raise_error()
            yield block

    def frames(self, bed: Bed, stem: str | None = None) -> Iterator[Frames]:
        """Give the sound over a bed in stereo blocks at ``BED_RATE``, or one of ``stems`` of it.

        Raises what ``blocks`` raises.
        """
        bedding = Bedding(bed, self._finish, alone=stem == _BED)
        bedding.presence = float(stem in {None, _BED})
        held: deque[Pcm] = deque()
        samples = position = 0
        for block in self.blocks(stem):
            held.append(block)
            samples += len(block)
            # The bed fades away with the end, so that much of the sound is held back.
            while samples - position - len(held[0]) >= FADE_SECONDS * SESSION_RATE:
                position += len(held[0])
                bedding.swell = self._placement.swell_at(position)
                yield bedding.under(held.popleft())
        bedding.presence = 0.0
        while held:
            yield bedding.under(held.popleft(), last=not held)

    @property
    def stems(self) -> tuple[str, ...]:
        """Name the parts that ``export`` can write alone; together they are what is heard."""
        return tuple(_STEMS) if self._finish.bed is None else (*_STEMS, _BED)

    def _sound(self, stack: ExitStack, stem: str | None) -> tuple[Iterator[Pcm], int, int]:
        """Give what is to be heard, with its rate and its channels: stereo where there is a bed."""
        if self._finish.bed is None:
            return self.blocks(stem), SESSION_RATE, 1
        return self.frames(stack.enter_context(open_bed(self._finish.bed)), stem), BED_RATE, 2

    def reporter(self) -> Reporter:
        """Give what listens to ``export``, and knows then how it turned out."""
        words = (
            (item.start / SESSION_RATE, item.end / SESSION_RATE)
            for item in self._placement
            if isinstance(item, Event) and item.kind == "say"
        )
        rate, channels = (SESSION_RATE, 1) if self._finish.bed is None else (BED_RATE, 2)
        return Reporter(rate, channels, words, self._finish, self.speed)

    def _in_tail(self, position: int) -> bool:
        """Tell whether a sample lies in the quiet that was asked for after the last word."""
        passages = self._placement.passages
        placed = len(passages) == len(self._script.sections)
        return self._choices.tail_minutes > 0 and placed and position >= passages[-1].start

    def expected_samples(self) -> int | None:
        """Guess the session's length before anything is spoken, for a progress bar; None if one cannot."""
        return None if self._expected is None else self._expected.samples

    def _guess(self) -> Timeline | None:
        try:
            return collect(self._script, fit(self._script, GuessedLengths(self.speed)))
        except DoesNotFitError:
            return None

    def _mastered(self) -> Mastering:
        """Give the mastering, by the guess: the first cue cannot wait until all is known."""
        first = round(self._choices.settle_seconds * SESSION_RATE)
        if self._expected is None:
            # Whether it fits will be seen. Its exercises have a length in any case.
            return Mastering(
                self._finish, first, first + sum(part.samples or 0 for part in self._script.sections)
            )
        last = round(self._expected.samples - self._choices.tail_minutes * 60 * SESSION_RATE)
        spoken = sum(event.end - event.start for event in self._expected.events if event.kind == "say")
        return Mastering(self._finish, first, last, speech_share=spoken / max(last - first, 1))

    def reach_minutes(self) -> tuple[float, float]:
        """Give the least and the most minutes that the exercises together can be asked to last at this speed.

        The first may be more than the second: then some exercise is full while another is still too long.
        """
        return reach_minutes(self._script, self._renderer)

    def export(
        self,
        path: Path,
        *,
        format_name: str = FORMATS[0],
        bitrate_kbps: int | None = None,
        force: bool = False,
        progress: Callable[[int], object] = lambda _samples: None,
        reporter: Reporter | None = None,
        stems: Mapping[str, Path] = MappingProxyType({}),
    ) -> Timeline:
        """Write the session to a file, which appears at its name only when it is whole.

        ``progress`` is told how many samples were added. ``reporter``: listens to what is written, up to the
        quiet after the last word. ``stems``: which of ``stems`` to write alone, too, and where; each is as
        long as the whole. Raises ExportError where a file cannot be written or exists and ``force`` is not
        given, and whatever ``blocks`` raises.
        """
        targets: list[tuple[str | None, Path]] = [(None, path), *stems.items()]
        with ExitStack() as stack:
            partials = [
                (stem, stack.enter_context(whole_file(target, force=force))) for stem, target in targets
            ]
            for stem, partial in partials:
                blocks, rate, channels = self._sound(stack, stem)
                listens, written = reporter if stem is None else None, 0
                file = open_file(
                    partial, format_name, rate=rate, channels=channels, bitrate_kbps=bitrate_kbps
                )
                try:
                    for block in blocks:
                        interrupts.check()
                        file.write(block)
                        if listens is not None and not self._in_tail(written * SESSION_RATE // rate):
                            listens.add(block)
                        written += len(block)
                        progress(len(block) * SESSION_RATE // rate)
                    timeline = self.timeline()
                    file.finish(_metadata(timeline))
                except BaseException:
                    file.abort()
                    raise
        return timeline

    def play(
        self,
        output: Output,
        console: Console,
        listener: Listener,
        spot: Spot | None = None,
    ) -> Outcome:
        """Play the session from the first sound that is ready, or from a place it has come to before.

        A place that is not in this session is its beginning. Raises BedError where the bed cannot be played
        from the beginning; where that happens later, it fades and the words go on. Raises OutputError where
        nothing can be heard, and what ``blocks`` raises.
        """
        program = Program(self._script, self.voice, self._renderer, self._mastering.mastered)
        number = program.section_of(spot) if spot is not None else None
        if spot is None or number is None:
            tape, start = program.from_section(0, self.speed, self._placement), 0
        else:
            tape, start = program.from_spot(spot, number, self.speed)
        answers = Answers(self.voice, self.speed, tape.left(start) / SESSION_RATE)
        with ExitStack() as stack:
            bed = bedding = None
            if self._finish.bed is not None:
                bed = LastingBed(stack.enter_context(open_bed(self._finish.bed)))
                bedding = Bedding(bed, self._finish)
            player = Player(
                program, tape, start, answers=answers, output=output, listener=listener, bedding=bedding
            )
            stack.enter_context(keep_awake())
            outcome = player.play(console, open_media_keys(player.wish))
            return outcome if bed is None else replace(outcome, bed_error=bed.error)

    def _place(self) -> Iterator[Event | Passage]:
        try:
            yield from fit(self._script, self._renderer)
        except DoesNotFitError as error:
            raise FitError(f"{error}; {self._advice(error)}") from None

    def _advice(self, error: DoesNotFitError) -> str:
        """Find the nearest speed and the nearest length at which everything fits."""
        speed, minutes = self._nearest_speed(error), self._nearest_minutes(error)
        works = [f"--speed {speed:g}"] if speed is not None else []
        works += [f"--minutes {minutes:g}"] if minutes is not None else []
        if works:
            return f"what works is {' or '.join(works)}"
        return (
            f"no speed from {SLOWEST_SPEED:g} to {FASTEST_SPEED:g} works; change its minutes, its words, or "
            "how much its pauses, holds and rounds may give"
        )

    def _nearest_speed(self, error: DoesNotFitError) -> float | None:
        """Find it first by calculation, then by really speaking."""
        step = _SPEED_STEP if error.too_long else -_SPEED_STEP
        # With the section in question first, a speed that does not work either is found out soon.
        sections = sorted(self._script.sections, key=lambda section: section is not error.section)
        script = replace(self._script, sections=tuple(sections))

        def works(speed: float) -> bool:
            with Renderer(self.voice, speed, script.texts()) as renderer:
                return _fits(script, renderer)

        speed = round(self.speed + step, 2)
        while self._in_range(speed) and not _fits(script, ScaledLengths(self._renderer, self.speed / speed)):
            speed = round(speed + step, 2)
        for _ in range(_SPEED_TRIES):
            if not self._in_range(speed):
                break
            if works(speed):
                # The calculation may have gone a step too far.
                while (nearer := round(speed - step, 2)) != self.speed and works(nearer):
                    speed = nearer
                return speed
            speed = round(speed + step, 2)
        return None

    def _nearest_minutes(self, error: DoesNotFitError) -> float | None:
        """Find it by calculation: the clips are the same at every length."""
        now = sum(section.samples or 0 for section in self._script.sections) / SESSION_RATE / 60
        step = _MINUTES_STEP if error.too_long else -_MINUTES_STEP
        minutes = round(now + step, 1)
        while SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
            choices = replace(self._choices, minutes=minutes)
            if _fits(build_script(self.routine, SESSION_RATE, choices), self._renderer):
                return minutes
            minutes = round(minutes + step, 1)
        return None

    @staticmethod
    def _in_range(speed: float) -> bool:
        return SLOWEST_SPEED <= speed <= FASTEST_SPEED

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A voice that hangs lets go when it is closed; until then the renderer would wait for it.
        self._renderer.cancel()
        self.voice.close()
        self._renderer.close()


def reach_minutes(script: Script, lengths: Lengths) -> tuple[float, float]:
    """Give the least and the most minutes for all exercises of a script, each keeping its share."""
    exercises = [section for section in script.sections if section.samples]
    whole = sum(section.samples or 0 for section in exercises)
    shortest, longest = 0.0, math.inf
    for section in exercises:
        least, most = reach(section, lengths, script.rate)
        scale = whole / (section.samples or 1) / script.rate / 60
        shortest, longest = max(shortest, least * scale), min(longest, most * scale)
    return shortest, longest


def guess_reach(routine: Routine) -> tuple[float, float]:
    """Guess ``reach_minutes`` at speed 1.0 from the number of words, within what may be asked for.

    Nothing is spoken.
    """
    script = build_script(routine, SESSION_RATE)
    shortest, longest = reach_minutes(script, GuessedLengths(1.0))
    return max(shortest, SHORTEST_MINUTES), min(longest, LONGEST_MINUTES)


def _fits(script: Script, lengths: Lengths) -> bool:
    try:
        collect(script, fit(script, lengths))
    except DoesNotFitError:
        return False
    return True


def _metadata(timeline: Timeline) -> Metadata:
    return Metadata(
        title=timeline.title,
        artist=ARTIST,
        rate=timeline.rate,
        samples=timeline.samples,
        chapters=tuple(
            Chapter(part.title, part.start, part.end) for part in timeline.passages if part.number is not None
        ),
        lines=tuple(Line(event.start, event.text or "") for event in timeline.events if event.kind == "say"),
    )
