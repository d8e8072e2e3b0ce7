import os
from pathlib import Path
from typing import Any

import miniaudio
import numpy as np
import pytest
import soundfile
from mutagen.mp3 import JOINTSTEREO, MP3
from mutagen.mp3 import MONO as MONAURAL
from support.recordings import ABOUT, MONO, STEREO, Sound, write_all

from nightstretch.export.base import Block
from nightstretch.export.mp3 import _MOVE_BYTES, Mp3File, _put_in_front


def make(path: Path, sound: Sound, *, bitrate_kbps: int | None = None, samples: int | None = None) -> Path:
    kbps = bitrate_kbps or sound.bitrate_kbps
    file = Mp3File(path, rate=sound.rate, channels=sound.channels, bitrate_kbps=kbps)
    write_all(file, sound.track()[:samples])
    return path


def by_mpg123(path: Path) -> Block:
    decoded: Block = soundfile.read(path, dtype="int16")[0]
    return decoded


def by_dr_mp3(path: Path) -> Block:
    decoded = miniaudio.mp3_read_file_s16(str(path))
    return np.array(decoded.samples, np.int16).reshape(-1, decoded.nchannels)


def read(path: Path) -> Any:  # noqa: ANN401 - mutagen has hardly any types
    return MP3(path)  # type: ignore[no-untyped-call]


@pytest.fixture(scope="module", params=[MONO, STEREO], ids=["mono", "stereo"])
def sound(request: pytest.FixtureRequest) -> Sound:
    kind: Sound = request.param
    return kind


@pytest.fixture(scope="module")
def mp3(sound: Sound, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("mp3") / "made.mp3", sound)


@pytest.mark.parametrize("cut", [0, 1, 575, 576, 20_001])
@pytest.mark.parametrize(
    ("sound", "bitrate_kbps"),
    [(MONO, kbps) for kbps in (8, 56, 64, 160)] + [(STEREO, kbps) for kbps in (32, 56, 64, 128, 320)],
)
def test_whoever_reads_the_header_plays_the_session_and_no_more(
    tmp_path: Path, sound: Sound, bitrate_kbps: int, cut: int
) -> None:
    path = make(tmp_path / "x.mp3", sound, bitrate_kbps=bitrate_kbps, samples=sound.samples - cut)
    decoded = by_mpg123(path)
    assert len(decoded) == sound.samples - cut
    assert sound.heard(decoded) == sound.clicks


@pytest.mark.parametrize(
    ("sound", "bitrate_kbps"),
    [(MONO, kbps) for kbps in (16, 64, 160)]
    + [(STEREO, kbps) for kbps in (64, 128, 160, 192, 224, 256, 320)],
)
def test_it_is_as_loud_as_what_was_given(tmp_path: Path, sound: Sound, bitrate_kbps: int) -> None:
    path = tmp_path / "x.mp3"
    wave = np.rint(9000 * np.sin(np.arange(2 * sound.rate) * 2 * np.pi * 440 / sound.rate)).astype(np.int16)
    tone = wave if sound.channels == 1 else np.stack([wave, wave], axis=1)
    file = Mp3File(path, rate=sound.rate, channels=sound.channels, bitrate_kbps=bitrate_kbps)
    write_all(file, tone)
    middle = slice(sound.rate // 2, sound.rate)
    given, heard = (np.sqrt(np.mean(s[middle].astype(float) ** 2)) for s in (tone, by_mpg123(path)))
    assert 20 * np.log10(heard / given) == pytest.approx(0, abs=0.05)


def test_nothing_follows_a_click_that_is_the_last_sample(tmp_path: Path, sound: Sound) -> None:
    click = sound.clicks[-1]
    decoded = by_mpg123(make(tmp_path / "x.mp3", sound, samples=click + 1))
    assert len(decoded) == click + 1
    assert sound.heard(decoded) == sound.clicks


def test_whoever_does_not_plays_silence_first(mp3: Path, sound: Sound) -> None:
    decoded = by_dr_mp3(mp3)
    (late,) = {heard - click for heard, click in zip(sound.heard(decoded), sound.clicks, strict=True)}
    frame_samples = 576 * sound.channels
    # Old versions know no header: they play its frame, LAME's delay and their own. New ones do.
    assert late in (frame_samples + 576 + 529, 0)
    assert 0 <= len(decoded) - sound.samples - late <= 576 + frame_samples


def test_chapters_and_words_say_when_the_click_is_heard(mp3: Path, sound: Sound) -> None:
    heard_ms = 1000 * sound.heard(by_mpg123(mp3))[0] / sound.rate
    tags = read(mp3).tags
    assert abs(tags["CHAP:chapter2"].start_time - heard_ms) <= 1
    assert abs(tags["CHAP:chapter1"].end_time - heard_ms) <= 1
    (words,) = tags.getall("SYLT")
    assert words.text[1][0] == ABOUT.lines[1].text
    assert abs(words.text[1][1] - heard_ms) <= 1


def test_it_has_the_constant_bitrate_asked_for_and_nothing_was_resampled(mp3: Path, sound: Sound) -> None:
    info = read(mp3).info
    assert (info.channels, info.sample_rate) == (sound.channels, sound.rate)
    # At 44,100 samples a second frames differ by a byte.
    assert abs(info.bitrate - 1000 * sound.bitrate_kbps) <= 20
    assert info.mode == (MONAURAL if sound.channels == 1 else JOINTSTEREO)
    assert info.length == 3


def test_lame_prints_nothing(capfd: pytest.CaptureFixture[str], tmp_path: Path, sound: Sound) -> None:
    make(tmp_path / "x", sound)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("size", [0, 1, _MOVE_BYTES - 1, _MOVE_BYTES, 2 * _MOVE_BYTES + 7])
@pytest.mark.parametrize("head_size", [1, 3 * _MOVE_BYTES])
def test_what_is_put_in_front_leaves_the_rest_as_it_was(tmp_path: Path, size: int, head_size: int) -> None:
    body, head = os.urandom(size), os.urandom(head_size)
    with (tmp_path / "x").open("w+b") as file:
        file.write(body)
        _put_in_front(file, head)
    assert (tmp_path / "x").read_bytes() == head + body
