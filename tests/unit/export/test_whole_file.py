import errno
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nightstretch.errors import ExportError
from nightstretch.export import whole_file

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such thing")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_file_appears_at_the_end_of_the_block(tmp_path: Path) -> None:
    target = tmp_path / "tonight.mp3"
    with whole_file(target) as path:
        path.write_bytes(b"sound")
        assert path.parent == tmp_path
        assert not target.exists()
    assert target.read_bytes() == b"sound"
    assert names(tmp_path) == ["tonight.mp3"]


def test_a_name_as_long_as_the_file_system_takes_is_no_problem(tmp_path: Path) -> None:
    with whole_file(tmp_path / ("n" * 251 + ".mp3")) as path:
        path.write_bytes(b"sound")


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, ExportError])
@pytest.mark.parametrize("force", [True, False])
def test_an_error_leaves_nothing_but_what_was_there(
    tmp_path: Path, error: type[BaseException], *, force: bool
) -> None:
    target = tmp_path / "tonight.mp3"
    if force:
        target.write_bytes(b"older")
    with pytest.raises(error), whole_file(target, force=force) as path:
        _write_half(path, error)
    assert names(tmp_path) == (["tonight.mp3"] if force else [])
    assert not force or target.read_bytes() == b"older"


def test_an_existing_file_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    target = tmp_path / "tonight.mp3"
    target.write_bytes(b"older")
    with pytest.raises(ExportError, match=r"tonight\.mp3 exists already.*--force.*-o"), whole_file(target):
        pytest.fail("the block was entered")
    assert target.read_bytes() == b"older"


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_a_file_that_appeared_meanwhile_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", _refuse(errno.EPERM))
    target = tmp_path / "tonight.mp3"
    with pytest.raises(ExportError, match="exists already"), whole_file(target) as path:
        _write_both(path, target)
    assert target.read_bytes() == b"theirs"
    assert names(tmp_path) == ["tonight.mp3"]


def test_a_file_system_without_links_serves_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", _refuse(errno.EOPNOTSUPP))
    with whole_file(tmp_path / "tonight.mp3") as path:
        path.write_bytes(b"sound")
    assert names(tmp_path) == ["tonight.mp3"]


def test_force_replaces_a_file_only_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "tonight.mp3"
    target.write_bytes(b"older")
    with whole_file(target, force=True) as path:
        path.write_bytes(b"newer")
        assert target.read_bytes() == b"older"
    assert target.read_bytes() == b"newer"
    assert names(tmp_path) == ["tonight.mp3"]


@pytest.mark.parametrize("force", [True, False])
def test_a_folder_is_refused(tmp_path: Path, *, force: bool) -> None:
    with pytest.raises(ExportError, match="is a folder; name a file"), whole_file(tmp_path, force=force):
        pytest.fail("the block was entered")


@posix
def test_a_device_is_never_replaced() -> None:
    with pytest.raises(ExportError, match="not an ordinary file"), whole_file(Path(os.devnull), force=True):
        pytest.fail("the block was entered")


@pytest.mark.parametrize("parent", ["missing", "a file"])
def test_a_missing_folder_is_named(tmp_path: Path, parent: str) -> None:
    (tmp_path / "a file").touch()
    with (
        pytest.raises(ExportError, match=rf"no folder .*{parent} .*make it"),
        whole_file(tmp_path / parent / "tonight.mp3"),
    ):
        pytest.fail("the block was entered")


@posix
@pytest.mark.parametrize("force", [True, False])
def test_a_current_folder_that_has_been_removed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, force: bool
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with (
        pytest.raises(ExportError, match="the current folder has been removed; change to another"),
        whole_file(Path("tonight.mp3"), force=force),
    ):
        pytest.fail("the block was entered")
    with whole_file(tmp_path / "tonight.mp3") as path:
        path.write_bytes(b"sound")


@pytest.mark.parametrize("name", [Path.cwd().anchor, ".", ".."])
def test_no_name_at_all_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ExportError, match="is a folder; name a file in it"), whole_file(Path(name)):
        pytest.fail("the block was entered")


