"""A voice that is told how to speak certain words, where it can be told."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nightstretch.audio import Clip
from nightstretch.voices.base import KeptVoice


class PronouncingVoice:
    """Speaks certain words as their IPA says; of a voice that ``takes_ipa``.

    ``pronounce``: words in lower case, each with its IPA. It marks them as the natural voice wants it,
    ``[word](/ipa/)``, and knows them in any case, as whole words only.
    """

    def __init__(self, voice: KeptVoice, pronounce: Iterable[tuple[str, str]]) -> None:
        self._voice = voice
        self._ipa = dict(pronounce)
        # Longer ones first, so that "child's" is not taken for "child".
        words = sorted(self._ipa, key=len, reverse=True)
        alternatives = "|".join(map(re.escape, words))
        self._word = re.compile(rf"(?<![\w'\u2019-])({alternatives})(?![\w'\u2019-])", re.IGNORECASE)
        self.name = voice.name
        self.identity = voice.identity
        self.speeds = voice.speeds
        self.takes_ipa = voice.takes_ipa

    def synthesize(self, text: str, speed: float) -> Clip:
        """Speak ``text``, with its words marked. Raises VoiceError."""
        return self._voice.synthesize(self._with_marks(text), speed)

    def length(self, text: str, speed: float) -> int | None:
        """Give the samples of that, or None where it has not been spoken yet."""
        return self._voice.length(self._with_marks(text), speed)

    def close(self) -> None:
        """Close the voice itself."""
        self._voice.close()

    def _with_marks(self, text: str) -> str:
        return self._word.sub(self._marked, text)

    def _marked(self, found: re.Match[str]) -> str:
        return f"[{found[0]}](/{self._ipa[found[0].lower()]}/)"
