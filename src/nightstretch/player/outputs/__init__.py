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


TAKES_A_DEVICE: Final = "miniaudio"
"""The only output that can be told which device to play through."""


def find_output(name: str, device: str | None = None) -> Output:
    """Make the output of that name; nothing is opened yet.

    ``device``: the name of the device to play through, or a part of it; None is the default one. Raises
    UsageError if there is no such output, or if it cannot choose its device.
    """
    if name not in _OUTPUTS:
        raise UsageError(f"no output is called {name!r}; choose one of {', '.join(OUTPUT_NAMES)}")
    module, kind = _OUTPUTS[name]
    make = getattr(import_module(f"{__name__}.{module}"), kind)
    if device is not None and name != TAKES_A_DEVICE:
        raise UsageError(
            f"the output {name} cannot choose its device; leave out --output-device, "
            f"or use --output {TAKES_A_DEVICE}"
        )
    output: Output = make() if device is None else make(device)
    return output
