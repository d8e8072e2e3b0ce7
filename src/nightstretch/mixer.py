"""The mixer: a stream of events becomes a stream of PCM blocks, holding no more than what sounds just now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import numpy as np

from nightstretch.audio import Clip, Pcm
from nightstretch.timeline import Event, Passage

BLOCK_SAMPLES: Final = 4800
"""A fifth of a second at the session's rate: small against every pause, large against the work of a block."""


def mix(
    stream: Iterable[Event | Passage], clip_of: Callable[[Event], Clip], start: int = 0, silence: int = 0
) -> Iterator[Pcm]:
    """Give the session's sound in blocks of ``BLOCK_SAMPLES``, the last one shorter.

    ``stream``: what ``timeline.fit`` gives; it is read no further ahead than the sound has come.
    ``clip_of``: makes the clip of a ``say`` or a ``chime``, as long as its event.
    ``start``: the sample to begin at, with so many samples of ``silence`` before it; what began before
    that sample is not heard.
    """
    position = start - silence
    end = 0
    sounding: list[tuple[int, Pcm]] = []
    for item in stream:
        # Nothing that is still to come begins before this item, or before the end of a passage.
        known_until = item.start if isinstance(item, Event) else item.end
        while position + BLOCK_SAMPLES <= known_until:
            yield _block(sounding, position, BLOCK_SAMPLES)
            position += BLOCK_SAMPLES
            sounding = [(start, pcm) for start, pcm in sounding if start + len(pcm) > position]
        if isinstance(item, Passage):
            end = item.end
        elif item.kind in {"say", "chime"} and item.start >= start:
            sounding.append((item.start, clip_of(item).samples))
    if position < end:
        yield _block(sounding, position, end - position)


def _block(sounding: list[tuple[int, Pcm]], position: int, samples: int) -> Pcm:
    """Add up what sounds from ``position`` on."""
    total = np.zeros(samples, np.int32)
    for start, pcm in sounding:
        first, last = max(start, position), min(start + len(pcm), position + samples)
        if first < last:
            total[first - position : last - position] += pcm[first - start : last - start]
    return np.clip(total, -32768, 32767).astype(np.int16)
