"""``nightstretch export``: the session as a file."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from itertools import repeat
from pathlib import Path

import click

from nightstretch.cli.config import blamed_on
from nightstretch.cli.options import Wishes, bitrate_option, draws, session_options
from nightstretch.errors import BedError, UsageError
from nightstretch.export.formats import (
    FORMATS,
    check_bitrate,
    format_of,
)
from nightstretch.export.transcripts import TRANSCRIPTS


@click.command(epilog="Example: nightstretch export -o tonight.mp3 --speed 0.9")
@session_options
@click.option("-o", "--output", metavar="FILE", help="The file; ROUTINE.mp3 in this folder unless given.")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(FORMATS),
    help="From the file's ending unless given; m4a, m4b, ogg and opus need the extra 'formats'.",
)
@bitrate_option
@click.option(
    "--transcript",
    "transcripts",
    type=click.Choice(TRANSCRIPTS),
    multiple=True,
    help="Write the words into a file beside it, too; may be given several times.",
)
@click.option("--report", is_flag=True, help="Measure it, and write that as NAME.report.json beside it, too.")
@click.option("--stems", is_flag=True, help="Write voice, chimes and bed as files of their own, too.")
@click.option("--force", is_flag=True, help="Replace files that exist.")
def export(
    wishes: Wishes,
    output: str | None,
    format_name: str | None,
    bitrate_kbps: int | None,
    transcripts: tuple[str, ...],
    *,
    report: bool,
    stems: bool,
    force: bool,
) -> None:
    """Write the session to an audio file, with chapters and the words.

    ROUTINE is the name of a shipped routine or the path of a routine file.
    """
    from nightstretch.export.transcripts.base import About  # noqa: PLC0415
    from nightstretch.export.transcripts.beside import path_beside, transcripts_beside  # noqa: PLC0415
    from nightstretch.export.whole_file import whole_file  # noqa: PLC0415

    path, chosen = _target(wishes.routine, output, format_name)
    if bitrate_kbps is not None:
        with blamed_on("bitrate_kbps"):
            check_bitrate(chosen, bitrate_kbps, channels=2 if wishes.finish.bed else 1)
    with ExitStack() as stack:
        write_transcripts = stack.enter_context(transcripts_beside(path, transcripts, force=force))
        report_path = path_beside(path, ".report.json")
        report_file = stack.enter_context(whole_file(report_path, force=force)) if report else None
        session = stack.enter_context(wishes.open_session())
        reporter = session.reporter() if report else None
        names = session.soundtrack.stems if stems else ()
        stem_paths = {name: path_beside(path, f".{name}.{chosen}") for name in names}
        terminal = sys.stderr is not None and sys.stderr.isatty()
        if terminal and session.routine.safety:
            click.echo(session.routine.safety + "\n", err=True)
        length = session.expected_samples()
        if length is not None:
            length *= 1 + len(stem_paths)
        bar = click.progressbar(
            # Without a length the bar moves to and fro.
            None if length is not None else repeat(None),
            length=length,
            label=f"Writing {click.format_filename(path.name)}",
            file=sys.stderr,
            show_pos=False,
            hidden=not draws(),
        )
        with bar, blamed_on("bed", BedError):
            timeline = session.export(
                path,
                format_name=chosen,
                bitrate_kbps=bitrate_kbps,
                force=force,
                progress=bar.update,
                reporter=reporter,
                stems=stem_paths,
            )
            bar.update(0 if bar.length is None else bar.length - bar.pos)
        beside = (
            *stem_paths.values(),
            *write_transcripts(timeline, About(wishes.routine, session.voice.name, session.speed)),
        )
        measured = reporter.report(timeline) if reporter is not None else None
        if measured is not None and report_file is not None:
            report_file.write_text(measured.json(), encoding="utf-8", newline="\n")
            beside = (*beside, report_path)
    minutes, seconds = divmod(timeline.samples // timeline.rate, 60)
    for written in (path, *beside):
        click.echo(written)
    if measured is not None:
        click.echo(measured.text(), nl=False)
    click.echo(f"{minutes} min {seconds:02d} s", err=True)


def _target(routine: str, output: str | None, format_name: str | None) -> tuple[Path, str]:
    """Give the file to write and its format. Raises UsageError."""
    if output is None:
        chosen = format_name or FORMATS[0]
        return Path(f"{Path(routine).stem}.{chosen}"), chosen
    if not output:
        raise UsageError("-o needs the name of a file, as in -o tonight.mp3")
    path = Path(output)
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file in it, as in -o {path / 'tonight.mp3'}")
    return path, format_name or format_of(path)
