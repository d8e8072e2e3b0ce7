"""A batch with real worker processes, and what becomes of it when one of them, or all of it, is ended."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.batches import OWN, PATIENCE_SECONDS, Gated, be_deaf, is_running, wait_until

from nightstretch.batch.workers import Processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are watched in /proc")


@pytest.fixture
def gated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gated:
    return Gated(tmp_path, monkeypatch)


def test_a_worker_that_dies_costs_no_row(gated: Gated) -> None:
    process = gated.start("--workers", "2")
    os.kill(gated.workers(2)[0], signal.SIGKILL)
    gated.open()
    printed, messages = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, messages) == (0, "6 made, 0 there already, 0 failed\n")
    assert {Path(line).name for line in printed.splitlines()} == {*gated.files()} - {*OWN}
    assert tuple(gated.files()) == Gated.ALL


@pytest.mark.parametrize(
    ("kill", "number"),
    [(os.kill, signal.SIGINT), (os.killpg, signal.SIGINT), (os.kill, signal.SIGTERM)],
    ids=["Ctrl-C", "Ctrl-C in the terminal", "SIGTERM"],
)
def test_a_signal_ends_it_and_leaves_nothing_half_written(
    gated: Gated, kill: Callable[[int, int], None], number: int
) -> None:
    process = gated.start("--workers", "2")
    workers = gated.workers(2)
    kill(process.pid, number)
    _, messages = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, messages.strip()) == (130, "nightstretch: interrupted")
    assert not any(map(is_running, workers))
    assert gated.files() == list(OWN)
    gated.open()
    again = gated.start()
    assert again.communicate(timeout=PATIENCE_SECONDS)[1] == "6 made, 0 there already, 0 failed\n"
    assert tuple(gated.files()) == Gated.ALL


def test_a_batch_that_is_killed_takes_its_workers_along_and_can_be_started_again(gated: Gated) -> None:
    process = gated.start("--workers", "2")
    workers = gated.workers(2)
    process.kill()
    process.communicate(timeout=PATIENCE_SECONDS)
    wait_until(lambda: not any(map(is_running, workers)))
    assert gated.files() == list(OWN)
    assert len(json.loads((gated.folder / "plan" / "manifest.json").read_text())["unfinished"]) == 6
    gated.open()
    again = gated.start()
    assert again.communicate(timeout=PATIENCE_SECONDS)[1] == "6 made, 0 there already, 0 failed\n"


def test_a_worker_that_hears_nothing_is_not_waited_for(tmp_path: Path) -> None:
    workers, mark = Processes(1), tmp_path / "mark"
    workers.submit(be_deaf, mark)
    wait_until(lambda: mark.exists() and mark.read_text().endswith("\n"))
    before = time.monotonic()
    workers.shutdown(wait=False)
    assert time.monotonic() - before < 4  # by itself, it would end after five
    assert not is_running(int(mark.read_text()))


def test_two_batches_in_one_folder_get_one_line(gated: Gated) -> None:
    first = gated.start("--workers", "2")
    gated.workers(2)
    _, messages = gated.start().communicate(timeout=PATIENCE_SECONDS)
    assert messages == (
        "nightstretch: another batch is at work in plan; "
        "wait until it has ended, or give another folder with -o\n"
    )
    gated.open()
    assert first.communicate(timeout=PATIENCE_SECONDS)[1] == "6 made, 0 there already, 0 failed\n"


def test_nothing_is_spoken_twice(gated: Gated) -> None:
    gated.open()
    gated.start("--workers", "2").communicate(timeout=PATIENCE_SECONDS)
    assert len(set(gated.spoken())) == len(gated.spoken()) > 0


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")
def test_one_worker_and_two_make_the_same_bytes_and_sha256sum_agrees(gated: Gated) -> None:
    gated.open()
    for folder, workers in (("one", "1"), ("two", "2")):
        process = gated.start("-o", folder, "--workers", workers)
        process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 0
        checked = subprocess.run(
            ["sha256sum", "--check", "--strict", "SHA256SUMS"],
            cwd=gated.folder / folder,
            capture_output=True,
            text=True,
            check=True,
        )
        assert checked.stdout.count(": OK\n") == 6
    one, two = (json.loads((gated.folder / name / "manifest.json").read_text()) for name in ("one", "two"))
    assert one == two
