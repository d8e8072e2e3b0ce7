"""What every engine is given: plain text it can say, in pieces it can digest."""

from __future__ import annotations

import re
import unicodedata

from nightstretch.errors import VoiceError

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")


def speakable(text: str) -> str:
    """Drop what nobody can say, control characters and halves of characters, and make every gap one space.

    Raises VoiceError where nothing is left to say.
    """
    # "Cs" are lone surrogates, "Cc" control characters: NUL would end the text in the middle for C libraries.
    kept = "".join(" " if unicodedata.category(letter) in {"Cc", "Cs"} else letter for letter in text)
    spoken = " ".join(kept.split())
    if not any(letter.isalnum() for letter in spoken):
        raise VoiceError(f"there is nothing to say in {text!r}: give the voice at least one word")
    return spoken


def pieces(text: str, most: int) -> list[str]:
    """Split a text into pieces of at most ``most`` characters, at ends of sentences, else between words."""
    found: list[str] = []
    current = ""
    for sentence in _SENTENCE_END.split(text):
        for part in [sentence] if len(sentence) <= most else _broken(sentence, most):
            if current and len(current) + 1 + len(part) > most:
                found.append(current)
                current = ""
            current = f"{current} {part}" if current else part
    return [*found, current] if current else found


def _broken(sentence: str, most: int) -> list[str]:
    lines: list[str] = []
    for word in sentence.split():
        for start in range(0, len(word), most):
            part = word[start : start + most]
            if lines and len(lines[-1]) + 1 + len(part) <= most:
                lines[-1] += f" {part}"
            else:
                lines.append(part)
    return lines
