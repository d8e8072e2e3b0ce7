"""What happens around ffmpeg, without one; the real one is in ``tests/integration/test_export_ffmpeg.py``."""

import base64
import importlib.util
import os
import re
import sys
import time
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest
import soundfile
from mutagen.flac import Picture
from mutagen.mp4 import MP4
from support.full_disk import room_for
from support.recordings import ABOUT, MONO, RATE, STEREO, Sound, click_track, write_all

from nightstretch.errors import ExportError
from nightstretch.export import open_file, pydub_formats, whole_file
from nightstretch.export.tags import cover_png

FORMATS = ("m4a", "m4b", "ogg", "opus")
AUDIOBOOK = [2]


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
    ("sound", "name", "bitrate_kbps"),
    [
        *[(MONO, "m4a", 12), (MONO, "m4b", 112), (STEREO, "m4a", 24), (STEREO, "m4b", 320)],
        *[(MONO, "ogg", 16), (MONO, "ogg", 90), (STEREO, "ogg", 45), (STEREO, "ogg", 500)],
        *[(MONO, "opus", 6), (MONO, "opus", 256), (STEREO, "opus", 6), (STEREO, "opus", 512)],
    ],
)
def test_the_encoders_take_the_limits_of_the_bitrates(
    tmp_path: Path, sound: Sound, name: str, bitrate_kbps: int
) -> None:
    for module in ("pydub", "imageio_ffmpeg"):
        pytest.importorskip(module, reason="the extra 'formats' is not installed")
    with whole_file(tmp_path / "tonight") as path:
        file = open_file(path, name, rate=sound.rate, channels=sound.channels, bitrate_kbps=bitrate_kbps)
        write_all(file, sound.track())
    assert (tmp_path / "tonight").stat().st_size > 0


@pytest.mark.parametrize(
    ("name", "beginning"),
    [("m4a", b"....ftypM4A "), ("m4b", b"....ftypM4B "), ("ogg", b"OggS"), ("opus", b"OggS")],
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


@pytest.mark.parametrize("name", ["m4a", "m4b"])
@pytest.mark.parametrize("sound", [MONO, STEREO], ids=["mono", "stereo"])
def test_apple_players_find_title_chapters_and_cover(tmp_path: Path, name: str, sound: Sound) -> None:
    for module in ("pydub", "imageio_ffmpeg"):
        pytest.importorskip(module, reason="the extra 'formats' is not installed")
    path = tmp_path / "tonight"
    write_all(open_file(path, name, rate=sound.rate, channels=sound.channels), sound.track())
    mp4: Any = MP4(path)  # type: ignore[no-untyped-call]
    assert (mp4["\xa9nam"], mp4["\xa9ART"]) == ([ABOUT.title], [ABOUT.artist])
    chapters = [(chapter.start, chapter.title) for chapter in mp4.chapters]
    assert chapters == [(round(chapter.start / RATE, 3), chapter.title) for chapter in ABOUT.chapters]
    assert [bytes(picture) for picture in mp4["covr"]] == [cover_png()]
    assert mp4.get("stik") == (AUDIOBOOK if name == "m4b" else None)


@pytest.mark.parametrize(("name", "subtype"), [("ogg", "VORBIS"), ("opus", "OPUS")])
class TestOgg:
    """What is done when ffmpeg has encoded; libsndfile does that here."""

    @pytest.fixture
    def file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, subtype: str) -> Any:  # noqa: ANN401 - only its private methods are used
        def encode(_: object, target: Path) -> None:
            soundfile.write(target, click_track(), RATE, format="OGG", subtype=subtype)

        monkeypatch.setattr(pydub_formats, "problem", lambda: None)
        monkeypatch.setattr(pydub_formats._PydubFile, "_encode", encode)
        return open_file(tmp_path / "tonight", name, rate=RATE, bitrate_kbps=64)

    def test_players_find_title_chapters_and_cover(self, tmp_path: Path, file: Any) -> None:  # noqa: ANN401
        file._encode(tmp_path / "before")
        write_all(file, click_track())
        ogg: Any = mutagen.File(tmp_path / "tonight")
        assert (ogg["title"], ogg["artist"]) == ([ABOUT.title], [ABOUT.artist])
        assert (ogg["chapter002"], ogg["chapter002name"]) == (["00:00:01.672"], [ABOUT.chapters[1].title])
        (picture,) = [Picture(base64.b64decode(found)) for found in ogg["metadata_block_picture"]]  # type: ignore[no-untyped-call]
        assert (picture.mime, picture.data) == ("image/png", cover_png())
        sound, before = (soundfile.read(tmp_path / made)[0] for made in ("tonight", "before"))
        assert np.array_equal(sound, before)

    def test_a_disk_that_fills_up_with_the_cover_is_told(self, tmp_path: Path, file: Any) -> None:  # noqa: ANN401
        path = tmp_path / "before"
        file._encode(path)
        with pytest.raises(OSError, match="File too large"), room_for(path.stat().st_size + 10_000):
            file._tag(path, ABOUT)
        file.abort()


