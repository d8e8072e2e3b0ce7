"""What becomes of the rows of a batch, whoever does the work."""

import hashlib
import json
import pickle
from concurrent.futures import CancelledError
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from support.executors import Inline
from support.routines import SHORT
from support.voices import HummingVoice

from nightstretch.batch import run as run_module
from nightstretch.batch import work
from nightstretch.batch.lock import LOCK, locked
from nightstretch.batch.plan import Row
from nightstretch.batch.run import Batch, Result
from nightstretch.batch.work import WORKSHOP, Failed, Job, Made, render, speak
from nightstretch.errors import BatchError, UsageError
from nightstretch.voices.base import KeptVoice
from nightstretch.voices.cache import CachedVoice, ClipCache, cache_directory


@pytest.fixture(autouse=True)
def voices(monkeypatch: pytest.MonkeyPatch) -> list[HummingVoice]:
    """Every voice that was opened; each keeps its clips in the cache on disk, as real ones do."""
    opened: list[HummingVoice] = []

    def open_voice(name: str | None, notice: object = None) -> KeptVoice:
        if name not in {None, "hum"}:
            raise UsageError(f"there is no voice {name!r}")
        opened.append(HummingVoice())
        return CachedVoice(opened[-1], ClipCache(cache_directory() / "clips"))

    monkeypatch.setattr(run_module, "open_voice", open_voice)
    monkeypatch.setattr(work, "open_voice", open_voice)
    return opened


def row(line: int, *, routine: str = "short.yaml", name: str = "", **values: object) -> Row:
    plain = Row(line, routine, None, 1.0, None, None, "wav", name or f"{line}.wav")
    return replace(plain, **values)  # type: ignore[arg-type]


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    (tmp_path / "short.yaml").write_text(SHORT)
    rows = (row(2), row(3, format="mp3", name="3.mp3"), row(4, speed=1.1))
    return Batch(rows, tmp_path, tmp_path / "files")


def states(batch: Batch, executor: Inline | None = None, at_once: int = 1) -> dict[int, str]:
    return {result.row.line: result.state for result in batch.run(executor or Inline(), at_once)}


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != LOCK)


def reasons(batch: Batch, executor: Inline | None = None) -> list[str]:
    return [result.reason for result in batch.run(executor or Inline(), 1) if result.state == "failed"]


def test_all_rows_are_made_and_the_manifest_has_their_checksums(batch: Batch) -> None:
    assert states(batch) == {2: "made", 3: "made", 4: "made"}
    manifest = json.loads((batch.folder / "manifest.json").read_text())
    assert manifest["unfinished"] == []
    sums = {
        name: hashlib.sha256((batch.folder / name).read_bytes()).hexdigest()
        for name in ("2.wav", "3.mp3", "4.wav")
    }
    assert {name: entry["sha256"] for name, entry in manifest["files"].items()} == sums
    lines = [f"{sha256}  {name}\n" for name, sha256 in sums.items()]
    assert (batch.folder / "SHA256SUMS").read_text() == "".join(lines)
    assert listed(batch.folder) == ["2.wav", "3.mp3", "4.wav", "SHA256SUMS", "manifest.json"]


def test_what_is_there_is_kept(batch: Batch) -> None:
    states(batch)
    again = Inline()
    assert states(batch, again) == {2: "kept", 3: "kept", 4: "kept"}
    assert not again.calls


@pytest.mark.parametrize(
    ("changed", "made"),
    [
        (lambda batch: (batch.folder / "2.wav").write_bytes(b"damaged"), {2}),
        (lambda batch: (batch.folder / "2.wav").unlink(), {2}),
        (lambda batch: (batch.beside / "short.yaml").write_text(SHORT + "\n"), {2, 3, 4}),
    ],
    ids=["damaged", "gone", "another routine"],
)
def test_what_has_changed_is_made_again(batch: Batch, changed, made: set[int]) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    states(batch)
    changed(batch)
    assert {line for line, state in states(batch).items() if state == "made"} == made


