"""How long sounds will be that nobody has made yet: good enough to plan with, never to place a sound by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nightstretch.audio import SESSION_RATE
from nightstretch.sounds import chime_length
from nightstretch.timeline import Lengths
from nightstretch.voices.base import CALM_WPM

_SAMPLES_PER_WORD: Final = SESSION_RATE * 60 / CALM_WPM


class GuessedLengths:
    """What the lengths will be at a speed, guessed from the number of words."""

    def __init__(self, speed: float) -> None:
        self._samples_per_word = _SAMPLES_PER_WORD / speed

    def speech(self, text: str) -> int:
        """Guess the length of a spoken text in samples."""
        return round(len(text.split()) * self._samples_per_word)

    def chime(self, name: str) -> int:
        """Give the length of a chime in samples, which is known. Raises SoundError."""
        return chime_length(name)


class AskedLengths:
    """Lengths that remember what was asked for: ``texts``, each once, in that order."""

    def __init__(self, lengths: Lengths) -> None:
        self._lengths = lengths
        self.texts: dict[str, None] = {}

    def speech(self, text: str) -> int:
        """Give the length of a spoken text in samples."""
        self.texts[text] = None
        return self._lengths.speech(text)

    def chime(self, name: str) -> int:
        """Give the length of a chime in samples. Raises SoundError."""
        return self._lengths.chime(name)


class ScaledLengths:
    """What the lengths would be, roughly, if speech took so many times as long."""

    def __init__(self, lengths: Lengths, factor: float) -> None:
        self._lengths = lengths
        self._factor = factor

    def speech(self, text: str) -> int:
        """Guess the length of a spoken text in samples."""
        return round(self._lengths.speech(text) * self._factor)

    def chime(self, name: str) -> int:
        """Give the length of a chime in samples. Raises SoundError."""
        return self._lengths.chime(name)


class KnownLengths:
    """What is known of the lengths, and for the rest those of ``otherwise``; nobody waits."""

    def __init__(self, known: Callable[[str], int | None], otherwise: Lengths) -> None:
        self._known = known
        self._otherwise = otherwise

    def speech(self, text: str) -> int:
        """Give or guess the length of a spoken text in samples."""
        known = self._known(text)
        return self._otherwise.speech(text) if known is None else known

    def chime(self, name: str) -> int:
        """Give the length of a chime in samples. Raises SoundError."""
        return self._otherwise.chime(name)
