"""The manifest: what lies in the folder of a batch, and what went into it, so that nothing is made twice.

Each time it is replaced whole, so it is right whoever is killed when. Before a batch writes, it claims the
names it is going to write: a file by a claimed name is the batch's own, though nothing more is known of it,
and is made again; any other file is somebody else's and is left alone. The checksums stand beside it once
more, in the form that ``sha256sum --check`` reads.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

from nightstretch import __version__
from nightstretch.batch.plan import CHECKSUMS, MANIFEST
from nightstretch.batch.work import digest
from nightstretch.errors import BatchError
from nightstretch.export.whole_file import whole_file

_VERSION: Final = 1

_SAVE_SECONDS: Final = 1.0
"""How long what is finished may be written down nowhere: of thousands of files the list is long, too."""


@dataclass(frozen=True)
class Entry:
    """A finished file. ``fingerprint``: of what went in, ``sha256``: of what came out."""

    sha256: str
    fingerprint: str


class Manifest:
    """The files ``manifest.json`` and ``SHA256SUMS`` of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, Entry] = {}
        self._unfinished: set[str] = set()
        self._saved = 0.0

    @classmethod
    def of(cls, folder: Path, *, force: bool) -> Self:
        """Read the manifest of a folder, if it has one.

        ``force``: begin a new one where that cannot be read. Raises BatchError.
        """
        manifest = cls(folder)
        path = folder / MANIFEST
        try:
            document = json.loads(path.read_bytes())
            if document["version"] != _VERSION:
                raise ValueError(document["version"])  # noqa: TRY301 - one of the ways in which it is not ours
            files = {str(name): Entry(**entry) for name, entry in document["files"].items()}
            unfinished = set(map(str, document["unfinished"]))
        except FileNotFoundError:
            return manifest
        except OSError as error:
            raise BatchError(
                f"{path} cannot be read ({error.strerror}); give another folder with -o"
            ) from None
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            if force:
                return manifest
            raise BatchError(
                f"{path} is not the manifest of a batch, or is damaged; give another folder with -o, "
                "or begin again with --force"
            ) from None
        manifest._files = {name: entry for name, entry in files.items() if (folder / name).exists()}
        manifest._unfinished = unfinished
        return manifest

    def has(self, name: str, fingerprint: str) -> bool:
        """Tell whether the file is there as it was made, from just this."""
        entry = self._files.get(name)
        try:
            return (
                entry is not None
                and entry.fingerprint == fingerprint
                and entry.sha256 == digest(self._folder / name)
            )
        except OSError:
            return False

    def owns(self, name: str) -> bool:
        """Tell whether a batch wrote the file of that name, or was about to."""
        return name in self._files or name in self._unfinished

    def claim(self, names: Iterable[str]) -> None:
        """Say which files will be written; what they are now no longer counts. Raises ExportError."""
        for name in names:
            self._files.pop(name, None)
            self._unfinished.add(name)
        self.save()

    def record(self, name: str, fingerprint: str, sha256: str) -> None:
        """Say that a file is finished, and write that down within a second or with ``save``.

        Raises ExportError.
        """
        self._files[name] = Entry(sha256, fingerprint)
        self._unfinished.discard(name)
        if time.monotonic() - self._saved >= _SAVE_SECONDS:
            self.save()

    def save(self) -> None:
        """Write everything down. Raises ExportError."""
        files = dict(sorted(self._files.items()))
        document = {
            "version": _VERSION,
            "program": f"nightstretch {__version__}",
            "files": {name: asdict(entry) for name, entry in files.items()},
            "unfinished": sorted(self._unfinished),
        }
        self._write(MANIFEST, json.dumps(document, indent=1) + "\n")
        self._write(CHECKSUMS, "".join(f"{entry.sha256}  {name}\n" for name, entry in files.items()))
        self._saved = time.monotonic()

    def _write(self, name: str, text: str) -> None:
        with whole_file(self._folder / name, force=True) as partial:
            partial.write_bytes(text.encode())
