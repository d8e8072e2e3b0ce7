"""What is heard of a session that nobody interrupts: clips at their places, over a bed if there is one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import numpy as np

from nightstretch.audio import SESSION_RATE, Clip, Pcm
from nightstretch.bedding import FADE_SECONDS, Bedding, Frames
from nightstretch.beds import BED_RATE, Bed, open_bed
from nightstretch.choices import Finish
from nightstretch.mastering import Mastering
from nightstretch.mixer import mix
from nightstretch.placement import Placement
from nightstretch.timeline import Event

_KINDS: Final[Mapping[str, frozenset[str]]] = {
    "voice": frozenset({"say"}),
    "chimes": frozenset({"chime"}),
}
_BED: Final = "bed"
_NO_CLIP: Final = Clip(np.zeros(0, np.int16), SESSION_RATE)


class Soundtrack:
    """The sound of what is placed. ``clip_of`` gives that of an event, before ``mastering``."""

    def __init__(
        self, placement: Placement, clip_of: Callable[[Event], Clip], mastering: Mastering, finish: Finish
    ) -> None:
        self._placement = placement
        self._clip_of = clip_of
        self._mastering = mastering
        self._finish = finish

    @property
    def rate(self) -> int:
        """Samples, or frames, a second of what ``open`` gives."""
        return SESSION_RATE if self._finish.bed is None else BED_RATE

    @property
    def channels(self) -> int:
        """Mono, or stereo where there is a bed."""
        return 1 if self._finish.bed is None else 2

    @property
    def stems(self) -> tuple[str, ...]:
        """Name the parts that can be heard alone; together they are what is heard."""
        return tuple(_KINDS) if self._finish.bed is None else (*_KINDS, _BED)

    @contextmanager
    def open(self, stem: str | None = None) -> Iterator[Iterator[Pcm]]:
        """Give all that is to be heard, or one of ``stems`` of it, in blocks.

        Raises BedError where the bed cannot be played, and what ``blocks`` raises.
        """
        if self._finish.bed is None:
            yield self.blocks(stem)
        else:
            with open_bed(self._finish.bed) as bed:
                yield self.frames(bed, stem)

    def blocks(self, stem: str | None = None) -> Iterator[Pcm]:
        """Give what lies over the bed in mono blocks at ``SESSION_RATE``, each as soon as it is known.

        Meanwhile everything that follows is placed. Raises FitError, VoiceError or SoundError as soon as
        something is wrong, however far away it is.
        """
        self._placement.look_ahead()
        kinds = _KINDS.get(stem or "", frozenset())

        def clip_of(event: Event) -> Clip:
            if kinds and event.kind not in kinds:
                return _NO_CLIP
            return self._mastering.mastered(self._clip_of(event), event.start)

        for block in mix(self._placement, clip_of):
            self._placement.raise_error()
            yield block

    def frames(self, bed: Bed, stem: str | None = None) -> Iterator[Frames]:
        """Give the sound over a bed in stereo blocks at ``BED_RATE``. Raises what ``blocks`` raises."""
        bedding = Bedding(bed, self._finish, alone=stem == _BED)
        bedding.presence = float(stem in {None, _BED})
        held: deque[Pcm] = deque()
        samples = position = 0
        for block in self.blocks(stem):
            held.append(block)
            samples += len(block)
            # The bed fades away with the end, so that much of the sound is held back.
            while samples - position - len(held[0]) >= FADE_SECONDS * SESSION_RATE:
                position += len(held[0])
                bedding.swell = self._placement.swell_at(position)
                yield bedding.under(held.popleft())
        bedding.presence = 0.0
        while held:
            yield bedding.under(held.popleft(), last=not held)
