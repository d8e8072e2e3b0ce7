"""``nightstretch doctor``: what works on this machine, and what to do about what does not."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from nightstretch.cli.config import config_path, read_config
from nightstretch.errors import NightstretchError, OutputError


@dataclass(frozen=True)
class Finding:
    """One line of the report. ``remedy``: what is wrong and what to do about it; None if all is well.

    ``needed``: with that wrong, the program cannot do what most people want of it.
    """

    subject: str
    detail: str
    remedy: str | None = None
    needed: bool = False

    def __str__(self) -> str:
        verdict = "ok" if self.remedy is None else "PROBLEM" if self.needed else "note"
        return f"{verdict:<8}  {self.subject:<18}  {self.remedy or self.detail}"


@click.command(epilog="Example: nightstretch doctor")
@click.pass_context
def doctor(context: click.Context) -> None:
    """Check what there is here, and say what to do about problems.

    That is: Python, voices, outputs, desktop, formats, settings and folders.
    Ends with 1 if something is wrong that the program cannot do without.
    """
    wrong = False
    for check in (_python, _voices, _outputs, _desktop, _formats, _settings, _folders):
        for finding in check():
            click.echo(finding)
            wrong = wrong or bool(finding.remedy and finding.needed)
    if wrong:
        context.exit(1)


def _python() -> Iterator[Finding]:
    yield Finding(
        "Python", f"{platform.python_version()} on {platform.platform(terse=True)} {platform.machine()}"
    )


def _voices() -> Iterator[Finding]:
    from nightstretch.voices import registry  # noqa: PLC0415

    reports = registry.reports()
    silent = all(report.problem for report in reports)
    for report in reports:
        yield Finding(f"voice {report.name}", "ready to speak", report.problem, needed=silent)
    if not reports:
        yield Finding("voices", "", "none is installed; install nightstretch again", needed=True)


def _outputs() -> Iterator[Finding]:
    from nightstretch.player.outputs import OUTPUT_NAMES, find_output  # noqa: PLC0415

    outputs = {name: find_output(name) for name in OUTPUT_NAMES}
    for name, output in outputs.items():
        problem = output.problem()
        names: list[str] = []
        try:
            names = [f'"{device}"' for device in output.devices()] if problem is None else []
        except OutputError as error:  # it went away meanwhile
            problem = str(error)
        choice = f", or one for --output-device: {', '.join(names)}" if names else ""
        yield Finding(f"output {name}", f"its default device{choice}", problem)


def _desktop() -> Iterator[Finding]:
    from nightstretch.player.awake import awake_problem  # noqa: PLC0415
    from nightstretch.player.media_keys import media_keys_problem  # noqa: PLC0415

    yield Finding("media keys", "heard while it plays", media_keys_problem())
    yield Finding("staying awake", "the computer does, while it plays", awake_problem())


def _formats() -> Iterator[Finding]:
    from nightstretch.export.formats import FORMATS  # noqa: PLC0415
    from nightstretch.export.pydub_formats import problem  # noqa: PLC0415

    yield Finding("file formats", f"{', '.join(FORMATS)}: all can be written", problem())


def _settings() -> Iterator[Finding]:
    context = click.get_current_context().find_root()

    def settings() -> str:
        path = config_path()
        if isinstance(context.command, click.Group):
            read_config(context.command)
        return str(path) if path.exists() else f"{path} (there is none, and none is needed)"

    yield _tried("config file", settings)


def _folders() -> Iterator[Finding]:
    from nightstretch.practice.folder import state_directory  # noqa: PLC0415
    from nightstretch.resources import folder  # noqa: PLC0415
    from nightstretch.voices.cache import cache_directory  # noqa: PLC0415

    yield _tried("narration", lambda: str(folder("narration")))
    yield _tried("sounds", lambda: str(folder("sounds")))
    yield _can_write("clip cache", cache_directory())
    yield _can_write("state folder", state_directory())
    try:
        yield _can_write("this folder", Path.cwd())
    except OSError:
        yield Finding("this folder", "", "it has been removed; change to another folder")


def _tried(subject: str, detail: Callable[[], str]) -> Finding:
    """Report something that is needed: what ``detail`` gives, or what it raises."""
    try:
        return Finding(subject, detail())
    except NightstretchError as error:
        return Finding(subject, "", str(error), needed=True)


def _can_write(subject: str, path: Path) -> Finding:
    """Report whether files can be made in a folder, or the folder itself where there is none yet."""
    nearest = path
    while not nearest.exists():
        nearest = nearest.parent
    if nearest.is_dir() and os.access(nearest, os.W_OK):
        return Finding(subject, str(path))
    return Finding(subject, "", f"{path} cannot be written; give yourself the right to, or use another")
