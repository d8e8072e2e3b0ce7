"""The practice log: what was practised on which night, a line for each session, only ever added to.

Lines are put together when they are read (see `night.merged`). So nothing that was written is ever written
again, and neither two players at once nor a damaged line can lose a night.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Final

from nightstretch.errors import PracticeError
from nightstretch.practice.folder import reason
from nightstretch.practice.night import Night, merged

_VERSION: Final = 1


class PracticeLog:
    """The file that the nights are kept in, as JSON Lines."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def record(self, night: Night) -> str | None:
        """Add a night. Gives what is wrong if it cannot be added."""
        line = json.dumps(
            {
                "version": _VERSION,
                "date": night.evening.isoformat(),  # for people: it follows from `began`
                "began": night.began.isoformat(timespec="seconds"),
                "routine": night.routine,
                "heard_minutes": round(night.heard_minutes, 2),
                "session_minutes": round(night.session_minutes, 2),
                "finished": night.finished,
            }
        )
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._append(line.encode() + b"\n")
        except OSError as error:
            return (
                f"tonight cannot be added to the practice log: {self._path} cannot be written "
                f"({reason(error)}); make room, or give yourself the right to"
            )
        return None

    def nights(self) -> tuple[list[Night], str | None]:
        """Give the nights, one for each evening and routine, the oldest first; and what is wrong, or None.

        Raises PracticeError where there is a log that cannot be read.
        """
        try:
            lines = self._path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return [], None
        except OSError as error:
            raise PracticeError(
                f"the practice log {self._path} cannot be read ({reason(error)}); "
                "give yourself the right to, or move it away"
            ) from None
        nights: list[Night] = []
        unread: list[int] = []
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                nights.append(_night(line))
            except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
                unread.append(number)
        return merged(nights), self._problem(unread)

    def _append(self, line: bytes) -> None:
        """Add a line at once, whole, and after whatever stands there. Raises OSError."""
        handle = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)  # nobody else's business
        with os.fdopen(handle, "r+b", buffering=0) as file:
            if file.seek(0, os.SEEK_END) > 0:
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":  # a line that was broken off stays by itself
                    line = b"\n" + line
            while line:  # a full disk takes a part, and complains only about the rest
                line = line[file.write(line) :]
            os.fsync(file.fileno())

    def _problem(self, unread: list[int]) -> str | None:
        if not unread:
            return None
        which = (
            f"line {unread[0]} is" if len(unread) == 1 else f"{len(unread)} lines, from {unread[0]} on, are"
        )
        return (
            f"{self._path}: {which} damaged or of a newer nightstretch, and left out here; delete the damaged"
        )


def _night(line: bytes) -> Night:
    """Read a line. Raises ValueError, TypeError, KeyError, OverflowError or RecursionError."""
    entry = json.loads(line.decode())
    if entry["version"] != _VERSION:
        raise ValueError("of another version")
    routine, finished = entry["routine"], entry["finished"]
    if not isinstance(routine, str) or not isinstance(finished, bool):
        raise TypeError("of no such kind")
    return Night(
        began=datetime.fromisoformat(entry["began"]),
        routine=routine,
        heard_minutes=float(entry["heard_minutes"]),
        session_minutes=float(entry["session_minutes"]),
        finished=finished,
    )
