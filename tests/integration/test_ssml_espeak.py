"""The SSML, spoken by an engine that is not ours."""

import io
import shutil
import subprocess
import wave
from dataclasses import replace

import pytest
from support.transcripts import HOSTILE
from support.voices import HummingVoice

from nightstretch.export.transcripts import transcript
from nightstretch.export.transcripts.base import About
from nightstretch.session import Session, find_routine, open_voice
from nightstretch.timeline import Event, Passage, Timeline

RATE = 24_000


@pytest.fixture(autouse=True)
def _espeak() -> None:
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed")


def spoken_seconds(timeline: Timeline, speed: float = 1.0) -> float:
    ssml = transcript("ssml", timeline, About("any", "any", speed))
    command = ["espeak-ng", "-m", "--stdin", "--stdout"]
    done = subprocess.run(command, input=ssml.encode(), check=True, capture_output=True)
    # The length in the header of a stream is none.
    with wave.open(io.BytesIO(done.stdout)) as sound:
        header, frame, rate = 44, sound.getsampwidth() * sound.getnchannels(), sound.getframerate()
    return float((len(done.stdout) - header) / frame / rate)


def session_seconds(timeline: Timeline) -> float:
    return timeline.samples / timeline.rate


def resting(seconds: int, title: str = "Rest", text: str = "Rest here for a while.") -> Timeline:
    """Words of two seconds, then a hold."""
    events = (
        Event("say", 0, 2 * RATE, text, 1),
        Event("hold", 2 * RATE, (2 + seconds) * RATE, None, 1),
        Event("say", (2 + seconds) * RATE, (4 + seconds) * RATE, text, 1),
    )
    return Timeline(title, RATE, (Passage(title, 1, 0, (4 + seconds) * RATE),), events)


@pytest.mark.parametrize(("voice", "speed"), [("hum", 0.7), ("hum", 1.0), ("hum", 1.4), ("natural", 0.7)])
def test_the_shipped_routine_lasts_as_long_as_the_timeline(voice: str, speed: float) -> None:
    opened = HummingVoice() if voice == "hum" else open_voice(voice)
    with Session(find_routine("back-pain"), opened, speed=speed) as session:
        timeline = session.timeline()
    assert spoken_seconds(timeline, speed) == pytest.approx(session_seconds(timeline), rel=0.15)


def test_a_long_silence_is_as_long_in_several_breaks() -> None:
    longer, shorter = spoken_seconds(resting(95)), spoken_seconds(resting(5))
    assert longer - shorter == pytest.approx(90, abs=0.5)


@pytest.mark.parametrize("title", HOSTILE)
def test_no_title_is_spoken(title: str) -> None:
    assert spoken_seconds(resting(5, title)) == pytest.approx(spoken_seconds(resting(5)), abs=0.01)


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_the_words_are_the_silence_after_them_is_kept(text: str) -> None:
    longer, shorter = (spoken_seconds(resting(seconds, text=text)) for seconds in (25, 5))
    assert longer - shorter == pytest.approx(20, abs=0.5)


def test_a_passage_of_its_own_takes_no_time() -> None:
    whole = resting(30)
    middle = 17 * RATE
    halves = (Passage("One", 1, 0, middle), Passage("Closing", None, middle, whole.samples))
    assert spoken_seconds(replace(whole, passages=halves)) == pytest.approx(spoken_seconds(whole), abs=0.1)
