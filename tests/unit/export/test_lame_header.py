"""What the header says is what LAME says; that players obey it: ``test_mp3.py``."""

from pathlib import Path
from typing import Any

import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from mutagen.mp3 import MP3, BitrateMode
from support.recordings import RATE, SAMPLES, click_track, write_all

from nightstretch.export.formats import BITRATES_KBPS
from nightstretch.export.lame_header import LameHeader, crc16
from nightstretch.export.mp3 import Mp3File

FIRST_FRAME_BYTES = 192  # 64 kbit/s at 24 kHz
COUNTS = slice(13, 25)  # "Info", which fields follow, frames, bytes
DELAY_AND_PADDING = slice(154, 157)
BYTES_AND_CRC = slice(161, 167)
HEADER_CRC = slice(167, 169)


def by_lame_itself(path: Path, samples: int) -> bytes:
    """Give an MP3 in whose header LAME has the word: libsndfile lets it."""
    with soundfile.SoundFile(
        path, "w", RATE, 1, "MPEG_LAYER_III", format="MP3", bitrate_mode="CONSTANT", compression_level=0.6
    ) as file:
        file.write(click_track()[:samples])
    return path.read_bytes()


@pytest.mark.parametrize("samples", [1, 575, 576, 577, 12_345, SAMPLES])
def test_it_says_of_a_sound_what_lame_says(tmp_path: Path, samples: int) -> None:
    made = by_lame_itself(tmp_path / "x", samples)
    theirs, sound = made[:FIRST_FRAME_BYTES], made[FIRST_FRAME_BYTES:]
    header = LameHeader(rate=RATE, bitrate_kbps=64)
    header.add(sound)
    ours = header.frame(samples)
    assert len(ours) == FIRST_FRAME_BYTES
    assert ours[:4] == theirs[:4]
    for said in (COUNTS, DELAY_AND_PADDING, BYTES_AND_CRC):
        assert ours[said] == theirs[said]


def test_the_header_is_checked_as_lame_checks_it(tmp_path: Path) -> None:
    theirs = by_lame_itself(tmp_path / "x", 1000)
    assert crc16(theirs[: HEADER_CRC.start]).to_bytes(2) == theirs[HEADER_CRC]
    header = LameHeader(rate=RATE, bitrate_kbps=64)
    header.add(theirs[FIRST_FRAME_BYTES:])
    ours = header.frame(1000)
    assert crc16(ours[: HEADER_CRC.start]).to_bytes(2) == ours[HEADER_CRC]


@pytest.mark.parametrize("bitrate_kbps", BITRATES_KBPS)
@pytest.mark.parametrize("rate", [16_000, 22_050, RATE])
def test_a_library_reads_it_at_any_bitrate(tmp_path: Path, rate: int, bitrate_kbps: int) -> None:
    write_all(Mp3File(tmp_path / "x", rate=rate, bitrate_kbps=bitrate_kbps), click_track()[:20_001])
    info: Any = MP3(tmp_path / "x").info  # type: ignore[no-untyped-call]
    assert round(info.length * rate, 3) == 20_001
    # At 22,050 samples a second frames differ by a byte.
    assert abs(info.bitrate - 1000 * bitrate_kbps) <= 20
    assert info.bitrate_mode == BitrateMode.CBR
    assert info.encoder_info.startswith("LAME")


def test_the_table_of_contents_runs_evenly() -> None:
    header = LameHeader(rate=RATE, bitrate_kbps=64)
    header.add(bytes.fromhex("fff384c4").ljust(FIRST_FRAME_BYTES, b"\0") * 3)
    contents = header.frame(576)[29:129]
    assert [contents[percent] for percent in (0, 25, 50, 75, 99)] == [0, 64, 128, 192, 253]
    assert list(contents) == sorted(contents)


def test_the_crc_is_the_known_one() -> None:
    assert crc16(b"123456789") == 0xBB3D


@given(st.binary(), st.binary())
def test_the_crc_may_be_made_in_pieces(first: bytes, second: bytes) -> None:
    assert crc16(second, crc16(first)) == crc16(first + second)
