"""What every format promises. Those that need ffmpeg: ``tests/integration/test_export_ffmpeg.py``."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutagen.flac import FLAC
from support.full_disk import room_for
from support.recordings import ABOUT, MONO, RATE, SAMPLES, STEREO, Sound, click_track, write_all

from nightstretch.errors import ExportError, NightstretchError, UsageError
from nightstretch.export import FORMATS, check_bitrate, format_of, open_file, whole_file
from nightstretch.export.formats import (
    DEFAULT_BITRATE_KBPS,
    DEFAULT_STEREO_BITRATE_KBPS,
    MPEG1_BITRATES_KBPS,
    MPEG2_BITRATES_KBPS,
)

IN_PROCESS = ("mp3", "wav", "flac")

in_process = pytest.mark.parametrize("name", IN_PROCESS)
each_sound = pytest.mark.parametrize("sound", [MONO, STEREO], ids=["mono", "stereo"])


def made(
    folder: Path,
    name: str,
    sound: Sound = MONO,
    *,
    block_samples: int = 4800,
    bitrate_kbps: int | None = None,
) -> Path:
    path = folder / f"made.{name}"
    file = open_file(path, name, rate=sound.rate, channels=sound.channels, bitrate_kbps=bitrate_kbps)
    write_all(file, sound.track(), block_samples=block_samples)
    return path


@pytest.mark.parametrize("name", FORMATS)
def test_an_ending_stands_for_its_format(name: str) -> None:
    assert format_of(Path(f"a.b/tonight.{name}")) == name
    assert format_of(Path(f"TONIGHT.{name.upper()}")) == name


@pytest.mark.parametrize("path", ["tonight", "tonight.", ".mp3", "tonight.aiff", "tonight.mp3/x"])
def test_other_endings_are_refused_with_what_is_allowed(path: str) -> None:
    with pytest.raises(UsageError, match=r"\.mp3, \.wav, \.flac.*--format"):
        format_of(Path(path))


def test_an_unknown_format_is_refused_with_what_is_allowed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'aiff'; choose one of mp3, wav, flac"):
        open_file(tmp_path / "x", "aiff", rate=RATE, bitrate_kbps=64)


def test_listing_the_formats_loads_nothing_heavy() -> None:
    heavy = {"numpy", "mutagen", "lameenc", "soundfile", "pydub", "dataclasses"}
    code = f"import sys, nightstretch.export; print(sorted({heavy} & set(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"


@in_process
@each_sound
def test_length_and_clicks_are_where_they_should_be(tmp_path: Path, name: str, sound: Sound) -> None:
    decoded, rate = soundfile.read(made(tmp_path, name, sound), dtype="int16")
    assert rate == sound.rate
    assert decoded.shape == sound.track().shape
    assert sound.heard(decoded) == sound.clicks


@pytest.mark.parametrize("name", ["wav", "flac"])
@each_sound
def test_nothing_is_lost(tmp_path: Path, name: str, sound: Sound) -> None:
    decoded, _ = soundfile.read(made(tmp_path, name, sound), dtype="int16")
    assert np.array_equal(decoded, sound.track())


@in_process
@each_sound
@given(block_samples=st.integers(1, SAMPLES))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_samples_give_the_same_bytes_however_they_are_split(
    tmp_path: Path, name: str, sound: Sound, block_samples: int
) -> None:
    # Single samples are right too, only slow.
    split = made(tmp_path, name, sound, block_samples=max(50, block_samples)).read_bytes()
    assert split == made(tmp_path, name, sound, block_samples=sound.samples).read_bytes()


@pytest.mark.parametrize("name", ["mp3", "wav"])
def test_an_empty_session_makes_an_empty_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / "empty"
    write_all(open_file(path, name, rate=RATE, bitrate_kbps=64), click_track()[:0])
    assert path.stat().st_size > 0


@in_process
def test_abort_may_come_at_any_time(tmp_path: Path, name: str) -> None:
    for blocks in range(2):
        file = open_file(tmp_path / "x", name, rate=RATE, bitrate_kbps=64)
        for _ in range(blocks):
            file.write(click_track())
        file.abort()
        file.abort()


@in_process
@each_sound
@pytest.mark.parametrize("missing_bytes", ["all", 60_000, 20_000, 1000, 1])
def test_a_full_disk_is_one_line_and_leaves_the_older_file(
    tmp_path: Path, name: str, sound: Sound, missing_bytes: int | str
) -> None:
    size = made(tmp_path, name, sound).stat().st_size
    target = tmp_path / f"made.{name}"
    target.write_bytes(b"older")
    room = 0 if missing_bytes == "all" else max(0, size - int(missing_bytes))
    with (
        pytest.raises(ExportError, match="no room for") as caught,
        room_for(room),
        whole_file(target, force=True) as path,
    ):
        write_all(open_file(path, name, rate=sound.rate, channels=sound.channels), sound.track())
    assert "\n" not in str(caught.value)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {target.name: b"older"}


@in_process
def test_it_opens_what_whole_file_gives(tmp_path: Path, name: str) -> None:
    with whole_file(tmp_path / "tonight") as path:
        write_all(open_file(path, name, rate=RATE, bitrate_kbps=64), click_track())
    assert [path.name for path in tmp_path.iterdir()] == ["tonight"]
    assert soundfile.info(tmp_path / "tonight").samplerate == RATE


@each_sound
def test_flac_carries_title_chapters_and_cover(tmp_path: Path, sound: Sound) -> None:
    flac = FLAC(made(tmp_path, "flac", sound))  # type: ignore[no-untyped-call]
    assert flac["title"] == [ABOUT.title]
    assert flac["artist"] == [ABOUT.artist]
    assert flac["chapter001"] == ["00:00:00.000"]
    assert flac["chapter002"] == ["00:00:01.672"]
    assert flac["chapter002name"] == [ABOUT.chapters[1].title]
    assert flac.pictures[0].mime == "image/png"


def test_wav_beyond_what_its_sizes_say_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nightstretch.export.wav._MOST_BYTES", 1000)
    with pytest.raises(NightstretchError, match="no more than 4 GB; choose --format flac"):
        made(tmp_path, "wav")


@pytest.mark.parametrize(
    ("sound", "least_kbps", "bitrate_kbps"),
    [(MONO, 8, kbps) for kbps in MPEG2_BITRATES_KBPS] + [(STEREO, 32, kbps) for kbps in MPEG1_BITRATES_KBPS],
)
def test_each_bitrate_is_what_comes_out(
    tmp_path: Path, sound: Sound, least_kbps: int, bitrate_kbps: int
) -> None:
    size = made(tmp_path, "mp3", sound, bitrate_kbps=bitrate_kbps).stat().st_size
    smaller = made(tmp_path, "mp3", sound, bitrate_kbps=least_kbps).stat().st_size
    frame_samples = 576 * sound.channels
    frames = -(-(sound.samples + 1105) // frame_samples)
    bytes_at_1_kbps = 125 * frame_samples / sound.rate
    # The tag is the same in both, and about so is the header.
    expected = frames * (bitrate_kbps - least_kbps) * bytes_at_1_kbps
    assert abs(size - smaller - expected) <= 2 * bitrate_kbps * bytes_at_1_kbps


@pytest.mark.parametrize(
    ("name", "sound", "bitrates_kbps", "allowed"),
    [
        ("mp3", MONO, [-1, 0, 7, 65, 192, 320], "choose one of 8, 16, .*160 in mono"),
        ("mp3", STEREO, [-1, 0, 8, 24, 65, 144, 321], "choose one of 32, 40, .*320 in stereo"),
        ("m4a", MONO, [-1, 11, 113], "give 12 to 112 in mono"),
        ("m4a", STEREO, [-1, 23, 321], "give 24 to 320 in stereo"),
        ("m4b", MONO, [-1, 11, 113], "give 12 to 112 in mono"),
        ("m4b", STEREO, [-1, 23, 321], "give 24 to 320 in stereo"),
        ("ogg", MONO, [-1, 15, 91, 99_999], "give 16 to 90 in mono"),
        ("ogg", STEREO, [-1, 44, 501], "give 45 to 500 in stereo"),
        ("opus", MONO, [-1, 5, 257], "give 6 to 256 in mono"),
        ("opus", STEREO, [-1, 5, 513], "give 6 to 512 in stereo"),
    ],
)
def test_other_bitrates_are_refused_with_what_is_allowed(
    tmp_path: Path, name: str, sound: Sound, bitrates_kbps: list[int], allowed: str
) -> None:
    for bitrate_kbps in bitrates_kbps:
        with pytest.raises(
            UsageError, match=rf"the format {name} cannot have {bitrate_kbps} kbit/s; {allowed}$"
        ):
            made(tmp_path, name, sound, bitrate_kbps=bitrate_kbps)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "sound", "bitrates_kbps"),
    [
        ("wav", STEREO, [-1, 99_999]),
        ("flac", MONO, [-1, 99_999]),
        ("m4a", MONO, [12, 112]),
        ("m4a", STEREO, [24, 320]),
        ("ogg", MONO, [16, 90]),
        ("ogg", STEREO, [45, 500]),
        ("opus", MONO, [6, 256]),
        ("opus", STEREO, [6, 512]),
    ],
)
def test_what_a_format_can_have_and_does_not_have_is_taken(
    name: str, sound: Sound, bitrates_kbps: list[int]
) -> None:
    for bitrate_kbps in bitrates_kbps:
        check_bitrate(name, bitrate_kbps, channels=sound.channels)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_can_have_what_it_has_by_default(name: str) -> None:
    check_bitrate(name, DEFAULT_BITRATE_KBPS, channels=1)
    check_bitrate(name, DEFAULT_STEREO_BITRATE_KBPS, channels=2)


@each_sound
def test_an_mp3_has_the_bitrate_of_its_sound_by_default(tmp_path: Path, sound: Sound) -> None:
    by_default = made(tmp_path, "mp3", sound).read_bytes()
    assert by_default == made(tmp_path, "mp3", sound, bitrate_kbps=sound.bitrate_kbps).read_bytes()
