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
    """List the routines that come with the program. For each, about how short and how long it can be."""
    from nightstretch import session  # noqa: PLC0415
    from nightstretch.advice import guess_reach  # noqa: PLC0415

    names = session.shipped_routines()
    width = max(map(len, names), default=0)
    for name in names:
        routine = session.find_routine(name)
        minutes = sum(exercise.minutes for exercise in routine.exercises)
        count = len(routine.exercises)
        shortest, longest = guess_reach(routine)
        exercises = "1 exercise" if count == 1 else f"{count} exercises"
        reach = f"about {shortest:.0f} to {longest:.0f}"
        click.echo(f"{name:<{width}}  {routine.title}: {exercises}, {minutes:g} minutes ({reach})")
