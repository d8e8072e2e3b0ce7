"""Clips kept on disk, so that nothing is ever spoken twice, and no session has to fit into memory.

The cache is a help and never a condition: a damaged entry is spoken anew, and where the folder cannot be
written the clips go to a temporary one that lasts as long as the program.
"""

from __future__ import annotations

import hashlib
import os
import struct
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
import platformdirs

from nightstretch.audio import Clip
from nightstretch.files import PARTIAL_SUFFIX, write_whole
from nightstretch.voices.base import Voice

MAX_BYTES: Final = 256 * 1024 * 1024
"""An hour and a half of speech, or a dozen sessions."""

# Part of every key, so that a new format never meets an old file.
_FORMAT = b"nightstretch clip 2"
# The digest is of all that follows: rate, number of samples, and the samples themselves.
_DIGEST_BYTES = hashlib.sha256().digest_size
_HEAD = struct.Struct("<II")
_HEAD_BYTES = _DIGEST_BYTES + _HEAD.size
_SAMPLE_BYTES = 2
_SUFFIX = ".clip"
_PRUNE_EVERY = 0.05  # of the bound is written between two looks at the whole folder
_PRUNE_TO = 0.9


def cache_directory() -> Path:
    """Give the folder of the cache: ``NIGHTSTRETCH_CACHE_DIR``, else the user's own."""
    chosen = os.environ.get("NIGHTSTRETCH_CACHE_DIR")
    return Path(chosen) if chosen else platformdirs.user_cache_path("nightstretch", appauthor=False)


class ClipCache:
    """Clips by key in a folder of at most ``max_bytes``, those least recently used leaving first.

    Several threads and several programs may use one folder at once: an entry appears whole or not at all.
    """

    def __init__(self, directory: Path, max_bytes: int = MAX_BYTES) -> None:
        self._directory = directory
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._until_prune = 0  # the first clip looks: a program may write too few to get there otherwise
        self._spool: tempfile.TemporaryDirectory[str] | None = None

    def get(self, key: str) -> Clip | None:
        """Give the clip of a key, or None. A damaged entry is removed."""
        for directory in self._directories():
            path = directory / (key + _SUFFIX)
            try:
                content = path.read_bytes()
            except OSError:
                continue
            clip = _decode(content)
            with suppress(OSError):
                if clip is None:
                    path.unlink()
                else:
                    os.utime(path)  # this is what "recently used" goes by
            if clip is not None:
                return clip
        return None

    def length(self, key: str) -> int | None:
        """Give the samples of the clip of a key, or None: of its file no more than the head is read.

        So damage to the samples is not seen here, where it changes nothing; ``get`` sees it.
        """
        for directory in self._directories():
            with suppress(OSError), (directory / (key + _SUFFIX)).open("rb") as file:
                head = file.read(_HEAD_BYTES)
                size = os.fstat(file.fileno()).st_size
                if len(head) == _HEAD_BYTES:
                    _, samples = _HEAD.unpack_from(head, _DIGEST_BYTES)
                    if size == _HEAD_BYTES + _SAMPLE_BYTES * samples:
                        return int(samples)
        return None

    def put(self, key: str, clip: Clip) -> None:
        """Keep a clip; one that no folder takes is not kept, which costs time and nothing else."""
        content = _encode(clip)
        directory = self._directories()[-1]  # once the folder has failed, its stand-in
        try:
            write_whole(directory / (key + _SUFFIX), content)
        except OSError:
            with suppress(OSError):
                write_whole(self._stand_in() / (key + _SUFFIX), content)
            return
        if directory is self._directory:
            self._count(len(content))

    def close(self) -> None:
        """Remove the temporary folder, if there was need of one; may be called twice."""
        with self._lock:
            spool, self._spool = self._spool, None
        if spool is not None:
            spool.cleanup()

    def _directories(self) -> list[Path]:
        with self._lock:
            return [self._directory, *([Path(self._spool.name)] if self._spool else [])]

    def _stand_in(self) -> Path:
        with self._lock:
            if self._spool is None:
                self._spool = tempfile.TemporaryDirectory(prefix="nightstretch-", ignore_cleanup_errors=True)
            return Path(self._spool.name)

    def _count(self, written: int) -> None:
        with self._lock:
            self._until_prune -= written
            if self._until_prune > 0:
                return
            self._until_prune = int(self._max_bytes * _PRUNE_EVERY)
        _prune(self._directory, self._max_bytes)


class CachedVoice:
    """A voice whose clips are kept: a text it has spoken before costs no more than reading a file."""

    def __init__(self, voice: Voice, cache: ClipCache) -> None:
        self._voice = voice
        self._cache = cache
        self.name = voice.name
        self.identity = voice.identity
        self.speeds = voice.speeds
        self.takes_ipa = voice.takes_ipa

    def synthesize(self, text: str, speed: float) -> Clip:
        """Speak ``text``, or give the clip that was kept, which is the same to the bit. Raises VoiceError."""
        key = clip_key(self.identity, text, speed)
        clip = self._cache.get(key)
        if clip is None:
            clip = self._voice.synthesize(text, speed)
            self._cache.put(key, clip)
        return clip

    def length(self, text: str, speed: float) -> int | None:
        """Give the samples of the clip of ``text``, or None where it has not been spoken yet."""
        return self._cache.length(clip_key(self.identity, text, speed))

    def close(self) -> None:
        """Close the voice and the cache."""
        self._voice.close()
        self._cache.close()


def clip_key(identity: str, text: str, speed: float) -> str:
    """Name a clip by everything that changes its sound."""
    parts = (_FORMAT, identity.encode(), float(speed).hex().encode(), text.encode(errors="surrogatepass"))
    # The lengths keep two different lists of parts from running together into one.
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()


def _encode(clip: Clip) -> bytes:
    body = _HEAD.pack(clip.rate, len(clip)) + clip.samples.astype("<i2").tobytes()
    return hashlib.sha256(body).digest() + body


def _decode(content: bytes) -> Clip | None:
    digest, body = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    if len(body) < _HEAD.size or hashlib.sha256(body).digest() != digest:
        return None
    rate, _ = _HEAD.unpack_from(body)
    return Clip(np.frombuffer(body, "<i2", offset=_HEAD.size).astype(np.int16), rate)


def _prune(directory: Path, max_bytes: int) -> None:
    """Remove what was used longest ago until a tenth of the bound is free. Only files of ours are touched."""
    entries: list[tuple[float, int, str]] = []
    with suppress(OSError), os.scandir(directory) as found:
        for entry in found:
            if entry.name.endswith((_SUFFIX, PARTIAL_SUFFIX)):
                with suppress(OSError):  # another program may have been faster
                    status = entry.stat()
                    entries.append((status.st_mtime, status.st_size, entry.path))
    total = sum(size for _, size, _ in entries)
    if total <= max_bytes:
        return
    for _, size, path in sorted(entries):
        with suppress(OSError):
            Path(path).unlink()
        total -= size
        if total <= max_bytes * _PRUNE_TO:
            return
