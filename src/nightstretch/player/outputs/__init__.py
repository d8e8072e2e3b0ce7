"""Where the sound goes: each output is one small module behind one small protocol, found by name."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from nightstretch.errors import UsageError

if TYPE_CHECKING:
    # Only the type: the command line lists the names before it needs numpy.
    from nightstretch.player.outputs.base import Output

_OUTPUTS: Final = {
    "miniaudio": ("miniaudio_output", "MiniaudioOutput"),
    "simpleaudio": ("simpleaudio_output", "SimpleaudioOutput"),
    "null": ("null_output", "NullOutput"),
}

OUTPUT_NAMES: Final = tuple(_OUTPUTS)
"""What ``--output`` takes; the first one is the default."""


def find_output(name: str) -> Output:
    """Make the output of that name; nothing is opened yet. Raises UsageError if there is none."""
    if name not in _OUTPUTS:
        raise UsageError(f"no output is called {name!r}; choose one of {', '.join(OUTPUT_NAMES)}")
    module, kind = _OUTPUTS[name]
    output: Output = getattr(import_module(f"{__name__}.{module}"), kind)()
    return output
