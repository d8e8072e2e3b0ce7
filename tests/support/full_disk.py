"""A full disk, really: no file may grow beyond a size, so that a write stops in its middle."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file of this process or its children grow beyond ``size`` bytes."""
    resource = pytest.importorskip("resource", reason="only Unix can limit the size of files")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
