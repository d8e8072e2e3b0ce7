"""What several commands share: the choice of routine, voice, speed and parts, and how a session is opened."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING

import click

from nightstretch.choices import (
    AS_IT_COMES,
    BREATHS,
    LONGEST_MINUTES,
    LOUDEST_BED_LU,
    LOUDEST_LUFS,
    MOST_QUIETER_DB,
    NO_BED,
    QUIETEST_LUFS,
    SHORTEST_MINUTES,
    SOFTEST_BED_LU,
    Choices,
    Finish,
    Pattern,
)
from nightstretch.cli.config import Setting, blamed_on
from nightstretch.export.formats import DEFAULT_BITRATE_KBPS, DEFAULT_STEREO_BITRATE_KBPS
from nightstretch.voices.base import FASTEST_SPEED, SLOWEST_SPEED

if TYPE_CHECKING:
    # Only the type: `nightstretch --help` answers without numpy.
    from nightstretch.session import Session

DEFAULT_ROUTINE = "back-pain"

_Command = Callable[..., object]


class Numbers(click.ParamType):  # type: ignore[type-arg]  # generic only from click 8.4 on
    """Exercise numbers: ``3``, ``1,3`` or ``2-4``."""

    name = "numbers"

    def convert(
        self, value: str | frozenset[int], param: click.Parameter | None, ctx: click.Context | None
    ) -> frozenset[int]:
        """Give the set of the numbers."""
        if isinstance(value, frozenset):
            return value
        numbers: set[int] = set()
        for part in value.split(","):
            match = re.fullmatch(r"\s*(\d{1,4})\s*(?:-\s*(\d{1,4})\s*)?", part)
            if not match:
                self.fail(f"{value!r} is no list of exercise numbers; write 3, or 1,3, or 2-4", param, ctx)
            first, last = int(match[1]), int(match[2] or match[1])
            if first < 1:
                self.fail("there is no exercise 0; they are numbered from 1", param, ctx)
            if first > last:
                self.fail(f"{first}-{last} runs backwards; write {last}-{first}", param, ctx)
            numbers.update(range(first, last + 1))
        return frozenset(numbers)


class Figure(click.ParamType):  # type: ignore[type-arg]  # generic only from click 8.4 on
    """A number from ``least`` to ``most``; ``allowed`` says to a person what may be given."""

    def __init__(self, name: str, least: float, most: float, allowed: str) -> None:
        self.name = name
        self._least = least
        self._most = most
        self._allowed = allowed

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Give the number."""
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            self.fail(f"{value!r:.60} is no number; {self._allowed}", param, ctx)
        if not self._least <= number <= self._most:
            self.fail(f"{number:g} is out of range; {self._allowed}", param, ctx)
        return number


_LOUDNESS = Figure(
    "loudness", QUIETEST_LUFS, LOUDEST_LUFS, f"give {QUIETEST_LUFS:g} to {LOUDEST_LUFS:g} LUFS"
)
_QUIETER = Figure("decibels", 0, MOST_QUIETER_DB, f"give 0 to {MOST_QUIETER_DB:g} decibels")
_BED_LEVEL = Figure(
    "level",
    LOUDEST_BED_LU,
    SOFTEST_BED_LU,
    f"give {LOUDEST_BED_LU:g} to {SOFTEST_BED_LU:g} LU below the voice",
)
_SPEED = Figure(
    "speed",
    SLOWEST_SPEED,
    FASTEST_SPEED,
    f"give {SLOWEST_SPEED:g} to {FASTEST_SPEED:g}, where 1 is the calm pace",
)
_MINUTES = Figure(
    "minutes",
    SHORTEST_MINUTES,
    LONGEST_MINUTES,
    f"give {SHORTEST_MINUTES:g} to {LONGEST_MINUTES:g} minutes",
)

_TAIL = Figure("minutes", 0, 720, "give minutes of quiet, up to 720")


