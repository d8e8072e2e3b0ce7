"""The ID3 tag: title, chapters and words, for MP3 in front of the sound and for WAV behind it."""

# mypy: disable-error-code="no-untyped-call"
# mutagen's types leave its constructors out.

from __future__ import annotations

import io
from importlib.resources import files
from typing import Final

from mutagen.id3 import (
    APIC,
    CHAP,
    CTOC,
    ID3,
    SYLT,
    TCON,
    TIT2,
    TLAN,
    TLEN,
    TPE1,
    USLT,
    CTOCFlags,
    Encoding,
    Frame,
)
from mutagen.id3 import PictureType as Picture

from nightstretch.export.base import Metadata

_LANGUAGE: Final = "eng"
_UTF16: Final = Encoding.UTF16  # 2.3 knows no UTF-8
_NO_BYTE_OFFSET: Final = 0xFFFFFFFF  # "use the time instead"
_MOST_IN_CONTENTS: Final = 255  # their number is one byte
_MILLISECONDS: Final = 2
_LYRICS: Final = 1
_HEADER_BYTES: Final = 10


def cover_png() -> bytes:
    """Give the picture that players show, a PNG made by ``tools/make_cover.py``."""
    return files("nightstretch.export").joinpath("cover.png").read_bytes()


def milliseconds(sample: int, rate: int) -> int:
    """Round to whole milliseconds, which is what players keep chapters in."""
    return (sample * 2000 + rate) // (2 * rate)


def id3_tag(metadata: Metadata) -> bytes:
    """Give the whole tag, from ``ID3`` on.

    Version 2.3: whatever reads 2.4 reads it too, and many cars and older players read only that.
    """

    def time_ms(sample: int) -> int:
        return milliseconds(sample, metadata.rate)

    frames: list[Frame] = [
        TIT2(encoding=_UTF16, text=metadata.title),
        TPE1(encoding=_UTF16, text=metadata.artist),
        TLEN(encoding=_UTF16, text=str(milliseconds(metadata.samples, metadata.rate))),
        TCON(encoding=_UTF16, text="Speech"),
        TLAN(encoding=_UTF16, text=_LANGUAGE),
    ]
    names = [f"chapter{number}" for number in range(1, len(metadata.chapters) + 1)]
    if names:
        flags = CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED
        frames.append(CTOC(element_id="contents", flags=flags, child_element_ids=names[:_MOST_IN_CONTENTS]))
    frames += [
        CHAP(
            element_id=name,
            start_time=time_ms(chapter.start),
            end_time=time_ms(chapter.end),
            start_offset=_NO_BYTE_OFFSET,
            end_offset=_NO_BYTE_OFFSET,
            sub_frames=[TIT2(encoding=_UTF16, text=chapter.title)],
        )
        for name, chapter in zip(names, metadata.chapters, strict=True)
    ]
    if metadata.lines:
        words = "\n".join(line.text for line in metadata.lines)
        timed = [(line.text, time_ms(line.start)) for line in metadata.lines]
        frames += [
            USLT(encoding=_UTF16, lang=_LANGUAGE, text=words),
            SYLT(encoding=_UTF16, lang=_LANGUAGE, format=_MILLISECONDS, type=_LYRICS, text=timed),
        ]
    frames.append(APIC(encoding=_UTF16, mime="image/png", type=Picture.COVER_FRONT, data=cover_png()))
    return _tag(frames)


def _tag(frames: list[Frame]) -> bytes:
    """Give the tag with its frames in this order: many players list chapters as they come.

    mutagen would sort them by size. So each frame is written as a tag of its own, and loses its header.
    """
    body = bytearray()
    for frame in frames:
        alone = ID3()
        alone.add(frame)
        buffer = io.BytesIO()
        alone.save(buffer, v2_version=3, padding=lambda _: 0)
        body += buffer.getvalue()[_HEADER_BYTES:]
    # The size of a tag is four times 7 bits, so that no player takes it for the beginning of sound.
    size = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\x00\x00" + size + body
