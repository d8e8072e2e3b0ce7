"""SSML against the content models of the W3C's recommendation and its schema."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pytest
from hypothesis import given
from support.transcripts import HOSTILE, folded, timelines, to_ms

from nightstretch.export.transcripts import transcript
from nightstretch.export.transcripts.base import About
from nightstretch.timeline import Event, Passage, Timeline

NAMESPACE: Final = "{http://www.w3.org/2001/10/synthesis}"
LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True)
class Model:
    """What an element may hold, and how each of its attributes, of which all are needed here, looks."""

    children: frozenset[str] = frozenset()
    text: bool = False
    attributes: Mapping[str, str] | None = None


# From section 3 of https://www.w3.org/TR/speech-synthesis11/, as far as the elements are used.
MODELS: Final = {
    "speak": Model(
        frozenset({"meta", "break", "mark", "p", "prosody", "s"}),
        text=True,
        attributes={"version": r"1\.1", LANG: "en-US"},
    ),
    "meta": Model(attributes={"name": r"[\w.:-]+", "content": ".*"}),
    "prosody": Model(
        frozenset({"break", "mark", "p", "prosody", "s"}), text=True, attributes={"rate": r"\d+%"}
    ),
    "mark": Model(attributes={"name": r"\S+( \S+)*"}),  # an xsd:token
    "p": Model(frozenset({"break", "mark", "prosody", "s"}), text=True),
    "s": Model(frozenset({"break", "mark", "prosody"}), text=True),
    "break": Model(attributes={"time": r"\+?(\d*\.)?\d+(ms|s)"}),
}


def written(timeline: Timeline, speed: float = 1.0) -> str:
    return transcript("ssml", timeline, About("back-pain", "hum", speed))


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - it is our own


def name_of(element: ET.Element) -> str:
    assert element.tag.startswith(NAMESPACE)
    return element.tag.removeprefix(NAMESPACE)


def check(element: ET.Element) -> None:
    model = MODELS[name_of(element)]
    assert set(element.attrib) == set(model.attributes or {})
    for attribute, pattern in (model.attributes or {}).items():
        assert re.fullmatch(pattern, element.attrib[attribute])
    if not model.text:
        assert not (element.text or "").strip()
    for child in element:
        assert name_of(child) in model.children
        if not model.text:
            assert not (child.tail or "").strip()
        check(child)


def heard(timeline: Timeline) -> list[tuple[str, int | str]]:
    """What the document has in order: the sum of breaks next to each other, marks, words."""
    found: list[tuple[str, int | str]] = []
    for element in parsed(written(timeline)).iter():
        match name_of(element):
            case "break":
                ms = int(element.attrib["time"].removesuffix("ms"))
                assert 0 < ms <= 10_000
                if found and found[-1][0] == "break":
                    ms += int(found.pop()[1])
                found.append(("break", ms))
            case "mark":
                found.append(("mark", element.attrib["name"]))
            case "s":
                found.append(("s", element.text or ""))
    return found


def expected(timeline: Timeline) -> list[tuple[str, int | str]]:
    """The same, from the timeline: whatever is not spoken is silent."""

    def ms(sample: int) -> int:
        return to_ms(sample, timeline.rate)

    points: list[tuple[int, int, tuple[str, str]]] = []
    for passage in timeline.passages:
        if passage.number is not None:
            mark = ("mark", f"{passage.number}. {folded(passage.title)}")
            points.append((passage.start, passage.start, mark))
    points += [
        (event.start, event.end, ("s", folded(event.text or "")))
        for event in timeline.events
        if event.kind == "say"
    ]
    points.sort(key=lambda point: (point[0], point[2][0] != "mark"))
    found: list[tuple[str, int | str]] = []
    silent_from = 0
    for start, end, what in [*points, (timeline.samples, timeline.samples, None)]:
        if ms(start) > ms(silent_from):
            found.append(("break", ms(start) - ms(silent_from)))
        if what is not None:
            found.append(what)
        silent_from = end
    return found


@given(timelines())
def test_it_keeps_to_the_content_models(timeline: Timeline) -> None:
    root = parsed(written(timeline))
    assert name_of(root) == "speak"
    check(root)


@given(timelines())
def test_what_is_about_the_document_comes_first(timeline: Timeline) -> None:
    meta, *content = parsed(written(timeline))
    assert (name_of(meta), meta.attrib["name"]) == ("meta", "title")
    assert meta.attrib["content"] == folded(timeline.title)
    assert [name_of(element) for element in content] == ["prosody"]


@given(timelines())
def test_words_marks_and_silences_are_those_of_the_timeline(timeline: Timeline) -> None:
    assert heard(timeline) == expected(timeline)


@given(timelines())
def test_something_stands_between_two_breaks(timeline: Timeline) -> None:
    # With only white space between them, espeak-ng would take only one.
    assert not re.search(r"<break[^>]*/>\s*<break", written(timeline), re.ASCII)


@pytest.mark.parametrize("text", HOSTILE)
def test_any_title_and_any_words_come_back(text: str) -> None:
    timeline = Timeline(text, 1000, (Passage(text, 1, 0, 900),), (Event("say", 0, 900, text, 1),))
    root = parsed(written(timeline))
    assert root[0].attrib["content"] == folded(text)
    assert heard(timeline) == [("mark", f"1. {folded(text)}"), ("s", folded(text))]


@pytest.mark.parametrize(("speed", "rate"), [(0.5, 27), (0.7, 38), (1.0, 55), (1.4, 76), (2.0, 109)])
def test_the_speed_is_the_rate(speed: float, rate: int) -> None:
    silent = Timeline("Still", 1000, (Passage("Rest", 1, 0, 5000),), ())
    assert f'<prosody rate="{rate}%">' in written(silent, speed)


def test_it_looks_like_this() -> None:
    passages = (Passage("Opening", None, 0, 2000), Passage('Ear & "shoulder"', 1, 2000, 28_000))
    events = (
        Event("say", 0, 1500, "Good evening."),
        Event("pause", 1500, 2000),
        Event("hold", 2000, 28_000, exercise=1),
        Event("say", 2500, 4000, "Left < right", exercise=1),
    )
    assert written(Timeline("Good night", 1000, passages, events)) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en-US">\n'
        '<meta name="title" content="Good night"/>\n'
        '<prosody rate="55%">\n'
        "<s>Good evening.</s>\n"
        '<break time="500ms"/>\n'
        "<mark name='1. Ear &amp; \"shoulder\"'/>\n"
        '<break time="500ms"/>\n'
        "<s>Left &lt; right</s>\n"
        '<break time="8000ms"/>&#160;<break time="8000ms"/>&#160;<break time="8000ms"/>\n'
        "</prosody>\n"
        "</speak>\n"
    )