def test_the_problem_is_what_the_doctor_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "pydub")
    assert "pip install" in str(pydub_formats.problem())


BROKEN = {
    "fails": "#!/bin/sh\necho 'Input' >&2\necho 'Unknown encoder' >&2\nexit 1\n",
    "says nothing": "#!/bin/sh\nexit 3\n",
    "is killed": "#!/bin/sh\nkill -9 $$\n",
    "is killed half-way": "#!/bin/sh\nfor last; do :; done\necho half > $last\nkill -9 $$\n",
    "is not a program": "\x00\x01\x02",
}


@pytest.mark.skipif(sys.platform == "win32", reason="the broken ffmpegs are shell scripts")
@pytest.mark.parametrize("name", ["m4b", "ogg"])
@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("fails", "Unknown encoder"),
        ("says nothing", "error code: 3"),
        ("is killed", "SIGKILL ended ffmpeg"),
        ("is killed half-way", "SIGKILL ended ffmpeg"),
        ("is not a program", "Exec format error"),
    ],
)
def test_an_ffmpeg_that_breaks_is_one_line_and_leaves_the_older_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, how: str, reason: str
) -> None:
    target = older_file(tmp_path, monkeypatch, BROKEN[how])
    with (
        pytest.raises(ExportError, match=rf"failed \([^\n]*{reason}\); make room, or") as caught,
        whole_file(target, force=True) as path,
    ):
        write_all(open_file(path, name, rate=RATE, bitrate_kbps=64), click_track())
    assert "\n" not in str(caught.value)
    assert {path.name: path.read_bytes() for path in target.parent.iterdir()} == {target.name: b"older"}


@pytest.mark.skipif(sys.platform == "win32", reason="the slow ffmpeg is a shell script")
def test_an_ffmpeg_that_outlives_us_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = tmp_path / "ended"
    slow = f"""#!/bin/sh
        exec 2> /dev/null
        for last; do :; done
        kill -INT {os.getpid()}
        while [ -e "$last" ]; do sleep 0.01; done
        echo half > "$last"
        echo > {ended}
        """
    target = older_file(tmp_path, monkeypatch, slow)
    with pytest.raises(KeyboardInterrupt), whole_file(target, force=True) as path:
        write_all(open_file(path, "m4a", rate=RATE, bitrate_kbps=64), click_track())
    deadline = time.monotonic() + 10
    while not ended.exists():
        assert time.monotonic() < deadline
    assert {path.name: path.read_bytes() for path in target.parent.iterdir()} == {target.name: b"older"}


def older_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """Give the path of an older file, in a folder of its own; ffmpeg is this script."""
    pytest.importorskip("pydub", reason="the extra 'formats' is not installed")
    ffmpeg = tmp_path / "bin" / "ffmpeg"
    ffmpeg.parent.mkdir()
    ffmpeg.write_text(script)
    ffmpeg.chmod(0o755)
    monkeypatch.setenv("PATH", f"{ffmpeg.parent}:/bin:/usr/bin")
    target = tmp_path / "out" / "tonight"
    target.parent.mkdir()
    target.write_bytes(b"older")
    return target


@pytest.mark.parametrize("name", FORMATS)
def test_abort_removes_what_was_spooled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(pydub_formats, "problem", lambda: None)
    file = open_file(tmp_path / "x", name, rate=RATE, bitrate_kbps=64)
    file.write(click_track())
    file.abort()
    file.abort()
    assert list(tmp_path.iterdir()) == []
