"""What can be told of a session while it plays: to a screen, to the desktop's media controls."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Status:
    """One moment of a session.

    ``title``: the routine's. ``part``: the title of the exercise, or "Opening" and the like; ``exercise``:
    its number, None outside the exercises. ``cue``: the words that were said last, None before the first.
    ``elapsed_seconds`` and ``left_seconds``: of the session as it is planned now; ``volume``: 0 to 1.
    """

    title: str
    part: str
    exercise: int | None
    cue: str | None
    elapsed_seconds: float
    left_seconds: float
    speed: float
    volume: float
    muted: bool
    paused: bool
