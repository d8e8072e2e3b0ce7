"""Executors for tests: the work is done here and now, so that it sees what a test has replaced."""

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any


class Inline(Executor):
    """Does everything in ``submit``. ``deaths``: how many calls are lost first, as if a worker had died."""

    def __init__(self, count: int = 1, *, deaths: int = 0, error: BaseException | None = None) -> None:
        self.calls: list[tuple[Callable[..., Any], Any]] = []
        self.stopped = False
        self._deaths = deaths
        self._error = error

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401
        future: Future[Any] = Future()
        self.calls.append((fn, args[0]))
        if self._deaths:
            self._deaths -= 1
            future.set_exception(BrokenExecutor("a worker died"))
        elif self._error is not None:
            future.set_exception(self._error)
        else:
            future.set_result(fn(*args, **kwargs))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self.stopped = not wait
