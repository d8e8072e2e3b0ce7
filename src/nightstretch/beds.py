"""Beds: the sounds that lie under a session, as streams without an end.

Each FLAC file in ``sounds/beds`` is one, and its name is the file's; or it is a file of the listener's.
Nothing is held in memory but the blocks that are just being heard. All beds come out equally loud.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import numpy as np
import soxr

from nightstretch.errors import BedError
from nightstretch.resources import folder
from nightstretch.voices.loudness import block_powers, gated

if TYPE_CHECKING:
    from nightstretch.bed_files import BedFile, Stereo

BED_RATE: Final = 44_100
"""Samples a second of what comes out of a bed."""

BED_LUFS: Final = -36.0
"""How loud every bed comes out. Those in ``sounds/beds`` are stored so, and are not measured."""

CROSSFADE_SECONDS: Final = 3.0
"""How long the end of a listener's file and its beginning sound together."""

SHORTEST_SECONDS: Final = 1.0
"""What is shorter would not be a sound that repeats but a buzz."""

_MOST_GAIN_DB: Final = 20.0  # a file that is nearly silent is mostly the hiss of its microphone
_CEILING: Final = 10 ** (-12 / 20)  # a single bang in a quiet recording stays below the voice
_BLOCK: Final = 1 << 14
_FADE_FRAMES: Final = 3 * BED_RATE
_AHEAD_FRAMES: Final = BED_RATE


def bed_names() -> tuple[str, ...]:
    """Give the names of the beds that are there, in alphabetical order."""
    return tuple(sorted(path.stem for path in (folder("sounds") / "beds").glob("*.flac")))


def open_bed(name_or_path: str | Path) -> Bed:
    """Open the bed of that name, or a sound file; a name comes first, and ``./rain`` is a file in any case.

    Raises BedError where there is neither, or the file cannot be played.
    """
    from nightstretch.bed_files import open_file  # noqa: PLC0415 - sessions without a bed start sooner

    path = bed_path(name_or_path)
    if name_or_path in bed_names():
        return Bed(open_file(path), seamless=True)
    file = open_file(path)
    try:
        gain = _leveling(path, file)
        file.rewind()
    except BaseException:
        file.close()
        raise
    return Bed(file, gain=gain)