@pytest.fixture
def _nobody() -> Iterator[None]:
    """Root may write everywhere: be somebody else for the test."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    yield
    os.seteuid(0)


@posix
@pytest.mark.usefixtures("_nobody")
def test_a_folder_that_may_not_be_written_to_is_named() -> None:
    with pytest.raises(ExportError, match=r"^/ may not be written to"), whole_file(Path("/tonight.mp3")):
        pytest.fail("the block was entered")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (errno.ENOSPC, "no room for .*tonight.mp3"),
        (errno.EDQUOT, "no room for .*tonight.mp3"),
        (errno.EACCES, "may not be written to"),
        (errno.EROFS, "may not be written to"),
        (errno.EIO, "tonight.mp3 cannot be written"),
    ],
)
def test_what_the_disk_says_becomes_one_line(tmp_path: Path, code: int, message: str) -> None:
    with pytest.raises(ExportError, match=message) as caught, whole_file(tmp_path / "tonight.mp3"):
        raise OSError(code, os.strerror(code))
    assert "\n" not in str(caught.value)
    assert "-o" in str(caught.value)
    assert names(tmp_path) == []


@posix
def test_a_disk_that_is_really_full() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with (
        pytest.raises(ExportError, match="no room for"),
        whole_file(Path("tonight.mp3").absolute()),
        Path("/dev/full").open("wb", buffering=0) as full,
    ):
        full.write(b"sound")


@posix
@pytest.mark.parametrize("dangling", [True, False])
def test_what_a_link_points_to_is_written(tmp_path: Path, *, dangling: bool) -> None:
    (tmp_path / "elsewhere").mkdir()
    real = tmp_path / "elsewhere" / "real.mp3"
    if not dangling:
        real.write_bytes(b"older")
    link = tmp_path / "link.mp3"
    link.symlink_to(real)
    with whole_file(link, force=True) as path:
        path.write_bytes(b"newer")
    assert link.is_symlink()
    assert real.read_bytes() == b"newer"
    assert names(real.parent) == ["real.mp3"]


@posix
def test_a_circle_of_links_is_an_error_not_a_traceback(tmp_path: Path) -> None:
    link = tmp_path / "link.mp3"
    link.symlink_to(link)
    with pytest.raises(ExportError, match="cannot be written"), whole_file(link):
        pytest.fail("the block was entered")


@posix
def test_the_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with whole_file(tmp_path / "tonight.mp3") as path:
            path.write_bytes(b"sound")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "tonight.mp3").stat().st_mode) == 0o640


@given(
    failing=st.sampled_from(["open", "close", "link", "rename", "replace", None]),
    error=st.sampled_from([OSError(errno.EIO, "broken"), KeyboardInterrupt(), MemoryError()]),
    force=st.booleans(),
    exists=st.booleans(),
    after=st.booleans(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_step_fails_the_older_file_stays_or_the_new_one_is_whole(
    tmp_path_factory: pytest.TempPathFactory,
    failing: str | None,
    error: BaseException,
    *,
    force: bool,
    exists: bool,
    after: bool,
) -> None:
    folder = tmp_path_factory.mktemp("step")
    target = folder / "tonight.mp3"
    if exists:
        target.write_bytes(b"older")
    with pytest.MonkeyPatch.context() as patch:
        if failing is not None:
            patch.setattr(os, failing, _fail_once(getattr(os, failing), error, after=after))
        with suppress(ExportError, KeyboardInterrupt, MemoryError), whole_file(target, force=force) as path:
            path.write_bytes(b"newer")
    left = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert left in ({}, {"tonight.mp3": b"older"}, {"tonight.mp3": b"newer"})
    assert not exists or left
    assert force or not exists or left == {"tonight.mp3": b"older"}


def _write_half(path: Path, error: type[BaseException]) -> None:
    path.write_bytes(b"half")
    raise error


def _write_both(path: Path, target: Path) -> None:
    path.write_bytes(b"ours")
    target.write_bytes(b"theirs")


def _refuse(code: int) -> Callable[..., None]:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    return refuse


def _fail_once(real: Callable[..., object], error: BaseException, *, after: bool) -> Callable[..., object]:
    """Fail at the first call: before or after the real thing was done."""
    calls = 0

    def fail(*args: object, **kwargs: object) -> object:
        nonlocal calls
        calls += 1
        result = real(*args, **kwargs) if after or calls > 1 else None
        if calls == 1:
            raise error
        return result

    return fail
