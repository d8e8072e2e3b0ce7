"""``nightstretch export``: the session as a file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from nightstretch.cli.options import Wishes, notice, session_options
from nightstretch.export.formats import DEFAULT_BITRATE_KBPS, FORMATS, format_of
from nightstretch.export.transcripts import TRANSCRIPTS


@click.command(epilog="Example: nightstretch export -o tonight.mp3 --speed 0.9")
@session_options
@click.option(
    "-o", "--output", "path", type=click.Path(path_type=Path), help="The file; ROUTINE.mp3 unless given."
)
@click.option(
    "--format", "format_name", type=click.Choice(FORMATS), help="From the file's ending unless given."
)
@click.option(
    "--bitrate",
    "bitrate_kbps",
    type=int,
    default=DEFAULT_BITRATE_KBPS,
    envvar="NIGHTSTRETCH_BITRATE",
    show_default=True,
    help="Kilobits a second, for formats that have a bitrate.",
)
@click.option(
    "--transcript",
    "transcripts",
    type=click.Choice(TRANSCRIPTS),
    multiple=True,
    help="Write the words into a file beside it, too; may be given several times.",
)
@click.option("--force", is_flag=True, help="Replace files that exist.")
def export(
    wishes: Wishes,
    path: Path | None,
    format_name: str | None,
    bitrate_kbps: int,
    transcripts: tuple[str, ...],
    *,
    force: bool,
) -> None:
    """Write the session to an audio file, with chapters and the words.

    ROUTINE is the name of a shipped routine or the path of a routine file.
    """
    from nightstretch.export.transcripts.base import About  # noqa: PLC0415
    from nightstretch.export.transcripts.beside import transcripts_beside  # noqa: PLC0415

    if path is None:
        path = Path(f"{Path(wishes.routine).stem}.{format_name or FORMATS[0]}")
    chosen = format_name or format_of(path)
    with (
        transcripts_beside(path, transcripts, force=force) as write_transcripts,
        wishes.open_session() as session,
    ):
        bar = click.progressbar(
            length=session.expected_samples(),
            label=f"Writing {path.name}",
            file=sys.stderr,
            show_pos=False,
            hidden=not sys.stderr.isatty(),
        )
        with bar:
            timeline = session.export(
                path, format_name=chosen, bitrate_kbps=bitrate_kbps, force=force, progress=bar.update
            )
            bar.update(0 if bar.length is None else bar.length - bar.pos)
        beside = write_transcripts(timeline, About(wishes.routine, session.voice.name, session.speed))
    minutes, seconds = divmod(timeline.samples // timeline.rate, 60)
    for written in (path, *beside):
        click.echo(written)
    notice(f"wrote {path}, {minutes} min {seconds:02d} s")
