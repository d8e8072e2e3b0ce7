"""What ``play`` remembers: the place it has come to, for ``--resume``, and a line a night for ``log``."""

from __future__ import annotations

import operator
from collections.abc import Callable, Container, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

from nightstretch.choices import Finish, Pattern
from nightstretch.errors import PracticeError
from nightstretch.practice.folder import log_path, place_path
from nightstretch.practice.log import PracticeLog
from nightstretch.practice.night import Night
from nightstretch.practice.place import Place, PlaceFile, Wish
from nightstretch.voices.base import FASTEST_SPEED, SLOWEST_SPEED

if TYPE_CHECKING:
    from nightstretch.cli.options import Wishes
    from nightstretch.player.play import Outcome
    from nightstretch.player.tape import Spot


class Memory:
    """Remembers one session. What cannot be remembered is no reason to stop: it is told by ``notice``."""

    def __init__(self, wishes: Wishes, notice: Callable[[str], object], *, keep_log: bool) -> None:
        self._routine = _lasting_name(wishes.routine)
        self._wishes = _kept(wishes)
        self._notice = notice
        self._keep_log = keep_log
        self._file = PlaceFile(place_path())
        self._began = datetime.now().astimezone()

    def remember(self, spot: Spot, speed: float, volume: float) -> None:
        """Keep the place of a cue."""
        place = Place(
            self._routine, self._wishes, spot.exercise, spot.part, spot.cue, spot.text, speed, volume
        )
        self._tell(self._file.save(place))

    def goodnight(self, outcome: Outcome) -> None:
        """Forget the place of a session that is finished, and write the night down."""
        if outcome.completed:
            self._tell(self._file.clear())
        minutes, of_minutes = outcome.seconds / 60, outcome.of_seconds / 60
        if self._keep_log and (outcome.completed or minutes >= 1):
            night = Night(self._began, self._routine, minutes, of_minutes, outcome.completed)
            self._tell(PracticeLog(log_path()).record(night))

    def _tell(self, problem: str | None) -> None:
        if problem:
            self._notice(problem)


def taken_up(wishes: Wishes, notice: Callable[[str], object]) -> tuple[Wishes, Place | None]:
    """Give the wishes of the last session, but for what is asked for now, and the place where it was left.

    Where there is nothing to go on from, these are the wishes, and there is no place: ``notice`` is told.
    """
    try:
        place = PlaceFile(place_path()).load()
        kept = _kept_in(place) if place is not None else {}
    except PracticeError as error:
        notice(str(error))
        return wishes, None
    if place is None:
        notice("the last session was finished, or there was none; it begins from the beginning")
        return wishes, None
    asked = _asked_for()
    if "routine" in asked and _lasting_name(wishes.routine) != place.routine:
        notice(f"the last session was {place.routine}; this one begins from the beginning")
        return wishes, None
    of_sound = [field for name, field in _FINISH.items() if name in asked]
    kept["finish"] = replace(kept["finish"], **{field: getattr(wishes.finish, field) for field in of_sound})
    return replace(wishes, **{name: value for name, value in kept.items() if name not in asked}), place


_FINISH: Final = {
    "loudness": "loudness_lufs",
    "quieter_over_time": "quieter_db",
    "bed": "bed",
    "bed_level": "bed_lu",
    "breath_swell": "breath_swell",
}
"""The options that tell how it is to sound, and what they are called there."""


def _asked_for() -> set[str]:
    """Name the wishes that are on the command line."""
    context = click.get_current_context()
    given = {
        name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    fields = {"no_opening": "opening", "no_closing": "closing", "tail": "tail_minutes"}
    return {fields.get(name, name) for name in given}


def _kept(wishes: Wishes) -> dict[str, Wish]:
    """Give the wishes as they are kept: all but for settling in, which is over."""
    breath = wishes.breath
    return {
        "voice": wishes.voice,
        "only": [*sorted(wishes.only)],
        "skip": [*sorted(wishes.skip)],
        "opening": wishes.opening,
        "closing": wishes.closing,
        "minutes": wishes.minutes,
        "breath": [breath.inhale, breath.hold, breath.exhale] if breath else None,
        "start_side": wishes.start_side,
        "gentle": wishes.gentle,
        "tail_minutes": wishes.tail_minutes,
        "dry": wishes.dry,
        **asdict(wishes.finish),
        "bed": _lasting_bed(wishes.finish.bed),
    }


_KINDS: Final[Mapping[str, Any]] = {
    "voice": str | None,
    "only": list,
    "skip": list,
    "opening": bool,
    "closing": bool,
    "minutes": float | int | None,
    "breath": list | None,
    "start_side": str | None,
    "gentle": bool,
    "tail_minutes": float | int,
    "dry": bool,
}

_FINISH_KINDS: Final[Mapping[str, Any]] = {
    "loudness_lufs": float | int,
    "quieter_db": float | int,
    "bed": str | None,
    "bed_lu": float | int,
    "breath_swell": bool,
}


def _kept_in(place: Place) -> dict[str, Any]:
    """Give the wishes that are kept with a place. Raises PracticeError where they make no sense."""
    wishes = place.wishes
    try:
        for name, kind in {**_KINDS, **_FINISH_KINDS}.items():
            if not isinstance(wishes[name], kind):
                raise TypeError(name)  # noqa: TRY301 - it is one of the ways in which it may be damaged
        kept: dict[str, Any] = {name: wishes[name] for name in _KINDS}
        finish: dict[str, Any] = {name: wishes[name] for name in _FINISH_KINDS}
        kept["finish"] = Finish(**finish)
        kept["only"], kept["skip"] = (frozenset(map(operator.index, kept[name])) for name in ("only", "skip"))
        if kept["breath"]:
            kept["breath"] = Pattern(*kept["breath"])
            kept["breath"].check()
        if not (SLOWEST_SPEED <= place.speed <= FASTEST_SPEED and 0 < place.volume <= 1):
            raise ValueError("beyond the limits")  # noqa: TRY301
    except (KeyError, TypeError, ValueError):
        raise PracticeError(
            f"{place_path()} is damaged, so how you had it is not known; "
            "this time it begins from the beginning"
        ) from None
    return {**kept, "routine": place.routine, "speed": place.speed}


def _lasting_bed(bed: str | None) -> str | None:
    from nightstretch.beds import bed_names  # noqa: PLC0415

    return None if bed is None else _lasting(bed, bed_names())


def _lasting_name(routine: str) -> str:
    from nightstretch.session import shipped_routines  # noqa: PLC0415

    return _lasting(routine, shipped_routines())


def _lasting(name: str, known: Container[str]) -> str:
    """Give a name that means the same in another folder."""
    return name if name in known else str(Path(name).absolute())
