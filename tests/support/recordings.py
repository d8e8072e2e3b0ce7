"""A short session to write to files: noise with a click in it, and what a player shows of it."""

from typing import Final

import numpy as np

from nightstretch.audio import Pcm
from nightstretch.export.base import AudioFile, Chapter, Line, Metadata

RATE: Final = 24_000
CLICK: Final = 40_123
"""The sample of the click, at which the second chapter and the second line begin."""
SAMPLES: Final = 3 * RATE

ABOUT: Final = Metadata(
    title="Back pain: ein Abend für dich",
    artist="nightstretch",
    rate=RATE,
    samples=SAMPLES,
    chapters=(
        Chapter("Breathing, and how the back feels tonight", 0, CLICK),
        Chapter("Nackendehnung ☾", CLICK, 2 * RATE),
        Chapter("Legs and calves", 2 * RATE, SAMPLES),
    ),
    lines=(Line(2400, "Breathe in."), Line(CLICK, "Let your head sink to the right.")),
)


def click_track() -> Pcm:
    """Give quiet noise of ``SAMPLES`` samples with one loud sample at ``CLICK``."""
    pcm = np.random.default_rng(1).integers(-20, 20, SAMPLES).astype(np.int16)
    pcm[CLICK] = 25_000
    return pcm


def write_all(file: AudioFile, pcm: Pcm, about: Metadata = ABOUT, *, block_samples: int = 4800) -> None:
    """Write a whole session as an export does."""
    try:
        for start in range(0, len(pcm), block_samples):
            file.write(pcm[start : start + block_samples])
        file.finish(about)
    except BaseException:
        file.abort()
        raise
