"""What is told of a night's practice: a value, its merging, and the streak. It knows no file and no clock."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_DAY = timedelta(days=1)
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class Night:
    """How a session went.

    ``began``: when, by the clock on the wall, with its UTC offset. ``routine``: a shipped name, or the
    absolute path of a file. ``heard_minutes`` of ``session_minutes``, its whole length. ``finished``: whether
    its end was reached. Raises ValueError where this cannot be.
    """

    began: datetime
    routine: str
    heard_minutes: float
    session_minutes: float
    finished: bool

    def __post_init__(self) -> None:
        if self.began.tzinfo is None:
            raise ValueError("a night needs the UTC offset of when it began")
        if not 1900 <= self.began.year < 9999:  # noqa: PLR2004 - where no arithmetic with dates runs over
            raise ValueError(f"there was no night in the year {self.began.year}")
        for minutes in (self.heard_minutes, self.session_minutes):
            if not 0 <= minutes <= _DAY_MINUTES:
                raise ValueError(f"a night cannot have {minutes} minutes")

    @property
    def evening(self) -> date:
        """The date it is told under."""
        return evening_of(self.began)


def evening_of(moment: datetime) -> date:
    """Give the evening that a moment belongs to: a night runs from noon to noon, by the clock on the wall."""
    return (moment - timedelta(hours=12)).date()


def merged(nights: Iterable[Night]) -> list[Night]:
    """Make one of those with the same routine in the same night, in whatever order they come; sorted.

    A session that was resumed is one: what was heard adds up, to its length at most, and it is finished if
    it was at any time.
    """
    same: dict[tuple[date, str], list[Night]] = {}
    for night in nights:
        same.setdefault((night.evening, night.routine), []).append(night)
    return sorted(map(_as_one, same.values()), key=lambda night: (night.evening, night.began, night.routine))


def _as_one(nights: list[Night]) -> Night:
    session_minutes = max(night.session_minutes for night in nights)
    heard_minutes = math.fsum(night.heard_minutes for night in nights)  # the same in any order
    return Night(
        began=min(night.began for night in nights),
        routine=nights[0].routine,
        heard_minutes=min(heard_minutes, session_minutes),
        session_minutes=session_minutes,
        finished=any(night.finished for night in nights),
    )


def streak(evenings: Iterable[date], tonight: date) -> int:
    """Count the nights in a row that lead up to tonight, or to last night: tonight may still come."""
    done = set(evenings)
    last = tonight if tonight in done else tonight - _DAY
    count = 0
    while last - count * _DAY in done:
        count += 1
    return count
