"""A draft as YAML, with comments; PyYAML writes none, so the text is put together here.

Every text stands in double quotes, as JSON writes them: that is valid YAML whatever the text holds.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from nightstretch.draft.moves import DraftStep, Line
from nightstretch.routine import (
    Breathe,
    Chime,
    Guidance,
    Hold,
    Move,
    Pause,
    Repeat,
    Say,
    Scan,
    Sides,
    Span,
)
from nightstretch.routine.grammar import (
    HOLD_LEAST,
    HOLD_MOST,
    HOLD_WORTH_DOING_SECONDS,
    PAUSE_LEAST,
    PAUSE_MOST,
)

_WIDTH: Final = 105


def quoted(text: str) -> str:
    """Write a text in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def comment(text: str, indent: int) -> Iterator[str]:
    """Write a comment, on as many lines as it takes."""
    margin = " " * indent
    for line in text.splitlines():
        yield from textwrap.wrap(
            line,
            _WIDTH,
            initial_indent=f"{margin}# ",
            subsequent_indent=f"{margin}#   ",
            break_long_words=False,
            break_on_hyphens=False,
        )


def steps(lines: Iterable[Line], indent: int) -> Iterator[str]:
    """Write steps with their comments."""
    for line in lines:
        for note in line.notes:
            yield from comment(note, indent)
        if line.step is not None:
            yield from _step(line.step, indent)


def _step(step: DraftStep, indent: int) -> Iterator[str]:
    rows = list(_rows(step))
    if isinstance(step, Say | Move) and step.optional:
        rows.insert(1, "optional: true")
    yield f"{' ' * indent}- {rows[0]}"
    yield from (f"{' ' * (indent + 2)}{row}" for row in rows[1:])


def _rows(step: DraftStep) -> Iterator[str]:  # noqa: C901 - one for each kind of step
    match step:
        case Say(text=text):
            yield f"say: {quoted(text)}"
        case Chime(name=name):
            yield f"chime: {name}"
        case Pause(span=span):
            yield f"pause: {_number(span.natural)}"
            yield from _limits(span, span.natural * PAUSE_LEAST, span.natural * PAUSE_MOST)
        case Hold(span=span, words=words):
            yield f"hold: {_number(span.natural)}"
            least = min(span.natural, max(HOLD_WORTH_DOING_SECONDS, span.natural * HOLD_LEAST))
            yield from _limits(span, least, span.natural * HOLD_MOST)
            if words:
                yield f"words: {_list(words)}"
        case Breathe():
            yield from _breathe(step)
        case Repeat(times=times, steps=inner):
            yield f"repeat: {times.natural}"
            yield from (f"least: {times.least}", f"most: {times.most}", "steps:")
            yield from _inner(inner)
        case Sides(order=order, steps=inner):
            yield f"sides: [{order[0]}, {order[1]}]"
            yield "steps:"
            yield from _inner(inner)
        case Move(title=title, steps=inner):
            yield f"move: {quoted(title)}"
            yield "steps:"
            yield from _inner(inner)
        case Scan(parts=parts, templates=templates, pause=span):
            yield "scan:"
            yield from (f"  - {quoted(part)}" for part in parts)
            yield f"say: {_list(templates)}"
            yield f"pause: {_number(span.natural)}"
            yield from _limits(span, span.natural * PAUSE_LEAST, span.natural * PAUSE_MOST)


def _inner(inner: Sequence[DraftStep]) -> Iterator[str]:
    for step in inner:
        yield from _step(step, 2)


def _breathe(step: Breathe) -> Iterator[str]:
    hold = f", hold: {_number(step.hold)}" if step.hold else ""
    yield f"breathe: {{in: {_number(step.inhale)}{hold}, out: {_number(step.exhale)}}}"
    yield f"rounds: {step.rounds.natural}"
    yield f"least: {step.rounds.least}"
    yield f"most: {step.rounds.most}"
    yield "guidance:"
    yield from (f"  - {_guidance(entry)}" for entry in step.guidance)
    if step.last:
        yield f"last: {_guidance(step.last)}"


def _guidance(entry: Guidance) -> str:
    phases = (("in", entry.inhale), ("hold", entry.hold), ("out", entry.exhale))
    return "{" + ", ".join(f"{phase}: {_list(words)}" for phase, words in phases if words) + "}"


def _list(texts: Iterable[str]) -> str:
    return "[" + ", ".join(map(quoted, texts)) + "]"


def _limits(span: Span, least: float, most: float) -> Iterator[str]:
    if abs(span.least - least) > 0.05:  # noqa: PLR2004 - a twentieth of a second, which nobody hears
        yield f"least: {_number(span.least)}"
    if abs(span.most - most) > 0.05:  # noqa: PLR2004
        yield f"most: {_number(span.most)}"


def _number(value: float) -> str:
    return f"{round(value, 2):g}"
