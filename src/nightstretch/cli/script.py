"""``nightstretch script``: everything that will be heard, in words."""

from __future__ import annotations

import click

from nightstretch.cli.options import Wishes, session_options


@click.command(epilog="Example: nightstretch script --format json --speed 0.8")
@session_options
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="To read, or for other programs.",
)
def script(wishes: Wishes, format_name: str) -> None:
    """Print what is said and when, to the sample.

    ROUTINE is the name of a shipped routine or the path of a routine file.
    """
    from nightstretch.export.transcript import as_json, as_text  # noqa: PLC0415

    with wishes.open_session() as session:
        timeline = session.timeline()
        if format_name == "json":
            text = as_json(timeline, routine=wishes.routine, voice=session.voice.name, speed=session.speed)
        else:
            text = as_text(timeline)
    click.echo(text, nl=False)
