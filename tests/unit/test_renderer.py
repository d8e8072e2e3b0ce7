import threading
from concurrent.futures import CancelledError

import pytest
from support.voices import HummingVoice

from nightstretch.audio import Clip
from nightstretch.errors import VoiceError
from nightstretch.renderer import Renderer
from nightstretch.timeline import Event


class MoodyVoice(HummingVoice):
    """Says everything a little longer each time."""

    name = "moody"

    def synthesize(self, text: str, speed: float) -> Clip:
        clip = super().synthesize(text, speed)
        return Clip(clip.samples[: len(clip) // 2 + len(self.spoken)], clip.rate)


def test_every_text_is_spoken_once_ahead_of_need() -> None:
    voice = HummingVoice()
    with Renderer(voice, 1.0, ["one two", "three", "one two"]) as renderer:
        lengths = [renderer.speech(text) for text in ("three", "one two", "one two")]
    assert lengths == [12_000, 24_000, 24_000]
    assert sorted(voice.spoken) == [("one two", 1.0), ("three", 1.0)]


def test_a_voice_that_says_the_same_differently_is_an_error_and_no_overlap() -> None:
    with Renderer(MoodyVoice(), 1.0, ["one two"]) as renderer:
        length = renderer.speech("one two")
        with pytest.raises(VoiceError, match=r"'moody' took 12001 samples for 'one two', and 12002 the next"):
            renderer.clip(Event("say", 100, 100 + length, "one two"))


def test_what_goes_wrong_is_told_to_whoever_needs_the_text() -> None:
    with Renderer(HummingVoice(), 1.0, ["unspeakable", "fine"]) as renderer:
        assert renderer.speech("fine")
        with pytest.raises(VoiceError, match="unspeakable"):
            renderer.speech("unspeakable")


def test_it_may_be_closed_twice() -> None:
    renderer = Renderer(HummingVoice(), 1.0, ["fine"])
    renderer.cancel()
    renderer.close()
    renderer.close()


class KeepingVoice(HummingVoice):
    """Has kept one text."""

    def length(self, text: str, speed: float) -> int | None:
        return 77 if text == "kept" else None


class WaitingVoice(HummingVoice):
    """Speaks when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may = threading.Event()
        self.asked = threading.Event()

    def synthesize(self, text: str, speed: float) -> Clip:
        self.asked.set()
        assert self.may.wait(10)
        return super().synthesize(text, speed)


def test_what_is_kept_is_known_and_not_spoken_again() -> None:
    voice = KeepingVoice()
    with Renderer(voice, 1.0, ["kept"]) as renderer:
        assert renderer.known("kept") == renderer.speech("kept") == 77
    assert not voice.spoken


def test_what_is_known_is_told_without_waiting() -> None:
    voice = WaitingVoice()
    with Renderer(voice, 1.0, ["rest"]) as renderer:
        assert renderer.known("rest") is None
        assert renderer.known("never wanted") is None
        voice.may.set()
        assert renderer.known("rest") in {None, 12_000}
        assert renderer.speech("rest") == renderer.known("rest") == 12_000


def test_what_went_wrong_or_was_dropped_is_not_known() -> None:
    with Renderer(HummingVoice(), 1.0, ["unspeakable"]) as renderer:
        with pytest.raises(VoiceError):
            renderer.speech("unspeakable")
        assert renderer.known("unspeakable") is None


def test_more_may_be_wanted_later_and_is_spoken_once_too() -> None:
    voice = HummingVoice()
    with Renderer(voice, 1.0, ["one two"]) as renderer:
        renderer.want(["three", "one two"])
        renderer.want(["three"])
        assert renderer.speech("three") == renderer.speech("one two") / 2 == 12_000
    assert sorted(voice.spoken) == [("one two", 1.0), ("three", 1.0)]


def test_what_is_dropped_is_told_to_whoever_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    voice = WaitingVoice()
    with Renderer(voice, 1.0, ["begun", "not begun"]) as renderer:
        renderer.cancel()
        with pytest.raises(CancelledError):
            renderer.speech("not begun")
        assert renderer.known("not begun") is None
        voice.may.set()


def test_what_nobody_wanted_is_spoken_when_it_is_needed() -> None:
    with Renderer(HummingVoice(), 1.0, []) as renderer:
        assert renderer.speech("one two") == 24_000


def test_what_is_wanted_last_is_spoken_next_and_in_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    voice = WaitingVoice()
    with Renderer(voice, 1.0, ["begun", "one", "two", "three", "four"]) as renderer:
        assert voice.asked.wait(10)
        renderer.want(["three", "five", "one"])
        voice.may.set()
        renderer.speech("four")  # the last of all
    assert [text for text, _ in voice.spoken] == ["begun", "three", "five", "one", "two", "four"]


def test_after_it_was_cancelled_nothing_is_spoken_any_more() -> None:
    voice = HummingVoice()
    renderer = Renderer(voice, 1.0, [])
    renderer.cancel()
    renderer.want(["one"])
    for text in ("one", "two"):
        with pytest.raises(CancelledError):
            renderer.speech(text)
    assert not voice.spoken
