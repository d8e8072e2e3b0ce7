"""What the fit gives, kept: however many read it, each from its start and at its pace, it is done once."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from operator import attrgetter
from typing import Final

from nightstretch.timeline import Event, Passage

_BACK: Final = 8
"""A phase of a breath has only its own words behind it, among what began up to now."""


class Placement:
    """A stream of events and passages, as ``timeline.fit`` gives it, that several threads may read.

    ``events`` and ``passages`` are what is placed so far, each in order of its start; they only grow.
    ``until``: the sample up to which everything is placed.
    """

    def __init__(self, stream: Iterator[Event | Passage]) -> None:
        self.events: list[Event] = []
        self.passages: list[Passage] = []
        self.until = 0
        self._stream = stream
        # Entered by itself: a signal amid the Python code of a condition's own `with` could leave it locked.
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._placing = False
        self._placed: list[Event | Passage] = []
        self._error: BaseException | None = None

    def __iter__(self) -> Iterator[Event | Passage]:
        number = 0
        while number < len(self._placed) or self._place_one(number):
            yield self._placed[number]
            number += 1

    def swell_at(self, position: int) -> float:
        """Tell how full the lungs are at a sample, 0 to 1, where breath is guided; else 0."""
        number = bisect_right(self.events, position, key=attrgetter("start"))
        for event in reversed(self.events[max(0, number - _BACK) : number]):
            if event.kind == "breath" and event.end > position:
                over = (position - event.start) / (event.end - event.start)
                return {"in": over, "hold": 1.0, "out": 1 - over}[event.phase or "hold"]
        return 0.0

    def look_ahead(self) -> None:
        """Place everything from now on, beside whoever reads; what goes wrong is kept for ``raise_error``."""

        def place_all() -> None:
            # The error is raised again where it can be answered.
            with suppress(BaseException):
                for _ in self:
                    pass

        threading.Thread(target=place_all, name="placement", daemon=True).start()

    def raise_error(self) -> None:
        """Raise what went wrong, if anything did."""
        if self._error is not None:
            raise self._error

    def _place_one(self, number: int) -> bool:
        """Place what has this number, unless another thread does; tell whether there is one."""
        with self._lock:
            # Whoever waits goes on as soon as its item is there, though another thread places the next one.
            self._changed.wait_for(lambda: number < len(self._placed) or not self._placing)
            if number < len(self._placed):
                return True
            self.raise_error()
            self._placing = True
        item = None
        try:
            item = next(self._stream, None)
        except BaseException as error:
            self._error = error
            raise
        finally:
            with self._lock:
                if item is not None:
                    self._keep(item)
                self._placing = False
                self._changed.notify_all()
        return item is not None

    def _keep(self, item: Event | Passage) -> None:
        if isinstance(item, Event):
            self.events.append(item)
        else:
            self.passages.append(item)
        self._placed.append(item)
        self.until = max(self.until, item.end)
