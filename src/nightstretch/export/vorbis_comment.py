# mypy: disable-error-code="no-untyped-call"
# mutagen's types leave its constructors out.

"""Title, chapters and cover as FLAC, Ogg Vorbis and Opus have them: a Vorbis comment and FLAC's picture."""

from __future__ import annotations

from mutagen.flac import Picture
from mutagen.id3 import PictureType

from nightstretch.export.base import Chapter, Metadata
from nightstretch.export.tags import cover_png, milliseconds


def vorbis_comment(metadata: Metadata) -> dict[str, str]:
    """Give the fields. Chapters are those of wiki.xiph.org/Chapter_Extension, in whole milliseconds."""
    comment = {"title": metadata.title, "artist": metadata.artist}
    for number, chapter in enumerate(metadata.chapters, start=1):
        comment[f"CHAPTER{number:03}"] = _clock(chapter, metadata.rate)
        comment[f"CHAPTER{number:03}NAME"] = chapter.title
    return comment


def cover_picture() -> Picture:
    """Give the cover."""
    picture = Picture()
    picture.mime, picture.type, picture.data = "image/png", PictureType.COVER_FRONT, cover_png()
    return picture


def _clock(chapter: Chapter, rate: int) -> str:
    seconds, ms = divmod(milliseconds(chapter.start, rate), 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"
