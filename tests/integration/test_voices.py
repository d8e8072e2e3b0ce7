"""One contract for every voice: the real engines through the registry, and the wrappers around them."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from support.voices import HummingVoice

from nightstretch.audio import SESSION_RATE, to_float
from nightstretch.errors import UsageError, VoiceError
from nightstretch.voices import registry
from nightstretch.voices.base import CALM_WPM, Voice
from nightstretch.voices.cache import CachedVoice, ClipCache
from nightstretch.voices.calibration import PASSAGE, words_per_minute
from nightstretch.voices.leveled import SPEECH_LUFS, LeveledVoice, speech_bounds
from nightstretch.voices.loudness import loudness

CUE = "Slowly lower your right ear towards your right shoulder. Stop where it feels kind."
SHORT_CUE = "Let your shoulders grow heavy."
NAMES = ("natural", "system", "humming", "humming, cached")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("voices")


def opened(name: str, folder: Path) -> Voice:
    if name.startswith("humming"):
        humming = LeveledVoice(HummingVoice())
        return CachedVoice(humming, ClipCache(folder / "clips")) if name.endswith("cached") else humming
    for report in registry.reports():
        if report.name == name and report.problem:
            pytest.skip(report.problem)
    return registry.open_voice(name, dry=True)


@pytest.fixture(scope="module", params=NAMES)
def voice(request: pytest.FixtureRequest, folder: Path) -> Iterator[Voice]:
    # For the whole module, so that the pace of the system's voice is measured once.
    before = os.environ.get("NIGHTSTRETCH_CACHE_DIR")
    os.environ["NIGHTSTRETCH_CACHE_DIR"] = str(folder)
    voice = opened(request.param, folder)
    if before is None:
        del os.environ["NIGHTSTRETCH_CACHE_DIR"]
    else:
        os.environ["NIGHTSTRETCH_CACHE_DIR"] = before
    yield voice
    voice.close()
    voice.close()


class TestEveryVoice:
    def test_it_speaks_at_the_rate_and_loudness_of_the_session(self, voice: Voice) -> None:
        clip = voice.synthesize(CUE, 1.0)
        assert clip.rate == SESSION_RATE
        assert clip.samples.dtype == np.int16
        assert clip.samples.ndim == 1
        assert loudness(to_float(clip.samples), clip.rate) == pytest.approx(SPEECH_LUFS, abs=0.5)

    def test_no_silence_is_left_around_the_words(self, voice: Voice) -> None:
        clip = voice.synthesize(CUE, 1.0)
        start, end = speech_bounds(to_float(clip.samples), clip.rate)
        assert start == 0
        assert end >= len(clip) - clip.rate // 100

    def test_the_same_text_is_the_same_sound(self, voice: Voice) -> None:
        one, other = voice.synthesize(SHORT_CUE, 1.0), voice.synthesize(SHORT_CUE, 1.0)
        assert np.array_equal(one.samples, other.samples)

    def test_threads_change_nothing(self, voice: Voice) -> None:
        alone = [voice.synthesize(text, 1.3) for text in PASSAGE[:6]]
        with ThreadPoolExecutor(4) as executor:
            together = list(executor.map(lambda text: voice.synthesize(text, 1.3), PASSAGE[:6]))
        for one, other in zip(alone, together, strict=True):
            assert np.array_equal(one.samples, other.samples)

    def test_speed_one_is_the_calm_pace(self, voice: Voice) -> None:
        clips = [(text, voice.synthesize(text, 1.0)) for text in PASSAGE]
        assert words_per_minute(clips) == pytest.approx(CALM_WPM, rel=0.05)

    @pytest.mark.parametrize("speed", [0.5, 0.65, 1.4, 2.0])
    def test_another_speed_is_as_much_faster_or_slower(self, voice: Voice, speed: float) -> None:
        slowest, fastest = voice.speeds
        assert slowest < 1 < fastest
        clips = [(text, voice.synthesize(text, speed)) for text in PASSAGE[:12]]
        reached = min(max(speed, slowest), fastest)
        assert words_per_minute(clips) == pytest.approx(CALM_WPM * reached, rel=0.12)

    @pytest.mark.parametrize(
        "text",
        [
            "Naïve café… 3½ cups, “softly” — at 7:30, 50 % slower!",
            "A\x00b\ud800c.",
            "Rest in [savasana](/savasənə/).",
            "Breathe.",
        ],
    )
    def test_odd_characters_do_not_stop_it(self, voice: Voice, text: str) -> None:
        assert 0.1 < voice.synthesize(text, 1.0).seconds < 20

    def test_a_long_text_is_spoken_to_its_end(self, voice: Voice) -> None:
        text = " ".join(PASSAGE)
        clip = voice.synthesize(text, 2.0)
        assert clip.seconds > 0.9 * len(text.split()) * 60 / (CALM_WPM * 2.0)

    def test_it_has_a_name_and_an_identity(self, voice: Voice) -> None:
        assert voice.name
        assert voice.name not in {"", voice.identity}


@pytest.mark.parametrize("name", ["natural", "system"])
def test_nothing_to_say_is_an_error(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTSTRETCH_CACHE_DIR", str(folder))
    voice = opened(name, folder)
    for text in ("", " \n", "…"):
        with pytest.raises(VoiceError, match="nothing to say"):
            voice.synthesize(text, 1.0)


def test_every_listed_voice_can_be_opened_by_its_name() -> None:
    names = [info.name for info in registry.list_voices()]
    assert names
    assert len(set(names)) == len(names)
    assert names[0] == "natural" or registry.reports()[0].problem


def test_an_unknown_voice_of_the_system_is_wrong_usage() -> None:
    if any(report.problem for report in registry.reports() if report.name == "system"):
        pytest.skip("no voice of the system works here")
    with pytest.raises(UsageError, match="nightstretch voices"):
        registry.open_voice("system:gmw/en-uss")


def test_the_natural_voice_asks_no_network(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("it tried to reach the network")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    voice = opened("natural", folder)
    assert voice.synthesize(SHORT_CUE, 1.0).seconds > 1
    voice.close()
