"""A batch: rows ► results, one by one as they are there, by whatever executor does the work.

Before rows that need the same clips, one worker speaks them, on all its cores, into the cache that the rows
read: so nothing is spoken by two workers at the same time. What fails is a result like any other, and the
rest goes on.
"""

from __future__ import annotations

import os
import shutil
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath
from typing import Final, Literal, TypeVar

from nightstretch import interrupts
from nightstretch.batch.lock import locked
from nightstretch.batch.manifest import Manifest
from nightstretch.batch.plan import Row
from nightstretch.batch.work import WORKSHOP, Failed, Job, Made, digest, not_written, render, speak
from nightstretch.beds import bed_names, bed_path
from nightstretch.errors import BatchError, BedError, NightstretchError
from nightstretch.export.formats import check_bitrate
from nightstretch.session import open_voice, read_routine, routine_path, shipped_routines

_Name = TypeVar("_Name")
_Found = TypeVar("_Found")

_TRIES: Final = 3
"""How often a row is begun whose worker dies: it may have been another row's fault."""

_LOOK_SECONDS: Final = 1.0
"""How long Ctrl-C may have to wait on Windows, where it does not wake who waits."""


@dataclass(frozen=True)
class Result:
    """What became of a row: its file was made, or kept as it was; or the reason why it failed."""

    row: Row
    path: Path
    state: Literal["made", "kept", "failed"]
    reason: str = ""


@dataclass
class _Task:
    """A row to be made; or, without a row, the words of a job to be spoken for all rows that need them."""

    job: Job
    row: Row | None = None
    tries: int = 0


