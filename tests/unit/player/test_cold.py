"""Evenings on which nothing is spoken yet, or not any more: the voice is as late as a gate lets it be."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from support.finishes import AS_SPOKEN
from support.listening import TICK, Device, Eyes, Hands, Happening
from support.routines import SHORT
from support.voices import HummingVoice

from nightstretch.audio import SESSION_RATE, Clip, to_pcm
from nightstretch.player import media_keys
from nightstretch.player.media_keys import NoMediaKeys
from nightstretch.player.play import Listener, Outcome
from nightstretch.player.tape import Spot
from nightstretch.player.terminal import Console
from nightstretch.session import Session, find_routine
from nightstretch.voices.cache import CachedVoice, ClipCache

CUES = (
    "Good evening to you.",
    "Rest here for a while.",
    "Turn to the right now.",
    "Turn to the left now.",
    "Good night to you.",
)


class GatedVoice(HummingVoice):
    """Hums each text in a tone of its own, and says nothing before the gate opens."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.was_open = False

    def close(self) -> None:
        """Let go of who waits, as a voice does that hangs."""
        self.was_open = self.gate.is_set()
        self.gate.set()

    def synthesize(self, text: str, speed: float) -> Clip:
        assert self.gate.wait(20)
        samples = np.arange(len(super().synthesize(text, speed)))
        tone = 0.03 + crc32(f"{text} {speed}".encode()) % 997 / 1e4
        return Clip(to_pcm(0.2 * np.sin(samples * tone)), SESSION_RATE)


class PatientDevice(Device):
    """While the gate is open it waits for the rendering; what is late before that is heard as silence."""

    def __init__(self, gate: threading.Event) -> None:
        super().__init__()
        self._gate = gate

    def pass_time(self) -> None:
        if self.pull is None:
            return
        transport = self.pull.__self__  # type: ignore[attr-defined]
        following = transport._following and transport._following[0]
        for source in (transport._source, transport._waiting, following):
            while self._gate.is_set() and source is not None and source.alive and source.available < 4 * TICK:
                source._thread.join(0.001)
        self.heard.append(self.pull(TICK))


class ColdNight:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.voice = GatedVoice()
        self.device = PatientDevice(self.voice.gate)
        self.places: list[tuple[Spot, float]] = []

    def play(self, *script: tuple[float, Happening], spot: Spot | None = None) -> Outcome:
        """Play it; each thing happens at its second."""
        path = self.folder / "short.yaml"
        path.write_text(SHORT)
        voice = CachedVoice(self.voice, ClipCache(self.folder / "clips"))
        hands = Hands(self.device, [*script, (300, self._give_up)])
        listener = Listener(remember=lambda spot, speed, _: self.places.append((spot, speed)))
        with Session(find_routine(str(path)), voice, finish=AS_SPOKEN) as evening:
            return evening.play(self.device, Console(hands, Eyes()), listener, spot)

    def open(self) -> None:
        self.voice.gate.set()

    def _give_up(self) -> None:
        raise AssertionError("it never ends")

    def told(self, speed: float = 1.0) -> list[str]:
        """Give the cues that were heard whole, in order, each as often as it was heard."""
        sound = self.device.sound.tobytes()
        found = []
        for text in CUES:
            clip, at = self.voice.synthesize(text, speed).samples[1:-1].tobytes(), -1
            while (at := sound.find(clip, at + 1)) >= 0:
                found.append((at, text))
        return [text for _, text in sorted(found)]


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ColdNight]:
    monkeypatch.setattr(media_keys, "open_media_keys", lambda _wish: NoMediaKeys())
    night = ColdNight(tmp_path)
    yield night
    night.open()


class TestNothingIsSpokenYet:
    """Everything is late until the gate opens at a second; then it goes on."""

    @pytest.mark.parametrize("key", ["t", "?", "r", "s", "up", "m", "x", "left"])
    def test_a_key_is_answered_or_not_and_nothing_is_lost(self, night: ColdNight, key: str) -> None:
        keys = [(second, key) for second in (0.5, 7, 12, 14)]
        outcome = night.play(*keys, (15, night.open))
        assert outcome.completed
        assert night.told() == list(CUES)

    def test_a_pause_and_going_on(self, night: ColdNight) -> None:
        assert night.play((7, " "), (9, " "), (12, " "), (15, night.open), (20, " ")).completed
        assert night.told() == list(CUES)

    @pytest.mark.parametrize(("skips", "first"), [(1, 1), (2, 2), (3, 4)])
    def test_a_skip_goes_on_there(self, night: ColdNight, skips: int, first: int) -> None:
        keys = [(2 + skip, "right") for skip in range(skips)]
        assert night.play(*keys, (10, night.open)).completed
        assert night.told() == list(CUES[first:])

    def test_what_is_skipped_to_is_spoken_next(
        self, night: ColdNight, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("os.cpu_count", lambda: 1)
        night.play((2, "right"), (3, "right"), (10, night.open))
        cues = [text for text, _ in night.voice.spoken if text in CUES]
        assert cues[:3] == [CUES[0], CUES[2], CUES[3]]

    @pytest.mark.parametrize("second", [1, 7, 12])
    def test_another_speed_is_that_of_all_that_follows(self, night: ColdNight, second: float) -> None:
        assert night.play((second, "["), (15, night.open)).completed
        assert night.told(0.9) == list(CUES)[len(night.told()) :]
        assert night.places[-1][1] == 0.9

    def test_of_many_speeds_only_the_last_is_spoken(
        self, night: ColdNight, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("os.cpu_count", lambda: 1)
        keys = [(2 + press, "[") for press in range(4)]
        assert night.play(*keys, (8, night.open)).completed
        assert night.told(0.6) == list(CUES)
        for speed in (0.9, 0.8, 0.7):  # no more of them than what was begun
            assert sum(spoken == speed for text, spoken in night.voice.spoken if text in CUES) <= 1

    def test_coming_back_to_a_place_keys_work_at_once(self, night: ColdNight) -> None:
        outcome = night.play((1, "q"), spot=Spot(2, "Turn", 1, CUES[3]))
        assert not outcome.completed
        assert not night.voice.was_open

    @pytest.mark.parametrize(
        ("spot", "first"), [(Spot(1, "Rest", 0, CUES[1]), 1), (Spot(2, "Turn", 1, CUES[3]), 3)]
    )
    def test_coming_back_to_a_place_it_goes_on_there(self, night: ColdNight, spot: Spot, first: int) -> None:
        assert night.play((5, night.open), spot=spot).completed
        assert night.told() == list(CUES[first:])
        assert night.places[0] == (spot, 1.0)


def test_clips_that_are_deleted_meanwhile_are_spoken_again(night: ColdNight) -> None:
    night.open()
    removed: list[int] = []

    def remove() -> None:
        removed.append(len(list((night.folder / "clips").iterdir())))
        shutil.rmtree(night.folder / "clips", ignore_errors=True)  # clips come and go meanwhile

    assert night.play((12, remove), (22, "left"), (24, "]")).completed
    assert removed[0]
    assert [text for text in night.told() + night.told(1.1) if text == CUES[4]] == [CUES[4]]
    assert (CUES[4], 1.1) in night.voice.spoken
