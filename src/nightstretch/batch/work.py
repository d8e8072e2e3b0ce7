"""The work on one row, for any executor: a picklable job in, a picklable outcome out.

It may be done in another process or on another machine, so a job holds all that makes up the file, and
what it cannot hold (the voice, a bed) it names by what it must be exactly. Sound from another version would
be a file that is not what its manifest says.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nightstretch import __version__
from nightstretch.beds import bed_path
from nightstretch.choices import Choices, Finish
from nightstretch.errors import BatchError, NightstretchError
from nightstretch.routine import parse_routine
from nightstretch.session import Session, open_voice
from nightstretch.sounds import chime_names

WORKSHOP: Final = ".nightstretch-batch"
"""The folder inside the batch's where files are until they are whole: who is killed cannot clear up."""

_CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class Job:
    """A file to be made. ``routine``: the bytes of its file, called ``source`` in errors.

    ``identity``: of the voice. ``bed_digest``: SHA-256 of the bed's file. ``folder``: where to write it, or
    None to give it back as bytes.
    """

    output: str
    source: str
    routine: bytes
    voice: str
    identity: str
    speed: float
    minutes: float | None
    bed: str | None
    bed_digest: str | None
    format: str
    bitrate_kbps: int | None
    folder: str | None
    program: str = __version__

    @property
    def fingerprint(self) -> str:
        """Everything that changes the bytes of the file, as one SHA-256."""
        parts = (
            self.program,
            hashlib.sha256(self.routine).hexdigest(),
            self.identity,
            self.speed,
            self.minutes,
            self.bed_digest,
            self.format,
            self.bitrate_kbps,
        )
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @property
    def words(self) -> tuple[object, ...]:
        """What jobs have in common that need the same clips."""
        return self.routine, self.identity, self.speed


@dataclass(frozen=True)
class Made:
    """A file that is there, or its ``content`` to be written. ``sha256``: of the file."""

    sha256: str
    content: bytes | None = None


@dataclass(frozen=True)
class Failed:
    """Why there is no file: one plain line."""

    reason: str


def speak(job: Job) -> None:
    """Have every text of a job's routine in the cache of this machine, for all jobs with the same words.

    What cannot be spoken is for the job that needs it to tell.
    """
    with suppress(NightstretchError), _opened(job) as session:
        session.speak()


def render(job: Job) -> Made | Failed:
    """Make the file of a job. What a person can do something about comes back as a value."""
    try:
        if job.folder is None:
            with tempfile.TemporaryDirectory(prefix="nightstretch-") as scratch:
                path = Path(scratch) / "session"
                return Made(_export(job, path), path.read_bytes())
        partial = Path(job.folder) / WORKSHOP / job.output
        partial.parent.mkdir(exist_ok=True)
        made = Made(_export(job, partial))
        partial.replace(Path(job.folder) / job.output)
    except NightstretchError as error:
        return Failed(str(error))
    except OSError as error:
        return Failed(not_written(job, error))
    return made


def not_written(job: Job, error: OSError) -> str:
    """Say that a file could not be written, and why."""
    return f"{job.output} cannot be written ({error.strerror or error}); make room, and start again"


def _export(job: Job, path: Path) -> str:
    """Write the file; give its SHA-256."""
    if job.bed is not None and digest(bed_path(job.bed)) != job.bed_digest:
        raise BatchError(f"the bed {job.bed} is another one where the work is done; give both the same file")
    with _opened(job) as session:
        # Whatever is there by that name was looked at before the work began.
        session.export(path, format_name=job.format, bitrate_kbps=job.bitrate_kbps, force=True)
    return digest(path)


def _opened(job: Job) -> Session:
    """Open the session of a job. Raises BatchError where it would sound otherwise than it is to."""
    if job.program != __version__:
        raise BatchError(f"the worker has nightstretch {__version__}, not {job.program}; install the same")
    routine = parse_routine(job.routine, job.source, chime_names())
    with ExitStack() as stack:
        voice = open_voice(job.voice)
        stack.callback(voice.close)
        if voice.identity != job.identity:
            raise BatchError(
                f"the voice {job.voice!r} is another version where the work is done; install the same"
            )
        choices, finish = Choices(minutes=job.minutes), Finish(bed=job.bed)
        session = Session(routine, voice, speed=job.speed, choices=choices, finish=finish)
        stack.pop_all()  # now it is the session's
    return session


def digest(path: Path) -> str:
    """Give the SHA-256 of a file, which need not fit into memory. Raises OSError."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            found.update(chunk)
    return found.hexdigest()
