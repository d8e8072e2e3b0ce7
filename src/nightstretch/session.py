"""The one place that puts the parts together, and the public Python API.

``with Session(find_routine("back-pain"), open_voice("natural"), speed=0.9) as session:``
``session.export(Path("tonight.mp3"))``
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from nightstretch.audio import SESSION_RATE, Pcm
from nightstretch.errors import FitError, RoutineError, UsageError
from nightstretch.export.base import Chapter, Line, Metadata
from nightstretch.export.formats import DEFAULT_BITRATE_KBPS, FORMATS, open_file
from nightstretch.export.whole_file import whole_file
from nightstretch.mixer import mix
from nightstretch.player.keys import Keys
from nightstretch.player.outputs.base import Output
from nightstretch.player.play import Outcome, play
from nightstretch.renderer import Renderer
from nightstretch.resources import folder
from nightstretch.routine import Routine, parse_routine
from nightstretch.script import EVERYTHING, Selection, build_script
from nightstretch.sounds import chime_names
from nightstretch.timeline import DoesNotFitError, Event, Passage, Timeline, collect, fit
from nightstretch.voices import registry
from nightstretch.voices.base import CALM_WPM, FASTEST_SPEED, SLOWEST_SPEED, Voice
from nightstretch.voices.cache import CachedVoice, ClipCache, cache_directory

ARTIST: Final = "nightstretch"


def open_voice(name: str | None, notice: Callable[[str], object] = lambda _message: None) -> Voice:
    """Open a voice by its name, or the best one that works here, with its clips levelled and kept on disk.

    ``notice`` is told where the default voice is not available. Raises UsageError for a name that there is
    not, VoiceError where the voice cannot speak here.
    """
    if name is None:
        voice, fallback = registry.open_default()
        if fallback:
            notice(fallback)
    else:
        voice = registry.open_voice(name)
    return CachedVoice(voice, ClipCache(cache_directory() / "clips"))


_SPEED_STEP: Final = 0.01
_SPEED_TRIES: Final = 10


def shipped_routines() -> tuple[str, ...]:
    """Give the names of the routines that come with the program, in alphabetical order."""
    return tuple(sorted(path.stem for path in folder("narration").glob("*.yaml")))


def find_routine(name: str) -> Routine:
    """Read a routine by its shipped name or from the path of its file.

    Raises UsageError for a name that there is not, RoutineError for a file that is not a routine.
    """
    if name in shipped_routines():
        path = folder("narration") / f"{name}.yaml"
    elif Path(name).suffix in {".yaml", ".yml"} or Path(name).exists():
        path = Path(name)
    else:
        near = difflib.get_close_matches(name, shipped_routines(), n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        allowed = ", ".join(shipped_routines())
        raise UsageError(f"no routine is called {name!r}{hint}; give one of {allowed}, or a file's path")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RoutineError(f"{path}: cannot be read: {error.strerror}; give a routine file") from None
    return parse_routine(data, str(path), chime_names())


class Session:
    """One evening: a routine, spoken by a voice at a speed. Use it as a context manager.

    ``voice``: see ``voices.open_voice``; the session closes it.
    Raises UsageError where the speed is out of range or the selection names an exercise there is not.
    """

    def __init__(
        self, routine: Routine, voice: Voice, *, speed: float = 1.0, selection: Selection = EVERYTHING
    ) -> None:
        if not SLOWEST_SPEED <= speed <= FASTEST_SPEED:
            raise UsageError(f"speed {speed:g} is out of range; give {SLOWEST_SPEED:g} to {FASTEST_SPEED:g}")
        self.routine = routine
        self.voice = voice
        self.speed = speed
        self._script = build_script(routine, SESSION_RATE, selection)
        self._renderer = Renderer(voice, speed, self._script.texts())
        self._placed: list[Event | Passage] = []
        self._to_place = fit(self._script, self._renderer)

    def timeline(self) -> Timeline:
        """Place everything and give the timeline. Raises FitError, VoiceError or SoundError."""
        return collect(self._script, self._stream())

    def blocks(self) -> Iterator[Pcm]:
        """Give the sound in mono blocks at ``SESSION_RATE``, each as soon as it is known.

        Raises FitError, VoiceError or SoundError, when it comes to what is wrong.
        """
        return mix(self._stream(), self._renderer.clip)

    def expected_samples(self) -> int:
        """Guess the session's length before anything is spoken, for a progress bar."""
        total = 0
        for section in self._script.sections:
            alone = replace(self._script, sections=(section,))
            guess = _GuessedLengths(self._renderer, self.speed)
            total += section.samples or collect(alone, fit(alone, guess)).samples
        return total

    def export(
        self,
        path: Path,
        *,
        format_name: str = FORMATS[0],
        bitrate_kbps: int = DEFAULT_BITRATE_KBPS,
        force: bool = False,
        progress: Callable[[int], object] = lambda _samples: None,
    ) -> Timeline:
        """Write the session to a file, which appears at its name only when it is whole.

        ``progress`` is told how many samples were added. Raises ExportError where the file cannot be
        written or exists and ``force`` is not given, and whatever ``blocks`` raises.
        """
        with whole_file(path, force=force) as partial:
            file = open_file(partial, format_name, rate=SESSION_RATE, bitrate_kbps=bitrate_kbps)
            try:
                for block in self.blocks():
                    file.write(block)
                    progress(len(block))
                timeline = self.timeline()
                file.finish(_metadata(timeline))
            except BaseException:
                file.abort()
                raise
        return timeline

    def play(self, output: Output, keys: Keys) -> Outcome:
        """Play the session, from the first sound that is ready.

        Raises OutputError where nothing can be heard, and what ``blocks`` raises.
        """
        return play(self.blocks(), SESSION_RATE, output, keys)

    def _stream(self) -> Iterator[Event | Passage]:
        """Give what was placed before, then place the rest: however many ask, the fit is done once."""
        number = 0
        while True:
            if number == len(self._placed):
                try:
                    self._placed.append(next(self._to_place))
                except StopIteration:
                    return
                except DoesNotFitError as error:
                    raise FitError(f"{error}; {self._advice(error)}") from None
            yield self._placed[number]
            number += 1

    def _advice(self, error: DoesNotFitError) -> str:
        """Find the nearest speed at which everything fits: first by calculation, then by really speaking."""
        step = _SPEED_STEP if error.too_long else -_SPEED_STEP
        speed = self._calculated_speed(step)
        for _ in range(_SPEED_TRIES):
            if speed is None or not SLOWEST_SPEED <= speed <= FASTEST_SPEED:
                break
            with Renderer(self.voice, speed, self._script.texts()) as renderer:
                if self._fits(renderer):
                    return f"the nearest speed that works is --speed {speed:g}"
            speed = round(speed + step, 2)
        return f"no speed from {SLOWEST_SPEED:g} to {FASTEST_SPEED:g} works; change its minutes or its words"

    def _calculated_speed(self, step: float) -> float | None:
        speed = round(self.speed + step, 2)
        while SLOWEST_SPEED <= speed <= FASTEST_SPEED:
            if self._fits(_ScaledLengths(self._renderer, self.speed / speed)):
                return speed
            speed = round(speed + step, 2)
        return None

    def _fits(self, lengths: Renderer | _ScaledLengths) -> bool:
        try:
            collect(self._script, fit(self._script, lengths))
        except DoesNotFitError:
            return False
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._renderer.close()
        self.voice.close()


class _ScaledLengths:
    """What the lengths would be at another speed, roughly."""

    def __init__(self, lengths: Renderer, factor: float) -> None:
        self._lengths = lengths
        self._factor = factor

    def speech(self, text: str) -> int:
        return round(self._lengths.speech(text) * self._factor)

    def chime(self, name: str) -> int:
        return self._lengths.chime(name)


class _GuessedLengths:
    """What the lengths will be, guessed from the number of words."""

    def __init__(self, lengths: Renderer, speed: float) -> None:
        self._lengths = lengths
        self._samples_per_word = SESSION_RATE * 60 / (CALM_WPM * speed)

    def speech(self, text: str) -> int:
        return round(len(text.split()) * self._samples_per_word)

    def chime(self, name: str) -> int:
        return self._lengths.chime(name)


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
