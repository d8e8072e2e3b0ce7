"""The whole way, from an article's bytes to the text of a routine file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath
from typing import Final

from nightstretch.draft.article import Article, read_article
from nightstretch.draft.fill import fill
from nightstretch.draft.meaning import instructs
from nightstretch.draft.moves import PAUSE, SHORT_PAUSE, Line, exercise_lines, say
from nightstretch.draft.phrases import FOR_READERS, HEALTH, HEALTH_LABEL, NIGHT, TO_YOU
from nightstretch.draft.text import MAX_BYTES, cut, decode, has_words, letters, sentences, spoken
from nightstretch.draft.writer import comment, quoted, steps
from nightstretch.errors import RoutineError
from nightstretch.files import read_at_most
from nightstretch.routine import MAX_BYTES as MAX_ROUTINE_BYTES
from nightstretch.routine import Chime, Pause, Say, Span

_MOST_AROUND: Final = 6
"""Sentences of an introduction, or of last words, that are spoken: a listener has come to stretch."""

_TITLE_CHARACTERS: Final = 200

_SAFETY: Final = (
    "If your pain is new, strong or lasting, ask a doctor before you try this. A mild pull is fine. Stop at "
    "once on sharp pain, numbness, tingling or dizziness, and leave out whatever does not suit you."
)
"""For articles that say nothing of it; `play` prints it before the first sound."""


def read_file(path: Path) -> bytes:
    """Read an article's file, no more of it than an article may have. Raises RoutineError if it cannot."""
    try:
        return read_at_most(path, MAX_BYTES)
    except OSError as error:
        raise RoutineError(f"{path}: {error}; give an article as plain text or Markdown") from None


def draft(data: bytes, source: str) -> str:
    """Draft a routine from an article's bytes; ``source`` is the name of its file.

    Raises RoutineError where it is no text, has no exercise, or is too much for one routine.
    """
    text = decode(data, source)
    article = read_article(text, source)
    written = "\n".join(_document(article, PurePath(source).stem, at_night=bool(NIGHT.search(text)))) + "\n"
    if (size := len(written.encode())) > MAX_ROUTINE_BYTES:
        raise RoutineError(
            f"{source}: its {len(article.exercises)} exercises would make a routine of {size // 1000} kB; "
            f"at most {MAX_ROUTINE_BYTES // 1000} kB are allowed: split the article"
        )
    return written


def _document(article: Article, name: str, *, at_night: bool) -> Iterator[str]:
    yield "# A draft, made from an article by rules. Look at whatever is marked as guessed or not placed;"
    yield "# docs/writing-a-routine.md explains the steps."
    yield ""
    title = article.title or spoken(name)
    if not has_words(title):
        title = "A routine"
    if not article.title:
        yield "# guessed: the title"
    elif len(title) > _TITLE_CHARACTERS:
        yield from comment(f"in the article: {title}", 0)
    yield f"title: {quoted(title[:_TITLE_CHARACTERS].strip())}"
    yield ""
    for note in article.notes:
        yield from comment(f"not placed: {note}", 0)
    intro = [sentence for paragraph in article.intro for sentence in sentences(paragraph)]
    outro = [sentence for paragraph in article.outro for sentence in sentences(paragraph)]
    warnings = list(dict.fromkeys(sentence for sentence in (*intro, *outro) if HEALTH.search(sentence)))
    intro, outro = ([s for s in part if not HEALTH.search(s)] for part in (intro, outro))
    if warnings:
        yield f"safety: {quoted(' '.join(filter(None, map(spoken, warnings))) or ' ')}"
    else:
        yield "# guessed: the article says nothing of when not to do it"
        yield f"safety: {quoted(_SAFETY)}"
    yield ""
    yield "opening:"
    yield from steps(_opening(intro, warnings), 2)
    yield ""
    yield "exercises:"
    for exercise in article.exercises:
        length, lines = fill(exercise_lines(exercise), exercise.length)
        for line in exercise.heading:
            yield from comment(f"in the article: {line}", 2)
        yield f"  - title: {quoted(_fitting_title(exercise.title))}"
        if length.guess:
            yield from comment(f"guessed: {length.guess}", 4)
        yield f"    minutes: {length.minutes:g}"
        yield "    steps:"
        yield from steps(lines, 6)
        yield ""
    yield "closing:"
    yield from steps(_closing(outro, article.outro_notes, at_night=at_night), 2)


def _fitting_title(title: str) -> str:
    return cut(title, _TITLE_CHARACTERS)[0]


def _opening(intro: Sequence[str], warnings: Sequence[str]) -> list[Line]:
    def is_spoken(sentence: str) -> bool:
        return bool(TO_YOU.search(sentence)) or instructs(sentence)

    lines = [Line(Chime("bowl-start")), Line(Pause(Span(2, 0.8, 6)))]
    lines += _around(intro, [s for s in intro if is_spoken(s)])
    for warning in warnings[:_MOST_AROUND]:
        found = HEALTH_LABEL.match(warning)
        if found and (words := spoken(warning[found.end() :])):
            lines += [Line(None, (f"in the article: {found[0]}",)), *say(words), Line(PAUSE)]
        else:
            lines += [*say(warning), Line(PAUSE)]
    lines += [Line(None, (f"not placed: {warning}",)) for warning in warnings[_MOST_AROUND:]]
    settle = "Make yourself comfortable, and take a moment to settle down."
    return [*lines, Line(Say(settle), ("guessed: a moment to settle down",)), Line(Pause(Span(6, 3, 18)))]


def _closing(outro: Sequence[str], notes: Sequence[str], *, at_night: bool) -> list[Line]:
    lines = [Line(None, (f"not placed: {note}",)) for note in notes]
    lines += _around(outro, outro)
    last = "Good night, and sleep well." if at_night else "Rest here for as long as you like."
    return [*lines, Line(Say(last), ("guessed: the last words",)), Line(SHORT_PAUSE), Line(Chime("bowl-end"))]


def _around(every: Sequence[str], wanted: Sequence[str]) -> list[Line]:
    """Write out what is said before and after the exercises; what is meant for a reader stays a comment."""
    chosen = [sentence for sentence in wanted if not FOR_READERS.search(sentence)][:_MOST_AROUND]
    lines: list[Line] = []
    for sentence in every:
        if sentence in chosen and letters(sentence):
            lines += [*say(sentence), Line(PAUSE)]
        else:
            lines.append(Line(None, (f"not placed: {sentence}",)))
    return lines
