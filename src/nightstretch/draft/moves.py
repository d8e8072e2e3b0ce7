"""From the sentences of an exercise to its steps."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from nightstretch.draft.article import Exercise
from nightstretch.draft.article import Move as ArticleMove
from nightstretch.draft.meaning import HOLD_SPAN, Meaning, Role, on_side, sides_in_order, understand
from nightstretch.draft.phrases import IF_YOU_LIKE
from nightstretch.draft.speech import speech_seconds
from nightstretch.draft.text import cut, ended, letters, sentences, spoken
from nightstretch.routine import Breathe, Chime, Hold, Move, Pause, Repeat, Say, Scan, Sides, Span

PAUSE: Final = Pause(Span(4, 1.6, 12))
SHORT_PAUSE: Final = Pause(Span(2, 0.8, 6))
MOVING_PAUSE: Final = Pause(Span(7, 4, 21))
"""Time to get into a position, in the dark, with a stiff back."""

LEAD_OUT: Final = Say("And slowly let go.")
LEAD_OUT_NOTE: Final = "guessed: the words that end the hold"
_WORTH_LEADING_OUT: Final = 8.0
_MOST_OF_A_HOLD: Final = 0.5


DraftStep = Say | Pause | Hold | Breathe | Repeat | Scan | Chime | Sides | Move
"""The kinds of steps that a draft has."""


@dataclass(frozen=True)
class Line:
    """A step of a draft with the comments above it; or only comments."""

    step: DraftStep | None
    notes: tuple[str, ...] = ()


def exercise_lines(exercise: Exercise) -> list[Line]:
    """Write out an exercise."""
    lines = [Line(Chime("bowl-change")), *say(exercise.title), Line(SHORT_PAUSE)]
    lines += [Line(None, (f"not placed: {note}",)) for note in exercise.notes]
    optional = [_is_optional(move) for move in exercise.moves]
    for move, may_go in zip(exercise.moves, optional, strict=True):
        # Where all may go, none does: something has to fill the time.
        lines += _optional(move, _move_lines(move)) if may_go and not all(optional) else _move_lines(move)
    return lines


def say(text: str) -> list[Line]:
    """Say words of an article; where the ear is given others than the eye, those stand above as a comment."""
    words = ended(spoken(text)) if spoken(text) else ""
    return _said(words, _original(words, text))


def _original(said: str, article: str) -> tuple[str, ...]:
    return () if letters(said) == letters(article) else (f"in the article: {article}",)


def _said(words: str, notes: tuple[str, ...], *, remark: bool = False) -> list[Line]:
    texts = cut(words)
    # The end of a long sentence cannot be left out without its beginning.
    optional = remark and len(texts) == 1
    pieces: list[Line] = []
    for text in texts:
        pieces += [*([Line(SHORT_PAUSE)] if pieces else []), Line(Say(text, optional=optional))]
    return [replace(pieces[0], notes=notes), *pieces[1:]] if pieces else [Line(None, notes)]


def _is_optional(move: ArticleMove) -> bool:
    """Tell whether the name of a move, or how its first sentence begins, says that it may be left out."""
    beginning = spoken(next(iter(move.paragraphs), ""))
    return bool(move.name and (IF_YOU_LIKE.search(move.name) or IF_YOU_LIKE.match(beginning)))


def _optional(move: ArticleMove, lines: Sequence[Line]) -> list[Line]:
    """Let the lines of a move be left out when time is very short. Their comments stand above it."""
    steps = tuple(line.step for line in lines if line.step is not None and not isinstance(line.step, Move))
    notes = tuple(dict.fromkeys(note for line in lines for note in line.notes))
    return [Line(Move(move.name, steps, optional=True), notes)]


def _move_lines(move: ArticleMove) -> list[Line]:
    lines: list[Line] = []
    if not move.name and move.raw:
        lines = [Line(None, (f"not placed: {move.raw}",))]
    elif move.name:
        words = ended(move.name)
        lines = [*_said(words, _original(words, move.raw)), Line(SHORT_PAUSE)]
    meanings = [understand(sentence) for text in move.paragraphs for sentence in sentences(text)]
    return [*lines, *_with_sides(meanings)]


def _with_sides(meanings: Sequence[Meaning]) -> list[Line]:
    """Let what belongs to one side be done on both, each stretch of sentences in its turn."""
    switches = [number for number, meaning in enumerate(meanings) if meaning.switch]
    last = max(switches, default=-1)
    ones = [n for n, meaning in enumerate(meanings) if meaning.one_side or (meaning.named_side and n <= last)]
    lines: list[Line] = []
    at = 0
    while at < len(meanings):
        switch = next(iter(switches[(place := bisect_left(switches, at)) : place + 1]), None)
        one = next(iter(ones[(place := bisect_left(ones, at)) : place + 1]), None)
        if switch is None and one is None:
            return [*lines, *_plain(meanings[at:])]
        start = one if one is not None and (switch is None or one <= switch) else at
        if start > at and meanings[start - 1].inhales:
            start -= 1
        if switch is None:
            remarks = (n for n in range(start + 1, len(meanings)) if meanings[n].role is Role.REMARK)
            end = next(remarks, len(meanings))
        else:
            end = switch + 1
        lines += _plain(meanings[at:start], more_follows=True)
        lines += _both_sides(meanings[start:end], guessed=switch is None)
        at = end
    return lines


def _both_sides(meanings: Sequence[Meaning], *, guessed: bool) -> list[Line]:
    """Write out what is done on both sides. The comments of its steps stand above it."""
    order = sides_in_order(meaning.said for meaning in meanings)
    sided = [replace(meaning, said=on_side(meaning.said, order)) for meaning in meanings]
    inner = _plain(sided, on_a_side=True)
    steps = [
        line.step for line in inner if isinstance(line.step, Say | Pause | Hold | Breathe | Repeat | Chime)
    ]
    notes = ["guessed: that this is done on both sides"] if guessed else []
    notes += dict.fromkeys(note for line in inner for note in line.notes)
    if not any(isinstance(step, Say) for step in steps):
        return [Line(None, tuple(notes))]
    if not any("{side}" in meaning.said or "{other}" in meaning.said for meaning in sided):
        notes.append("guessed: the words that name the side")
        steps = [Say("Now the {side} side."), SHORT_PAUSE, *steps]
    return [Line(Sides(order, tuple(steps)), tuple(notes)), Line(SHORT_PAUSE)]


def _plain(meanings: Sequence[Meaning], *, on_a_side: bool = False, more_follows: bool = False) -> list[Line]:
    """Write sentences out one after another; what is felt or known is said within a hold that has room."""
    active = more_follows or any(meaning.actions for meaning in meanings)
    done = (n for n, meaning in enumerate(meanings) if meaning.role is Role.DO and meaning.said)
    last_done = max(done, default=-1)
    lines: list[Line] = []
    for number, meaning in enumerate(meanings):
        notes = _original(meaning.said, meaning.article)
        if not meaning.said:
            lines.append(Line(None, notes))
            continue
        if meaning.role is not Role.DO and not meaning.actions:
            if not _said_within(lines, meaning, notes):
                lines += _led_out(lines, on_a_side=on_a_side)
                lines += [*_said(meaning.said, notes, remark=meaning.role is Role.REMARK), Line(SHORT_PAUSE)]
            continue
        if _rounds_of_breath(lines, meaning, notes):
            continue
        lines += _said(meaning.said, notes)
        calm = MOVING_PAUSE if meaning.moving else PAUSE
        actions = [action for action in meaning.actions if not (on_a_side and isinstance(action, Scan))]
        if actions:
            lines += _acted(actions, meaning.guessed)
        elif not active and number == last_done:
            lines += [Line(calm), Line(Hold(HOLD_SPAN), ("guessed: a hold, and how long it lasts",))]
        else:
            lines.append(Line(calm))
    return [*lines, *_led_out(lines, on_a_side=on_a_side)]


def _rounds_of_breath(lines: list[Line], meaning: Meaning, notes: tuple[str, ...]) -> bool:
    """Let "Repeat for ten rounds." after a breath be how many rounds it has, and be said before it."""
    place = len(lines) - 2
    breath = lines[place].step if place >= 0 else None
    match breath, meaning.actions:
        case Breathe(), (Repeat(times=times),):
            said = [*_said(meaning.said, notes), Line(SHORT_PAUSE)]
            lines[place:place] = said
            lines[place + len(said)] = replace(lines[place + len(said)], step=replace(breath, rounds=times))
            return True
    return False


def _acted(actions: Iterable[DraftStep], guessed: str) -> list[Line]:
    notes = (f"guessed: {guessed}",) if guessed else ()
    lines: list[Line] = []
    for action in actions:
        lines += [*([] if isinstance(action, Hold) else [Line(SHORT_PAUSE)]), Line(action, notes)]
    return lines if isinstance(lines[-1].step, Hold) else [*lines, Line(SHORT_PAUSE)]


def _led_out(lines: Sequence[Line], *, on_a_side: bool) -> list[Line]:
    """Say when a hold is over, where no words of the article do."""
    step = next((line.step for line in reversed(lines) if line.step is not None), None)
    if not isinstance(step, Hold) or step.span.natural < _WORTH_LEADING_OUT:
        return []
    return [Line(LEAD_OUT, (LEAD_OUT_NOTE,)), Line(PAUSE if on_a_side else SHORT_PAUSE)]


def _said_within(lines: list[Line], meaning: Meaning, notes: tuple[str, ...]) -> bool:
    """Put words into the hold that was just begun, if there is one with room for them."""
    last = lines[-1] if lines else None
    if last is None or not isinstance(last.step, Hold) or len(cut(meaning.said)) > 1:
        return False
    words = (*last.step.words, meaning.said)
    if sum(map(speech_seconds, words)) > last.step.span.natural * _MOST_OF_A_HOLD:
        return False
    lines[-1] = replace(last, step=replace(last.step, words=words), notes=(*last.notes, *notes))
    return True
