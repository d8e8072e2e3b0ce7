"""Media keys and a headset's button: wishes that come from the desktop, and what the desktop may show.

Where there is nobody to talk to, nothing happens: no media key is worth a moment of the sound.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, Protocol, Self

from nightstretch.errors import install_extra
from nightstretch.player.patience import within

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from nightstretch.player.commands import Command
    from nightstretch.player.status import Status

ANSWER_SECONDS: Final = 2.0
"""How long `media_keys_problem` waits for the bus."""


class MediaKeys(Protocol):
    """The desktop's media controls; a context manager that is among them until it is left."""

    def __enter__(self) -> Self:
        """Nothing happens yet: something is to be shown first."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the media controls, within half a second, whatever they do."""

    def show(self, status: Status) -> None:
        """Let the desktop know how things stand; returns at once, and may be called as often as one likes."""


class NoMediaKeys:
    """Where there are none."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was taken."""

    def show(self, status: Status) -> None:
        """Nobody sees it."""


def open_media_keys(send: Callable[[Command], object]) -> MediaKeys:
    """Media keys, or none where the extra is not installed; ``send`` is called from another thread.

    Raises nothing, and neither does what it gives: without a bus, or with one that goes away, no wish comes.
    """
    try:
        from nightstretch.player.mpris import Mpris  # noqa: PLC0415 - only here is there any use for D-Bus
    except ImportError:
        return NoMediaKeys()
    return Mpris(send)


def media_keys_problem() -> str | None:
    """Say why media keys do nothing here and what to do about it; None if they would be heard."""
    if sys.platform != "linux":
        return "they are heard on Linux only; use the keys of the keyboard"
    try:
        from nightstretch.player.mpris import reach_bus  # noqa: PLC0415
    except ImportError:
        return f"they need D-Bus; {install_extra('media-keys')}"
    try:
        within(ANSWER_SECONDS, reach_bus)
    except Exception:  # noqa: BLE001 - it is reported, not hidden
        return "no session bus answers; start it from a terminal of your desktop"
    return None
