"""``nightstretch play``: the session through the loudspeaker."""

from __future__ import annotations

import sys

import click

from nightstretch.cli.config import Setting
from nightstretch.cli.options import Wishes, notice, session_options
from nightstretch.player.outputs import OUTPUT_NAMES


@click.command(epilog="Example: nightstretch play --speed 0.9 --skip 5")
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
def play(wishes: Wishes, output_name: str) -> None:
    """Play the session; space pauses and resumes, q ends it.

    ROUTINE is the name of a shipped routine or the path of a routine file.
    """
    from nightstretch.player.keys import open_keys  # noqa: PLC0415
    from nightstretch.player.outputs import find_output  # noqa: PLC0415

    output = find_output(output_name)
    with wishes.open_session() as session:
        if session.routine.safety:
            click.echo(session.routine.safety + "\n", err=True)
        keys = open_keys(sys.stdin)
        notice(f"playing {session.routine.title!r}; space pauses and resumes, q ends it")
        outcome = session.play(output, keys)
    if outcome.underruns:
        notice(f"the computer was too slow {outcome.underruns} times; there was silence instead")
