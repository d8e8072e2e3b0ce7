"""A whole session in every format, with a bed and without: ffprobe agrees with its timeline."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from support.routines import SHORT
from support.voices import HummingVoice

from nightstretch.choices import Finish
from nightstretch.export import FORMATS
from nightstretch.export.pydub_formats import problem
from nightstretch.routine import parse_routine
from nightstretch.session import Session
from nightstretch.sounds import chime_names
from nightstretch.voices.cache import CachedVoice, ClipCache
from nightstretch.voices.leveled import LeveledVoice

pytestmark = pytest.mark.ffmpeg

FRAME_SAMPLES = {"mp3": 1152, "m4a": 1024, "m4b": 1024, "ogg": 1024, "opus": 960, "flac": 1, "wav": 1}
ADDED_SECONDS = {"mp3": 0.048}
"""What some versions of ffprobe count of an MP3 though it is not played: delay and padding."""


@pytest.mark.parametrize("bed", [None, "drone"])
@pytest.mark.parametrize("name", FORMATS)
def test_a_session_is_as_long_as_its_timeline_and_says_what_it_is(
    name: str, bed: str | None, tmp_path: Path
) -> None:
    if shutil.which("ffprobe") is None:
        pytest.skip("ffprobe is not on the PATH")
    if name in {"m4a", "m4b", "ogg", "opus"} and (missing := problem()) is not None:
        pytest.skip(missing)
    voice = CachedVoice(LeveledVoice(HummingVoice()), ClipCache(tmp_path / "clips"))
    routine = parse_routine(SHORT.encode(), "short.yaml", chime_names())
    path = tmp_path / f"tonight.{name}"
    with Session(routine, voice, finish=Finish(bed=bed)) as session:
        timeline = session.export(path, format_name=name)

    command = ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", "-show_chapters"]
    found = json.loads(subprocess.run([*command, str(path)], capture_output=True, check=True).stdout)
    sound = next(stream for stream in found["streams"] if stream["codec_type"] == "audio")
    rate = 24_000 if bed is None else 44_100
    assert int(sound["channels"]) == (1 if bed is None else 2)
    assert int(sound["sample_rate"]) == (48_000 if name == "opus" else rate)
    added = float(found["format"]["duration"]) - timeline.samples / timeline.rate
    frame = FRAME_SAMPLES[name] / int(sound["sample_rate"])
    assert -0.001 <= added <= ADDED_SECONDS.get(name, 0) + frame + 0.001
    tags = {**sound.get("tags", {}), **found["format"].get("tags", {})}
    assert {key.lower(): value for key, value in tags.items()}["title"] == timeline.title
    exercises = [part for part in timeline.passages if part.number is not None]
    assert [chapter["tags"]["title"] for chapter in found["chapters"]] == [part.title for part in exercises]
    starts = [part.start / timeline.rate for part in exercises]
    if name in {"m4a", "m4b"}:
        starts[0] = 0  # in a track of chapters, as Apple has it, nothing can come before the first
    for chapter, start in zip(found["chapters"], starts, strict=True):
        assert float(chapter["start_time"]) == pytest.approx(start, abs=0.001)
    assert [stream["codec_name"] for stream in found["streams"] if stream["codec_type"] == "video"] == ["png"]
