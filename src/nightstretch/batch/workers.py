"""Who does the work: processes of this machine, or a Dask cluster, each a ``concurrent.futures.Executor``.

For both, ``shutdown(wait=False)`` means: stop at once. Processes then tidy up first, for a second at most; a
cluster throws away what it still finishes.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Final, ParamSpec, TypeVar

from nightstretch import interrupts
from nightstretch.errors import BatchError, install_extra

_P = ParamSpec("_P")
_T = TypeVar("_T")

MOST_PROCESSES: Final = 61
"""What Windows can wait for at once."""

_CONNECT_SECONDS: Final = 5

_TIDY_SECONDS: Final = 1.0
"""How long processes may tidy up: one that is only just starting, or loads a library, hears of nothing."""


class Processes(Executor):
    """Processes of this machine; if one of them dies, a new set takes over with the next submit.

    They end with this process, however it ends, and remove what they have begun.
    """

    def __init__(self, count: int) -> None:
        # Spawned, as on every system: a fork would copy locks that other threads hold.
        self._context = multiprocessing.get_context("spawn")
        self._count = count
        # Nothing is ever sent: its end closes with this process, and that is the message.
        self._theirs, self._ours = self._context.Pipe(duplex=False)
        self._pool = self._new_pool()
        self._processes: set[BaseProcess] = set()

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._count, mp_context=self._context, initializer=_begin, initargs=(self._theirs,)
        )

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Have a function called. A process that dies breaks its set: those futures raise BrokenExecutor."""
        with _without_interrupts():
            others = set(multiprocessing.active_children()) - self._processes
            try:
                return self._pool.submit(_work, fn, *args, **kwargs)
            except BrokenExecutor:
                self._pool = self._new_pool()
                return self._pool.submit(_work, fn, *args, **kwargs)
            finally:
                self._processes = set(multiprocessing.active_children()) - others

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as it is there
        """Wait for all that was submitted, or else stop at once."""
        if not wait:
            self._ours.close()
            deadline = time.monotonic() + _TIDY_SECONDS
            for process in self._processes:
                process.join(max(0.0, deadline - time.monotonic()))
                process.kill()
        self._pool.shutdown(wait=True, cancel_futures=cancel_futures or not wait)
        self._ours.close()
        self._theirs.close()


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """Give the workers of the Dask scheduler at an address. Raises BatchError where there is none."""
    try:
        from distributed import Client  # noqa: PLC0415 - an extra, and slow to import
        from distributed.comm.addressing import get_address_host_port  # noqa: PLC0415
    except ImportError:
        raise BatchError(f"--scheduler needs Dask; {install_extra('cluster')}") from None
    # What it has to say of a lost connection comes as an error, too.
    for name in ("distributed", "tornado"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        get_address_host_port(
            address
        )  # a client that cannot read its address complains at the very end again
        connect: Any = Client  # which has no types
        client = connect(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise BatchError(
            f"no scheduler answers at {address} ({_first_line(error)}); start one with `dask scheduler`, "
            "or leave out --scheduler to work on this machine"
        ) from None
    try:
        if not client.nthreads():
            raise BatchError(
                f"the scheduler at {address} has no workers; start some with `dask worker {address}`"
            )
        # pure: the same job submitted again is to be done again, not to be remembered by the scheduler.
        yield client.get_executor(pure=False)
    finally:
        client.close(timeout=_CONNECT_SECONDS)


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Start processes that do not hear Ctrl-C, from their first moment on: they are told by this one."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_busy = threading.Lock()


def _begin(parent: Connection) -> None:
    """Prepare a process for its work."""
    interrupts.install()
    if not hasattr(signal, "pthread_sigmask"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent, threading.get_ident()), daemon=True).start()


def _work(fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
    with _busy:
        return fn(*args, **kwargs)


def _end_with(parent: Connection, main_thread: int) -> None:
    """End this process as soon as the other one has closed its end, or is gone; tidy up first."""
    with suppress(EOFError, OSError):
        parent.recv_bytes()
    if not _busy.acquire(blocking=False):
        interrupts.send(signal.SIGTERM, main_thread)
        _busy.acquire(timeout=interrupts.PATIENCE_SECONDS)
    os._exit(interrupts.INTERRUPTED)