class BreathPattern(click.ParamType):  # type: ignore[type-arg]  # generic only from click 8.4 on
    """A breath: ``4-2-6``, ``4-6`` without a hold, or a name; None is the routine's own."""

    name = "pattern"

    def convert(
        self, value: str | Pattern | None, param: click.Parameter | None, ctx: click.Context | None
    ) -> Pattern | None:
        """Give the pattern."""
        if value is None or isinstance(value, Pattern):
            return value
        if value in BREATHS:
            return BREATHS[value]
        seconds = [float(part) for part in value.split("-") if re.fullmatch(r"\d{1,6}(\.\d{1,2})?", part)]
        if len(seconds) != value.count("-") + 1 or len(seconds) not in {2, 3}:
            names = ", ".join(BREATHS)
            self.fail(f"{value!r:.60} is no breath; write 4-2-6 or 4-6, or one of {names}", param, ctx)
        pattern = Pattern(seconds[0], seconds[1] if len(seconds) == 3 else 0, seconds[-1])  # noqa: PLR2004
        try:
            pattern.check()
        except ValueError as error:
            self.fail(f"{value!r:.60} {error}", param, ctx)
        return pattern


@dataclass(frozen=True)
class Wishes:
    """What a person asked for, before anything is read or loaded."""

    routine: str
    voice: str | None
    speed: float
    only: frozenset[int]
    skip: frozenset[int]
    opening: bool
    closing: bool
    minutes: float | None
    breath: Pattern | None
    start_side: str | None
    gentle: bool
    dry: bool
    finish: Finish = AS_IT_COMES
    settle_seconds: float = 0
    tail_minutes: float = 0

    def open_session(self) -> Session:
        """Read the routine and open the voice. Says on standard error what is otherwise than wished."""
        from nightstretch import session  # noqa: PLC0415
        from nightstretch.audio import SESSION_RATE  # noqa: PLC0415
        from nightstretch.script import build_script  # noqa: PLC0415

        routine = session.find_routine(self.routine)
        choices = Choices(
            only=self.only,
            skip=self.skip,
            opening=self.opening,
            closing=self.closing,
            minutes=self.minutes,
            breath=self.breath,
            start_side=self.start_side,
            gentle=self.gentle,
            settle_seconds=self.settle_seconds,
            tail_minutes=self.tail_minutes,
        )
        # For its errors, before the voice: opening one of the system's may take seconds of calibration.
        build_script(routine, SESSION_RATE, choices)
        with blamed_on("voice"):
            voice = session.open_voice(self.voice, notice, dry=self.dry)
        try:
            opened = session.Session(routine, voice, speed=self.speed, choices=choices, finish=self.finish)
        except BaseException:
            voice.close()
            raise
        slowest, fastest = voice.speeds
        nearest = min(max(self.speed, slowest), fastest)
        if nearest != self.speed:
            notice(
                f"the voice {voice.name!r} cannot speak at speed {self.speed:g}; it speaks at {nearest:.2f}"
            )
        if routine.pronounce and not voice.takes_ipa:
            notice(f"the voice {voice.name!r} cannot be told how to speak a word; `pronounce:` is ignored")
        return opened


def draws() -> bool:
    """Tell whether progress can be drawn: a dumb terminal cannot go back to the start of a line."""
    return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def notice(message: str) -> None:
    """Say something in passing, on standard error."""
    click.echo(f"nightstretch: {message}", err=True)


speed_option = click.option(
    "--speed",
    cls=Setting,
    type=_SPEED,
    default=1.0,
    envvar="NIGHTSTRETCH_SPEED",
    show_default=True,
    help=f"How fast the voice speaks, {SLOWEST_SPEED:g} to {FASTEST_SPEED:g}. "
    "The exercises keep their length.",
)
voice_option = click.option(
    "--voice",
    cls=Setting,
    envvar="NIGHTSTRETCH_VOICE",
    help="A voice that `nightstretch voices` lists; natural, where it works, unless given.",
)
bed_option = click.option(
    "--bed",
    cls=Setting,
    default=NO_BED,
    envvar="NIGHTSTRETCH_BED",
    show_default=True,
    help="A sound to lie under the voice: rain, waves, brown-noise, drone, or a file of your own.",
)
bitrate_option = click.option(
    "--bitrate",
    "bitrate_kbps",
    cls=Setting,
    type=int,
    envvar="NIGHTSTRETCH_BITRATE",
    show_default=f"{DEFAULT_BITRATE_KBPS}, in stereo {DEFAULT_STEREO_BITRATE_KBPS}",
    help="Kilobits a second, for formats that have a bitrate.",
)

