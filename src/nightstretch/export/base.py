"""What a file format is to the rest of the program, and what a session tells it about itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Block = npt.NDArray[np.int16]
"""16-bit samples, of shape ``(samples,)`` in mono and ``(samples, 2)``, left and right, in stereo."""


@dataclass(frozen=True)
class Chapter:
    """A part of the session; ``start`` and ``end`` in samples, ``end`` exclusive."""

    title: str
    start: int
    end: int


@dataclass(frozen=True)
class Line:
    """Words and the sample at which they begin."""

    start: int
    text: str


@dataclass(frozen=True)
class Metadata:
    """What a player shows of the session.

    ``rate``: samples a second of the timeline, in which ``samples``, its whole length, and everything in it
    is told. The file's own rate may be another, so only the times that come of it go into a file.
    """

    title: str
    artist: str
    rate: int
    samples: int
    chapters: tuple[Chapter, ...]
    lines: tuple[Line, ...]


class AudioFile(Protocol):
    """A file being written: blocks of PCM in order, then what it is about.

    Besides the errors named, each may raise the OSError of the disk; ``whole_file`` says it in plain words.
    """

    def write(self, block: Block) -> None:
        """Add a block. Raises ExportError."""

    def finish(self, metadata: Metadata) -> None:
        """Complete the file, with the metadata its format has a place for, and close it.

        Raises ExportError.
        """

    def abort(self) -> None:
        """Let go of everything without completing; may be called after an error."""
