"""What is said to a listener who pressed a key: a few short sentences, in the voice of the session.

They are spoken ahead of need, though after the first cues. An answer that is not ready yet is left out: no
key is worth waiting for the voice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

from nightstretch.audio import Pcm
from nightstretch.errors import NightstretchError
from nightstretch.voices.base import KeptVoice

HELP: Final = (
    "Space pauses, and goes on. The right arrow takes you to the next exercise, the left arrow back. "
    "R says it again. Up and down change the volume. T tells the time that is left. Q ends the session."
)
SLOWER: Final = "Slower."
FASTER: Final = "Faster."
NEARLY_SLOWER: Final = "As slow as it can be here."
NEARLY_FASTER: Final = "As fast as it can be here."
SLOWEST: Final = "No slower here."
FASTEST: Final = "No faster here."
SOFTEST: Final = "No softer."
LOUDEST: Final = "No louder."
LAST_PART: Final = "This is the last part."
NO_TIMER: Final = "The sleep timer is off."
SOUND_IS_BACK: Final = "The sound is back."

TIMER_MINUTES: Final = (10, 20, 30, 45, 60)
"""What the key for the sleep timer goes through; after the last one it is off."""

MOST_MINUTES: Final = 90
"""What takes longer is told in hours: nobody counts the minutes then."""


def time_left(seconds: float) -> str:
    """Say how long it still takes."""
    minutes = round(seconds / 60)
    if minutes > MOST_MINUTES:
        return f"About {round(minutes / 60)} hours left."
    if minutes < 1:
        return "Less than a minute left."
    return "One minute left." if minutes == 1 else f"{minutes} minutes left."


def timer_set(minutes: int) -> str:
    """Say when the sleep timer will end it."""
    return f"The session ends in {minutes} minutes."


class Answers:
    """The answers, spoken by a voice. ``seconds``: how long the session is at most.

    They are few and short, so they stay in memory: whatever becomes of the cache, they are there at once.
    """

    def __init__(self, voice: KeptVoice, speed: float, seconds: float) -> None:
        self._voice = voice
        self._speed = speed
        self._texts = _texts(seconds)
        self._wanted: set[str] = set()
        self._clips: dict[str, Pcm] = {}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="answers")  # one: the cues come first

    def prepare(self) -> None:
        """Begin to speak them; nothing happens the next time."""
        self._want(self._texts)

    def clip(self, text: str) -> Pcm | None:
        """Give an answer as 16-bit mono sound, or None where it is not ready or cannot be spoken."""
        self._want([text])
        return self._clips.get(text)

    def close(self) -> None:
        """Speak no more of them."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _want(self, texts: Iterable[str]) -> None:
        for text in texts:
            if text not in self._wanted:
                self._wanted.add(text)
                self._pool.submit(self._speak, text)

    def _speak(self, text: str) -> None:
        with suppress(NightstretchError):
            self._clips[text] = self._voice.synthesize(text, self._speed).samples


def _texts(seconds: float) -> Iterator[str]:
    """Give all that may be asked for, the likeliest first."""
    yield from (HELP, time_left(seconds), SLOWER, FASTER)
    yield from map(timer_set, TIMER_MINUTES)
    yield from (NO_TIMER, SLOWEST, FASTEST, NEARLY_SLOWER, NEARLY_FASTER, SOFTEST, LOUDEST)
    yield from (LAST_PART, SOUND_IS_BACK)
    for minutes in range(round(seconds / 60), -1, -1):
        yield time_left(minutes * 60)
