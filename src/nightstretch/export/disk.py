"""A file for libraries that lose an OSError: it is kept, and raised when they return."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # A module that only type checkers have.
    from _typeshed import ReadableBuffer


class Disk(FileIO):
    """A file on disk, without a buffer, since that would fail in ``seek``. Raises OSError in ``watched``.

    libsndfile says "System error" of a disk that is full, and nothing at all when it fills up with the last
    few kilobytes; mutagen makes an error of its own of it.
    """

    _error: OSError | None = None

    def write(self, data: ReadableBuffer, /) -> int:
        """Write all of it, or keep the error and say that nothing was written."""
        rest = memoryview(data)
        size = rest.nbytes
        try:
            while rest.nbytes:
                rest = rest[super().write(rest) :]
        except OSError as error:
            self._error = error
            return 0
        return size

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Raise the OSError that a write in the block has met, instead of what a library made of it."""
        try:
            yield
        except Exception:
            if self._error is None:
                raise
        if self._error is not None:
            raise self._error
