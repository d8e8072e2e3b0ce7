"""Rendering goes on beside playing: a thread fills a few seconds of tape, the audio callback empties it.

So the session starts before it is rendered, memory does not grow with its length, and the audio callback,
which must never wait, takes what there is.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from nightstretch.player.ring import Ring

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nightstretch.audio import Pcm

CLOSE_SECONDS: Final = 2.0
"""How long closing waits for the renderer to come out of the cue it is working on."""


class Feed:
    """A transport's source that is filled by a thread of its own.

    ``blocks``: PCM of shape ``(samples,)``, any sizes, in order; iterated in the thread, and closed there if
    it is a generator. ``capacity``: samples held in all. ``keep``: samples one can step back. ``start``: the
    position of the first sample.
    """

    def __init__(self, blocks: Iterable[Pcm], *, capacity: int, keep: int, start: int = 0) -> None:
        self._blocks = blocks
        self._ring = Ring(capacity, keep, start)
        # Entered by itself: a signal amid the Python code of a condition's own `with` could leave it locked.
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._closed = False
        self._error: BaseException | None = None
        # A daemon, so that a voice that hangs cannot keep the program from ending.
        self._thread = threading.Thread(target=self._fill, name="nightstretch-feed", daemon=True)

    def start(self) -> None:
        """Begin to render."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether its thread is at work."""
        return self._thread.is_alive()

    @property
    def error(self) -> BaseException | None:
        """What ended the rendering before its time; None where it was cancelled."""
        return self._error

    @property
    def available(self) -> int:
        """Samples that can be read now."""
        with self._lock:
            return self._ring.available

    @property
    def ended(self) -> bool:
        """Whether everything was rendered. A renderer that failed is late for ever: it has not ended."""
        with self._lock:
            return self._ring.ended

    @property
    def position(self) -> int:
        """The next sample that will be read."""
        with self._lock:
            return self._ring.position

    def read(self, size: int) -> Pcm:
        """Read on: the next ``size`` samples, at most ``available``."""
        with self._lock:
            samples = self._ring.read(size)
            self._changed.notify()
            return samples

    def rewind(self, position: int) -> None:
        """Go back to ``position``, at most ``keep`` samples behind the furthest one that was read."""
        with self._lock:
            self._ring.rewind(position)

    def cancel(self) -> None:
        """Stop rendering, without waiting for that."""
        with self._lock:
            self._closed = True
            self._changed.notify()

    def close(self) -> None:
        """Stop rendering and wait for that, though not for ever; may be called twice."""
        self.cancel()
        if self._thread.is_alive():
            self._thread.join(CLOSE_SECONDS)

    def _fill(self) -> None:
        try:
            try:
                for block in self._blocks:
                    self._put(block)
                    if self._closed:
                        break
                else:
                    with self._lock:
                        self._ring.ended = True
            finally:
                close = getattr(self._blocks, "close", None)
                if close is not None:
                    close()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the main thread raises it again
            if not self._closed:  # else somebody may have taken away what it rendered with
                self._error = error

    def _put(self, block: Pcm) -> None:
        while len(block):
            with self._lock:
                self._changed.wait_for(lambda: self._closed or self._ring.free)
                if self._closed:
                    return
                block = block[self._ring.write(block) :]
