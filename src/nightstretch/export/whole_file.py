"""A file at its final name is whole: it is written beside it and renamed, or it never appears.

An older file at that name stays as it was until the new one is complete.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from nightstretch.errors import ExportError

_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN: Final = {errno.EACCES, errno.EPERM, errno.EROFS}
_NOWHERE: Final = {errno.ENOENT, errno.ENOTDIR}


@contextmanager
def whole_file(target: Path, *, force: bool = False) -> Iterator[Path]:
    """Give the path of an empty file beside ``target``; at the end of the block it gets that name.

    ``force``: whether a file of that name may be replaced. A link is followed: what it points to is replaced.
    When the block raises, even KeyboardInterrupt, the file is removed and ``target`` is as it was.
    Raises ExportError where ``target`` exists, also when it appeared meanwhile, or cannot be written; an
    OSError of the block becomes one too.
    """
    with _explained(target):
        # Without `resolve`, which raises on a circle of links in some versions and not in others.
        final = Path(os.path.realpath(target))
    # Of a short name of its own, since the target's may already be as long as the file system takes.
    part = final.parent / f".nightstretch-{os.urandom(4).hex()}.partial"
    try:
        with _explained(target):
            _check(target, final, force=force)
            # Unlike `tempfile`, with the permissions that any new file of this person has.
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
            yield part
            if force:
                _check(target, final, force=True)
                part.replace(final)
            else:
                _rename_to_new(part, target, final)
    finally:
        # The error that brought us here says more than one about a file which cannot be removed.
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _check(target: Path, final: Path, *, force: bool) -> None:
    """Raise ExportError if ``final`` may not be written, OSError if that cannot be found out."""
    try:
        mode = final.stat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        raise ExportError(f"{target} is a folder; name a file in it with -o")
    if not stat.S_ISREG(mode):
        raise ExportError(f"{target} is not an ordinary file; name another with -o")
    if not force:
        raise _exists(target)


def _rename_to_new(part: Path, target: Path, final: Path) -> None:
    """Rename without ever replacing a file that appeared since the check."""
    try:
        # A second name for the file: unlike a rename, it fails where the name is taken.
        os.link(part, final)
    except FileExistsError:
        raise _exists(target) from None
    except OSError:
        # Memory cards and some network drives have no links. There, only the moment between these two lines
        # is left open.
        _check(target, final, force=False)
        part.rename(final)


def _exists(target: Path) -> ExportError:
    return ExportError(f"{target} exists already; replace it with --force or name another file with -o")


def _is_current_folder_gone() -> bool:
    try:
        Path.cwd()
    except OSError:
        return True
    return False


@contextmanager
def _explained(target: Path) -> Iterator[None]:
    """Turn an OSError into an ExportError that says what to do."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        if error.errno in _FULL:
            problem = f"no room for {target} ({reason}); make some, or name a file on another disk with -o"
        elif error.errno in _FORBIDDEN:
            problem = (
                f"{target.parent} may not be written to ({reason}); name a file in another folder with -o"
            )
        elif error.errno in _NOWHERE and not target.is_absolute() and _is_current_folder_gone():
            problem = "the current folder has been removed; change to another, or name a whole path with -o"
        elif error.errno in _NOWHERE:
            problem = (
                f"there is no folder {target.parent} ({reason}); make it, or name a file elsewhere with -o"
            )
        else:
            problem = f"{target} cannot be written ({reason}); name another file with -o"
        raise ExportError(problem) from error
