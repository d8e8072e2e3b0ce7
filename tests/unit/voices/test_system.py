"""The voices of systems that are not this one, as pyttsx3's drivers for them would report them."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from nightstretch.audio import Clip, to_pcm
from nightstretch.errors import UsageError, VoiceError
from nightstretch.voices.calibration import PASSAGE
from nightstretch.voices.system import SystemVoices
from nightstretch.voices.system_worker import sapi_rate
from nightstretch.voices.workers import Json, Workers

ZIRA = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Speech\\Voices\\Tokens\\TTS_MS_EN-US_ZIRA_11.0"
WINDOWS = {
    "driver": "sapi5",
    "version": "Windows 10, pyttsx3 2.99",
    "default": "HEDDA",
    "voices": [
        {"id": "HEDDA", "name": "Microsoft Hedda", "languages": ["de-DE"]},
        {"id": ZIRA, "name": "Microsoft Zira", "languages": ["en-US"]},
    ],
}
MAC = {
    "driver": "nsss",
    "version": "Darwin 23, pyttsx3 2.99",
    "default": "com.apple.voice.compact.en-US.Samantha",
    "voices": [
        {"id": "com.apple.voice.compact.en-GB.Daniel", "name": "Daniel", "languages": ["en_GB"]},
        {"id": "com.apple.voice.compact.fr-FR.Thomas", "name": "Thomas", "languages": ["fr_FR"]},
        {"id": "com.apple.voice.compact.en-US.Samantha", "name": "Samantha", "languages": ["en_US"]},
    ],
}


@pytest.fixture(autouse=True)
def _measure_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nightstretch.voices.system._SHORT_PASSAGE", PASSAGE[:2])


class FakeWorkers(Workers):
    """Speaks 1.5 words a minute for each unit of its rate, in a hum."""

    def __init__(self, inventory: Json, floor: int = 0) -> None:
        super().__init__()
        self.inventory = inventory
        self.floor = floor
        self.spoken: list[tuple[str, int, str]] = []

    def list_voices(self) -> Json:
        return self.inventory

    def speak(self, voice: str, rate: int, text: str) -> Clip:
        self.spoken.append((voice, rate, text))
        seconds = len(text.split()) * 60 / (1.5 * max(rate, self.floor))
        return Clip(to_pcm(0.1 * np.sin(np.arange(round(seconds * 22_050)) * 0.2)), 22_050)


def names(inventory: Json) -> Sequence[str]:
    return [info.name for info in SystemVoices(FakeWorkers(inventory)).voices()]


def test_the_default_comes_first_and_only_english_is_listed() -> None:
    assert names(MAC) == ["system", "system:Daniel"]
    assert names(WINDOWS) == ["system"]


@pytest.mark.parametrize("variant", [ZIRA, ZIRA.lower(), "microsoft zira", None])
def test_a_voice_answers_to_its_id_and_its_name(variant: str | None) -> None:
    workers = FakeWorkers(WINDOWS)
    voice = SystemVoices(workers).open(variant)
    assert voice.name == ("system" if variant is None else "system:Microsoft Zira")
    assert {spoken_by for spoken_by, _, _ in workers.spoken} == {ZIRA}


def test_a_voice_that_is_not_english_can_be_asked_for() -> None:
    assert SystemVoices(FakeWorkers(MAC)).open("thomas").name == "system:Thomas"


def test_an_unknown_voice_names_its_neighbours() -> None:
    with pytest.raises(UsageError, match="no voice 'Samanta'; try Samantha, or see: nightstretch voices"):
        SystemVoices(FakeWorkers(MAC)).open("Samanta")


def test_a_system_without_voices_is_an_error_that_helps() -> None:
    engine = SystemVoices(FakeWorkers({**MAC, "voices": []}))
    assert "--voice natural" in str(engine.problem())
    with pytest.raises(VoiceError, match="has no voices"):
        engine.open(None)


def test_the_pace_is_measured_once_and_kept() -> None:
    first, second = FakeWorkers(MAC), FakeWorkers(MAC)
    voice = SystemVoices(first).open(None)
    again = SystemVoices(second).open(None)
    assert first.spoken
    assert not second.spoken
    assert (again.identity, again.speeds) == (voice.identity, voice.speeds)
    again.synthesize("Breathe in.", 1.0)
    (_, rate, _) = second.spoken[-1]
    assert rate == pytest.approx(80, abs=2)


def test_closing_the_voice_ends_what_it_is_speaking() -> None:
    workers = FakeWorkers(MAC)
    SystemVoices(workers).open(None).close()
    with pytest.raises(VoiceError, match="was closed"):
        Workers.list_voices(workers)


def test_when_measuring_fails_no_more_is_spoken() -> None:
    class Hoarse(FakeWorkers):
        closed = False

        def speak(self, voice: str, rate: int, text: str) -> Clip:
            super().speak(voice, rate, text)
            raise KeyboardInterrupt

        def close(self) -> None:
            self.closed = True

    workers = Hoarse(MAC)
    with pytest.raises(KeyboardInterrupt):
        SystemVoices(workers).open(None)
    assert workers.closed
    assert len(workers.spoken) <= len(PASSAGE[:2])


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'[["a", 1]]', b"[[1, 2], [1, 3]]", b"3"])
def test_a_damaged_pace_is_measured_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes
) -> None:
    monkeypatch.setenv("NIGHTSTRETCH_CACHE_DIR", str(tmp_path))
    fresh = SystemVoices(FakeWorkers(MAC)).open(None)
    (path,) = (tmp_path / "pace").iterdir()
    path.write_bytes(damage)
    workers = FakeWorkers(MAC)
    assert SystemVoices(workers).open(None).identity == fresh.identity
    assert workers.spoken


def test_a_pace_that_cannot_be_kept_is_measured_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("NIGHTSTRETCH_CACHE_DIR", str(tmp_path / "file"))
    assert SystemVoices(FakeWorkers(MAC)).open(None).speeds[0] < 1


def test_a_voice_that_cannot_go_slower_says_so() -> None:
    voice = SystemVoices(FakeWorkers(MAC, floor=90)).open(None)
    assert voice.speeds[0] == pytest.approx(1.125, rel=0.02)


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Rest in [savasana](/savasənə/) now.", "Rest in savasana now."),
        ("A [[slnc 9000]] <silence/> {pause}", "A slnc 9000 silence/ pause"),
        ("Let\x00go.", "Let go."),
    ],
)
def test_no_text_is_a_command(text: str, spoken: str) -> None:
    workers = FakeWorkers(MAC)
    SystemVoices(workers).open(None).synthesize(text, 1.0)
    assert workers.spoken[-1][2] == spoken


def test_a_long_text_is_spoken_in_pieces() -> None:
    workers = FakeWorkers(MAC)
    voice = SystemVoices(workers).open(None)
    workers.spoken.clear()
    clip = voice.synthesize("One more time, as slowly as you like. " * 100, 1.0)
    assert len(workers.spoken) > 5
    assert all(len(text) <= 600 and text.endswith("like.") for _, _, text in workers.spoken)
    assert clip.seconds == pytest.approx(800 / 2, rel=0.02)


@pytest.mark.parametrize("rate", [60, 90, 135, 156, 157, 200, 300])
def test_a_rate_for_sapi_is_the_nearest_step(rate: int) -> None:
    # What pyttsx3's driver makes of a rate.
    step = int(math.log(sapi_rate(rate) / 156.63, 1.11))
    assert abs(step - math.log(rate / 156.63, 1.11)) <= 0.5
    assert -10 <= step <= 10
