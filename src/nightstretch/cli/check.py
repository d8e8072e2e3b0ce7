"""``nightstretch check``: whether a routine file is one, and what can be made of it."""

from __future__ import annotations

from contextlib import ExitStack

import click

from nightstretch.cli.config import Setting, blamed_on
from nightstretch.cli.options import notice
from nightstretch.errors import FitError, RoutineError

CHECKED_SPEEDS = (0.7, 1.0, 1.4)


@click.command(epilog="Example: nightstretch check mine.yaml")
@click.argument("routine", metavar="FILE")
@click.option(
    "--voice",
    cls=Setting,
    envvar="NIGHTSTRETCH_VOICE",
    help="The voice to measure with; natural, where it works, unless given.",
)
@click.pass_context
def check(context: click.Context, routine: str, voice: str | None) -> None:
    """Print every problem of a routine file. Of a sound one, how short and how long it can be.

    Ends with 1 if there is a problem.
    """
    from nightstretch import session  # noqa: PLC0415

    try:
        found = session.find_routine(routine)
    except RoutineError as error:
        for problem in error.problems:
            click.echo(problem)
        context.exit(1)
    minutes = sum(exercise.minutes for exercise in found.exercises)
    click.echo(f"{routine}: {found.title}, {len(found.exercises)} exercises, {minutes:g} minutes")
    sound = True
    with ExitStack() as stack:
        with blamed_on("voice"):
            speaker = session.open_voice(voice, notice)
        # All of them at once: while one is looked at, the clips of the next are made.
        evenings = [
            stack.enter_context(session.Session(found, speaker, speed=speed)) for speed in CHECKED_SPEEDS
        ]
        for evening in evenings:
            shortest, longest = evening.reach_minutes()
            try:
                evening.timeline()
            except FitError as error:
                click.echo(f"speed {evening.speed:g}: {error}")
                sound = False
            else:
                click.echo(f"speed {evening.speed:g}: from {shortest:.1f} to {longest:.1f} minutes")
    if not sound:
        context.exit(1)
