import io
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.id3 import ID3
from support.recordings import ABOUT, CLICK, RATE

from nightstretch.export.base import Chapter, Line
from nightstretch.export.tags import cover_png, id3_tag, milliseconds


def read(tag: bytes) -> Any:  # noqa: ANN401 - mutagen has hardly any types
    return ID3(io.BytesIO(tag))  # type: ignore[no-untyped-call]


def test_the_tag_says_what_the_session_is() -> None:
    tag = read(id3_tag(ABOUT))
    assert tag.version == (2, 3, 0)
    assert tag["TIT2"].text == [ABOUT.title]
    assert tag["TPE1"].text == [ABOUT.artist]
    assert tag["TLEN"].text == ["3000"]
    assert tag["TCON"].text == ["Speech"]
    assert tag["APIC:"].data == cover_png()


def test_chapters_are_listed_in_order_with_times_and_titles() -> None:
    tag = read(id3_tag(ABOUT))
    assert tag["CTOC:contents"].child_element_ids == ["chapter1", "chapter2", "chapter3"]
    chapters = [tag[f"CHAP:chapter{number}"] for number in (1, 2, 3)]
    at = milliseconds(CLICK, RATE)
    assert [(chapter.start_time, chapter.end_time) for chapter in chapters] == [
        (0, at),
        (at, 2000),
        (2000, 3000),
    ]
    assert [str(chapter.sub_frames["TIT2"]) for chapter in chapters] == [c.title for c in ABOUT.chapters]


def test_chapters_stand_in_the_file_as_they_are_heard() -> None:
    titles = ["long " * 20, "a", "middle sized", "", "b", "another long one"] * 3
    many = tuple(Chapter(title, number, number + 1) for number, title in enumerate(titles))
    found = re.findall(rb"CHAP.{6}chapter(\d+)\0", id3_tag(replace(ABOUT, chapters=many)), re.DOTALL)
    assert [int(number) for number in found] == list(range(1, 19))


def test_words_are_there_as_a_text_and_in_time() -> None:
    tag = read(id3_tag(ABOUT))
    (words,) = tag.getall("USLT")
    assert words.text == "Breathe in.\nLet your head sink to the right."
    (timed,) = tag.getall("SYLT")
    assert (timed.format, timed.type) == (2, 1)
    assert timed.text == [(ABOUT.lines[0].text, 100), (ABOUT.lines[1].text, 1672)]


def test_a_session_without_chapters_or_words_has_no_empty_frames() -> None:
    tag = read(id3_tag(replace(ABOUT, chapters=(), lines=())))
    assert not any(key[:4] in {"CTOC", "CHAP", "USLT", "SYLT"} for key in tag)


def test_more_chapters_than_a_table_of_contents_can_list_are_no_error() -> None:
    many = tuple(Chapter(str(number), number, number + 1) for number in range(300))
    tag = read(id3_tag(replace(ABOUT, chapters=many)))
    assert len(tag["CTOC:contents"].child_element_ids) == 255
    assert len(tag.getall("CHAP")) == 300


@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), max_size=5))
def test_any_words_come_back_as_they_were(texts: list[str]) -> None:
    lines = tuple(Line(number, text) for number, text in enumerate(texts))
    tag = read(id3_tag(replace(ABOUT, lines=lines)))
    assert [text for timed in tag.getall("SYLT") for text, _ in timed.text] == texts


@pytest.mark.parametrize(("sample", "ms"), [(0, 0), (11, 0), (12, 1), (24, 1), (21_600_000, 900_000)])
def test_samples_round_to_whole_milliseconds(sample: int, ms: int) -> None:
    assert milliseconds(sample, RATE) == ms
