"""What happens around ffmpeg, without one; the real one is in ``tests/integration/test_export_ffmpeg.py``."""

import importlib.util
import re
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from support.recordings import RATE, click_track, write_all

from nightstretch.errors import ExportError
from nightstretch.export import open_file, pydub_formats, whole_file

FORMATS = ("m4a", "ogg", "opus")


def without(monkeypatch: pytest.MonkeyPatch, *modules: str) -> None:
    """Let these modules be not installed."""
    find = importlib.util.find_spec

    def find_spec(name: str) -> ModuleSpec | None:
        return None if name in modules else find(name)

    monkeypatch.setattr(pydub_formats, "find_spec", find_spec)


@pytest.mark.parametrize("module", ["pydub", "audioop"])
@pytest.mark.parametrize("name", FORMATS)
def test_without_pydub_the_extra_is_named_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, module: str
) -> None:
    without(monkeypatch, module)
    with pytest.raises(ExportError, match=r"need pydub; install the extra `formats`: pip install"):
        open_file(tmp_path / "x", name, rate=RATE, bitrate_kbps=64)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", FORMATS)
def test_without_ffmpeg_program_and_extra_are_named_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    without(monkeypatch, "imageio_ffmpeg")
    monkeypatch.setenv("PATH", "")
    with (
        pytest.raises(
            ExportError, match=r"need ffmpeg; install that program, or install the extra `formats`: pip"
        ),
        whole_file(tmp_path / "tonight") as path,
    ):
        open_file(path, name, rate=RATE, bitrate_kbps=64)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "bitrate_kbps"),
    [("m4a", 12), ("m4a", 112), ("ogg", 16), ("ogg", 90), ("opus", 6), ("opus", 256)],
)
def test_the_encoders_take_the_limits_of_the_bitrates(tmp_path: Path, name: str, bitrate_kbps: int) -> None:
    for module in ("pydub", "imageio_ffmpeg"):
        pytest.importorskip(module, reason="the extra 'formats' is not installed")
    with whole_file(tmp_path / "tonight") as path:
        write_all(open_file(path, name, rate=RATE, bitrate_kbps=bitrate_kbps), click_track())
    assert (tmp_path / "tonight").stat().st_size > 0


@pytest.mark.parametrize(
    ("name", "beginning"), [("m4a", b"....ftypM4A "), ("ogg", b"OggS"), ("opus", b"OggS")]
)
def test_the_ffmpeg_of_the_extra_serves_where_there_is_none_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, beginning: bytes
) -> None:
    for module in ("pydub", "imageio_ffmpeg"):
        pytest.importorskip(module, reason="the extra 'formats' is not installed")
    monkeypatch.setenv("PATH", "")
    with whole_file(tmp_path / "tonight") as path:
        write_all(open_file(path, name, rate=RATE, bitrate_kbps=64), click_track())
    assert re.match(beginning, (tmp_path / "tonight").read_bytes(), re.DOTALL)
    assert [path.name for path in tmp_path.iterdir()] == ["tonight"]


def test_the_problem_is_what_the_doctor_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "pydub")
    assert "pip install" in str(pydub_formats.problem())


BROKEN = {
    "fails": "#!/bin/sh\necho 'frame= 12' >&2\necho 'Unknown encoder' >&2\nexit 1\n",
    "is killed": "#!/bin/sh\nkill -9 $$\n",
    "is not a program": "\x00\x01\x02",
}


@pytest.mark.skipif(sys.platform == "win32", reason="the broken ffmpegs are shell scripts")
@pytest.mark.parametrize("how", BROKEN)
def test_an_ffmpeg_that_breaks_is_one_line_and_leaves_the_older_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    pytest.importorskip("pydub", reason="the extra 'formats' is not installed")
    ffmpeg = tmp_path / "bin" / "ffmpeg"
    ffmpeg.parent.mkdir()
    ffmpeg.write_text(BROKEN[how])
    ffmpeg.chmod(0o755)
    monkeypatch.setenv("PATH", f"{ffmpeg.parent}:/bin:/usr/bin")
    target = tmp_path / "out" / "tonight.m4a"
    target.parent.mkdir()
    target.write_bytes(b"older")
    with (
        pytest.raises(ExportError, match=r"failed \(.+\); make room, or") as caught,
        whole_file(target, force=True) as path,
    ):
        write_all(open_file(path, "m4a", rate=RATE, bitrate_kbps=64), click_track())
    assert "\n" not in str(caught.value)
    assert how != "fails" or "Unknown encoder" in str(caught.value)
    assert {path.name: path.read_bytes() for path in target.parent.iterdir()} == {"tonight.m4a": b"older"}


@pytest.mark.parametrize("name", FORMATS)
def test_abort_removes_what_was_spooled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(pydub_formats, "problem", lambda: None)
    file = open_file(tmp_path / "x", name, rate=RATE, bitrate_kbps=64)
    file.write(click_track())
    file.abort()
    file.abort()
    assert list(tmp_path.iterdir()) == []
