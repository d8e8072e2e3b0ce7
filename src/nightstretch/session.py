"""The one place that puts the parts together, and the public Python API.

``with Session(find_routine("back-pain"), open_voice("natural"), speed=0.9) as session:``
``session.export(Path("tonight.mp3"))``
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Final, Self

from nightstretch import interrupts
from nightstretch.advice import Adviser, reach_minutes
from nightstretch.audio import SESSION_RATE
from nightstretch.bedding import Bedding
from nightstretch.beds import LastingBed, open_bed
from nightstretch.choices import AS_IT_COMES, AS_WRITTEN, Choices, Finish
from nightstretch.errors import FitError, RoutineError, UsageError
from nightstretch.estimates import AskedLengths, GuessedLengths
from nightstretch.export.base import Chapter, Line, Metadata
from nightstretch.export.formats import FORMATS, open_file
from nightstretch.export.whole_file import whole_file
from nightstretch.files import read_at_most
from nightstretch.mastering import Mastering
from nightstretch.placement import Placement
from nightstretch.renderer import Renderer
from nightstretch.resources import folder
from nightstretch.routine import MAX_BYTES, Routine, parse_routine
from nightstretch.script import build_script
from nightstretch.sounds import chime_names
from nightstretch.soundtrack import Soundtrack
from nightstretch.timeline import DoesNotFitError, Event, Lengths, Passage, Timeline, collect, fit
from nightstretch.voices import registry
from nightstretch.voices.base import FASTEST_SPEED, SLOWEST_SPEED, KeptVoice
from nightstretch.voices.cache import CachedVoice, ClipCache, cache_directory
from nightstretch.voices.pronouncing import PronouncingVoice

if TYPE_CHECKING:
    from nightstretch.export.report import Reporter
    from nightstretch.player.outputs.base import Output
    from nightstretch.player.play import Listener, Outcome
    from nightstretch.player.tape import Spot
    from nightstretch.player.terminal import Console

ARTIST: Final = "nightstretch"


def open_voice(
    name: str | None, notice: Callable[[str], object] = lambda _message: None, *, dry: bool = False
) -> KeptVoice:
    """Open a voice by its name, or the best one that works here, with its clips levelled and kept on disk.

    ``dry``: without the room around it. ``notice`` is told where the default voice is not available. Raises
    UsageError for a name that there is not, VoiceError where the voice cannot speak here.
    """
    if name is None:
        voice, fallback = registry.open_default(dry=dry)
        if fallback:
            notice(fallback)
    else:
        voice = registry.open_voice(name, dry=dry)
    return CachedVoice(voice, ClipCache(cache_directory() / "clips"))


def shipped_routines() -> tuple[str, ...]:
    """Give the names of the routines that come with the program, in alphabetical order."""
    return tuple(sorted(path.stem for path in folder("narration").glob("*.yaml")))


def find_routine(name: str) -> Routine:
    """Read a routine by its shipped name or from the path of its file.

    Raises UsageError for a name that there is not, RoutineError for a file that is not a routine.
    """
    path = routine_path(name)
    return parse_routine(read_routine(path), str(path), chime_names())


def routine_path(name: str) -> Path:
    """Give the file of a routine by its shipped name or its path. Raises UsageError if there is neither."""
    if name in shipped_routines():
        return folder("narration") / f"{name}.yaml"
    if Path(name).suffix in {".yaml", ".yml"} or os.path.lexists(name):
        return Path(name)
    near = difflib.get_close_matches(name, shipped_routines(), n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    allowed = ", ".join(shipped_routines())
    raise UsageError(f"no routine is called {name!r}{hint}; give one of {allowed}, or a file's path")


def read_routine(path: Path) -> bytes:
    """Give the bytes of a routine file, as many as one may have. Raises RoutineError."""
    try:
        return read_at_most(path, MAX_BYTES)
    except OSError as error:
        raise RoutineError(f"{path}: {error}; give a routine file") from None


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
        guess = AskedLengths(GuessedLengths(speed))
        self._expected = self._guess(guess)
        # Not every shorter wording is needed; the renderer speaks one that is when it is asked for.
        likely = guess.texts if self._expected is not None else self._script.texts()
        self._renderer = Renderer(self.voice, speed, likely)
        self._placement = Placement(self._place())
        self._mastering = self._mastered()
        self.soundtrack = Soundtrack(self._placement, self._renderer.clip, self._mastering, finish)

    def speak(self) -> None:
        """Have every text spoken that may be needed, so that the voice's cache has it. Raises VoiceError."""
        self._renderer.want(self._script.texts())
        for text in self._script.texts():
            self._renderer.speech(text)

    def timeline(self) -> Timeline:
        """Place everything and give the timeline. Raises FitError, VoiceError or SoundError."""
        return collect(self._script, self._placement)

    def reporter(self) -> Reporter:
        """Give what listens to ``export``, and knows then how it turned out."""
        from nightstretch.export.report import Reporter  # noqa: PLC0415 - most sessions start sooner without it

        words = (
            (item.start / SESSION_RATE, item.end / SESSION_RATE)
            for item in self._placement
            if isinstance(item, Event) and item.kind == "say"
        )
        return Reporter(self.soundtrack.rate, self.soundtrack.channels, words, self._finish, self.speed)

    def _in_tail(self, position: int) -> bool:
        """Tell whether a sample lies in the quiet that was asked for after the last word."""
        passages = self._placement.passages
        placed = len(passages) == len(self._script.sections)
        return self._choices.tail_minutes > 0 and placed and position >= passages[-1].start

    def expected_samples(self) -> int | None:
        """Guess the session's length before anything is spoken, for a progress bar; None if one cannot."""
        return None if self._expected is None else self._expected.samples

    def _guess(self, lengths: Lengths) -> Timeline | None:
        try:
            return collect(self._script, fit(self._script, lengths))
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
        quiet after the last word. ``stems``: which of the soundtrack's to write alone, too, and where; each
        is as long as the whole. Raises ExportError where a file cannot be written or exists and ``force`` is
        not given, and whatever the soundtrack raises.
        """
        targets: list[tuple[str | None, Path]] = [(None, path), *stems.items()]
        with ExitStack() as stack:
            partials = [
                (stem, stack.enter_context(whole_file(target, force=force))) for stem, target in targets
            ]
            for stem, partial in partials:
                rate, channels = self.soundtrack.rate, self.soundtrack.channels
                blocks = stack.enter_context(self.soundtrack.open(stem))
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
        nothing can be heard, and what the soundtrack raises.
        """
        # Whoever does not play starts sooner without these.
        from nightstretch.player.answers import Answers  # noqa: PLC0415
        from nightstretch.player.awake import keep_awake  # noqa: PLC0415
        from nightstretch.player.media_keys import open_media_keys  # noqa: PLC0415
        from nightstretch.player.play import Player  # noqa: PLC0415
        from nightstretch.player.tape import Program  # noqa: PLC0415

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
            adviser = Adviser(self.routine, self._choices, self._script, self.voice, self._renderer)
            raise FitError(f"{error}; {adviser.advice(error)}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A voice that hangs lets go when it is closed; until then the renderer would wait for it.
        self._renderer.cancel()
        self.voice.close()
        self._renderer.close()


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
