"""Every format says the same of one timeline, whatever the words are."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.transcripts import (
    HOSTILE,
    Cue,
    any_text,
    folded,
    read_lrc,
    read_srt,
    read_vtt,
    timelines,
    to_ms,
)

from nightstretch.errors import UsageError
from nightstretch.export.transcripts import TRANSCRIPTS, ending, transcript
from nightstretch.export.transcripts.base import About, one_line
from nightstretch.timeline import Event, Passage, Timeline

ABOUT = About("back-pain", "hum", 0.9)
HOUR = 3600 * 24_000


def written(name: str, timeline: Timeline) -> str:
    return transcript(name, timeline, ABOUT)


def document(timeline: Timeline) -> Any:  # noqa: ANN401 - it is JSON
    return json.loads(written("json", timeline))


def spoken(timeline: Timeline) -> list[tuple[int, int, str]]:
    """What the JSON says is said, and when, in milliseconds."""
    read = document(timeline)
    return [
        (to_ms(event["start"], timeline.rate), to_ms(event["end"], timeline.rate), folded(event["text"]))
        for event in read["events"]
        if event["kind"] == "say"
    ]


def in_round_brackets(text: str) -> str:
    return text.replace("[", "(").replace("]", ")")


def titled(title: str, *texts: str) -> Timeline:
    events = tuple(Event("say", i * 1000, i * 1000 + 900, text, 1) for i, text in enumerate(texts))
    return Timeline(title, 1000, (Passage(title, 1, 0, 1000 * len(texts)),), events)


class TestAgreement:
    @given(timelines())
    def test_vtt_agrees_with_the_json(self, timeline: Timeline) -> None:
        _, _, cues = read_vtt(written("vtt", timeline))
        assert [(cue.start, cue.end, cue.text) for cue in cues] == spoken(timeline)

    @given(timelines())
    def test_srt_agrees_with_the_json(self, timeline: Timeline) -> None:
        cues = read_srt(written("srt", timeline))
        assert [(cue.start, cue.end, cue.text) for cue in cues] == spoken(timeline)
        assert [cue.name for cue in cues] == [str(number) for number in range(1, len(cues) + 1)]

    @given(timelines())
    def test_lrc_agrees_with_the_json(self, timeline: Timeline) -> None:
        _, lines = read_lrc(written("lrc", timeline))
        expected = [(start, in_round_brackets(text)) for start, _, text in spoken(timeline)]
        assert [(at, re.sub("[<>()]", "", text)) for at, text in lines] == [
            (at, re.sub("[<>()]", "", text)) for at, text in expected
        ]

    @given(timelines())
    def test_chapters_agree_with_the_json(self, timeline: Timeline) -> None:
        _, notes, cues = read_vtt(written("chapters", timeline))
        assert notes == []
        assert cues == [
            Cue(
                str(exercise["number"]),
                to_ms(exercise["start"], timeline.rate),
                to_ms(exercise["end"], timeline.rate),
                folded(exercise["title"]),
            )
            for exercise in document(timeline)["exercises"]
        ]

    @given(timelines())
    def test_the_script_to_read_says_it_all_in_order(self, timeline: Timeline) -> None:
        lines = written("text", timeline).removesuffix("\n").split("\n")
        assert lines[0] == folded(timeline.title)
        said = [match[1] for line in lines if (match := re.fullmatch(r" *\d+:\d\d  ([^ ].*)", line))]
        assert said == [*(text for _, _, text in spoken(timeline)), "(end)"]
        titles = iter(lines)
        for passage in timeline.passages:
            number = f"{passage.number}. " if passage.number else ""
            assert any(line.startswith(number + folded(passage.title) + " (") for line in titles)

    @given(timelines())
    def test_the_json_is_the_timeline(self, timeline: Timeline) -> None:
        read = document(timeline)
        assert (read["routine"], read["voice"], read["speed"]) == ("back-pain", "hum", 0.9)
        assert (read["title"], read["samples"]) == (timeline.title, timeline.samples)
        assert [
            (event["kind"], event["start"], event["end"], event["text"], event.get("phase"))
            for event in read["events"]
        ] == [(event.kind, event.start, event.end, event.text, event.phase) for event in timeline.events]


class TestVtt:
    @given(timelines())
    def test_identifiers_are_unique_and_name_the_exercise(self, timeline: Timeline) -> None:
        _, _, cues = read_vtt(written("vtt", timeline))
        assert len({cue.name for cue in cues}) == len(cues)
        titles = {passage.number: passage.title for passage in timeline.passages}
        says = [event for event in timeline.events if event.kind == "say"]
        for number, (cue, event) in enumerate(zip(cues, says, strict=True), 1):
            if event.exercise is not None:
                title = folded(titles[event.exercise]).replace("-->", "\N{RIGHTWARDS ARROW}")
                assert cue.name == f"{number} - {event.exercise}. {title}"

    @given(timelines())
    def test_a_note_begins_each_passage(self, timeline: Timeline) -> None:
        _, notes, _ = read_vtt(written("vtt", timeline))
        assert len(notes) == len(timeline.passages)

    def test_it_looks_like_this(self) -> None:
        passages = (Passage("Opening", None, 0, 2000), Passage("Ear & shoulder", 1, 2000, 9000))
        events = (
            Event("say", 0, 1500, "Good evening."),
            Event("pause", 1500, 2000),
            Event("hold", 2000, 9000, exercise=1),
            Event("say", 2500, 4000, "Left < right -->", exercise=1),
        )
        assert written("vtt", Timeline("Good --> night", 1000, passages, events)) == (
            "WEBVTT - Good \N{RIGHTWARDS ARROW} night\n"
            "\n"
            "NOTE Opening (00:00:00.000 to 00:00:02.000)\n"
            "\n"
            "1 - Opening\n"
            "00:00:00.000 --> 00:00:01.500\n"
            "Good evening.\n"
            "\n"
            "NOTE 1. Ear & shoulder (00:00:02.000 to 00:00:09.000)\n"
            "\n"
            "2 - 1. Ear & shoulder\n"
            "00:00:02.500 --> 00:00:04.000\n"
            "Left &lt; right --&gt;\n"
        )


class TestHours:
    long = Timeline(
        "Long",
        24_000,
        (Passage("Rest", 1, 0, 100 * HOUR),),
        (Event("say", HOUR + 2_940_011, HOUR + 2_940_012, "Still here.", 1),),
    )

    @pytest.mark.parametrize(
        ("name", "time"),
        [
            ("vtt", "01:02:02.500 --> 01:02:02.501"),
            ("srt", "01:02:02,500 --> 01:02:02,501"),
            ("lrc", "[62:02.500]Still here."),
            ("lrc", "[length:6000:00.000]"),
            ("chapters", "00:00:00.000 --> 100:00:00.000"),
        ],
    )
    def test_sessions_over_an_hour(self, name: str, time: str) -> None:
        assert time in written(name, self.long)


class TestWords:
    @given(st.text() | any_text())
    def test_one_line_can_be_written_anywhere(self, text: str) -> None:
        line = one_line(text)
        line.encode()
        assert len(line.splitlines()) <= 1
        assert line == folded(text)

    @pytest.mark.parametrize("name", TRANSCRIPTS)
    @pytest.mark.parametrize("text", HOSTILE)
    def test_every_format_is_text_with_a_line_end(self, name: str, text: str) -> None:
        whole = written(name, titled(text, text))
        whole.encode()
        assert whole.endswith("\n")
        assert not whole.endswith("\n\n")

    def test_lrc_takes_no_words_for_times(self) -> None:
        text = written("lrc", titled("a [b] c", "[00:01.000]one <00:02.00>two <three>"))
        assert text == ("[ti:a (b) c]\n[length:00:01.000]\n[00:00.000](00:01.000)one (00:02.00)two <three>\n")

    def test_a_session_without_words_is_no_error(self) -> None:
        silent = Timeline("Still", 1000, (Passage("Rest", 1, 0, 5000),), (Event("hold", 0, 5000, None, 1),))
        assert read_srt(written("srt", silent)) == []
        assert read_vtt(written("vtt", silent))[2] == []
        assert read_lrc(written("lrc", silent))[1] == []

    def test_a_passage_without_events_keeps_its_place(self) -> None:
        passages = (
            Passage("Opening", None, 0, 0),
            Passage("Rest", 1, 0, 5000),
            Passage("Closing", None, 5000, 5000),
        )
        text = written("text", Timeline("Still", 1000, passages, (Event("hold", 0, 5000, None, 1),)))
        assert [line for line in text.split("\n") if line] == [
            "Still",
            "Opening (0:00)",
            "1. Rest (0:05)",
            "   0:00    [hold, 5.0 s]",
            "Closing (0:00)",
            "   0:05  (end)",
        ]


class TestNames:
    def test_each_has_an_ending_of_its_own(self) -> None:
        assert [ending(name) for name in TRANSCRIPTS] == [
            ".txt",
            ".json",
            ".ssml",
            ".vtt",
            ".chapters.vtt",
            ".lrc",
            ".srt",
        ]

    def test_another_is_refused_with_what_there_is(self) -> None:
        with pytest.raises(UsageError, match="no transcript is called 'ass'; choose one of text, json, ssml"):
            written("ass", titled("x", "y"))
        with pytest.raises(UsageError, match="choose one of"):
            ending("ass")
