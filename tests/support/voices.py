"""A voice for tests: it hums for as long as a calm voice would speak."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nightstretch.audio import SESSION_RATE, Clip, to_pcm
from nightstretch.errors import VoiceError
from nightstretch.voices.base import CALM_WPM, FASTEST_SPEED, SLOWEST_SPEED, Voice, VoiceInfo


class HummingVoice:
    name = "hum"
    identity = "hum 1"
    speeds = (SLOWEST_SPEED, FASTEST_SPEED)
    takes_ipa = False

    def __init__(self) -> None:
        self.spoken: list[tuple[str, float]] = []
        self.closed = False

    def synthesize(self, text: str, speed: float) -> Clip:
        self.spoken.append((text, speed))
        if "unspeakable" in text:
            raise VoiceError(f"the humming voice cannot say {text!r}")
        samples = round(len(text.split()) * 60 / (CALM_WPM * speed) * SESSION_RATE)
        return Clip(to_pcm(0.2 * np.sin(np.arange(samples) * (0.05 + len(text) % 7 / 100))), SESSION_RATE)

    def length(self, text: str, speed: float) -> int | None:
        return None

    def close(self) -> None:
        self.closed = True


class BriskVoice(HummingVoice):
    name = "brisk"
    speeds = (0.9, 1.5)


class HummingVoices:
    def problem(self) -> str | None:
        return None

    def voices(self) -> Sequence[VoiceInfo]:
        return (VoiceInfo("hum", "hums"),)

    def open(self, variant: str | None) -> Voice:
        return HummingVoice()


class BriskVoices(HummingVoices):
    def voices(self) -> Sequence[VoiceInfo]:
        return (VoiceInfo("brisk", "hums, but not slowly"),)

    def open(self, variant: str | None) -> Voice:
        return BriskVoice()


class MissingVoices(HummingVoices):
    def problem(self) -> str | None:
        return "it is not installed; install it"

    def open(self, variant: str | None) -> Voice:
        raise VoiceError("it is not installed; install it")


GATE = "HUMMING_GATE"
"""The variable with the folder where a `GatedVoice` waits for a file ``open``; its own tell what it does."""


class GatedVoice(HummingVoice):
    name = "gated"

    def synthesize(self, text: str, speed: float) -> Clip:
        gate = Path(os.environ[GATE])
        (gate / str(os.getpid())).touch()
        while not (gate / "open").exists():
            if self.closed:
                raise VoiceError("the gated voice was closed")
            time.sleep(0.01)
        with (gate / f"{os.getpid()}.spoken").open("a") as file:
            file.write(f"{speed} {text}\n")
        return super().synthesize(text, speed)


class GatedVoices(HummingVoices):
    def voices(self) -> Sequence[VoiceInfo]:
        return (VoiceInfo("gated", "hums, but only when a gate is open"),)

    def open(self, variant: str | None) -> Voice:
        return GatedVoice()