def bed_path(name_or_path: str | Path) -> Path:
    """Give the file that ``open_bed`` opens. Raises BedError for a name that there is not."""
    names = bed_names()
    if name_or_path in names:
        return folder("sounds") / "beds" / f"{name_or_path}.flac"
    path = Path(name_or_path)
    if isinstance(name_or_path, str) and len(path.parts) <= 1 and not _is_there(name_or_path):
        near = difflib.get_close_matches(name_or_path[:80], names, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise BedError(
            f"no bed and no file is called {name_or_path[:80]!r}{hint}; "
            f"allowed: {', '.join(names) or 'none is installed'}, or a sound file"
        )
    return path


class Bed:
    """A stream without an end. It holds a file open until it is closed, or its ``with`` block is left.

    ``seamless``: the end of the file leads into its beginning; else a crossfade does.
    """

    def __init__(self, file: BedFile, *, gain: float = 1.0, seamless: bool = False) -> None:
        self._file = file
        self._gain = np.float32(gain)
        self._blocks = _resampled(_repeated(file, seamless=seamless), file.rate)
        self._rest: Stereo = np.empty((0, 2), np.float32)

    def read(self, frames: int) -> Stereo:
        """Give the next frames, shape ``(frames, 2)``: always as many as asked for.

        Raises BedError where the file has become unreadable, then and from then on.
        """
        parts, missing = [self._rest], frames - len(self._rest)
        while missing > 0:
            block = next(self._blocks, None)
            if block is None:
                raise BedError("the file of the bed can no longer be read; choose another")
            parts.append(block)
            missing -= len(block)
        joined = np.concatenate(parts)
        self._rest = joined[frames:].copy()
        level: Stereo = np.clip(joined[:frames] * self._gain, -_CEILING, _CEILING)
        return level

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class LastingBed(Bed):
    """A bed that fades away where its file can no longer be read: somebody lies there, and the words go on.

    What is to fade is read ahead. ``error``: why it ended, or None.
    """

    def __init__(self, bed: Bed) -> None:
        self._bed = bed
        self._ahead: Stereo = np.empty((0, 2), np.float32)
        self.error: BedError | None = None

    def read(self, frames: int) -> Stereo:
        """Give the next frames; silence after the end. Raises nothing."""
        if self.error is None and len(self._ahead) < frames + _FADE_FRAMES:
            try:
                more = self._bed.read(frames + _AHEAD_FRAMES)
                self._ahead = np.concatenate((self._ahead, more))
            except BedError as error:
                self.error = error
                fade = np.cos(np.linspace(0, np.pi / 2, len(self._ahead), dtype=np.float32)) ** 2
                self._ahead = self._ahead * fade[:, np.newaxis]
        part, self._ahead = self._ahead[:frames], self._ahead[frames:]
        return part if len(part) == frames else np.pad(part, ((0, frames - len(part)), (0, 0)))

    def close(self) -> None:
        """Close the bed itself."""
        self._bed.close()


def _is_there(name: str) -> bool:
    try:
        return name != "" and Path(name).exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _leveling(path: Path, file: BedFile) -> float:
    """Give the gain that makes a file as loud as every bed. Raises BedError if it is silent or short."""
    powers, frames = [], 0
    for excerpt in file.excerpts():
        powers.append(block_powers(excerpt, file.rate))
        frames += len(excerpt)
    if frames < SHORTEST_SECONDS * file.rate:
        raise BedError(
            f"{path}: is {frames / file.rate:.2f} s long; a bed has {SHORTEST_SECONDS:g} s at least; "
            "choose a longer one"
        )
    lufs = gated(np.concatenate(powers))
    if not np.isfinite(lufs):
        raise BedError(f"{path}: is silent wherever it was tried; choose another file, or none")
    return float(10 ** (min(BED_LUFS - lufs, _MOST_GAIN_DB) / 20))


def _repeated(file: BedFile, *, seamless: bool) -> Iterator[Stereo]:
    """Give the file again and again, each end joined to the next beginning, at its own rate.

    As much of it as may turn out to be its end is held back until what follows is known. So the length of the
    file need not be; one that is too short for the crossfade gets one of half its length.
    """
    longest = 0 if seamless else round(CROSSFADE_SECONDS * file.rate)
    end: Stereo = np.empty((0, 2), np.float32)
    while True:
        held = file.read(2 * longest + _BLOCK)
        if not len(held):
            raise BedError("the file of the bed has become empty; choose another")
        overlap = min(longest, len(held) // 2)
        if len(end):
            held = np.concatenate((_crossfaded(end, held[: len(end)]), held[len(end) :]))
        while len(block := file.read(_BLOCK)):
            ready = len(held) - overlap
            yield held[:ready]
            held = np.concatenate((held[ready:], block))
        ready = len(held) - overlap
        yield held[:ready]
        end = held[ready:]
        file.rewind()


def _crossfaded(end: Stereo, beginning: Stereo) -> Stereo:
    """Let one go while the other comes, at equal power: two noises add up without a dip."""
    end = end[: len(beginning)]
    turn = (np.arange(len(end), dtype=np.float32) + 0.5)[:, np.newaxis] / len(end) * np.float32(np.pi / 2)
    return end * np.cos(turn) + beginning * np.sin(turn)


def _resampled(blocks: Iterator[Stereo], rate: int) -> Iterator[Stereo]:
    """Bring an endless stream to the rate of a bed; the resampler knows nothing of the seams."""
    if rate == BED_RATE:
        yield from blocks
    resampler = soxr.ResampleStream(rate, BED_RATE, 2)
    for block in blocks:
        yield resampler.resample_chunk(np.ascontiguousarray(block))
