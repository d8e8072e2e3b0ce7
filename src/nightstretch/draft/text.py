"""Plain text: bytes decoded, sentences cut, and what is written for the eye turned into words for the ear.

Every pattern is bounded, so that no text, however odd, takes longer than its length asks for.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import Final

from nightstretch.errors import RoutineError

MAX_BYTES: Final = 100_000
MOST_PIECES: Final = 5000
"""Lines and sentences. The article this program began with has 3 kB and 50 of them; a book is no article."""

LONG_SENTENCE: Final = 220
"""Characters. What is longer is cut at a comma or a semicolon, so that a listener can follow."""

DASHES: Final = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
"""All that is used as a hyphen, a dash or a bullet."""

MINUS: Final = "\\" + DASHES
"""The same, for use in the brackets of a pattern."""

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_FOR_THE_EAR: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (r"!\[([^\[\]]{0,300})\]\([^()]{0,500}\)", " "),  # ![an image](its address)
        (r"\[([^\[\]]{1,300})\](?:\([^()]{0,500}\)|\[[^\[\]]{0,100}\])", r"\1"),  # [words](an address)
        (r"<?https?://[^\s<>()]+>?|\bwww\.[^\s<>()]+", " "),
        (r"</?[a-z][^<>]{0,200}>", " "),  # <em>
        (r"\be\.g\.,?", "for example"),
        (r"\bi\.e\.,?", "that is"),
        (r"\betc\.(?=\s[a-z])", "and so on"),
        (r"\betc\.", "and so on."),
        (r"\bapprox\.", "about"),
        (r"\b1\s?secs?\b\.?", "1 second"),
        (r"\b1\s?mins?\b\.?", "1 minute"),
        (r"(?<=\d)\s?secs?\b\.?", " seconds"),
        (r"(?<=\d)\s?mins?\b\.?", " minutes"),
        (r"\bw/(?=\s)", "with"),
        (r"\s&\s", " and "),
        (rf"(?<=\d)\s?[{MINUS}]\s?(?=\d)", " to "),  # 20-30
        (rf"(?:\s[{MINUS}]+\s|\s?[\u2013\u2014\u2015]\s?|\s?--+\s?)", ", "),
        (r"\s?[(\[{]\s?", ", "),
        (r"\s?[)\]}](?=\s*\w)", ", "),
        (r"[)\]}]", ""),
        (r"[\u2018\u2019\u02bc]", "'"),
        (r"(?<=\w)[\"\u201c\u201d\u201e\u00ab\u00bb]+(?=\w)", " "),
        (r"[\"\u201c\u201d\u201e\u00ab\u00bb]", ""),
        (r"[*`~|\\<>#\u2022]+", " "),
        (r"(?<!\w)_{1,4}|_{1,4}(?!\w)", " "),
        (r"\s+", " "),
        (r"\s+(?=[,.;:!?])", ""),
        (r"[,;:]{1,4}(?=[.!?])|,(?=[,;:])", ""),
    )
)

_SENTENCE_END: Final = re.compile(r"[.!?\u2026]['\"\u2019\u201d)\]*_]{0,4}\s+")
_LAST_WORD: Final = re.compile(r"[\w.]{1,12}$")
_NO_ENDS: Final = frozenset({"e.g", "i.e", "etc", "vs", "dr", "mr", "mrs", "ms", "st", "no", "approx", "fig"})


def decode(data: bytes, source: str) -> str:
    """Read an article's bytes; raises RoutineError where they are no text."""
    if len(data) > MAX_BYTES:
        raise RoutineError(
            f"{source}: larger than {MAX_BYTES // 1000} kB; give an article with a few exercises"
        )
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise RoutineError(
            f"{source}:{line}: this is not text in UTF-8; save the article as plain text in that encoding"
        ) from None
    if "\0" in text:
        raise RoutineError(f"{source}: this is no text; give the article as plain text or Markdown")
    clean = "\n".join("".join(map(_printable, line)).rstrip() for line in text.splitlines())
    if (count := clean.count("\n") + sum(1 for _ in _SENTENCE_END.finditer(clean))) > MOST_PIECES:
        raise RoutineError(
            f"{source}: {count} lines and sentences, and {MOST_PIECES} are the most; "
            "give an article with a few exercises"
        )
    if not has_words(clean):
        raise RoutineError(f"{source}: the article is empty; give one with at least one exercise")
    return clean


def _printable(letter: str) -> str:
    """Give the letter, a space for one that neither YAML nor a voice can take, nothing for a mark."""
    if letter.isascii():
        return letter if letter.isprintable() else " "
    category = unicodedata.category(letter)
    if category == "Cf":
        return ""
    return " " if category in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"} else letter


def has_words(text: str) -> bool:
    """Tell whether there is anything to say."""
    return any(letter.isalnum() for letter in text)


def letters(text: str) -> str:
    """Give what is left of a text without everything but letters and digits, to compare texts by."""
    return "".join(letter for letter in text if letter.isalnum())


def sentences(text: str) -> list[str]:
    """Cut a paragraph at the ends of its sentences."""
    found, start = [], 0
    for end in _SENTENCE_END.finditer(text):
        before = _LAST_WORD.search(text, max(0, end.start() - 12), end.start())
        word = before[0].lower() if before else ""
        follower = text[end.end() : end.end() + 1]
        ends = not (text[end.start()] == "." and (word in _NO_ENDS or (len(word) == 1 and word.isalpha())))
        if ends and not follower.islower():
            found.append(text[start : end.end()].strip())
            start = end.end()
    return [*found, rest] if (rest := text[start:].strip()) else found


def spoken(sentence: str) -> str:
    """Turn a sentence of an article into what a voice should say; empty if there is nothing to say."""
    text = sentence
    for pattern, replacement in _FOR_THE_EAR:
        text = pattern.sub(replacement, text)
    text = text.lstrip(f" ,;:.!?{DASHES}").rstrip(f" ,;:{DASHES}")
    return text if has_words(text) else ""


def ended(text: str) -> str:
    """Give the text the full stop it lacks, and a capital."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "\u2026")) else text.rstrip(",;:") + "."


def cut(text: str, most: int = LONG_SENTENCE) -> list[str]:
    """Cut a long sentence at the semicolon or comma nearest its middle, or else at a space, until all fit."""
    pieces, waiting = [], [text]
    while waiting:
        piece = waiting.pop()
        if len(piece) <= most:
            pieces.append(piece)
        else:
            middle = _middle(piece)
            waiting += [piece[middle:].strip(), piece[:middle].strip()]
    return [piece for piece in pieces if has_words(piece)]


def _middle(text: str) -> int:
    half = len(text) // 2
    for mark in ("; ", ", ", " "):
        places = [place for place in (text.find(mark, half), text.rfind(mark, 0, half)) if place > 0]
        # A piece of a word or two is worse than a long sentence.
        if near := [place for place in places if abs(place - half) < len(text) * 0.4]:
            return min(near, key=lambda place: abs(place - half)) + len(mark)
    return half
