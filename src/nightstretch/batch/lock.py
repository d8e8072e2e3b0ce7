"""One batch at a time in one folder: two would make each other's files again, for ever."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from nightstretch.errors import BatchError

LOCK: Final = ".nightstretch-batch.lock"
"""An empty file that stays in the folder. The lock is the system's, and ends with the process, however."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Have a folder for oneself during a block. Raises BatchError, at once, where another batch has it."""
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise BatchError(
            f"another batch is at work in {folder}; wait until it has ended, or give another folder with -o"
        ) from None
    except OSError as error:
        raise BatchError(
            f"{folder} may not be written to ({error.strerror or error}); name another folder with -o"
        ) from None
    try:
        yield
    finally:
        lock.release()
