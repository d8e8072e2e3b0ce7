"""A batch with real worker processes, and what becomes of it when one of them, or all of it, is ended."""

import json
import os
import signal
import sys
from pathlib import Path

import pytest
from support.batches import PATIENCE_SECONDS, Gated, is_running, wait_until

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
    assert sorted(Path(line).name for line in printed.splitlines()) == gated.files()[1:]
    assert tuple(gated.files()) == Gated.ALL


@pytest.mark.parametrize("whole_group", [False, True], ids=["by kill", "in the terminal"])
def test_an_interrupt_leaves_nothing_half_written(gated: Gated, *, whole_group: bool) -> None:
    process = gated.start("--workers", "2")
    workers = gated.workers(2)
    (os.killpg if whole_group else os.kill)(process.pid, signal.SIGINT)
    _, messages = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, messages.strip()) == (130, "nightstretch: interrupted")
    assert not any(map(is_running, workers))
    assert gated.files() == ["manifest.json"]
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
    assert gated.files() == ["manifest.json"]
    assert len(json.loads((gated.folder / "plan" / "manifest.json").read_text())["unfinished"]) == 6
    gated.open()
    again = gated.start()
    assert again.communicate(timeout=PATIENCE_SECONDS)[1] == "6 made, 0 there already, 0 failed\n"


def test_one_worker_and_two_make_the_same_bytes(gated: Gated) -> None:
    gated.open()
    for folder, workers in (("one", "1"), ("two", "2")):
        process = gated.start("-o", folder, "--workers", workers)
        process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 0
    one, two = (json.loads((gated.folder / name / "manifest.json").read_text()) for name in ("one", "two"))
    assert one == two
