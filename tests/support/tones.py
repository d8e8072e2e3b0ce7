"""A voice for measuring: a cue is a long steady tone, anything else that is said a short higher one.

Where a tone changes shows at once, and no step in it is larger than its own.
"""

from collections.abc import Sequence

import numpy as np

from nightstretch.audio import SESSION_RATE, Clip, Pcm
from nightstretch.voices.base import FASTEST_SPEED, SLOWEST_SPEED, Voice, VoiceInfo

CUE_HERTZ, ANSWER_HERTZ = 200, 400
CUE_SECONDS, ANSWER_SECONDS = 100, 0.6

USE = """
from importlib.metadata import EntryPoint
from nightstretch.voices import registry
registry.entry_points = lambda group: [EntryPoint("tones", "support.tones:Tones", group)]
registry.DEFAULT_NAMES = ("tones",)
"""
"""What a program runs to have no other voice."""

ROUTINE = f"""\
title: Tones
safety: ''
opening: [{{pause: 1}}]
exercises:
{
    "".join(
        f'''
  - title: Tone {number}
    minutes: 1.8
    steps: [{{say: Cue {number}.}}, {{pause: 8, least: 1, most: 60}}]
'''
        for number in range(1, 5)
    )
}
"""


class ToneVoice:
    name = "tones"
    identity = "tones 1"
    speeds = (SLOWEST_SPEED, FASTEST_SPEED)
    takes_ipa = False

    def synthesize(self, text: str, speed: float) -> Clip:
        is_cue = text.startswith("Cue")
        hertz, seconds = (CUE_HERTZ, CUE_SECONDS) if is_cue else (ANSWER_HERTZ, ANSWER_SECONDS)
        return Clip(_tone(hertz, seconds), SESSION_RATE)

    def close(self) -> None:
        pass


class Tones:
    def problem(self) -> str | None:
        return None

    def voices(self) -> Sequence[VoiceInfo]:
        return (VoiceInfo("tones", "measures"),)

    def open(self, variant: str | None) -> Voice:
        return ToneVoice()


def _tone(hertz: float, seconds: float) -> Pcm:
    turns = np.arange(round(seconds * SESSION_RATE)) * hertz / SESSION_RATE
    wave: Pcm = np.rint(10_000 * np.sin(2 * np.pi * turns)).astype(np.int16)
    return wave
