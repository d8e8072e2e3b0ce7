"""An independent program agrees with what was written: ffmpeg decodes it, ffprobe reads its tags."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.full_disk import room_for
from support.recordings import ABOUT, MONO, RATE, SAMPLES, STEREO, Sound, click_track, write_all

from nightstretch.errors import ExportError
from nightstretch.export import FORMATS, open_file, whole_file
from nightstretch.export.base import Block
from nightstretch.export.pydub_formats import problem

pytestmark = pytest.mark.ffmpeg

BY_FFMPEG = ("m4a", "m4b", "ogg", "opus")
FILLED_UP_SAMPLES = {"m4a": 1023, "m4b": 1023}
"""By how much the sound may be longer: some versions play the last frame to its end."""
ADDED_SECONDS = {"mp3": 0.072, "opus": 0.0065}
"""By how much ffprobe may call it longer: some versions count what is not played."""


@pytest.fixture(autouse=True)
def _programs() -> None:
    for program in ("ffmpeg", "ffprobe"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not on the PATH")


@pytest.fixture(params=[MONO, STEREO], ids=["mono", "stereo"])
def sound(request: pytest.FixtureRequest) -> Sound:
    kind: Sound = request.param
    return kind


@pytest.fixture(params=FORMATS)
def made(request: pytest.FixtureRequest, tmp_path: Path, sound: Sound) -> Path:
    return make(tmp_path / f"made.{request.param}", sound)


def make(path: Path, sound: Sound) -> Path:
    name = path.suffix[1:]
    if name in BY_FFMPEG and (missing := problem()) is not None:
        pytest.skip(missing)
    with whole_file(path, force=True) as part:
        write_all(open_file(part, name, rate=sound.rate, channels=sound.channels), sound.track())
    return path


def probe(path: Path) -> dict[str, Any]:
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", "-show_chapters"]
    out = subprocess.run([*command, str(path)], capture_output=True, check=True)
    assert out.stderr == b""
    found: dict[str, Any] = json.loads(out.stdout)
    return found


def decode(path: Path, sound: Sound) -> Block:
    how = ["-map", "0:a", "-ar", str(sound.rate), "-f", "s16le", "-"]
    out = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), *how], capture_output=True, check=True)
    assert out.stderr == b""
    return np.frombuffer(out.stdout, np.int16).reshape(-1, sound.channels)


def test_the_clicks_are_heard_when_and_where_they_should(made: Path, sound: Sound) -> None:
    decoded = decode(made, sound)
    assert 0 <= len(decoded) - sound.samples <= FILLED_UP_SAMPLES.get(made.suffix[1:], 0)
    for heard, click in zip(sound.heard(decoded), sound.clicks, strict=True):
        assert 1000 * abs(heard - click) / sound.rate <= (made.suffix != ".mp3")


def test_length_title_and_artist_are_right(made: Path, sound: Sound) -> None:
    found = probe(made)
    added = float(found["format"]["duration"]) - SAMPLES / RATE
    assert -1e-6 <= added <= ADDED_SECONDS.get(made.suffix[1:], 0) + 1e-6
    tags = {**found["streams"][0].get("tags", {}), **found["format"].get("tags", {})}
    tags = {key.lower(): value for key, value in tags.items()}
    assert (tags["title"], tags["artist"]) == (ABOUT.title, ABOUT.artist)
    rate = 48_000 if made.suffix == ".opus" else sound.rate
    stream = found["streams"][0]
    assert (stream["channels"], stream["sample_rate"]) == (sound.channels, str(rate))


def test_chapters_and_cover_are_read(made: Path) -> None:
    found = probe(made)
    chapters = found["chapters"]
    assert [chapter["tags"]["title"] for chapter in chapters] == [c.title for c in ABOUT.chapters]
    for chapter, meant in zip(chapters, ABOUT.chapters, strict=True):
        assert abs(1000 * (float(chapter["start_time"]) - meant.start / RATE)) <= 1
    pictures = [s for s in found["streams"] if s["disposition"]["attached_pic"]]
    assert [(s["codec_name"], s["width"]) for s in pictures] == [("png", 500)]


def test_the_same_session_gives_the_same_bytes(made: Path, sound: Sound) -> None:
    before = made.read_bytes()
    assert make(made, sound).read_bytes() == before


@pytest.mark.parametrize("name", BY_FFMPEG)
def test_a_full_disk_leaves_the_older_file(tmp_path: Path, name: str) -> None:
    if (missing := problem()) is not None:
        pytest.skip(missing)
    target = tmp_path / f"made.{name}"
    target.write_bytes(b"older")
    with (
        pytest.raises(ExportError, match="no room for"),
        room_for(20_000),
        whole_file(target, force=True) as path,
    ):
        write_all(open_file(path, name, rate=RATE, bitrate_kbps=64), click_track())
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {target.name: b"older"}
