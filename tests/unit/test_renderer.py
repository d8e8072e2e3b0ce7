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
