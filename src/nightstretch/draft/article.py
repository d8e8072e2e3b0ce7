"""An article as what it is about: its exercises, with what to do, and what is said around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from nightstretch.draft.blocks import BARE_RANK, BOLD_RANK, ITEM_RANK, Block, heading, named, read_blocks
from nightstretch.draft.lengths import Length
from nightstretch.draft.meaning import instructs
from nightstretch.draft.phrases import ENDING, LAST_WORDS, NOT_TO_DO, ONLY_A_LABEL
from nightstretch.draft.text import has_words, letters, sentences, spoken
from nightstretch.errors import RoutineError

MOST_EXERCISES: Final = 200

_WEAK_LABELS: Final = frozenset({"step", "part", "number"})
"""Labels of exercises, unless these have another one: then they count what is within."""


@dataclass
class Move:
    """What is done under one name, in paragraphs; ``raw``: how that name stands in the article."""

    name: str = ""
    raw: str = ""
    paragraphs: list[str] = field(default_factory=list)


@dataclass
class Exercise:
    """One exercise.

    ``heading``: as it stands in the article, in lines, if it says more than the title. ``length`` is None
    where the article gives none. ``notes`` is what found no place.
    """

    title: str
    heading: list[str]
    length: Length | None
    moves: list[Move]
    notes: list[str]


@dataclass
class Article:
    """A whole article; ``intro`` and ``outro`` are paragraphs, ``notes`` the headings among them."""

    title: str
    notes: list[str]
    intro: list[str]
    exercises: list[Exercise]
    outro: list[str]
    outro_notes: list[str]


def read_article(text: str, source: str) -> Article:
    """Read an article's text; ``source`` is its name. Raises RoutineError where it has no exercise."""
    blocks = _with_labels_merged(read_blocks(text))
    starts = _exercises(blocks)
    if not starts:
        blocks = _items_as_headings(blocks)
        starts = [number for number, block in enumerate(blocks) if block.rank == ITEM_RANK]
    if not starts:
        raise RoutineError(
            f"{source}: no exercise found; an article needs at least one heading, such as "
            "'Neck rolls (3 minutes)' or 'Exercise 1: Neck rolls', with what to do below it"
        )
    if len(starts) > MOST_EXERCISES:
        raise RoutineError(
            f"{source}: {len(starts)} exercises, and {MOST_EXERCISES} are the most; split the article"
        )
    before = blocks[: starts[0]]
    ends = [*starts[1:], _end_of_last(blocks, starts[-1])]
    bodies = [blocks[start:end] for start, end in zip(starts, ends, strict=True)]
    after = blocks[ends[-1] :]
    title = _title(before)
    return Article(
        title=(title.text or spoken(title.raw)) if title else "",
        notes=[block.raw for block in before if _is_aside(block) and not _same(block, title)],
        intro=[block.text for block in before if not _is_aside(block) and block is not title],
        exercises=[_exercise(body, number) for number, body in enumerate(bodies, 1)],
        outro=[block.text for block in after if not _is_aside(block)],
        outro_notes=[block.raw for block in after if _is_aside(block)],
    )


def _is_aside(block: Block) -> bool:
    return block.kind in {"heading", "length"}


def _same(block: Block, title: Block | None) -> bool:
    """Tell whether a block is the title and nothing of it is left out there."""
    return block is title and letters(block.raw) == letters(block.text)


def _title(before: Sequence[Block]) -> Block | None:
    for block in before:
        if block.kind == "heading" and has_words(block.text):
            return block
    return None


def _with_labels_merged(blocks: Sequence[Block]) -> list[Block]:
    """Make one heading of a label, such as "Exercise 1", and the title on the next line."""
    merged: list[Block] = []
    for block in blocks:
        above = merged[-1] if merged else None
        if above is None or above.kind != "heading":
            merged.append(block)
        elif block.kind == "heading" and above.label and not above.text and not block.label:
            raw, length = f"{above.raw}\n{block.raw}", block.length or above.length
            merged[-1] = replace(above, raw=raw, text=block.text, length=length)
        elif block.kind == "length" and above.length is None:
            merged[-1] = replace(above, raw=f"{above.raw}\n{block.raw}", length=block.length)
        else:
            merged.append(block)
    return merged


def _has_to_do(blocks: Sequence[Block], start: int, *, deeper: bool = True) -> bool:
    """Tell whether below a heading there is something to do; ``deeper``: also below those under it."""
    head = blocks[start]
    if ENDING.search(head.raw) or NOT_TO_DO.fullmatch(head.text):
        return False
    for block in blocks[start + 1 :]:
        if block.kind == "heading" and not (deeper and block.rank > head.rank):
            return False
        if not _is_aside(block) and any(map(instructs, sentences(named(block.text)[1]))):
            return True
    return False


