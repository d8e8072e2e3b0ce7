"""``nightstretch script``: everything that will be heard, in words."""

from __future__ import annotations

import click

from nightstretch.cli.options import Wishes, session_options
from nightstretch.export.transcripts import TRANSCRIPTS, transcript


@click.command(epilog="Example: nightstretch script --format json --speed 0.8")
@session_options
@click.option(
    "--format",
    "format_name",
    type=click.Choice(TRANSCRIPTS),
    default=TRANSCRIPTS[0],
    show_default=True,
    help="To read, or for other programs, engines and players.",
)
def script(wishes: Wishes, format_name: str) -> None:
    """Print what is said and when, to the sample.

    ROUTINE is the name of a shipped routine or the path of a routine file.
    """
    from nightstretch.export.transcripts.base import About  # noqa: PLC0415

    with wishes.open_session() as session:
        about = About(wishes.routine, session.voice.name, session.speed)
        text = transcript(format_name, session.timeline(), about)
    click.echo(text, nl=False)
