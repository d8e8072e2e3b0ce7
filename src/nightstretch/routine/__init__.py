"""What an author writes: YAML in, a checked ``Routine`` out, or every problem with its line and column."""

from nightstretch.routine.document import MAX_BYTES, Problem
from nightstretch.routine.grammar import parse_routine
from nightstretch.routine.model import (
    Breathe,
    Chime,
    Count,
    Exercise,
    Guidance,
    Hold,
    Move,
    Pause,
    Repeat,
    Routine,
    Say,
    Scan,
    Sides,
    Span,
    Step,
)

__all__ = [
    "MAX_BYTES",
    "Breathe",
    "Chime",
    "Count",
    "Exercise",
    "Guidance",
    "Hold",
    "Move",
    "Pause",
    "Problem",
    "Repeat",
    "Routine",
    "Say",
    "Scan",
    "Sides",
    "Span",
    "Step",
    "parse_routine",
]
