"""Where the folders lie that authors and sound people work in: ``narration`` and ``sounds``.

In the repository they stand at its top; the build puts them into the package, so that an installed wheel
needs no checkout. Everything else asks here and does not care which of the two it is.

The installed folder ``sounds`` lies beside the module ``sounds.py``. They do not get in each other's way as
long as the folder holds no ``__init__.py``: a module comes before a folder of the same name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from nightstretch.errors import NightstretchError

_PACKAGE = Path(__file__).resolve().parent


def folder(name: Literal["narration", "sounds"]) -> Path:
    """Find the folder of that name, inside the package or else at the top of the checkout."""
    installed = _PACKAGE / name
    checkout = _PACKAGE.parents[1] / name
    for candidate in (installed, checkout):
        if candidate.is_dir():
            return candidate
    raise NightstretchError(
        f"the folder {name!r} is missing: it is neither at {installed} nor at {checkout}; "
        "install nightstretch again"
    )
