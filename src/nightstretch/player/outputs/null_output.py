"""Real time without a sound card: for servers, benchmarks and tests."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

from nightstretch.player.outputs.miniaudio_output import MiniaudioOutput


class NullOutput(MiniaudioOutput):
    """Plays to nobody, at the pace of a real device."""

    def devices(self) -> Sequence[str]:
        """Nothing: nobody can be chosen from nobody."""
        return ()

    @staticmethod
    def _backends(miniaudio: ModuleType) -> list[Any]:
        return [miniaudio.Backend.NULL]
