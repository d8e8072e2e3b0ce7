"""The command line: parse, compose, report.

Nothing heavy is imported before a command runs, so that ``--help`` answers at once; and every error is
caught here, once, and printed as the plain line that it is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from nightstretch import __version__
from nightstretch.cli.config import read_config
from nightstretch.cli.doctor import doctor
from nightstretch.cli.export import export
from nightstretch.cli.listings import routines, voices
from nightstretch.cli.play import play
from nightstretch.cli.script import script
from nightstretch.errors import NightstretchError

INTERRUPTED = 130


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: nightstretch play --speed 0.9",
)
@click.version_option(__version__, prog_name="nightstretch")
@click.pass_context
def cli(context: click.Context) -> None:
    """Be led through a bedtime stretch by a calm voice, with your eyes closed."""
    context.default_map = read_config(cli)


for command in (play, export, script, voices, routines, doctor):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process: 0 done, 1 could not, 2 wrong usage, 130 interrupted."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code."""
    try:
        code = cli.main(args=arguments, prog_name="nightstretch", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except NightstretchError as error:
        click.echo(f"nightstretch: {error}", err=True)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("nightstretch: interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has gone, as `head` does; what is still held must not be written either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code if isinstance(code, int) else 0
