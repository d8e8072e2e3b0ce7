"""What ``play`` remembers: the place it has come to, for ``--resume``, and a line a night for ``log``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from nightstretch.choices import Pattern
from nightstretch.errors import PracticeError
from nightstretch.practice.folder import log_path, place_path
from nightstretch.practice.log import PracticeLog
from nightstretch.practice.night import Night
from nightstretch.practice.place import Place, PlaceFile, Wish

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


def last_place(notice: Callable[[str], object]) -> Place | None:
    """Give the place where the last session was left, if there is one."""
    try:
        place = PlaceFile(place_path()).load()
    except PracticeError as error:
        notice(str(error))
        return None
    if place is None:
        notice("the last session was finished, or there was none; it begins from the beginning")
    return place


def wishes_of(place: Place, wishes: Wishes) -> Wishes:
    """Give what was wished for when the place was left, but for what is asked for now."""
    kept: dict[str, Any] = {**place.wishes, "routine": place.routine, "speed": place.speed}
    kept["only"], kept["skip"] = frozenset(kept["only"]), frozenset(kept["skip"])
    kept["breath"] = Pattern(*kept["breath"]) if kept["breath"] else None
    context = click.get_current_context()
    asked = {
        name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    asked |= {name.removeprefix("no_") for name in asked}
    return replace(wishes, **{name: value for name, value in kept.items() if name not in asked})


def _kept(wishes: Wishes) -> dict[str, Wish]:
    breath = wishes.breath
    return {
        "voice": wishes.voice,
        "only": list[int | str | float | bool | None](sorted(wishes.only)),
        "skip": list[int | str | float | bool | None](sorted(wishes.skip)),
        "opening": wishes.opening,
        "closing": wishes.closing,
        "minutes": wishes.minutes,
        "breath": [breath.inhale, breath.hold, breath.exhale] if breath else None,
        "start_side": wishes.start_side,
        "gentle": wishes.gentle,
    }


def _lasting_name(routine: str) -> str:
    """Give a name that means the same in another folder."""
    from nightstretch.session import shipped_routines  # noqa: PLC0415

    return routine if routine in shipped_routines() else str(Path(routine).absolute())
