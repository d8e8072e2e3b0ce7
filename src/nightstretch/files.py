"""Files as somebody else may have left them, or may find them: read warily, and written whole."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

PARTIAL_SUFFIX: Final = ".part"
"""What the name of a file ends with while it is being written."""


def read_at_most(path: Path, most_bytes: int) -> bytes:
    """Read a file, and of one that is too long a byte more than is allowed.

    Raises OSError, which tells in words what is wrong with it.
    """
    try:
        # A device or a pipe may have no end, or keep us waiting for ever.
        if not path.exists() or path.is_file():
            with path.open("rb") as file:
                return file.read(most_bytes + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OSError(f"cannot be read: {reason}") from None
    raise OSError("is no file")


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
