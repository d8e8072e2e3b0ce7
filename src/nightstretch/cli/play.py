"""``nightstretch play``: the session through the loudspeaker."""

from __future__ import annotations

import sys
from dataclasses import replace

import click

from nightstretch.cli.config import Setting, blamed_on
from nightstretch.cli.options import Figure, Wishes, notice, session_options
from nightstretch.errors import BedError
from nightstretch.player.outputs import OUTPUT_NAMES
from nightstretch.player.terminal import SCREEN_NAMES

_TIMER = Figure("minutes", 0.1, 720, "give the minutes until it ends, up to 720")
_SETTLE = Figure("seconds", 0, 3600, "give seconds of quiet, up to 3600")


@click.command(epilog="Example: nightstretch play --speed 0.9 --sleep-timer 20")
@session_options
@click.option(
    "--output",
    "output_name",
    cls=Setting,
    type=click.Choice(OUTPUT_NAMES),
    default=OUTPUT_NAMES[0],
    envvar="NIGHTSTRETCH_OUTPUT",
    show_default=True,
    help="What plays it; null is real time without a sound card.",
)
@click.option(
    "--output-device",
    cls=Setting,
    envvar="NIGHTSTRETCH_OUTPUT_DEVICE",
    help="The sound device, or a part of its name, as `nightstretch doctor` lists them.",
)
@click.option(
    "--screen",
    cls=Setting,
    type=click.Choice(SCREEN_NAMES),
    envvar="NIGHTSTRETCH_SCREEN",
    help="What is to be seen: nothing, one dim line, or each cue in a line. Dark on a terminal.",
)
@click.option("--sleep-timer", type=_TIMER, metavar="MINUTES", help="End gently after so many minutes.")
@click.option(
    "--settle", type=_SETTLE, default=0, metavar="SECONDS", help="Wait in quiet before the first word."
)
@click.option("--resume", is_flag=True, help="Take up where the last session was left, as it was left.")
@click.option("--no-log", is_flag=True, help="Write no line for this night into `nightstretch log`.")
def play(
    wishes: Wishes,
    *,
    output_name: str,
    output_device: str | None,
    screen: str | None,
    sleep_timer: float | None,
    settle: float,
    resume: bool,
    no_log: bool,
) -> None:
    """Play the session, with the lights off.

    ROUTINE is the name of a shipped routine or the path of a routine file.

    \b
    space        pause, go on      t            how much time is left
    right, left  next, previous    s            sleep timer: 10 to 60 minutes, off
    r            say it again      up, down     volume, as 0 and 9
    [, ]         slower, faster    m            mute
    q            end               ?            what the keys do
    """  # noqa: D301 - click wants the real character
    from nightstretch.cli.memory import Memory, taken_up  # noqa: PLC0415
    from nightstretch.player.outputs import find_output  # noqa: PLC0415
    from nightstretch.player.play import Listener  # noqa: PLC0415
    from nightstretch.player.tape import Spot  # noqa: PLC0415
    from nightstretch.player.terminal import open_console, reading_seconds  # noqa: PLC0415

    with blamed_on("output_device"):
        output = find_output(output_name, output_device)
    wishes = replace(wishes, settle_seconds=settle)
    place = None
    if resume:
        wishes, place = taken_up(wishes, notice)
    later: list[str] = []  # what is said in the dark is said again in the morning
    with wishes.open_session() as session:
        safety = session.routine.safety
        if safety:
            click.echo(safety + "\n", err=True)
        console = open_console(screen, sys.stdin, sys.stdout)
        keys = "space pauses and resumes, q ends it, ? says the rest" if console.listens else "Ctrl-C ends it"
        dark = "; it gets dark in a moment, or at any key" if console.covers and safety else ""
        notice(f"playing {session.routine.title!r}; {keys}{dark}")
        memory = Memory(wishes, later.append, keep_log=not no_log)
        listener = Listener(
            volume=place.volume if place else 1.0,
            sleep_minutes=sleep_timer,
            reading_seconds=reading_seconds(safety),
            remember=memory.remember,
            goodnight=memory.goodnight,
        )
        spot = Spot(place.exercise, place.part, place.cue, place.text) if place else None
        try:
            with blamed_on("bed", BedError):
                outcome = session.play(output, console, listener, spot)
        finally:
            for message in later:
                notice(message)
    if outcome.bed_error is not None:
        notice(f"the bed faded away, and the words went on without it: {outcome.bed_error}")
    if not outcome.completed:
        notice("`nightstretch play --resume` goes on from there")
    if outcome.underruns:
        often = "once" if outcome.underruns == 1 else f"{outcome.underruns} times"
        notice(f"the computer was too slow {often}; there was silence instead")
