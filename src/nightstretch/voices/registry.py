"""Where voices are found by name: every engine, the built-in ones too, comes through an entry point."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from typing import Final, TypeVar

from nightstretch import interrupts
from nightstretch.errors import NightstretchError, UsageError, VoiceError
from nightstretch.voices.base import Voice, VoiceEngine, VoiceInfo
from nightstretch.voices.leveled import LeveledVoice
from nightstretch.voices.room import RoomVoice

GROUP: Final = "nightstretch.voices"
DEFAULT_NAMES: Final = ("natural", "system")
"""Engines that may speak when no voice is asked for, the best first."""

_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class EngineReport:
    """Whether an engine works here: ``problem`` says why it does not and what to do, or is None."""

    name: str
    problem: str | None


def engine_names() -> tuple[str, ...]:
    """Name the engines that are installed, the built-in ones first."""
    return tuple(_engines())


def reports() -> tuple[EngineReport, ...]:
    """Say of every installed engine whether it works here; one that is broken is a report and no error."""
    return tuple(EngineReport(name, _problem(point)) for name, point in _engines().items())


def _problem(point: EntryPoint) -> str | None:
    try:
        return _guarded(point, lambda engine: engine.problem())
    except VoiceError as error:
        return str(error)


def list_voices() -> Sequence[VoiceInfo]:
    """List the voices of every engine that works here; `reports` says what is wrong with the others."""
    found: list[VoiceInfo] = []
    for point in _engines().values():
        with suppress(VoiceError):
            found += _guarded(point, lambda engine: () if engine.problem() else engine.voices())
    return found


def open_voice(name: str, *, dry: bool = False) -> Voice:
    """Open a voice by its name: an engine, or an engine and one of its voices, as in ``system:gmw/en-us``.

    Its clips are trimmed, at the session's rate, at one loudness and, unless ``dry``, in a room. Raises
    UsageError for a name that there is not, VoiceError where the voice cannot be used here.
    """
    engine_name, colon, variant = name.partition(":")
    engines = _engines()
    if engine_name not in engines:
        near = get_close_matches(engine_name, engines, n=3, cutoff=0.5) or list(engines)
        raise UsageError(f"there is no voice {name!r}; try {' or '.join(near)}, or see: nightstretch voices")

    try:
        voice = _guarded(engines[engine_name], lambda engine: engine.open(variant if colon else None))
    except VoiceError as error:
        raise VoiceError(f"the voice {name!r} is not available here: {error}") from error
    return LeveledVoice(voice) if dry else RoomVoice(voice)


def open_default(*, dry: bool = False) -> tuple[Voice, str | None]:
    """Open the best voice that works here, and give the line to print where that is not the natural one.

    Raises VoiceError where no voice works, saying what to install.
    """
    reasons: list[str] = []
    for name in DEFAULT_NAMES:
        try:
            voice = open_voice(name, dry=dry)
        except VoiceError as error:
            reasons.append(str(error))
        else:
            return voice, f"{reasons[0]}; using the voice {name!r} instead" if reasons else None
    raise VoiceError("no voice works here: " + "; ".join(reasons))


def _engines() -> Mapping[str, EntryPoint]:
    """Find the engines by name. No package can take the name of a built-in one."""
    own = f"{__name__.partition('.')[0]}."
    found: dict[str, EntryPoint] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: not point.value.startswith(own)):
        found.setdefault(point.name, point)
    return found


def _guarded(point: EntryPoint, ask: Callable[[VoiceEngine], _Answer]) -> _Answer:
    """Ask an engine something. Raises NightstretchError, whatever the package of a third party raises."""
    try:
        return ask(point.load()())
    except NightstretchError:
        raise
    except Exception as error:
        raise VoiceError(
            f"the package behind {point.value!r} is broken ({error}); update or remove it"
        ) from error
    finally:
        # A package in C that is interrupted while it loads says that it is not available.
        interrupts.check()
