"""What is said to a listener who pressed a key: a few short sentences, in the voice of the session.

They are spoken ahead of need, as the cues are. An answer that is not ready yet is left out: no key is worth
waiting for the voice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nightstretch.audio import Pcm
from nightstretch.errors import NightstretchError
from nightstretch.renderer import Renderer
from nightstretch.timeline import Event
from nightstretch.voices.base import KeptVoice

HELP: Final = (
    "Space pauses, and goes on. The right arrow takes you to the next exercise, the left arrow back. "
    "R says it again. Up and down change the volume. T tells the time that is left. Q ends the session."
)
SLOWER: Final = "Slower."
FASTER: Final = "Faster."
SLOWEST: Final = "No slower here."
FASTEST: Final = "No faster here."
LAST_PART: Final = "This is the last part."
NO_TIMER: Final = "The sleep timer is off."
SOUND_IS_BACK: Final = "The sound is back."

TIMER_MINUTES: Final = (10, 20, 30, 45, 60)
"""What the key for the sleep timer goes through; after the last one it is off."""


def time_left(seconds: float) -> str:
    """Say how long it still takes."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "Less than a minute left."
    return "One minute left." if minutes == 1 else f"{minutes} minutes left."


def timer_set(minutes: int) -> str:
    """Say when the sleep timer will end it."""
    return f"The session ends in {minutes} minutes."


class Answers:
    """The answers, spoken by a voice. ``seconds``: how long the session is at most."""

    def __init__(self, voice: KeptVoice, speed: float, seconds: float) -> None:
        self._renderer = Renderer(voice, speed, _texts(seconds))

    def clip(self, text: str) -> Pcm | None:
        """Give an answer as 16-bit mono sound, or None where it is not ready or cannot be spoken."""
        length = self._renderer.known(text)
        if length is None:
            self._renderer.want([text])
            return None
        try:
            return self._renderer.clip(Event("say", 0, length, text)).samples
        except NightstretchError:
            return None

    def close(self) -> None:
        """Speak no more of them."""
        self._renderer.cancel()


def _texts(seconds: float) -> Iterator[str]:
    """Give all that may be asked for, the likeliest first."""
    yield from (HELP, time_left(seconds), SLOWER, FASTER)
    yield from map(timer_set, TIMER_MINUTES)
    yield from (NO_TIMER, SLOWEST, FASTEST, LAST_PART, SOUND_IS_BACK)
    for minutes in range(round(seconds / 60), -1, -1):
        yield time_left(minutes * 60)
