"""``nightstretch batch``: a table of sessions as a folder of files."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from nightstretch.choices import NO_BED
from nightstretch.cli.config import blamed_on
from nightstretch.cli.options import bed_option, bitrate_option, draws, notice, speed_option, voice_option
from nightstretch.errors import BatchError, BedError, UsageError, VoiceError

if TYPE_CHECKING:
    # Only the type: `nightstretch --help` answers without numpy.
    from nightstretch.batch.plan import Defaults

_CLEAR_LINE: Final = "\r\x1b[K"
_MOST_PROBLEMS: Final = 20
_AHEAD: Final = 256
"""How many rows a cluster has before it at any time: more than it has workers, less than fills its memory."""


@click.command(epilog="Example: nightstretch batch evenings.csv -o evenings")
@click.argument("plan", metavar="PLAN")
@click.option("-o", "--output", metavar="FOLDER", help="The folder; named like the plan unless given.")
@voice_option
@speed_option
@bed_option
@bitrate_option
@click.option(
    "--workers",
    type=click.IntRange(1),
    help="How many files to make at a time; one for each core unless given.",
)
@click.option(
    "--scheduler", metavar="ADDRESS", help="Work on the Dask cluster there; needs the extra 'cluster'."
)
@click.option("--force", is_flag=True, help="Make every file again, and replace files that exist.")
def batch(
    plan: str,
    output: str | None,
    voice: str | None,
    speed: float,
    bed: str,
    bitrate_kbps: int | None,
    workers: int | None,
    scheduler: str | None,
    *,
    force: bool,
) -> None:
    """Render a table of sessions into a folder, several at a time.

    PLAN is a CSV file, whose first row names the columns, or a YAML file, a list of rows. The columns are
    routine, voice, speed, minutes, bed, format and output; only routine is needed. Where a cell is empty, the
    options --voice, --speed and --bed hold. Files that are finished are not made again, so it can be stopped
    and started again at any time; SHA256SUMS has their checksums.
    """
    from nightstretch.batch.plan import read_plan  # noqa: PLC0415
    from nightstretch.batch.run import Batch  # noqa: PLC0415
    from nightstretch.batch.workers import MOST_PROCESSES, Processes, cluster  # noqa: PLC0415

    if scheduler is not None and workers is not None:
        raise UsageError("--workers is for this machine, and a cluster has its own; leave one of them out")
    path = Path(plan)
    defaults = _defaults(voice, speed, bed)
    try:
        rows = read_plan(path, defaults)
    except BatchError as error:
        if len(error.problems) == 1:
            raise
        _tell(error.problems)
        raise BatchError(
            f"{plan} is no plan that can be followed, so nothing was made; mend it first"
        ) from None
    folder = Path(output or path.stem)
    whole = Batch(
        rows,
        path.parent,
        folder,
        bitrate_kbps=bitrate_kbps,
        force=force,
        by_value=scheduler is not None,
        notice=notice,
    )
    counts = {"made": 0, "kept": 0, "failed": 0}
    with ExitStack() as stack:
        if scheduler is not None:
            executor, at_once = stack.enter_context(cluster(scheduler)), _AHEAD
        else:
            count = min(workers or os.cpu_count() or 1, len(rows), MOST_PROCESSES)
            # One more lies ready for whoever is done first.
            executor, at_once = stack.enter_context(Processes(count)), count + 1
        bar = stack.enter_context(
            click.progressbar(
                length=len(rows),
                label=f"Rendering {click.format_filename(path.name)}",
                file=sys.stderr,
                show_pos=True,
                hidden=not draws(),
            )
        )
        for result in stack.enter_context(closing(whole.run(executor, at_once))):
            counts[result.state] += 1
            if not bar.hidden:
                click.echo(_CLEAR_LINE, nl=False, err=True)
            if result.state == "failed":
                notice(f"{plan}:{result.row.line}: {result.path.name}: {result.reason}")
            else:
                click.echo(result.path)
            bar.update(1)
    told = f"{counts['made']} made, {counts['kept']} there already, {counts['failed']} failed"
    if counts["failed"]:
        raise BatchError(f"{told}; mend those rows and start again: the others are kept")
    click.echo(told, err=True)


def _defaults(voice: str | None, speed: float, bed: str) -> Defaults:
    """Give what holds for empty cells. Raises UsageError or BedError for a voice or a bed there is not."""
    from nightstretch.batch.plan import Defaults  # noqa: PLC0415
    from nightstretch.batch.run import located  # noqa: PLC0415
    from nightstretch.beds import bed_names, bed_path  # noqa: PLC0415
    from nightstretch.voices.registry import open_voice  # noqa: PLC0415

    # A voice that is not available here is for the rows that need it to tell.
    with blamed_on("voice"), suppress(VoiceError):
        if voice is not None:
            open_voice(voice).close()
    if bed == NO_BED:
        return Defaults(voice, speed)
    with blamed_on("bed", BedError):
        bed_path(place := located(bed, Path(), bed_names()))
    return Defaults(voice, speed, place)


def _tell(problems: tuple[str, ...]) -> None:
    for problem in problems[:_MOST_PROBLEMS]:
        notice(problem)
    if len(problems) > _MOST_PROBLEMS:
        notice(f"and {len(problems) - _MOST_PROBLEMS} more problems")
