"""``nightstretch batch``: a table of sessions as a folder of files."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

import click

from nightstretch.cli.options import notice
from nightstretch.errors import BatchError, UsageError

_MOST_PROBLEMS: Final = 20
_AHEAD: Final = 256
"""How many rows a cluster has before it at any time: more than it has workers, less than fills its memory."""


@click.command(epilog="Example: nightstretch batch evenings.csv -o evenings")
@click.argument("plan", metavar="PLAN")
@click.option("-o", "--output", metavar="FOLDER", help="The folder; named like the plan unless given.")
@click.option(
    "--workers",
    type=click.IntRange(1, 61),
    help="How many files to make at a time; one for each core unless given.",
)
@click.option(
    "--scheduler", metavar="ADDRESS", help="Work on the Dask cluster there; needs the extra 'cluster'."
)
@click.option("--force", is_flag=True, help="Make every file again, and replace files that exist.")
def batch(plan: str, output: str | None, workers: int | None, scheduler: str | None, *, force: bool) -> None:
    """Render a table of sessions into a folder, several at a time.

    PLAN is a CSV file, whose first row names the columns, or a YAML file, a list of rows. The columns are
    routine, voice, speed, minutes, bed, format and output; only routine is needed. Files that are finished
    are not made again, so it can be stopped and started again at any time; manifest.json has their checksums.
    """
    from nightstretch.batch.plan import read_plan  # noqa: PLC0415
    from nightstretch.batch.run import Batch  # noqa: PLC0415
    from nightstretch.batch.workers import MOST_PROCESSES, Processes, cluster  # noqa: PLC0415

    if scheduler is not None and workers is not None:
        raise UsageError("--workers is for this machine, and a cluster has its own; leave one of them out")
    path = Path(plan)
    try:
        rows = read_plan(path)
    except BatchError as error:
        _tell(error.problems)
        raise BatchError(
            f"{plan} is no plan that can be followed, so nothing was made; mend it first"
        ) from None
    folder = Path(output or path.stem)
    whole = Batch(rows, path.parent, folder, force=force, by_value=scheduler is not None, notice=notice)
    counts = {"made": 0, "kept": 0, "failed": 0}
    with ExitStack() as stack:
        if scheduler is not None:
            executor, at_once = stack.enter_context(cluster(scheduler)), _AHEAD
        else:
            at_once = min(workers or os.cpu_count() or 1, len(rows), MOST_PROCESSES)
            executor = stack.enter_context(Processes(at_once))
        bar = stack.enter_context(
            click.progressbar(
                length=len(rows),
                label=f"Rendering {click.format_filename(path.name)}",
                file=sys.stderr,
                show_pos=True,
                # A dumb terminal cannot go back to the start of a line.
                hidden=not sys.stderr.isatty() or os.environ.get("TERM") == "dumb",
            )
        )
        for result in stack.enter_context(closing(whole.run(executor, at_once))):
            counts[result.state] += 1
            if result.state == "failed":
                notice(f"{plan}:{result.row.line}: {result.path.name}: {result.reason}")
            else:
                click.echo(result.path)
            bar.update(1)
    told = f"{counts['made']} made, {counts['kept']} there already, {counts['failed']} failed"
    if counts["failed"]:
        raise BatchError(f"{told}; mend those rows and start again: the others are kept")
    click.echo(told, err=True)


def _tell(problems: tuple[str, ...]) -> None:
    for problem in problems[:_MOST_PROBLEMS]:
        notice(problem)
    if len(problems) > _MOST_PROBLEMS:
        notice(f"and {len(problems) - _MOST_PROBLEMS} more problems")
