"""The voices of the operating system, through pyttsx3: plainer than the natural one, and on every machine.

What pyttsx3 needs to be safe is in ``system_worker`` and ``workers``. Here are the names of the voices and
the pace of each, which nobody can know beforehand: it is measured on first use, and kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

import numpy as np

from nightstretch.audio import Clip
from nightstretch.errors import UsageError, VoiceError
from nightstretch.files import write_whole
from nightstretch.voices.base import Voice, VoiceInfo
from nightstretch.voices.cache import cache_directory
from nightstretch.voices.calibration import PASSAGE, Calibration, calibrate
from nightstretch.voices.leveled import level
from nightstretch.voices.text import pieces, speakable
from nightstretch.voices.workers import Workers

_PIECE_CHARACTERS = 600  # the time espeak-ng takes grows with the square of the length
# espeak-ng goes no lower than 80. What the others can is not known: their table ends where they do.
_RATES = {"espeak": (80, 95, 120, 180, 270)}
_OTHER_RATES = (60, 90, 135, 200, 300)
_SHORT_PASSAGE = PASSAGE[1::3] + PASSAGE[:3]  # within 1 % of the pace of the whole
_COMMANDS = str.maketrans(dict.fromkeys("<>[]{}", " "))  # some engines take commands in brackets


@dataclass(frozen=True)
class InstalledVoice:
    """A voice as pyttsx3 reports it."""

    id: str
    name: str
    english: bool

    @property
    def short(self) -> str:
        """The handier of its two names: ``gmw/en-us``, ``Samantha``."""
        return min(self.id, self.name, key=len)

    def is_called(self, wanted: str) -> bool:
        """Say whether a person may mean this one by ``wanted``."""
        names = (self.id, self.name, self.id.rpartition("/")[2])
        return wanted.casefold() in {name.casefold() for name in names}


@dataclass(frozen=True)
class Inventory:
    """What speaks on this machine: at least one of ``voices``, the default first, then the English ones."""

    driver: str
    version: str
    voices: tuple[InstalledVoice, ...]


class SystemVoice:
    """One voice of the system at any speed; each text is spoken by a process of its own."""

    takes_ipa = False

    def __init__(self, name: str, voice: InstalledVoice, inventory: Inventory, workers: Workers) -> None:
        self.name = name
        self._voice = voice
        self._workers = workers
        spoken_by = f"system {inventory.driver} {inventory.version}; {voice.id}"
        self._calibration = self._paced(spoken_by, _RATES.get(inventory.driver, _OTHER_RATES))
        pace = "/".join(f"{rate:g}:{wpm:g}" for rate, wpm in self._calibration.points)
        self.identity = f"{spoken_by}; pace {pace}"
        self.speeds = self._calibration.speeds

    def synthesize(self, text: str, speed: float) -> Clip:
        """Speak ``text``, long ones in pieces that end with a sentence. Raises VoiceError."""
        return self._spoken(text, self._calibration.setting(speed))

    def close(self) -> None:
        """End what is being spoken; the engine that opened this voice speaks no more."""
        self._workers.close()

    def _spoken(self, text: str, rate: float) -> Clip:
        # A pronunciation, [word](/ipa/), is for voices that can read it. Here the word must do.
        plain = re.sub(r"\[([^\]]+)\]\(/[^)]*/\)", r"\1", text).translate(_COMMANDS)
        parts = pieces(speakable(plain), _PIECE_CHARACTERS)
        clips = [self._workers.speak(self._voice.id, round(rate), part) for part in parts]
        return Clip(np.concatenate([clip.samples for clip in clips]), clips[0].rate)

    def _paced(self, spoken_by: str, rates: Sequence[int]) -> Calibration:
        """Give the pace of the voice: as it was measured once, or else measured now."""
        digest = hashlib.sha256(f"{spoken_by} {rates} {_SHORT_PASSAGE}".encode()).hexdigest()
        path = cache_directory() / "pace" / f"{digest[:32]}.json"
        try:
            return Calibration(
                tuple((float(rate), float(wpm)) for rate, wpm in json.loads(path.read_bytes()))
            )
        except (OSError, ValueError, TypeError):
            pass  # not there, or damaged

        def speak(text: str, rate: float) -> Clip:
            return level(self._spoken(text, rate), text)

        with ThreadPoolExecutor(os.cpu_count()) as executor:
            try:
                calibration = calibrate(speak, rates, _SHORT_PASSAGE, executor)
            except BaseException:
                executor.shutdown(wait=False, cancel_futures=True)
                self._workers.close()
                raise
        with suppress(OSError):  # then it is measured again next time
            write_whole(path, json.dumps(calibration.points).encode())
        return calibration


class SystemVoices:
    """The engine behind ``system`` and ``system:VOICE``."""

    def __init__(self, workers: Workers | None = None) -> None:
        self._workers = workers or Workers()

    def problem(self) -> str | None:
        """Say why no voice of the system can be used here, or None. Asks the system, in 0.1 s."""
        try:
            _ = self._inventory
        except VoiceError as error:
            return str(error)
        return None

    def voices(self) -> Sequence[VoiceInfo]:
        """List the English voices, the default one first: it can be opened by the engine's name alone."""
        first, *others = self._inventory.voices
        infos = [VoiceInfo("system", f"this system's own voice: {first.name}")]
        return infos + [VoiceInfo(f"system:{voice.short}", voice.name) for voice in others if voice.english]

    def open(self, variant: str | None) -> Voice:
        """Open the default English voice, or one by its ID or name.

        The first time a voice is opened on a machine its pace is measured, which takes some seconds. Raises
        UsageError for a voice there is not, VoiceError where none can be used.
        """
        inventory = self._inventory
        if variant is None:
            return SystemVoice("system", inventory.voices[0], inventory, self._workers)
        for voice in inventory.voices:
            if voice.is_called(variant):
                return SystemVoice(f"system:{voice.short}", voice, inventory, self._workers)
        known = [voice.short for voice in inventory.voices]
        folded = {name.casefold(): name for voice in inventory.voices for name in (voice.id, voice.name)}
        near = [folded[name] for name in get_close_matches(variant.casefold(), folded, n=3, cutoff=0.5)]
        raise UsageError(
            f"this system has no voice {variant!r}; try {' or '.join(near or known[:3])}, "
            "or see: nightstretch voices"
        )

    @cached_property
    def _inventory(self) -> Inventory:
        answer = self._workers.list_voices()
        voices = [
            InstalledVoice(
                str(voice["id"]),
                str(voice["name"]),
                any(language.lower().startswith("en") for language in voice["languages"]),
            )
            for voice in answer["voices"]
        ]
        # The system's default, if it speaks English; else an English one; else what there is.
        voices.sort(key=lambda voice: (not voice.english, voice.id != answer["default"]))
        if not voices:
            raise VoiceError("this system has no voices; add one in its settings, or try --voice natural")
        return Inventory(answer["driver"], answer["version"], tuple(voices))