_OPTIONS = (
    click.argument("routine", default=DEFAULT_ROUTINE, metavar="[ROUTINE]"),
    speed_option,
    voice_option,
    click.option(
        "--only", type=Numbers(), default=frozenset(), help="Do only these exercises: 3, or 1,3, or 2-4."
    ),
    click.option("--skip", type=Numbers(), default=frozenset(), help="Leave these exercises out."),
    click.option("--no-opening", is_flag=True, help="Begin with the first exercise."),
    click.option("--no-closing", is_flag=True, help="End with the last exercise."),
    click.option(
        "--minutes",
        type=_MINUTES,
        help=f"How long the exercises last together, {SHORTEST_MINUTES:g} to {LONGEST_MINUTES:g}; "
        "as the routine has it unless given.",
    ),
    click.option(
        "--breath",
        type=BreathPattern(),
        help="Seconds in, hold and out, such as 4-2-6, or only in and out, such as 5-7; "
        f"or one of {', '.join(BREATHS)}.",
    ),
    click.option("--start-side", help="Begin two-sided moves with this side: right or left."),
    click.option("--gentle", is_flag=True, help="Do the gentler form of every move that has one."),
    click.option(
        "--tail",
        type=_TAIL,
        default=0,
        metavar="MINUTES",
        help="Let quiet follow on the last word, over the bed if there is one.",
    ),
    bed_option,
    click.option(
        "--bed-level",
        type=_BED_LEVEL,
        default=AS_IT_COMES.bed_lu,
        show_default=True,
        metavar="LU",
        help="How far the bed lies below the voice.",
    ),
    click.option("--breath-swell", is_flag=True, help="Let the bed rise and fall with guided breath."),
    click.option(
        "--loudness",
        type=_LOUDNESS,
        default=AS_IT_COMES.loudness_lufs,
        show_default=True,
        metavar="LUFS",
        help="How loud the session is as a whole.",
    ),
    click.option(
        "--quieter-over-time",
        type=_QUIETER,
        default=AS_IT_COMES.quieter_db,
        show_default=True,
        metavar="DB",
        help="How much softer the voice is at the end than at the beginning.",
    ),
    click.option("--dry", is_flag=True, help="The voice as it is made, without a room around it."),
)


def session_options(command: _Command) -> _Command:
    """Give a command the options that choose a session; it gets them as ``wishes``."""

    @wraps(command)
    def with_wishes(
        *,
        routine: str,
        voice: str | None,
        speed: float,
        only: frozenset[int],
        skip: frozenset[int],
        no_opening: bool,
        no_closing: bool,
        minutes: float | None,
        breath: Pattern | None,
        start_side: str | None,
        gentle: bool,
        tail: float,
        dry: bool,
        loudness: float,
        quieter_over_time: float,
        bed: str,
        bed_level: float,
        breath_swell: bool,
        **others: object,
    ) -> object:
        wishes = Wishes(
            routine=routine,
            voice=voice,
            speed=speed,
            only=only,
            skip=skip,
            opening=not no_opening,
            closing=not no_closing,
            minutes=minutes,
            breath=breath,
            start_side=start_side,
            gentle=gentle,
            tail_minutes=tail,
            dry=dry,
            finish=Finish(
                loudness_lufs=loudness,
                quieter_db=quieter_over_time,
                bed=None if bed == NO_BED else bed,
                bed_lu=bed_level,
                breath_swell=breath_swell,
            ),
        )
        return command(wishes=wishes, **others)

    for option in reversed(_OPTIONS):
        with_wishes = option(with_wishes)
    return with_wishes
