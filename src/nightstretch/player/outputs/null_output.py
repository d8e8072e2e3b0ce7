"""Real time without a sound card: for servers, benchmarks and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nightstretch.player.outputs.miniaudio_output import MiniaudioOutput

if TYPE_CHECKING:
    from types import ModuleType


class NullOutput(MiniaudioOutput):
    """Plays to nobody, at the pace of a real device."""

    @staticmethod
    def _backends(miniaudio: ModuleType) -> list[Any]:
        return [miniaudio.Backend.NULL]
