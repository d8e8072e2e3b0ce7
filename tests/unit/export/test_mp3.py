import os
from pathlib import Path
from typing import Any

import miniaudio
import numpy as np
import pytest
import soundfile
from mutagen.mp3 import MP3
from support.recordings import ABOUT, CLICK, RATE, SAMPLES, click_track, write_all

from nightstretch.audio import Pcm
from nightstretch.export.mp3 import _MOVE_BYTES, Mp3File, _put_in_front


def by_mpg123(path: Path) -> Pcm:
    sound: Pcm = soundfile.read(path, dtype="int16")[0]
    return sound


def by_dr_mp3(path: Path) -> Pcm:
    return np.array(miniaudio.mp3_read_file_s16(str(path)).samples, np.int16)


def read(path: Path) -> Any:  # noqa: ANN401 - mutagen has hardly any types
    return MP3(path)  # type: ignore[no-untyped-call]


@pytest.fixture(scope="module")
def mp3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mp3") / "made.mp3"
    write_all(Mp3File(path, rate=RATE, bitrate_kbps=64), click_track())
    return path


@pytest.mark.parametrize("samples", [CLICK + 1, 50_001, SAMPLES])
@pytest.mark.parametrize("bitrate_kbps", [8, 56, 64, 160])
def test_whoever_reads_the_header_plays_the_session_and_no_more(
    tmp_path: Path, samples: int, bitrate_kbps: int
) -> None:
    path = tmp_path / "x.mp3"
    write_all(Mp3File(path, rate=RATE, bitrate_kbps=bitrate_kbps), click_track()[:samples])
    sound = by_mpg123(path)
    assert len(sound) == samples
    assert np.argmax(np.abs(sound.astype(int))) == CLICK


def test_whoever_does_not_plays_silence_first(mp3: Path) -> None:
    sound = by_dr_mp3(mp3)
    late = int(np.argmax(np.abs(sound.astype(int)))) - CLICK
    # Old versions know no header: they play its frame, LAME's delay and their own. New ones do.
    assert late in (576 + 576 + 529, 0)
    assert 0 <= len(sound) - SAMPLES - late <= 2 * 576


def test_chapters_and_words_say_when_the_click_is_heard(mp3: Path) -> None:
    heard_ms = 1000 * int(np.argmax(np.abs(by_mpg123(mp3).astype(int)))) / RATE
    tags = read(mp3).tags
    assert abs(tags["CHAP:chapter2"].start_time - heard_ms) <= 1
    assert abs(tags["CHAP:chapter1"].end_time - heard_ms) <= 1
    (words,) = tags.getall("SYLT")
    assert words.text[1][0] == ABOUT.lines[1].text
    assert abs(words.text[1][1] - heard_ms) <= 1


def test_it_is_mono_at_a_constant_bitrate_and_nothing_was_resampled(mp3: Path) -> None:
    info = read(mp3).info
    assert (info.channels, info.sample_rate, info.bitrate) == (1, RATE, 64_000)


def test_lame_prints_nothing(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    write_all(Mp3File(tmp_path / "x", rate=RATE, bitrate_kbps=64), click_track())
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("size", [0, 1, _MOVE_BYTES - 1, _MOVE_BYTES, 2 * _MOVE_BYTES + 7])
@pytest.mark.parametrize("head_size", [1, 3 * _MOVE_BYTES])
def test_what_is_put_in_front_leaves_the_rest_as_it_was(tmp_path: Path, size: int, head_size: int) -> None:
    body, head = os.urandom(size), os.urandom(head_size)
    with (tmp_path / "x").open("w+b") as file:
        file.write(body)
        _put_in_front(file, head)
    assert (tmp_path / "x").read_bytes() == head + body
