"""The user's own defaults, from ``config.toml`` in the user's config folder.

Its keys are the long names of the options, without the dashes: ``speed = 0.9``. Flags and ``NIGHTSTRETCH_*``
variables beat it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
from click.core import ParameterSource

from nightstretch.errors import NightstretchError, UsageError

_NUMBERS: Final[Mapping[str, tuple[type, ...]]] = {"speed": (int, float), "integer": (int,)}
"""What TOML may hold, besides a text, for the options whose types have these names."""


class Setting(click.Option):
    """An option that can be set elsewhere too; what is wrong with its value is said of where that stands."""

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """Name the variable or the file that the value comes from, or else the option."""
        return where_from(ctx, str(self.name)) or super().get_error_hint(ctx)


def where_from(context: click.Context | None, name: str) -> str | None:
    """Give the variable or the file, with its key, that an option's value comes from; None for neither."""
    source = context and context.get_parameter_source(name)
    for option in context.command.params if context else ():
        if option.name == name and source is ParameterSource.ENVIRONMENT:
            return str(option.envvar)
        if option.name == name and source is ParameterSource.DEFAULT_MAP:
            return f"{config_path()}: {_key(option)}"
    return None


@contextmanager
def blamed_on(name: str, kind: type[NightstretchError] = UsageError) -> Iterator[None]:
    """Let an error in the block begin with where the value of that option comes from, if elsewhere."""
    try:
        yield
    except kind as error:
        place = where_from(click.get_current_context(silent=True), name)
        if place is None:
            raise
        raise kind(f"{place}: {error}") from None


def config_path() -> Path:
    """Give the path of the config file, whether there is one or not."""
    if override := os.environ.get("NIGHTSTRETCH_CONFIG"):
        return Path(override)
    import platformdirs  # noqa: PLC0415

    return platformdirs.user_config_path("nightstretch", appauthor=False) / "config.toml"


def read_config(group: click.Group) -> dict[str, Any]:
    """Give the defaults of each command of the group.

    Raises UsageError, with the file and the line or the key, where a value is not one its option takes.
    """
    path = config_path()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read ({error}); mend it or take it away") from None
    import tomllib  # noqa: PLC0415

    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # of TOML, of a number too long, of a list too deep
        raise UsageError(f"{path}: {error}; mend it or take it away") from None
    settings = {
        command_name: {_key(option): option for option in command.params if option.envvar is not None}
        for command_name, command in group.commands.items()
    }
    allowed = sorted({key for options in settings.values() for key in options})
    if unknown := sorted(set(values) - set(allowed)):
        raise UsageError(f"{path}: unknown key {unknown[0]!r}; allowed: {', '.join(allowed)}")
    return {
        command_name: {
            str(option.name): _checked(values[key], option, f"{path}: {key}")
            for key, option in options.items()
            if key in values
        }
        for command_name, options in settings.items()
    }


def _key(option: click.Parameter) -> str:
    return option.opts[-1].removeprefix("--")


def _checked(value: object, option: click.Parameter, place: str) -> object:
    """Give a value as it is, if its option takes it."""
    numbers = _NUMBERS.get(option.type.name, ())
    if isinstance(value, bool) or not isinstance(value, (str, *numbers)):
        kind = "a text in quotes" if not numbers else "a number" if float in numbers else "a whole number"
        raise UsageError(f"{place}: {value!r:.60} is not allowed here; give {kind}")
    try:
        option.type.convert(value, option, None)
    except click.BadParameter as error:
        raise UsageError(f"{place}: {error.message.removesuffix('.')}") from None
    return value
