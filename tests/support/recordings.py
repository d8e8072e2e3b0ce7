"""A short session to write to files: noise with clicks in it, and what a player shows of it."""

from typing import Final, NamedTuple

import numpy as np

from nightstretch.export.base import AudioFile, Block, Chapter, Line, Metadata

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


class Sound(NamedTuple):
    """One of the two kinds of sound that files are written in. ``clicks``: the sample of each channel's."""

    rate: int
    bitrate_kbps: int
    clicks: tuple[int, ...]

    @property
    def channels(self) -> int:
        return len(self.clicks)

    @property
    def samples(self) -> int:
        return SAMPLES * self.rate // RATE

    def track(self) -> Block:
        """Give quiet noise, other on each side, with one loud sample in each channel."""
        noise = np.random.default_rng(1).integers(-20, 20, (self.samples, self.channels)).astype(np.int16)
        noise[self.clicks, range(self.channels)] = 25_000
        return noise[:, 0] if self.channels == 1 else noise

    def heard(self, decoded: Block) -> tuple[int, ...]:
        """Give the loudest sample of each channel."""
        loudness = np.abs(decoded.astype(int).reshape(len(decoded), self.channels))
        return tuple(loudness.argmax(axis=0).tolist())


MONO: Final = Sound(RATE, 64, (CLICK,))
STEREO: Final = Sound(44_100, 128, (round(CLICK * 44_100 / RATE), 101_003))
"""The left side's click is at the time of the mono one, the right one's is later."""


def click_track() -> Block:
    """Give quiet noise of ``SAMPLES`` samples with one loud sample at ``CLICK``."""
    return MONO.track()


def write_all(file: AudioFile, pcm: Block, about: Metadata = ABOUT, *, block_samples: int = 4800) -> None:
    """Write a whole session as an export does."""
    try:
        for start in range(0, len(pcm), block_samples):
            file.write(pcm[start : start + block_samples])
        file.finish(about)
    except BaseException:
        file.abort()
        raise
