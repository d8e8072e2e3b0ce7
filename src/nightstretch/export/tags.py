"""The ID3 tag: title, chapters and words, for MP3 in front of the sound and for WAV behind it."""

# mypy: disable-error-code="no-untyped-call"
# mutagen's types leave its constructors out.

from __future__ import annotations

import io
from importlib.resources import files
from typing import Final

from mutagen.id3 import APIC, CHAP, CTOC, ID3, SYLT, TCON, TIT2, TLAN, TLEN, TPE1, USLT, CTOCFlags, Encoding
from mutagen.id3 import PictureType as Picture

from nightstretch.export.base import Metadata

_LANGUAGE: Final = "eng"
_UTF16: Final = Encoding.UTF16  # 2.3 knows no UTF-8
_NO_BYTE_OFFSET: Final = 0xFFFFFFFF  # "use the time instead"
_MOST_IN_CONTENTS: Final = 255  # their number is one byte
_MILLISECONDS: Final = 2
_LYRICS: Final = 1


def cover_png() -> bytes:
    """Give the picture that players show, a PNG made by ``tools/make_cover.py``."""
    return files("nightstretch.export").joinpath("cover.png").read_bytes()


def milliseconds(sample: int, rate: int) -> int:
    """Round to whole milliseconds, which is what players keep chapters in."""
    return (sample * 2000 + rate) // (2 * rate)


def id3_tag(metadata: Metadata, *, delay_samples: int = 0) -> bytes:
    """Give the whole tag, from ``ID3`` on.

    ``delay_samples``: by how much a player hears the sound later than the metadata has it.

    Version 2.3: whatever reads 2.4 reads it too, and many cars and older players read only that.
    """

    def time_ms(sample: int) -> int:
        return milliseconds(sample + delay_samples, metadata.rate)

    tag = ID3()
    tag.add(TIT2(encoding=_UTF16, text=metadata.title))
    tag.add(TPE1(encoding=_UTF16, text=metadata.artist))
    tag.add(TLEN(encoding=_UTF16, text=str(milliseconds(metadata.samples, metadata.rate))))
    tag.add(TCON(encoding=_UTF16, text="Speech"))
    tag.add(TLAN(encoding=_UTF16, text=_LANGUAGE))
    names = [f"chapter{number}" for number in range(1, len(metadata.chapters) + 1)]
    if names:
        flags = CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED
        tag.add(CTOC(element_id="contents", flags=flags, child_element_ids=names[:_MOST_IN_CONTENTS]))
    for name, chapter in zip(names, metadata.chapters, strict=True):
        tag.add(
            CHAP(
                element_id=name,
                start_time=time_ms(chapter.start),
                end_time=time_ms(chapter.end),
                start_offset=_NO_BYTE_OFFSET,
                end_offset=_NO_BYTE_OFFSET,
                sub_frames=[TIT2(encoding=_UTF16, text=chapter.title)],
            )
        )
    if metadata.lines:
        words = "\n".join(line.text for line in metadata.lines)
        tag.add(USLT(encoding=_UTF16, lang=_LANGUAGE, text=words))
        timed = [(line.text, time_ms(line.start)) for line in metadata.lines]
        tag.add(SYLT(encoding=_UTF16, lang=_LANGUAGE, format=_MILLISECONDS, type=_LYRICS, text=timed))
    tag.add(APIC(encoding=_UTF16, mime="image/png", type=Picture.COVER_FRONT, data=cover_png()))
    buffer = io.BytesIO()
    # No padding: nobody edits the tag, and the sound is moved only once.
    tag.save(buffer, v2_version=3, padding=lambda _: 0)
    return buffer.getvalue()
