"""What the header says is what LAME says; that players obey it: ``test_mp3.py``."""

from pathlib import Path
from typing import Any

import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from mutagen.mp3 import MP3, BitrateMode
from support.recordings import MONO, STEREO, Sound, write_all

from nightstretch.export.formats import MPEG1_BITRATES_KBPS, MPEG2_BITRATES_KBPS
from nightstretch.export.lame_header import LameHeader, crc16
from nightstretch.export.mp3 import Mp3File

FRAME_BYTES = {MONO: 192, STEREO: 417}  # 64 kbit/s at 24 kHz, 128 kbit/s at 44.1 kHz
JOINING = 0b110000  # how this frame joins left and right: of no account in silence
COUNTS = slice(0, 12)  # "Info", which fields follow, frames, bytes
CONTENTS = slice(16, 116)
DELAY_AND_PADDING = slice(141, 144)
BYTES_AND_CRC = slice(148, 154)
HEADER_CRC = slice(154, 156)

each_sound = pytest.mark.parametrize("sound", [MONO, STEREO], ids=["mono", "stereo"])


def info(frame: bytes) -> bytes:
    """Give a header from "Info" on."""
    return frame[frame.index(b"Info") :]


def header_of(sound: Sound) -> LameHeader:
    return LameHeader(rate=sound.rate, channels=sound.channels, bitrate_kbps=sound.bitrate_kbps)


def by_lame_itself(path: Path, sound: Sound, samples: int) -> tuple[bytes, bytes]:
    """Give the header's frame and the sound of an MP3 in which LAME has the word: libsndfile lets it."""
    level = 0.6 if sound is MONO else 2 / 3  # what gives the bitrate
    how = {"format": "MP3", "bitrate_mode": "CONSTANT", "compression_level": level}
    with soundfile.SoundFile(path, "w", sound.rate, sound.channels, "MPEG_LAYER_III", **how) as file:
        file.write(sound.track()[:samples])
    made = path.read_bytes()
    return made[: FRAME_BYTES[sound]], made[FRAME_BYTES[sound] :]


@each_sound
@pytest.mark.parametrize("samples", [1, 575, 576, 577, 12_345, 72_000])
def test_it_says_of_a_sound_what_lame_says(tmp_path: Path, sound: Sound, samples: int) -> None:
    theirs, encoded = by_lame_itself(tmp_path / "x", sound, samples)
    header = header_of(sound)
    header.add(encoded)
    ours = header.frame(samples)
    assert len(ours) == len(theirs)
    assert ours[:3] == theirs[:3]
    assert ours[3] & ~JOINING == theirs[3] & ~JOINING
    assert ours.index(b"Info") == theirs.index(b"Info")
    for said in (COUNTS, DELAY_AND_PADDING, BYTES_AND_CRC):
        assert info(ours)[said] == info(theirs)[said]


@each_sound
def test_the_header_is_checked_as_lame_checks_it(tmp_path: Path, sound: Sound) -> None:
    theirs, encoded = by_lame_itself(tmp_path / "x", sound, 1000)
    header = header_of(sound)
    header.add(encoded)
    for frame in (theirs, header.frame(1000)):
        checked = frame[: frame.index(b"Info") + HEADER_CRC.start]
        assert crc16(checked).to_bytes(2) == info(frame)[HEADER_CRC]


@pytest.mark.parametrize(
    ("rate", "channels", "bitrate_kbps"),
    [(rate, 1, kbps) for rate in (16_000, 22_050, 24_000) for kbps in MPEG2_BITRATES_KBPS]
    + [(44_100, channels, kbps) for channels in (1, 2) for kbps in MPEG1_BITRATES_KBPS],
)
def test_a_library_reads_it_at_any_bitrate(
    tmp_path: Path, rate: int, channels: int, bitrate_kbps: int
) -> None:
    track = (MONO if channels == 1 else STEREO).track()[:20_001]
    write_all(Mp3File(tmp_path / "x", rate=rate, channels=channels, bitrate_kbps=bitrate_kbps), track)
    found: Any = MP3(tmp_path / "x").info  # type: ignore[no-untyped-call]
    assert round(found.length * rate, 3) == 20_001
    # At 22,050 and 44,100 samples a second frames differ by a byte.
    assert abs(found.bitrate - 1000 * bitrate_kbps) <= 20
    assert found.bitrate_mode == BitrateMode.CBR
    assert found.encoder_info.startswith("LAME")


@each_sound
def test_the_table_of_contents_runs_evenly(sound: Sound) -> None:
    header = header_of(sound)
    header.add(bytes.fromhex("fff384c4").ljust(FRAME_BYTES[sound], b"\0") * 3)
    contents = info(header.frame(576))[CONTENTS]
    assert [contents[percent] for percent in (0, 25, 50, 75, 99)] == [0, 64, 128, 192, 253]
    assert list(contents) == sorted(contents)


def test_the_crc_is_the_known_one() -> None:
    assert crc16(b"123456789") == 0xBB3D


@given(st.binary(max_size=1000), st.binary(max_size=1000))
def test_the_crc_may_be_made_in_pieces(first: bytes, second: bytes) -> None:
    assert crc16(second, crc16(first)) == crc16(first + second)


@given(st.binary(min_size=1, max_size=1000))
def test_the_crc_is_that_of_one_byte_after_the_other(data: bytes) -> None:
    crc = 0
    for byte in data:
        crc = crc16(bytes([byte]), crc)
    assert crc16(data) == crc