def _exercises(blocks: Sequence[Block]) -> list[int]:
    """Find the headings that exercises begin with.

    Those with a length or a number, all of one rank; with them, others of the same Markdown rank below which
    there is something to do. Where no heading has either, those of a rank below which there is most to do.
    """
    headings = [number for number, block in enumerate(blocks) if block.kind == "heading"]
    if _begins_with_title(blocks, headings):
        headings = headings[1:]
    timed = [number for number in headings if blocks[number].length]
    labels = {blocks[number].label for number in headings} - {"", *_WEAK_LABELS}
    numbered = [number for number in headings if blocks[number].label in (labels or _WEAK_LABELS)]
    marked = [number for number in timed if blocks[number].label] or timed or numbered
    if not marked:
        done = [number for number in headings if _has_to_do(blocks, number)]
        if done == [0] and sum(block.kind == "item" and bool(named(block.text)[0]) for block in blocks) > 1:
            return []  # a title, and a list of exercises with their names
        rank = _common_rank(blocks, done)
        return [number for number in done if blocks[number].rank == rank]
    rank = _common_rank(blocks, marked)
    known = {number for number in {*timed, *numbered} if blocks[number].rank == rank}
    if rank < BOLD_RANK:
        others = (number for number in headings if number > min(known) and blocks[number].rank == rank)
        known.update(number for number in others if _has_to_do(blocks, number))
    return sorted(known)


def _begins_with_title(blocks: Sequence[Block], headings: Sequence[int]) -> bool:
    """Tell whether the first heading is the article's title and no exercise, though it may have a length."""
    if headings[:1] != [0] or blocks[0].label or _has_to_do(blocks, 0, deeper=False):
        return False
    others = [
        blocks[number]
        for number in headings[1:]
        if blocks[number].length or blocks[number].label or _has_to_do(blocks, number)
    ]
    others = [other for other in others if not ONLY_A_LABEL.fullmatch(other.text)]
    has_parts = bool(others) and blocks[headings[1]].rank > blocks[0].rank
    is_one_of_them = has_parts and any(other.length and other.rank == blocks[0].rank for other in others)
    return bool(others) and not (blocks[0].length and is_one_of_them)


def _common_rank(blocks: Sequence[Block], numbers: Sequence[int]) -> int:
    ranks = Counter(blocks[number].rank for number in numbers)
    return min(ranks, key=lambda rank: (-ranks[rank], rank), default=0)


def _items_as_headings(blocks: Sequence[Block]) -> list[Block]:
    """Let each item of a list, or paragraph with a name, that says what to do be an exercise of its own."""
    found: list[Block] = []
    for block in blocks:
        name, rest = named(block.text) if not _is_aside(block) else ("", "")
        numbered = block.label == "number" and any(map(instructs, sentences(block.text)))
        if name and any(map(instructs, sentences(rest))):
            found += [heading(name, ITEM_RANK), Block("text", rest, rest)]
        elif numbered:
            found += [Block("heading", "", "", ITEM_RANK, "number"), Block("text", block.text, block.text)]
        else:
            found.append(block)
    return found


def _end_of_last(blocks: Sequence[Block], start: int) -> int:
    """Find where the last exercise ends and the article's last words begin."""
    rank = blocks[start].rank
    had_item = False
    for number in range(start + 1, len(blocks)):
        block = blocks[number]
        if block.kind == "heading" and (block.rank < rank or ENDING.search(block.raw)):
            return number
        if block.kind == "heading" and block.rank == rank != BARE_RANK:
            return number
        if block.kind == "text" and block.gap and number > start + 1:
            after_list = had_item and blocks[number - 1].kind == "item" and not instructs(block.text)
            if after_list or LAST_WORDS.search(block.text):
                return number
        had_item = had_item or block.kind == "item"
    return len(blocks)


def _exercise(blocks: Sequence[Block], number: int) -> Exercise:
    head, body = blocks[0], blocks[1:]
    title = head.text or f"Exercise {number}"
    heading_lines = [] if letters(head.raw) == letters(title) else head.raw.splitlines()
    exercise = Exercise(title, heading_lines, head.length, [Move()], [])
    lengths = [head.length] if head.length else []
    skipping = False
    for block in body:
        if block.kind == "length":
            exercise.notes.append(block.raw)
            lengths += [block.length] if block.length else []
        elif block.kind == "heading" and ONLY_A_LABEL.fullmatch(block.text):
            skipping = False
            exercise.notes.append(block.raw)
        elif block.kind == "heading":
            lengths += [block.length] if block.length and not head.length else []
            skipping = bool(NOT_TO_DO.fullmatch(block.text)) or (block.rank < head.rank)
            if skipping:
                exercise.notes.append(block.raw)
            else:
                exercise.moves.append(Move(block.text, block.raw))
        elif skipping:
            exercise.notes.append(block.raw)
        else:
            _add(exercise, block)
    if not head.length and lengths:
        several = len(lengths) > 1
        minutes = sum(length.minutes for length in lengths)
        guess = "the sum of its parts" if several else lengths[0].guess
        exercise.length = Length(round(min(minutes, 120.0), 2), guess)
    exercise.moves = [move for move in exercise.moves if move.raw or move.paragraphs]
    return exercise


def _add(exercise: Exercise, block: Block) -> None:
    """Add words to an exercise: to the move at hand, or as a new one where they begin with a name."""
    may_have_name = block.kind == "item" or block.text.startswith("**")
    name, rest = named(block.text) if may_have_name else ("", block.text)
    if name and NOT_TO_DO.fullmatch(name):
        exercise.notes.append(block.raw)
    elif name:
        exercise.moves.append(Move(name, block.text[: len(block.text) - len(rest)], [rest]))
    else:
        exercise.moves[-1].paragraphs.append(block.text)
