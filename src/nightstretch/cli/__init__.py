"""The command line: parse, compose, report.

Nothing heavy is imported before a command runs, so that ``--help`` answers at once; and every error is
caught here, once, and printed as the plain line that it is.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import wraps
from pathlib import Path

import click

from nightstretch import __version__, interrupts
from nightstretch.cli.batch import batch
from nightstretch.cli.check import check
from nightstretch.cli.config import read_config
from nightstretch.cli.doctor import doctor
from nightstretch.cli.draft import draft
from nightstretch.cli.export import export
from nightstretch.cli.listings import routines, voices
from nightstretch.cli.log import log
from nightstretch.cli.play import play
from nightstretch.cli.script import script
from nightstretch.errors import NightstretchError, UsageError


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: nightstretch play --speed 0.9",
)
@click.version_option(__version__, prog_name="nightstretch")
@click.pass_context
def cli(context: click.Context) -> None:
    """Be led through a bedtime stretch by a calm voice, with your eyes closed."""
    try:
        context.default_map = read_config(cli)
    except UsageError as error:
        context.obj = error


def _with_sound_config(command: Callable[..., object]) -> Callable[..., object]:
    """Raise what is wrong with the config only when a command is run, after its ``--help`` was answered."""

    @wraps(command)
    def run_command(*arguments: object, **options: object) -> object:
        problem = click.get_current_context().find_object(UsageError)
        if problem is not None:
            raise problem
        return command(*arguments, **options)

    return run_command


for _command in (play, export, batch, script, voices, routines, check, draft, log, doctor):
    # The doctor is who is asked what is wrong: it reports the config itself.
    if _command is not doctor and _command.callback is not None:
        _command.callback = _with_sound_config(_command.callback)
    cli.add_command(_command)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code: 0 done, 1 could not, 2 wrong usage, 130 interrupted."""
    try:
        _prepare_streams()
        code = cli.main(args=arguments, prog_name="nightstretch", standalone_mode=False)
        sys.stdout.flush()
        interrupts.check()
    except BaseException as error:  # noqa: BLE001 - what is not known there is raised again
        # Whatever became of an interrupt on its way here, it is one.
        code = _report(KeyboardInterrupt() if interrupts.interrupted() else error)
        _drop_unprintable()
    return code if isinstance(code, int) else 0


def _report(error: BaseException) -> int:  # noqa: PLR0911 - one for each kind of error
    """Tell a person what went wrong, in one line, and give the exit code."""
    match error:
        case KeyboardInterrupt() | click.Abort():
            _say("interrupted")
            return interrupts.INTERRUPTED
        case click.exceptions.NoArgsIsHelpError():
            with suppress(OSError):
                error.show()
            return error.exit_code
        case click.UsageError(ctx=click.Context(command_path=command)):
            _say(f"{error.format_message().rstrip('.')}; see {command} --help")
            return error.exit_code
        case click.ClickException():
            _say(error.format_message())
            return error.exit_code
        case NightstretchError():
            _say(str(error))
            return error.exit_code
        case BrokenPipeError() | SystemExit(code=1):  # whoever read the output has gone, as `head` does;
            return 1  # click says so by SystemExit
        case OSError():
            reason = error.strerror or str(error) or type(error).__name__
            if error.filename is None:  # nothing was opened: it is the printing that failed
                _say(f"standard output cannot be written ({reason}); make room, or send it elsewhere")
            else:
                _say(f"{error.filename} cannot be used ({reason}); mend that, or name another")
            return 1
        case _:
            raise error


def _say(message: str) -> None:
    with suppress(OSError):  # nobody is there to be told
        click.echo(f"nightstretch: {message}", err=True)


def _prepare_streams() -> None:
    """Have streams that every command can print to, however the program was started."""
    # Closed ones (`>&-`) are opened on nothing, in this order, so that each gets its own number again. Else
    # the next file that is opened gets it, and whatever a library prints ends up in there.
    if sys.stdin is None:
        os.open(os.devnull, os.O_RDONLY)
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - it is never done
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        # In UTF-8, only names of files that are no text need it, and come out as they are.
        utf8 = sys.stdout.encoding.lower().replace("_", "-") == "utf-8"
        sys.stdout.reconfigure(errors="surrogateescape" if utf8 else "backslashreplace")


def _drop_unprintable() -> None:
    """Throw away what cannot be printed: the interpreter would try again at its end, and complain."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
