"""``nightstretch doctor``: what works on this machine, and what to do about what does not."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click


@dataclass(frozen=True)
class Finding:
    """One line of the report. ``remedy``: what is wrong and what to do about it; None if all is well.

    ``needed``: without it the program cannot do what most people want of it.
    """

    subject: str
    detail: str
    remedy: str | None = None
    needed: bool = False

    def __str__(self) -> str:
        verdict = "ok" if self.remedy is None else "MISSING" if self.needed else "not here"
        return f"{verdict:<8}  {self.subject:<18}  {self.remedy or self.detail}"


@click.command(epilog="Example: nightstretch doctor")
@click.pass_context
def doctor(context: click.Context) -> None:
    """Check Python, voices, sound outputs, ffmpeg and folders, and say what to do about problems.

    Ends with 1 if something is missing that the program cannot do without.
    """
    findings = [finding for check in (_python, _voices, _outputs, _ffmpeg, _folders) for finding in check()]
    for finding in findings:
        click.echo(finding)
    if any(finding.remedy and finding.needed for finding in findings):
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


def _outputs() -> Iterator[Finding]:
    from nightstretch.player.outputs import OUTPUT_NAMES, find_output  # noqa: PLC0415

    outputs = {name: find_output(name) for name in OUTPUT_NAMES}
    for name, output in outputs.items():
        problem = output.problem()
        devices = "" if problem else ", ".join(output.devices()) or "its default device"
        yield Finding(f"output {name}", devices, problem)


def _ffmpeg() -> Iterator[Finding]:
    from nightstretch.export.pydub_formats import problem  # noqa: PLC0415

    yield Finding("ffmpeg", "found; all file formats can be written", problem())


def _folders() -> Iterator[Finding]:
    from nightstretch.resources import folder  # noqa: PLC0415
    from nightstretch.voices.cache import cache_directory  # noqa: PLC0415

    yield Finding("narration", str(folder("narration")))
    yield Finding("sounds", str(folder("sounds")))
    for subject, path in (("clip cache", cache_directory()), ("this folder", Path.cwd())):
        remedy = (
            None
            if _can_write(path)
            else f"{path} cannot be written; give yourself the right to, or use another"
        )
        yield Finding(subject, str(path), remedy)


def _can_write(path: Path) -> bool:
    """Tell whether files can be made there, or the folder itself where there is none yet."""
    while not path.exists():
        path = path.parent
    return path.is_dir() and os.access(path, os.W_OK)
