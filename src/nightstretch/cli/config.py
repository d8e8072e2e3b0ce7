"""The user's own defaults, from ``config.toml`` in the user's config folder.

Its keys are the long names of the options, without the dashes: ``speed = 0.9``. Flags and ``NIGHTSTRETCH_*``
variables beat it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from nightstretch.errors import UsageError


def config_path() -> Path:
    """Give the path of the config file, whether there is one or not."""
    if override := os.environ.get("NIGHTSTRETCH_CONFIG"):
        return Path(override)
    import platformdirs  # noqa: PLC0415

    return platformdirs.user_config_path("nightstretch", appauthor=False) / "config.toml"


def read_config(group: click.Group) -> dict[str, Any]:
    """Give the defaults of each command of the group. Raises UsageError with the line of what is wrong."""
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
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: {error}") from None
    known = {
        command_name: {
            option.opts[-1].removeprefix("--"): str(option.name)
            for option in command.params
            if isinstance(option, click.Option) and option.envvar is not None
        }
        for command_name, command in group.commands.items()
    }
    allowed = sorted({key for options in known.values() for key in options})
    if unknown := sorted(set(values) - set(allowed)):
        raise UsageError(f"{path}: unknown key {unknown[0]!r}; allowed: {', '.join(allowed)}")
    return {
        command_name: {name: values[key] for key, name in options.items() if key in values}
        for command_name, options in known.items()
    }
