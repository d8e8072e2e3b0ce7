"""How somebody would like a routine to be done tonight, and what may be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Pattern:
    """A breath, in seconds; a ``hold`` of 0 is none."""

    inhale: float
    hold: float
    exhale: float

    def check(self) -> None:
        """Raise ValueError, saying why, where nobody could breathe like that."""
        least, most = LEAST_PHASE_SECONDS, MOST_BREATH_SECONDS
        if self.inhale < least or self.exhale < least:
            raise ValueError(f"leaves no time to breathe; give at least {least:g} seconds in and out")
        if self.inhale + self.hold + self.exhale > most:
            raise ValueError(f"is too long a breath; give at most {most:g} seconds in all")


LEAST_PHASE_SECONDS, MOST_BREATH_SECONDS = 2.0, 30.0

BREATHS: Final[Mapping[str, Pattern | None]] = {
    "own": None,
    "4-6": Pattern(4, 0, 6),
    "5-5": Pattern(5, 0, 5),
    "4-7-8": Pattern(4, 7, 8),
}
"""Breaths by name; ``own`` is the routine's."""

SHORTEST_MINUTES, LONGEST_MINUTES = 5.0, 60.0
"""What the exercises together may be asked to last."""


@dataclass(frozen=True)
class Choices:
    """How somebody would like a routine to be done.

    ``only`` and ``skip`` hold exercise numbers; no ``only`` means all. ``minutes``: for all exercises that
    remain, shared as in the routine, or None for their own. ``breath``: instead of the routine's own ones.
    ``start_side``: the side to begin with, or None for the routine's choice. ``gentle``: whether to do the
    gentler form of moves that have one. ``settle_seconds``: quiet before the first word. ``tail_minutes``:
    quiet after the last one.
    """

    only: frozenset[int] = frozenset()
    skip: frozenset[int] = frozenset()
    opening: bool = True
    closing: bool = True
    minutes: float | None = None
    breath: Pattern | None = None
    start_side: str | None = None
    gentle: bool = False
    settle_seconds: float = 0
    tail_minutes: float = 0


AS_WRITTEN = Choices()

SESSION_LUFS = -19.0
QUIETEST_LUFS, LOUDEST_LUFS = -35.0, -14.0
MOST_QUIETER_DB = 20.0
SOFTEST_BED_LU, LOUDEST_BED_LU = 40.0, 6.0

NO_BED = "none"
"""Where the name of a bed is asked for: none."""


@dataclass(frozen=True)
class Finish:
    """How somebody would like a session to sound.

    ``loudness_lufs``: of all of it, by ITU-R BS.1770. ``quieter_db``: by how much the voice falls towards the
    end. ``bed``: the name of a bed or the path of a file, or None. ``bed_lu``: how far below the session's
    loudness the bed lies. ``breath_swell``: whether the bed rises and falls with guided breath.
    """

    loudness_lufs: float = SESSION_LUFS
    quieter_db: float = 4.0
    bed: str | None = None
    bed_lu: float = 18.0
    breath_swell: bool = False


AS_IT_COMES = Finish()
