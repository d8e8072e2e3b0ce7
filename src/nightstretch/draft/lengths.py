"""How long an article says something takes: "5 minutes", "90 seconds", "2-3 min", "a minute per side"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from nightstretch.draft.text import MINUS

LEAST_MINUTES, MOST_MINUTES = 0.1, 120.0

NUMBERS: Final = {
    "a": 1.0,
    "an": 1.0,
    "half a": 0.5,
    "half an": 0.5,
    "a couple of": 2.0,
    "a few": 4.0,
    "several": 5.0,
    "one": 1.0,
    "two": 2.0,
    "three": 3.0,
    "four": 4.0,
    "five": 5.0,
    "six": 6.0,
    "seven": 7.0,
    "eight": 8.0,
    "nine": 9.0,
    "ten": 10.0,
    "twelve": 12.0,
    "fifteen": 15.0,
    "twenty": 20.0,
    "thirty": 30.0,
    "forty": 40.0,
    "sixty": 60.0,
    "ninety": 90.0,
}
"""Numbers as words; the vague ones as what is meant by them, more or less."""

NUMBER: Final = (
    r"(?:(?<![\d.])\d{1,4}(?:[.,:]\d{1,2})?|\b(?:" + "|".join(sorted(NUMBERS, reverse=True)) + r")\b)"
)
RANGE: Final = rf"(?P<low>{NUMBER})(?:\s?(?:[{MINUS}]|\bto\b|\bor\b)\s?(?P<high>{NUMBER}))?"
_SECONDS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0}
_UNIT: Final = r"(?P<unit>hours?|hrs?|minutes?|mins?|seconds?|secs?|[ms](?=[\s)\].,:]|$))\b\.?"

AMOUNT: Final = re.compile(rf"{RANGE}[\s{MINUS}]?{_UNIT}", re.IGNORECASE)
PER_SIDE: Final = re.compile(
    r"\b(?:(?:on|for|per|to|with)\s)?(?:per|each|both|either)\s(?:sides?|legs?|arms?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Length:
    """How long an exercise should take; ``guess`` says what of it is not the article's own word."""

    minutes: float
    guess: str = ""


def number(text: str) -> float:
    """Read a number in digits or as a word; ``1:30`` is one and a half."""
    text = text.lower()
    if text in NUMBERS:
        return NUMBERS[text]
    whole, colon, part = text.partition(":")
    return float(whole) + float(part) / 60 if colon else float(text.replace(",", "."))


def middle(match: re.Match[str]) -> float:
    """Give the number of a RANGE, or the middle of two."""
    low = number(match["low"])
    return (low + number(match["high"])) / 2 if match["high"] else low


def seconds(match: re.Match[str]) -> float:
    """Give the seconds of an AMOUNT."""
    return middle(match) * _SECONDS[match["unit"][0].lower()]


def find_length(text: str) -> Length | None:
    """Find the length that a heading or a line names, if it names one that can be."""
    found = AMOUNT.search(text)
    if found is None:
        return None
    total, guesses = seconds(found), []
    more = AMOUNT.search(text, found.end())
    if more and text[found.end() : more.start()].strip(" ,") in {"", "and"}:
        total += seconds(more)
    if found["high"]:
        guesses.append(f"the middle of {found[0].strip()}")
    if PER_SIDE.search(text):
        total *= 2
        guesses.append(f"{found[0].strip()} for each of two sides")
    if total < LEAST_MINUTES * 60:
        return None
    if total > MOST_MINUTES * 60:
        guesses.append(f"no exercise may be longer than {MOST_MINUTES:g} minutes")
    return Length(round(min(total / 60, MOST_MINUTES), 2), "; ".join(guesses))
