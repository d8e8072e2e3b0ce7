"""A batch on a real Dask scheduler with two worker processes."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from support.batches import OWN, PATIENCE_SECONDS, Gated, wait_until

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(find_spec("distributed") is None, reason="the extra cluster is not installed"),
    pytest.mark.skipif(os.name != "posix", reason="a worker is killed by a signal"),
]


@pytest.fixture
def gated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gated:
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__DASHBOARD__ENABLED", "False")
    return Gated(tmp_path, monkeypatch)


@contextmanager
def running(gated: Gated, *command: str) -> Iterator[int]:
    """Have a program of Dask's run for the time of a block."""
    with (gated.folder / "dask.log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli." + command[0], *command[1:]],
            cwd=gated.folder,
            stdout=log,
            stderr=log,
        )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


@contextmanager
def scheduler(gated: Gated) -> Iterator[tuple[str, int]]:
    """Start a scheduler on a free port; give its address and its process."""
    file = gated.folder / "scheduler.json"
    options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
    with running(gated, "dask_scheduler", *options) as process_id:
        wait_until(lambda: file.exists() and file.read_text().endswith("}"))
        yield json.loads(file.read_text())["address"], process_id


def test_a_worker_that_is_killed_half_way_costs_no_row(gated: Gated) -> None:
    workers = ("--nworkers", "2", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1")
    with scheduler(gated) as (address, _), running(gated, "dask_worker", address, *workers):
        # The first ones may come before both workers are there.
        wait_until(lambda: (gated.folder / "dask.log").read_text().count("Registered to:") >= 2)
        process = gated.start("--scheduler", address)
        os.kill(gated.workers(2)[0], signal.SIGKILL)
        gated.open()
        printed, messages = process.communicate(timeout=PATIENCE_SECONDS)
        assert (process.returncode, messages) == (0, "6 made, 0 there already, 0 failed\n")
        assert len(printed.splitlines()) == 6
        assert tuple(gated.files()) == Gated.ALL
        # The same, to the byte, as without a cluster.
        local = gated.start("-o", "local")
        local.communicate(timeout=PATIENCE_SECONDS)
    clustered, alone = (
        {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (gated.folder / name).iterdir()}
        for name in ("plan", "local")
    )
    assert clustered == alone


def test_an_interrupt_ends_it_and_leaves_nothing_half_written(gated: Gated) -> None:
    with (
        scheduler(gated) as (address, _),
        running(gated, "dask_worker", address, "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1"),
    ):
        wait_until(lambda: "Registered to:" in (gated.folder / "dask.log").read_text())
        process = gated.start("--scheduler", address)
        gated.workers(1)
        process.send_signal(signal.SIGINT)
        _, messages = process.communicate(timeout=PATIENCE_SECONDS)
        assert (process.returncode, messages.strip()) == (130, "nightstretch: interrupted")
        assert gated.files() == list(OWN)
        gated.open()


def test_a_scheduler_that_goes_away_fails_the_rows_that_are_left(gated: Gated) -> None:
    with (
        scheduler(gated) as (address, process_id),
        running(gated, "dask_worker", address, "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1"),
    ):
        wait_until(lambda: "Registered to:" in (gated.folder / "dask.log").read_text())
        process = gated.start("--scheduler", address)
        gated.workers(1)
        os.kill(process_id, signal.SIGKILL)
        printed, messages = process.communicate(timeout=PATIENCE_SECONDS)
        gated.open()
    assert (process.returncode, printed) == (1, "")
    assert messages.count("the cluster gave it up; ") == 6, messages
    assert messages.endswith(
        "0 made, 0 there already, 6 failed; mend those rows and start again: the others are kept\n"
    )
    assert gated.files() == list(OWN)


def test_a_scheduler_without_workers_is_told(gated: Gated) -> None:
    with scheduler(gated) as (address, _):
        process = gated.start("--scheduler", address)
        _, messages = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 1
    assert messages == (
        f"nightstretch: the scheduler at {address} has no workers; start some with `dask worker {address}`\n"
    )
    assert not (gated.folder / "plan").exists()


@pytest.mark.parametrize("address", ["127.0.0.1:1", "nowhere", "tcp://", "carrier-pigeon://home"])
def test_a_scheduler_that_is_not_there_is_one_line(gated: Gated, address: str) -> None:
    process = gated.start("--scheduler", address)
    printed, messages = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, printed) == (1, "")
    assert messages.startswith(f"nightstretch: no scheduler answers at {address} (")
    assert messages.count("\n") == 1
    assert not (gated.folder / "plan").exists()
