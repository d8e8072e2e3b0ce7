"""Any timelines with any words, and readers of the transcripts that know nothing of how they are written."""

import html
import re
from dataclasses import dataclass
from math import floor

from hypothesis import strategies as st

from nightstretch.timeline import Event, Passage, Timeline

HOSTILE = [
    "a & b < c > d ]]> e",
    "&amp; <b>bold</b> <v Roger>",
    "00:00:01.000 --> 00:00:02.000",
    "two\nlines\r\n\r\nand more\u2028still\x85yes",
    "\"double\" and 'single' \u201cquotes\u201d",
    "[00:01.000][ti:x] in brackets {\\an8}",
    "<00:01.00>word",
    "\u202b\u05e9\u05dc\u05d5\u05dd\u202c and \u0645\u0633\u0627\u0621",  # from right to left
    "good night \U0001f9d8\u200d\u2640\ufe0f",
    "bell\x07, null\0, escape\x1b[31m, half \ud83d, no character \uffff",
    "NOTE this is",
    "STYLE",
    "1",
    "WEBVTT",
    "--> word --->",
]
"""Texts that mean something in one of the formats, or cannot be written at all."""


def any_text() -> st.SearchStrategy[str]:
    """A text as a routine may have it: with a word somewhere."""
    parts = st.text(max_size=8) | st.text("-<>&[]{}:01 \n\"'", max_size=8)
    return st.sampled_from(HOSTILE) | st.builds("{} word {}".format, parts, parts)


def _one_event(draw: st.DrawFn, start: int, number: int | None) -> list[Event]:
    """Something, and perhaps words within it."""
    samples = draw(st.integers(1, 2_000_000))
    end = start + samples
    kind = draw(st.sampled_from(["say", "pause", "hold", "breath", "chime"]))
    match kind:
        case "say":
            return [Event("say", start, end, draw(any_text()), number)]
        case "hold" | "breath":
            around = Event("hold", start, end, None, number)
            if kind == "breath":
                around = Event("breath", start, end, None, number, phase="in")
            first, last = sorted(draw(st.tuples(st.integers(start, end), st.integers(start, end))))
            if last - first < 1000 or draw(st.booleans()):
                return [around]
            return [around, Event("say", first, last, draw(any_text()), number)]
        case "pause":
            return [Event("pause", start, end, None, number)]
        case _:
            return [Event("chime", start, end, "bowl", number)]


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    rate = draw(st.sampled_from([1000, 22_050, 24_000]))
    passages, events = [], []
    start = 0
    for number in (None, *range(1, draw(st.integers(1, 2)) + 1), None):
        end = start
        for _ in range(draw(st.integers(1 if number else 0, 3))):
            events += _one_event(draw, end, number)
            end = max(event.end for event in events)
        passages.append(Passage(draw(any_text()), number, start, end))
        start = end
    return Timeline(draw(any_text()), rate, tuple(passages), tuple(events))


def to_ms(sample: int, rate: int) -> int:
    """The nearest millisecond; floats are exact enough for a session."""
    return floor(sample * 1000 / rate + 0.5)


def folded(text: str) -> str:
    """What is left of a text in a line: no control characters, no halves of characters, one space a gap."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", " ", text).split())


@dataclass(frozen=True)
class Cue:
    name: str
    start: int
    end: int
    text: str


_TIMES = re.compile(
    r"(?P<h1>\d\d+):(?P<m1>[0-5]\d):(?P<s1>[0-5]\d)[.,](?P<f1>\d{3}) --> "
    r"(?P<h2>\d\d+):(?P<m2>[0-5]\d):(?P<s2>[0-5]\d)[.,](?P<f2>\d{3})"
)


def _times(line: str) -> tuple[int, int]:
    match = _TIMES.fullmatch(line)
    assert match, line

    def ms(which: int) -> int:
        hours, minutes, seconds, rest = (int(match[f"{unit}{which}"]) for unit in "hmsf")
        return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest

    return ms(1), ms(2)


def read_vtt(text: str) -> tuple[str, list[str], list[Cue]]:
    """The header, the notes and the cues."""
    assert text.endswith("\n")
    header, *blocks = re.split(r"\n\n+", text.strip("\n"))
    assert re.fullmatch(r"WEBVTT([ \t][^\n]*)?", header)
    assert "-->" not in header
    notes, cues = [], []
    for block in blocks:
        lines = block.split("\n")
        if re.fullmatch(r"NOTE([ \t].*)?", lines[0]):
            assert "-->" not in block
            notes.append(block.removeprefix("NOTE").strip())
            continue
        name, times, *payload = lines
        assert "-->" not in name
        assert not any("-->" in line for line in payload)
        bare = re.sub(r"&(amp|lt|gt|quot|nbsp|lrm|rlm|#\d+);", "", "\n".join(payload))
        assert not set(bare) & set("&<"), bare
        cues.append(Cue(name, *_times(times), html.unescape("\n".join(payload))))
    return header, notes, cues


def read_srt(text: str) -> list[Cue]:
    cues = []
    for block in re.split(r"\n\n+", text.strip("\n")) if text else []:
        number, times, *payload = block.split("\n")
        assert "," in times
        cues.append(Cue(number, *_times(times), "\n".join(payload)))
    return cues


def read_lrc(text: str) -> tuple[dict[str, str], list[tuple[int, str]]]:
    """The tags, and the lines with their times."""
    tags, lines = {}, []
    for line in text.removesuffix("\n").split("\n"):
        # As players do it: whatever stands in brackets at the start is a time or a tag.
        if match := re.fullmatch(r"\[(\d\d+):([0-5]\d)\.(\d{3})\]([^\[\]]*)", line):
            minutes, seconds, ms = (int(match[part]) for part in (1, 2, 3))
            lines.append(((minutes * 60 + seconds) * 1000 + ms, match[4]))
        else:
            match = re.fullmatch(r"\[([a-z]+):([^\[\]]*)\]", line)
            assert match, line
            tags[match[1]] = match[2]
    return tags, lines
