"""``nightstretch log``: the nights that were practised, as a calm calendar."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import click

from nightstretch.cli.options import notice


@dataclass(frozen=True)
class Marks:
    """What stands for a night in the calendar; one character each."""

    finished: str
    part: str
    none: str


_MARKS, _ASCII_MARKS = Marks("●", "◐", "·"), Marks("x", "/", ".")


@click.command(epilog="Example: nightstretch log --weeks 12")
@click.option(
    "--weeks",
    type=click.IntRange(1, 52),
    default=6,
    show_default=True,
    help="How many weeks to show, this one included.",
)
def log(weeks: int) -> None:
    """Show the nights you practised, and how many in a row.

    It is a calendar of the last weeks. A night goes from noon to noon. All this stays on your computer.
    """
    from nightstretch.practice.folder import log_path  # noqa: PLC0415
    from nightstretch.practice.log import PracticeLog  # noqa: PLC0415
    from nightstretch.practice.night import evening_of, streak  # noqa: PLC0415

    nights, problem = PracticeLog(log_path()).nights()
    if problem is not None:
        notice(problem)
    if not nights:
        click.echo(
            "Nothing here yet: once you have done `nightstretch play`, this is a calendar of your evenings."
        )
        return
    tonight = evening_of(_now())
    if ahead := len({night.evening for night in nights if night.evening > tonight}):
        notice(f"{_count(ahead, 'night')} of the log would be after tonight; see whether the clock is right")

    marks = _marks()
    evenings: dict[date, str] = {}
    for night in nights:
        if night.finished:
            evenings[night.evening] = marks.finished
        else:
            evenings.setdefault(night.evening, marks.part)
    for line in calendar(evenings, tonight, weeks, marks.none):
        click.echo(line)
    click.echo(f"\n{marks.finished} finished   {marks.part} in part   {marks.none} none   [ ] tonight\n")

    minutes = round(sum(night.heard_minutes for night in nights))
    in_a_row = streak(evenings, tonight)
    click.echo(f"{_count(in_a_row, 'night')} in a row." if in_a_row else "Tonight can be the first in a row.")
    click.echo(f"{_count(len(evenings), 'night')} in all, {_duration(minutes)}.")


def calendar(evenings: Mapping[date, str], tonight: date, weeks: int, none: str) -> Iterator[str]:
    """Give the lines of the last weeks: the mark of each evening up to tonight, or ``none``."""
    yield "        Mon Tue Wed Thu Fri Sat Sun"
    this_monday = tonight - timedelta(days=tonight.weekday())
    for ago in reversed(range(weeks)):
        monday = this_monday - timedelta(weeks=ago)
        days = [monday + timedelta(days=number) for number in range(7)]
        cells = [evenings.get(day, none) for day in days if day <= tonight]
        spaced = [
            f"[{cell}]" if day == tonight else f" {cell} " for day, cell in zip(days, cells, strict=False)
        ]
        yield f"{monday.day:>2} {monday:%b}  {' '.join(spaced)}".rstrip()


def _now() -> datetime:
    """Give the time by the clock on the wall."""
    return datetime.now().astimezone()


def _marks() -> Marks:
    """Give marks that standard output can print."""
    try:
        f"{_MARKS.finished}{_MARKS.part}{_MARKS.none}".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return _ASCII_MARKS
    return _MARKS


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _duration(minutes: int) -> str:
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return _count(minutes, "minute")
    return _count(hours, "hour") + (f" and {_count(minutes, 'minute')}" if minutes else "")
