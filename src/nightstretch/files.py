"""A file that is written while others may read it, or we may be killed: whole, or as it was."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

PARTIAL_SUFFIX: Final = ".part"
"""What the name of a file ends with while it is being written."""


def write_whole(path: Path, content: bytes) -> None:
    """Write beside the path, then rename: nobody ever reads half a file. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(PARTIAL_SUFFIX, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(partial).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(partial).unlink()
        raise
