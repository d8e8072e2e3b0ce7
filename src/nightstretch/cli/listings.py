"""``nightstretch voices`` and ``nightstretch routines``: what there is to choose from."""

from __future__ import annotations

import click


@click.command(epilog="Example: nightstretch voices")
def voices() -> None:
    """List the voices, the default one first."""
    from nightstretch.voices import registry  # noqa: PLC0415

    listed = registry.list_voices()
    width = max((len(voice.name) for voice in listed), default=0)
    for voice in listed:
        click.echo(f"{voice.name:<{width}}  {voice.description}")


@click.command(epilog="Example: nightstretch routines")
def routines() -> None:
    """List the routines that come with the program."""
    from nightstretch import session  # noqa: PLC0415

    for name in session.shipped_routines():
        routine = session.find_routine(name)
        minutes = sum(exercise.minutes for exercise in routine.exercises)
        count = len(routine.exercises)
        click.echo(f"{name:<16} {routine.title}: {count} exercises, {minutes:g} minutes")