@dataclass(frozen=True)
class Batch:
    """A plan with a folder to fill. ``beside``: the folder that paths in the plan start from.

    ``bitrate_kbps``: for formats that have one. ``force``: make everything, and replace whatever is there.
    ``by_value``: workers cannot write into the folder, so files come back as bytes. ``notice`` is told where
    the default voice is not available.
    """

    rows: Sequence[Row]
    beside: Path
    folder: Path
    bitrate_kbps: int | None = None
    force: bool = False
    by_value: bool = False
    notice: Callable[[str], object] = lambda _message: None

    def run(self, executor: Executor, at_once: int) -> Generator[Result]:
        """Do the work, with ``at_once`` rows submitted at any time; close the iterator to stop at once.

        Raises BatchError or ExportError where the folder or its manifest cannot be used.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror or error
            raise BatchError(
                f"{self.folder} cannot be made ({reason}); name another folder with -o"
            ) from None
        with ExitStack() as stack:
            stack.enter_context(locked(self.folder))
            manifest = Manifest.of(self.folder, force=self.force)
            tasks: list[_Task] = []
            for row, job in self._prepared():
                if isinstance(job, Failed):
                    yield self._result(row, "failed", job.reason)
                elif not self.force and manifest.has(row.output, job.fingerprint):
                    yield self._result(row, "kept")
                elif not self.force and not manifest.owns(row.output) and self._is_taken(row.output):
                    problem = "exists already and is of no batch; replace it with --force, or give another -o"
                    yield self._result(row, "failed", problem)
                else:
                    tasks.append(_Task(job, row))
            if not tasks:
                return
            manifest.claim(task.job.output for task in tasks)
            stack.callback(manifest.save)
            stack.callback(shutil.rmtree, self.folder / WORKSHOP, ignore_errors=True)
            try:
                for row, job, outcome in _done(tasks, executor, at_once):
                    yield self._kept(row, job, outcome, manifest)
            except BaseException:
                executor.shutdown(wait=False)
                raise

    def _prepared(self) -> Iterator[tuple[Row, Job | Failed]]:
        """Look up what the rows name, each thing once."""

        @_once
        def voice(name: str | None) -> tuple[str, str]:
            opened = open_voice(name, self.notice)
            try:
                return opened.name, opened.identity
            finally:
                opened.close()

        @_once
        def routine(name: str) -> tuple[str, bytes]:
            path = routine_path(located(name, self.beside, shipped_routines()))
            return str(path), read_routine(path)

        @_once
        def bed(name: str | None) -> tuple[str | None, str | None]:
            if name is None:
                return None, None
            path = bed_path(place := located(name, self.beside, bed_names()))
            try:
                return place, digest(path)
            except OSError as error:
                raise BedError(
                    f"the bed {path} cannot be read ({error.strerror}); give a sound file"
                ) from None

        for row in self.rows:
            interrupts.check()
            try:
                source, content = routine(row.routine)
                voice_name, identity = voice(row.voice)
                place, bed_digest = bed(row.bed)
                if self.bitrate_kbps is not None:
                    check_bitrate(row.format, self.bitrate_kbps, channels=2 if row.bed else 1)
            except NightstretchError as error:
                yield row, Failed(str(error))
                continue
            yield (
                row,
                Job(
                    output=row.output,
                    source=source,
                    routine=content,
                    voice=voice_name,
                    identity=identity,
                    speed=row.speed,
                    minutes=row.minutes,
                    bed=place,
                    bed_digest=bed_digest,
                    format=row.format,
                    bitrate_kbps=self.bitrate_kbps,
                    folder=None if self.by_value else str(self.folder.absolute()),
                ),
            )

    def _is_taken(self, name: str) -> bool:
        return os.path.lexists(self.folder / name)

    def _result(self, row: Row, state: Literal["made", "kept", "failed"], reason: str = "") -> Result:
        return Result(row, self.folder / row.output, state, reason)

    def _kept(self, row: Row, job: Job, outcome: Made | Failed, manifest: Manifest) -> Result:
        """Write down what was made. Raises ExportError where that cannot be."""
        if isinstance(outcome, Failed):
            return self._result(row, "failed", outcome.reason)
        if outcome.content is not None:
            partial = self.folder / WORKSHOP / job.output
            try:
                partial.parent.mkdir(exist_ok=True)
                partial.write_bytes(outcome.content)
                partial.replace(self.folder / job.output)
            except OSError as error:
                return self._result(row, "failed", not_written(job, error))
        manifest.record(job.output, job.fingerprint, outcome.sha256)
        return self._result(row, "made")


def located(name: str, beside: Path, known: Iterable[str]) -> str:
    """Give a known name, or the path of a file seen from a folder; a name without a file as it is."""
    path = os.path.abspath(beside / name)  # noqa: PTH100 - `absolute` keeps `..`, which errors would show
    return path if name not in known and (PurePath(name).suffix or os.path.lexists(path)) else name


def _once(look_up: Callable[[_Name], _Found]) -> Callable[[_Name], _Found]:
    """Look up everything once, also what there is not."""

    @cache
    def outcome(name: _Name) -> _Found | NightstretchError:
        try:
            return look_up(name)
        except NightstretchError as error:
            return error

    def look_up_once(name: _Name) -> _Found:
        found = outcome(name)
        if isinstance(found, NightstretchError):
            raise found
        return found

    return look_up_once


def _done(
    tasks: Sequence[_Task], executor: Executor, at_once: int
) -> Iterator[tuple[Row, Job, Made | Failed]]:
    """Have every row done; give each as it ends."""
    groups: dict[tuple[object, ...], list[_Task]] = {}
    for task in tasks:
        groups.setdefault(task.job.words, []).append(task)
    ready = deque(group[0] if len(group) == 1 else _Task(group[0].job) for group in groups.values())
    running: dict[Future[Made | Failed | None], _Task] = {}
    while ready or running:
        while ready and len(running) < at_once:
            task = ready.popleft()
            task.tries += 1
            running[executor.submit(speak if task.row is None else render, task.job)] = task
        finished, _ = wait(running, _LOOK_SECONDS, FIRST_COMPLETED)
        interrupts.check()
        for future in [future for future in running if future in finished]:  # which is in the plan's order
            task = running.pop(future)
            outcome = _outcome(future)
            if isinstance(outcome, BrokenExecutor) and task.tries < _TRIES:
                ready.appendleft(task)
            elif task.row is None or outcome is None:  # it was speaking
                # Soon, as long as the cache still has their clips.
                ready.extendleft(reversed(groups[task.job.words]))
            elif isinstance(outcome, BrokenExecutor):
                reason = f"its worker died, {_TRIES} times; it may need more memory than there is"
                yield task.row, task.job, Failed(reason)
            else:
                yield task.row, task.job, outcome


def _outcome(future: Future[Made | Failed | None]) -> Made | Failed | BrokenExecutor | None:
    """Give what came of a task; a BrokenExecutor where its worker died."""
    try:
        return future.result()
    except BrokenExecutor as error:
        return error
    except CancelledError:
        return Failed("the cluster gave it up; see whether its scheduler still runs, and start again")
    except Exception as error:  # noqa: BLE001 - whatever a worker or its engine does, the rest goes on
        what = (str(error) or "without a word").splitlines()[0]
        return Failed(f"the worker failed ({type(error).__name__}: {what}); start again, or report it")
