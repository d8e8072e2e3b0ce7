"""A batch: rows ► results, one by one as they are there, by whatever executor does the work.

Rows that need the same clips wait until one of them is done, which leaves the clips in the cache: so nothing
is spoken by two workers at the same time. What fails is a result like any other, and the rest goes on.
"""

from __future__ import annotations

import os
import shutil
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath
from typing import Final, Literal

from nightstretch import interrupts
from nightstretch.batch.manifest import Manifest
from nightstretch.batch.plan import Row
from nightstretch.batch.work import WORKSHOP, Failed, Job, Made, digest, render
from nightstretch.beds import bed_names, bed_path
from nightstretch.errors import BatchError, NightstretchError, SoundError
from nightstretch.export.whole_file import whole_file
from nightstretch.session import open_voice, read_routine, routine_path, shipped_routines

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
    row: Row
    job: Job
    tries: int = 0


@dataclass(frozen=True)
class Batch:
    """A plan with a folder to fill. ``beside``: the folder that paths in the plan start from.

    ``force``: make everything, and replace whatever is there. ``by_value``: workers cannot write into the
    folder, so files come back as bytes. ``notice`` is told where the default voice is not available.
    """

    rows: Sequence[Row]
    beside: Path
    folder: Path
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
        manifest = Manifest.of(self.folder, force=self.force)
        tasks: list[_Task] = []
        for task in self._prepared():
            if isinstance(task, Result):
                yield task
            elif not self.force and manifest.has(task.job.output, task.job.fingerprint):
                yield self._result(task.row, "kept")
            elif not self.force and not manifest.owns(task.job.output) and self._is_taken(task.job.output):
                problem = "exists already and is of no batch; replace it with --force, or give another -o"
                yield self._result(task.row, "failed", problem)
            else:
                tasks.append(task)
        if not tasks:
            return
        manifest.claim(task.job.output for task in tasks)
        try:
            for task, outcome in _done(tasks, executor, at_once):
                yield self._kept(task, outcome, manifest)
        except BaseException:
            executor.shutdown(wait=False)
            raise
        finally:
            shutil.rmtree(self.folder / WORKSHOP, ignore_errors=True)

    def _prepared(self) -> Iterator[_Task | Result]:
        """Look up what the rows name, each thing once."""

        @cache
        def voice(name: str | None) -> tuple[str, str]:
            opened = open_voice(name, self.notice)
            try:
                return opened.name, opened.identity
            finally:
                opened.close()

        @cache
        def routine(name: str) -> tuple[str, bytes]:
            path = routine_path(self._located(name, shipped_routines()))
            return str(path), read_routine(path)

        @cache
        def bed(name: str | None) -> tuple[str | None, str | None]:
            if name is None:
                return None, None
            located = self._located(name, bed_names())
            path = bed_path(located)
            try:
                return located, digest(path)
            except OSError as error:
                raise SoundError(
                    f"the bed {path} cannot be read ({error.strerror}); give a sound file"
                ) from None

        for row in self.rows:
            interrupts.check()
            try:
                source, content = routine(row.routine)
                voice_name, identity = voice(row.voice)
                located, bed_digest = bed(row.bed)
            except NightstretchError as error:
                yield self._result(row, "failed", str(error))
                continue
            job = Job(
                output=row.output,
                source=source,
                routine=content,
                voice=voice_name,
                identity=identity,
                speed=row.speed,
                minutes=row.minutes,
                bed=located,
                bed_digest=bed_digest,
                format=row.format,
                folder=None if self.by_value else str(self.folder.absolute()),
            )
            yield _Task(row, job)

    def _located(self, name: str, known: Iterable[str]) -> str:
        """Give a known name, or the path of a file beside the plan; a name without a file as it is."""
        path = os.path.abspath(self.beside / name)  # noqa: PTH100 - `absolute` keeps `..`, which errors would show
        return path if name not in known and (PurePath(name).suffix or os.path.lexists(path)) else name

    def _is_taken(self, name: str) -> bool:
        return os.path.lexists(self.folder / name)

    def _result(self, row: Row, state: Literal["made", "kept", "failed"], reason: str = "") -> Result:
        return Result(row, self.folder / row.output, state, reason)

    def _kept(self, task: _Task, outcome: Made | Failed, manifest: Manifest) -> Result:
        """Write down what was made. Raises BatchError or ExportError where that cannot be."""
        if isinstance(outcome, Failed):
            return self._result(task.row, "failed", outcome.reason)
        path = self.folder / task.job.output
        if outcome.content is not None:
            try:
                with whole_file(path, force=True) as partial:
                    partial.write_bytes(outcome.content)
            except NightstretchError as error:
                return self._result(task.row, "failed", str(error))
        manifest.record(task.job.output, task.job.fingerprint, outcome.samples / outcome.rate)
        return self._result(task.row, "made")


def _done(tasks: Iterable[_Task], executor: Executor, at_once: int) -> Iterator[tuple[_Task, Made | Failed]]:
    """Have every task done; give each as it ends."""
    ready: deque[_Task] = deque()
    followers: dict[tuple[object, ...], list[_Task]] = {}
    for task in tasks:
        if task.job.words in followers:
            followers[task.job.words].append(task)
        else:
            followers[task.job.words] = []
            ready.append(task)
    running: dict[Future[Made | Failed], _Task] = {}
    while ready or running:
        while ready and len(running) < at_once:
            task = ready.popleft()
            task.tries += 1
            running[executor.submit(render, task.job)] = task
        finished, _ = wait(running, _LOOK_SECONDS, FIRST_COMPLETED)
        interrupts.check()
        for future in [future for future in running if future in finished]:  # which is in the plan's order
            task = running.pop(future)
            outcome = _outcome(future)
            if outcome is None and task.tries < _TRIES:
                ready.appendleft(task)
                continue
            # Soon, as long as the cache still has their clips.
            ready.extendleft(reversed(followers.pop(task.job.words, [])))
            yield (
                task,
                outcome or Failed(f"its worker died, {_TRIES} times; it may need more memory than there is"),
            )


def _outcome(future: Future[Made | Failed]) -> Made | Failed | None:
    """Give what came of a row; None where its worker died."""
    try:
        return future.result()
    except BrokenExecutor:
        return None
    except CancelledError:
        return Failed("the cluster gave it up; see whether its scheduler still runs, and start again")
    except Exception as error:  # noqa: BLE001 - whatever a worker or its engine does, the rest goes on
        what = (str(error) or "without a word").splitlines()[0]
        return Failed(f"the worker failed ({type(error).__name__}: {what}); start again, or report it")
