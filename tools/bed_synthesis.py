"""What the beds in ``sounds/beds/`` are made of: noise and tones whose end is their beginning.

Nothing here is cut, so nothing has to be joined. Noise is shaped over the whole loop at once, in the
frequency domain; drops and waves that begin near the end go on at the beginning; every tone and every swell
goes round a whole number of times. So the step over the seam is a step like any other.

The randomness is numpy's legacy generator, whose stream is frozen: everybody makes the same samples, with
any version.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from nightstretch.voices.loudness import loudness

LUFS: Final = -36.0
"""The loudness of every bed. Low, for then 16 bits hold as much of it as anybody can hear in fewer bytes."""

STEP_SECONDS: Final = 0.02
"""Between two points of a curve that only moves within seconds."""

HEADROOM_DB: Final = -3.0
"""No sample is above this."""

LOWEST_HZ: Final = 42.0
"""What lies deeper only moves the cone of a small loudspeaker."""

Signal = npt.NDArray[np.float64]
"""Mono, shape ``(samples,)``."""

Stereo = npt.NDArray[np.float32]
"""Two channels, shape ``(2, samples)``. 32 bits are finer than the 16 that are stored, and twice as fast."""

Signals = TypeVar("Signals", Signal, Stereo)

Shape = Callable[[Signal], Signal]
"""A spectrum: frequencies in Hz to amplitudes."""


@dataclass(frozen=True)
class Circle:
    """A loop that is being made: its length, its samples a second, and the randomness it is made with."""

    seconds: int
    rate: int
    random: np.random.RandomState

    @property
    def samples(self) -> int:
        """How many samples come round."""
        return self.seconds * self.rate

    @property
    def hertz(self) -> Signal:
        """The frequencies of the spectrum of the loop."""
        return np.arange(self.samples // 2 + 1) / self.seconds

    def shaped(self, signal: Stereo, shape: Shape) -> Stereo:
        """Filter around the circle, without moving anything in time."""
        return self.sounding(np.fft.rfft(signal) * shape(self.hertz).astype(np.float32))

    def sounding(self, spectrum: npt.NDArray[np.complexfloating]) -> Stereo:
        """Turn a spectrum into what it sounds like."""
        return np.fft.irfft(spectrum, self.samples).astype(np.float32, copy=False)

    def noise(self, shape: Shape, *, width: float = 1.0) -> Stereo:
        """Make noise of that spectrum, each channel with a root mean square of 1.

        ``width``: how much of its power the channels do not share. What they share holds it together in
        the middle, and nothing is ever in opposite phase, so that in mono nothing is lost.
        """
        shared, left, right = self.random.standard_normal((3, self.samples)).astype(np.float32)
        own = np.stack((left, right)) * math.sqrt(width)
        return unit(self.shaped(own + shared * math.sqrt(1 - width), shape))

    def curve(self, points: Signal) -> Stereo:
        """Draw a slow curve through points that are ``STEP_SECONDS`` apart, around the circle."""
        step = round(STEP_SECONDS * self.rate)
        start = points.astype(np.float32)[:, :, np.newaxis]
        between = np.arange(step, dtype=np.float32) / np.float32(step)
        drawn: Stereo = start + (np.roll(start, -1, axis=1) - start) * between
        return drawn.reshape(2, -1)

    def sway(self, slowest_seconds: float, depth_db: float) -> Stereo:
        """Make a gain that wanders slowly, differently in each channel, by ``depth_db`` as a rule."""
        count = round(self.seconds / STEP_SECONDS)
        hz = np.fft.rfftfreq(count, STEP_SECONDS)
        points = self.random.standard_normal((2, count)) + self.random.standard_normal(count)
        wander = np.fft.irfft(np.fft.rfft(points) * (hz > 0) * np.exp(-((hz * slowest_seconds) ** 2)), count)
        return self.curve(np.power(10.0, depth_db / 20 * unit(wander)))

    def grains(self, each_second: float, spread_db: float) -> Stereo:
        """Make clicks at random moments, of random strength and place from left to right."""
        count = round(each_second * self.seconds)
        times = self.random.randint(0, self.samples, count)
        strengths = np.power(10.0, spread_db / 20 * np.clip(self.random.standard_normal(count), -2.5, 1.5))
        strengths *= self.random.choice((-1.0, 1.0), count)
        places = self.random.uniform(0.1, 0.9, count)
        # Half a millisecond from ear to ear, as around a head: wide, and yet the same in both.
        late = np.rint(0.0005 * self.rate * (places - 0.5)).astype(int)
        clicks = np.zeros((2, self.samples), np.float32)
        np.add.at(clicks[0], (times + late) % self.samples, strengths * np.cos(places * np.pi / 2))
        np.add.at(clicks[1], (times - late) % self.samples, strengths * np.sin(places * np.pi / 2))
        return clicks


def unit(signal: Signals) -> Signals:
    """Bring it to a root mean square of 1."""
    return signal / math.sqrt(float(np.mean(signal**2, dtype=np.float64)))


def gain(db: float) -> float:
    """Decibels as a factor."""
    return float(10 ** (db / 20))


def above(corner_hz: float, order: int) -> Shape:
    """Let through what is higher, as a Butterworth filter does."""
    return lambda hz: 1 / np.sqrt(1 + (corner_hz / np.maximum(hz, 1e-9)) ** (2 * order))


def below(corner_hz: float, order: int) -> Shape:
    """Let through what is lower, as a Butterworth filter does."""
    return lambda hz: 1 / np.sqrt(1 + (hz / corner_hz) ** (2 * order))


def tilt(db_per_octave: float) -> Shape:
    """Fall or rise steadily, and be 0 dB at 1 kHz."""
    return lambda hz: np.power(np.maximum(hz, 1.0) / 1000, db_per_octave / (20 * math.log10(2)))


def through(*shapes: Shape) -> Shape:
    """One filter after the other."""
    return lambda hz: np.prod([shape(hz) for shape in shapes], axis=0)


def rain(circle: Circle) -> Stereo:
    """Make steady rain on leaves: a curtain far away, a patter nearer, now and then a soft drop close by."""
    far = circle.noise(through(above(180, 1), tilt(-3.5), below(3600, 2), below(9000, 3)), width=0.8)
    roof = circle.noise(through(above(90, 2), below(420, 2)), width=0.6)
    total = gain(-3) * far * circle.sway(6, 0.8) + gain(-9) * roof * circle.sway(8, 1.2)
    for lowest_hz, highest_hz, drops_db in (
        (420, 800, -12),
        (800, 1500, -7),
        (1500, 2800, -4),
        (2800, 5200, -8),
    ):
        drops = _drops(circle, np.geomspace(lowest_hz, highest_hz, 12, endpoint=False))
        total = total + gain(drops_db) * drops * circle.sway(5, 1.0)
    return total


def _drops(circle: Circle, pitches_hz: Signal) -> Stereo:
    """Let drops of these pitches fall: the deeper, the nearer; so they are fewer, and ring longer."""
    spectrum = np.zeros((2, circle.samples // 2 + 1), np.complex64)
    for hertz in pitches_hz * circle.random.uniform(0.98, 1.02, len(pitches_hz)):
        clicks = circle.grains(1.2 * (hertz / 500) ** 2.2, spread_db=4)
        drop = _drop(hertz, DROP_ROUNDS / hertz, circle.rate).astype(np.float32)
        spectrum += np.fft.rfft(clicks) * np.fft.rfft(drop, circle.samples) * hertz**-0.6
    return unit(circle.sounding(spectrum))


DROPS: Final = ((420, 800, -12), (800, 1500, -7), (1500, 2800, -4), (2800, 5200, -8))
"""From the nearest drops to the farthest: the lowest and the highest pitch, and how loud all are in dB."""

DROP_ROUNDS: Final = 9
"""How often a drop swings until it has lost two thirds: no more, or the rain would ring like glass."""


def _drop(hertz: float, ring_seconds: float, rate: int) -> Signal:
    """Make one drop: a bubble that closes, so its tone rises while it dies. It swells before it rings."""
    time = np.arange(round(10 * ring_seconds * rate)) / rate
    swell = 1 - np.exp(-time / (0.6 * ring_seconds))
    turns = 2 * np.pi * hertz * (time + 0.06 * time**2 / (2 * ring_seconds))
    drop: Signal = swell**2 * np.exp(-time / ring_seconds) * np.sin(turns)
    return drop


@dataclass(frozen=True)
class Shore:
    """Where waves come in.

    ``gaps_seconds``: from one wave to the next, around the loop. ``level_db``: how loud. ``muffled_hz``: the
    distance takes what is higher.
    """

    gaps_seconds: tuple[float, ...]
    level_db: float
    muffled_hz: float


SHORES: Final = (
    Shore((9.4, 8.1, 10.8, 9.9, 11.3, 10.5), level_db=0, muffled_hz=9000),
    Shore((7.9, 9.1, 8.3, 9.7, 8.6, 7.4, 9.0), level_db=-8, muffled_hz=2200),
    Shore((7.3, 7.8, 7.0, 8.1, 7.2, 7.6, 7.9, 7.1), level_db=-10, muffled_hz=4200),
)
"""A near one and two farther ones, of six, seven and eight waves: each time they meet in another way."""

BUBBLES_EACH_SECOND: Final = 3000
"""So many that they run into a hiss, so few that one still hears that it is foam."""


@dataclass(frozen=True)
class Surf:
    """One part of the sound of a wave.

    ``after_seconds``: when it is loudest, after the wave breaks. ``grow_seconds``, ``fade_seconds``: how
    slowly it comes and goes. ``bubbles``: made of bubbles that burst one by one.
    """

    low_hz: float
    high_hz: float
    level_db: float
    after_seconds: float
    grow_seconds: float
    fade_seconds: float
    bubbles: bool = False


WAVE: Final = (
    Surf(70, 260, level_db=-2, after_seconds=-0.5, grow_seconds=1.7, fade_seconds=1.6),
    Surf(200, 750, level_db=0, after_seconds=0.0, grow_seconds=1.2, fade_seconds=1.7),
    Surf(500, 1900, level_db=-4, after_seconds=0.5, grow_seconds=1.0, fade_seconds=2.0),
    Surf(1300, 4200, level_db=-10, after_seconds=1.2, grow_seconds=1.0, fade_seconds=2.4),
    Surf(1800, 6500, level_db=-15, after_seconds=2.2, grow_seconds=1.3, fade_seconds=2.6, bubbles=True),
    Surf(3000, 9000, level_db=-22, after_seconds=3.3, grow_seconds=1.6, fade_seconds=2.8, bubbles=True),
)
"""The swell comes deep, breaks in the middle, washes up brightly, and hisses back through its foam."""


def waves(circle: Circle) -> Stereo:
    """Make the sea on a calm night: waves at the pace of slow breathing, and the open water behind them."""
    sea = through(above(60, 2), tilt(-4.5), below(1500, 1), below(8000, 4))
    total = gain(-8) * circle.noise(sea, width=0.6) * circle.sway(9, 1.5)
    for shore in SHORES:
        gaps = np.array(shore.gaps_seconds)
        breaks = np.cumsum(gaps)
        if not math.isclose(breaks[-1], circle.seconds):
            raise ValueError(
                f"the waves of {shore} come round in {breaks[-1]:.1f} s, not in {circle.seconds} s"
            )
        # The longer the sea gathers itself, the more comes; and no wave breaks everywhere at once.
        strengths = np.power(10.0, np.clip(0.5 * (gaps - gaps.mean()), -1.5, 1.5) / 20)
        runs_along = circle.random.uniform(-0.45, 0.45, len(gaps))
        water = np.fft.rfft(circle.noise(np.ones_like, width=0.75))
        foam = np.fft.rfft(unit(circle.grains(BUBBLES_EACH_SECOND, spread_db=5)))
        for part in WAVE:
            shape = through(above(part.low_hz, 2), below(part.high_hz, 2), below(shore.muffled_hz, 2))
            gains = shape(circle.hertz).astype(np.float32)
            sound = unit(circle.sounding((foam if part.bubbles else water) * gains))
            comes = [
                _swells(circle, breaks + part.after_seconds + side * runs_along, strengths, part)
                for side in (-1, 1)
            ]
            level = gain(shore.level_db + part.level_db)
            total = total + level * sound * circle.curve(np.stack(comes)) * circle.sway(1.5, 0.6)
    return total


def _swells(circle: Circle, peaks: Signal, strengths: Signal, part: Surf) -> Signal:
    """Give the curve of one part of all waves: up like a bell, and down with a longer tail."""
    time = np.arange(round(circle.seconds / STEP_SECONDS)) * STEP_SECONDS
    # Seconds from each peak, the short way around the circle.
    away = (time - peaks[:, np.newaxis] + circle.seconds / 2) % circle.seconds - circle.seconds / 2
    scale = np.where(away < 0, part.grow_seconds, part.fade_seconds)
    swells: Signal = strengths @ np.cosh(1.5 * away / scale) ** -1.2
    return swells


def brown_noise(circle: Circle) -> Stereo:
    """Make noise that falls by 6 dB an octave: the deep, even rush of a fan or of a cabin."""
    shape = through(above(LOWEST_HZ, 4), above(75, 1), tilt(-6), below(5000, 2))
    return circle.noise(shape, width=0.6)


PARTIALS: Final = (
    (1, -9.0),
    (2, 0.0),
    (3, -4.0),
    (4, -5.0),
    (5, -15.0),
    (6, -11.0),
    (8, -16.0),
    (9, -25.0),
    (10, -27.0),
    (12, -25.0),
    (16, -31.0),
)
"""Overtones of one low A, and their levels in dB: octaves and fifths, with a distant third."""

LOWEST_A_HZ: Final = 55.0


BEATS: Final = (-3, -1, 2, 5)
"""Beside each overtone lie four weaker tones, so many rounds of the loop away: beats of 10 to 48 s."""


def drone(circle: Circle) -> Stereo:
    """Make one long, deep chord: pure overtones in slow beats, and a breath of air around them."""
    spectrum = np.zeros((2, circle.samples // 2 + 1), np.complex64)
    for overtone, level_db in PARTIALS:
        rounds = round(overtone * LOWEST_A_HZ * circle.seconds)
        for beside, share in ((0, 1.0), *((beat, 0.17) for beat in BEATS)):
            # The ears hear the main tone nearly alike, the beats each in their own time.
            apart = 0.4 if beside == 0 else 1.2
            turns = circle.random.uniform(-np.pi, np.pi) + np.array([-apart, apart])
            spectrum[:, rounds + beside] += gain(level_db) * share * np.exp(1j * turns)
    chord = unit(circle.sounding(spectrum))
    air = circle.noise(through(above(150, 2), tilt(-5), below(1800, 2)), width=0.8)
    return chord + gain(-30) * air * circle.sway(8, 1.5)


@dataclass(frozen=True)
class Recipe:
    """How one bed is made.

    ``rate``: samples a second; where nothing is high, more would only make the file longer.
    """

    seconds: int
    rate: int
    seed: int
    make: Callable[[Circle], Stereo]


RECIPES: Final = {
    "rain": Recipe(36, 32_000, 3, rain),
    "waves": Recipe(60, 32_000, 5, waves),
    "brown-noise": Recipe(30, 24_000, 7, brown_noise),
    "drone": Recipe(48, 16_000, 11, drone),
}


def make(recipe: Recipe) -> npt.NDArray[np.int16]:
    """Make the samples of one bed, 16 bits, shape ``(samples, 2)``."""
    # Legacy on purpose: no later version of numpy may change what it gives.
    random = np.random.RandomState(recipe.seed)
    circle = Circle(recipe.seconds, recipe.rate, random)
    signal = circle.shaped(recipe.make(circle), above(LOWEST_HZ, 4)).T
    # Twice around, so that the filters of the meter have settled where the loop begins.
    signal = signal * gain(LUFS - loudness(np.concatenate((signal, signal)).astype(np.float32), recipe.rate))
    highest = float(np.abs(signal).max())
    if highest > gain(HEADROOM_DB):
        raise ValueError(f"a sample of {20 * math.log10(highest):.1f} dBFS is too high")
    made: npt.NDArray[np.int16] = np.rint(signal * 32767).astype(np.int16)
    return made