def test_a_changed_row_replaces_its_file(batch: Batch) -> None:
    states(batch)
    changed = replace(batch, rows=(replace(batch.rows[0], speed=1.2), *batch.rows[1:]))
    assert states(changed) == {2: "made", 3: "kept", 4: "kept"}


def test_force_makes_everything_again(batch: Batch) -> None:
    states(batch)
    assert states(replace(batch, force=True)) == {2: "made", 3: "made", 4: "made"}


def test_a_row_that_fails_costs_no_other(batch: Batch) -> None:
    rows = (
        row(1, routine="missing.yaml"),
        row(2, routine="back-pian"),
        row(3, voice="nobody"),
        row(4, bed="rian"),
        row(5, routine="broken.yaml"),
        row(6, minutes=60.0),
        row(7),
    )
    (batch.beside / "broken.yaml").write_text("title: Broken\n")
    wanted = replace(batch, rows=rows)
    told = reasons(wanted)
    assert states(wanted) == {
        1: "failed",
        2: "failed",
        3: "failed",
        4: "failed",
        5: "failed",
        6: "failed",
        7: "kept",
    }
    assert "missing.yaml: cannot be read" in told[0]
    assert "did you mean 'back-pain'?" in told[1]
    assert "there is no voice 'nobody'" in told[2]
    assert "did you mean 'rain'?" in told[3]
    assert all("\n" not in reason for reason in told)
    assert listed(batch.folder) == ["7.wav", "SHA256SUMS", "manifest.json"]


def test_a_file_of_somebody_else_is_left_alone(batch: Batch) -> None:
    batch.folder.mkdir()
    (batch.folder / "2.wav").write_bytes(b"mine")
    assert states(batch)[2] == "failed"
    assert (batch.folder / "2.wav").read_bytes() == b"mine"
    assert states(replace(batch, force=True))[2] == "made"


def test_what_was_begun_and_not_written_down_is_made_again(batch: Batch) -> None:
    with closing(batch.run(Inline(), 1)) as results:
        next(results)
    (batch.folder / "4.wav").write_bytes(b"whole, but the batch was killed before it could say so")
    assert states(batch) == {2: "kept", 3: "made", 4: "made"}


def test_stopping_tells_the_workers(batch: Batch) -> None:
    executor = Inline()
    with closing(batch.run(executor, 1)) as results:
        next(results)
    assert executor.stopped
    assert not (batch.folder / WORKSHOP).exists()


def test_two_batches_in_one_folder_are_one_line(batch: Batch) -> None:
    states(batch)
    executor = Inline()
    with (
        locked(batch.folder),
        pytest.raises(BatchError, match=r"^another batch is at work in .*; wait until it has ended, or "),
    ):
        states(replace(batch, force=True), executor)
    assert not executor.calls
    assert states(batch) == {2: "kept", 3: "kept", 4: "kept"}


def test_what_is_not_there_is_looked_for_once(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []

    def open_voice(name: str | None, notice: object = None) -> KeptVoice:
        asked.append(name)
        raise UsageError(f"there is no voice {name!r}")

    monkeypatch.setattr(run_module, "open_voice", open_voice)
    rows = [row(line, voice="nobody") for line in range(50)]
    assert set(states(replace(batch, rows=rows)).values()) == {"failed"}
    assert asked == ["nobody"]


def test_words_that_several_rows_need_are_spoken_before_them(
    batch: Batch, voices: list[HummingVoice]
) -> None:
    executor = Inline()
    rows = [*(row(line, speed=1 + line % 2 / 10) for line in range(6)), row(6, speed=1.3)]
    assert len(states(replace(batch, rows=rows), executor, at_once=4)) == 7
    assert [work for work, _ in executor.calls[:3]] == [speak, speak, render]
    assert {job.speed for _, job in executor.calls[:2]} == {1.0, 1.1}
    assert [work for work, _ in executor.calls[3:]] == [render] * 6
    spoken = [words for voice in voices for words in voice.spoken]
    assert len(spoken) == len(set(spoken))


def test_a_worker_that_dies_is_tried_again_but_not_for_ever(batch: Batch) -> None:
    assert states(batch, Inline(deaths=2)) == {2: "made", 3: "made", 4: "made"}
    alone = replace(batch, rows=batch.rows[2:], force=True)
    told = reasons(alone, Inline(deaths=3))
    assert len(told) == 1
    assert told[0].startswith("its worker died, 3 times; ")


def test_where_nothing_can_be_spoken_before_the_rows_speak_for_themselves(batch: Batch) -> None:
    assert states(batch, Inline(deaths=3)) == {2: "made", 3: "made", 4: "made"}


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (CancelledError(), "the cluster gave it up; "),
        (RuntimeError("odd\nand long"), "the worker failed (RuntimeError: odd); "),
        (RuntimeError(), "the worker failed (RuntimeError: without a word); "),
    ],
)
def test_whatever_a_worker_raises_is_one_line(batch: Batch, error: Exception, told: str) -> None:
    found = reasons(batch, Inline(error=error))
    assert len(found) == 3
    assert all(reason.startswith(told) and "\n" not in reason for reason in found)


def test_bytes_that_come_back_are_the_same_file(batch: Batch) -> None:
    states(batch)
    states(replace(batch, folder=batch.beside / "others", by_value=True))
    one, other = ((batch.beside / name / "manifest.json").read_bytes() for name in ("files", "others"))
    assert one == other


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b'{"version": 2}', b'{"version": 1, "files": {"a": 1}}']
)
def test_a_manifest_that_is_none_is_told(batch: Batch, content: bytes) -> None:
    batch.folder.mkdir()
    (batch.folder / "manifest.json").write_bytes(content)
    with pytest.raises(BatchError, match=r"is not the manifest of a batch, or is damaged; .* --force"):
        states(batch)
    assert states(replace(batch, force=True)) == {2: "made", 3: "made", 4: "made"}


def test_a_folder_that_cannot_be_is_told(batch: Batch) -> None:
    batch.folder.write_bytes(b"a file")
    with pytest.raises(BatchError, match="cannot be made"):
        states(batch)


class TestWork:
    @pytest.fixture
    def job(self, batch: Batch) -> Job:
        executor = Inline()
        list(batch.run(executor, 1))
        found: Job = executor.calls[0][1]
        return replace(found, folder=None)

    def test_it_can_be_sent(self, job: Job) -> None:
        sent = pickle.loads(pickle.dumps(job))  # noqa: S301
        made = pickle.loads(pickle.dumps(render(sent)))  # noqa: S301
        assert isinstance(made, Made)
        assert made.content is not None

    def test_another_program_is_refused(self, job: Job) -> None:
        assert isinstance(render(replace(job, program="0")), Failed)

    def test_another_version_of_the_voice_is_refused(self, job: Job) -> None:
        outcome = render(replace(job, identity="hum 0"))
        assert isinstance(outcome, Failed)
        assert "is another version" in outcome.reason

    def test_another_bed_is_refused(self, job: Job) -> None:
        outcome = render(replace(job, bed="rain", bed_digest="0"))
        assert isinstance(outcome, Failed)
        assert "the bed rain is another one" in outcome.reason

    def test_everything_that_changes_the_file_changes_the_fingerprint(self, job: Job) -> None:
        others = [
            replace(job, routine=b"x"),
            replace(job, identity="x"),
            replace(job, speed=2.0),
            replace(job, minutes=9.0),
            replace(job, bed_digest="x"),
            replace(job, format="flac"),
            replace(job, program="x"),
        ]
        assert len({job.fingerprint, *(other.fingerprint for other in others)}) == len(others) + 1
        assert replace(job, folder="x", source="x", output="x").fingerprint == job.fingerprint


def test_results_say_where_the_file_is(batch: Batch) -> None:
    results: list[Result] = list(batch.run(Inline(), 2))
    assert {result.path for result in results} == {batch.folder / row.output for row in batch.rows}
