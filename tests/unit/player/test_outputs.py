import importlib.metadata
import os
import sys
import threading
from enum import Enum
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nightstretch.audio import Pcm
from nightstretch.errors import OutputError, UsageError
from nightstretch.player.outputs import OUTPUT_NAMES, find_output
from nightstretch.player.outputs.base import quiet_libraries
from nightstretch.player.outputs.simpleaudio_output import SimpleaudioOutput, next_stretch

RATE = 1000


def silence(frames: int) -> Pcm:
    return np.zeros(frames, np.int16)


class Tape:
    """Gives out a sound piece by piece, then silence."""

    def __init__(self, sound: Pcm) -> None:
        self.sound = sound
        self.position = 0

    def __call__(self, frames: int) -> Pcm:
        block = silence(frames)
        piece = self.sound[self.position : self.position + frames]
        block[: len(piece)] = piece
        self.position += frames
        return block


def sound_at(*spans: tuple[int, int]) -> Pcm:
    sound = silence(max(end for _, end in spans))
    for start, end in spans:
        sound[start:end] = np.arange(1, end - start + 1)
    return sound


def test_an_unknown_output_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"'gramophone'; choose one of miniaudio, simpleaudio, null"):
        find_output("gramophone")


@pytest.mark.parametrize("name", ["simpleaudio", "null"])
def test_only_one_output_takes_a_device(name: str) -> None:
    with pytest.raises(UsageError, match=rf"the output {name} cannot choose its device; leave out") as caught:
        find_output(name, "Headphones")
    assert_is_in_the_house_style(str(caught.value))


@pytest.mark.parametrize("name", OUTPUT_NAMES)
def test_making_an_output_loads_no_library(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "miniaudio", None)
    monkeypatch.setitem(sys.modules, "simpleaudio", None)
    output = find_output(name)
    assert output.error is None
    output.close()
    output.close()


@pytest.mark.parametrize("name", OUTPUT_NAMES)
def test_a_missing_library_is_one_line_with_what_to_do(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "miniaudio", None)
    monkeypatch.setitem(sys.modules, "simpleaudio", None)
    output = find_output(name)
    with pytest.raises(OutputError, match=r"is not installed; .*pip install") as caught:
        output.start(silence, RATE)
    assert str(caught.value) == output.problem()
    assert_is_in_the_house_style(str(caught.value))


def assert_is_in_the_house_style(message: str) -> None:
    assert "\n" not in message
    assert message[0].islower()
    assert not message.endswith(".")
    assert "; " in message


def fake_miniaudio(**parts: object) -> SimpleNamespace:
    backend = Enum("backend", ["ALSA", "CUSTOM", "NULL"])
    return SimpleNamespace(
        Backend=backend, SampleFormat=SimpleNamespace(SIGNED16=2), MiniaudioError=LookupError, **parts
    )


def test_miniaudio_never_falls_back_to_playing_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def no_device(*, backends: list[Any], **_: object) -> None:
        asked.extend(kind.name for kind in backends)
        raise LookupError("failed to init device", -401)

    monkeypatch.setitem(sys.modules, "miniaudio", fake_miniaudio(PlaybackDevice=no_device))
    with pytest.raises(OutputError, match=r"^no sound card.*nightstretch export") as caught:
        find_output("miniaudio").start(silence, RATE)
    assert_is_in_the_house_style(str(caught.value))
    assert asked == ["ALSA"]


def test_an_error_in_the_pull_is_kept_for_the_main_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    device = SimpleNamespace(start=started.append, close=lambda: None)
    monkeypatch.setitem(sys.modules, "miniaudio", fake_miniaudio(PlaybackDevice=lambda **_: device))
    failure = ZeroDivisionError()

    def pull(frames: int) -> Pcm:
        if frames == 2:
            raise failure
        return silence(frames)

    output = find_output("miniaudio")
    output.start(pull, RATE)
    assert len(started[0].send(1)) == 1
    assert started[0].send(2) == b""
    assert output.error is failure


class FakeDevices:
    """A sound system whose devices come and go, and which opens them or not."""

    def __init__(self, *names: str) -> None:
        self.names = list(names)
        self.fails = False
        self.opened: list[str | None] = []

    def __call__(self, _: object) -> SimpleNamespace:
        found = [{"name": name, "id": f"{name} {number}"} for number, name in enumerate(self.names)]
        return SimpleNamespace(get_playbacks=lambda: found)

    def open(self, *, device_id: str | None, **_: object) -> SimpleNamespace:
        self.opened.append(device_id)
        return SimpleNamespace(start=self.start, close=lambda: None)

    def start(self, _: object) -> None:
        if self.fails:
            raise LookupError("failed to start audio device", -1)


@pytest.fixture
def devices(monkeypatch: pytest.MonkeyPatch) -> FakeDevices:
    devices = FakeDevices("USB Headset", "USB Speaker", "HDMI", "HDMI")
    library = fake_miniaudio(PlaybackDevice=devices.open, Devices=devices)
    monkeypatch.setitem(sys.modules, "miniaudio", library)
    return devices


class TestChoosingADevice:
    @pytest.mark.parametrize(
        ("name", "opened"),
        [
            (None, None),
            ("USB Headset", "USB Headset 0"),
            ("speaker", "USB Speaker 1"),
            ("hdmi", "HDMI 2"),  # of two that nobody can tell apart, the first
        ],
    )
    def test_by_its_name_or_a_part_of_it(
        self, name: str | None, opened: str | None, devices: FakeDevices
    ) -> None:
        find_output("miniaudio", name).start(silence, RATE)
        assert devices.opened == [opened]

    def test_a_whole_name_beats_that_it_is_a_part_of_another(self, devices: FakeDevices) -> None:
        devices.names = ["Speaker 2", "Speaker"]
        find_output("miniaudio", "Speaker").start(silence, RATE)
        assert devices.opened == ["Speaker 1"]

    @pytest.mark.parametrize(
        ("name", "kind", "message"),
        [
            (
                "USB",
                UsageError,
                '"USB" may be any of "USB Headset", "USB Speaker"; give more of its name',
            ),
            (
                "Radio",
                OutputError,
                'there is no sound device "Radio"; choose one of "USB Headset", "USB Speaker", "HDMI"',
            ),
        ],
    )
    def test_what_is_not_clear_is_told_with_what_there_is(
        self, name: str, kind: type[Exception], message: str, devices: FakeDevices
    ) -> None:
        with pytest.raises(kind) as caught:
            find_output("miniaudio", name).start(silence, RATE)
        assert str(caught.value) == message
        assert devices.opened == []

    def test_once_it_was_chosen_no_other_is_taken(self, devices: FakeDevices) -> None:
        output = find_output("miniaudio", "headset")
        output.start(silence, RATE)
        output.close()
        devices.names = ["Headset of somebody else"]
        with pytest.raises(OutputError, match='there is no sound device "USB Headset"'):
            output.start(silence, RATE)
        devices.names = ["Headset of somebody else", "USB Headset"]
        output.start(silence, RATE)
        assert devices.opened == ["USB Headset 0", "USB Headset 1"]


@pytest.mark.parametrize("name", ["miniaudio", "null"])
def test_a_start_that_failed_can_be_tried_again(name: str, devices: FakeDevices) -> None:
    output = find_output(name)
    devices.fails = True
    for _ in range(2):
        with pytest.raises(OutputError, match="failed to start audio device"):
            output.start(silence, RATE)
    devices.fails = False
    output.start(silence, RATE)
    assert output.error is None


def test_the_chatter_of_libraries_is_held_back(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet_libraries():
        os.write(2, b"ALSA lib confmisc.c:855\n")
    os.write(2, b"heard\n")
    assert capfd.readouterr().err == "heard\n"


def test_it_is_held_back_for_as_long_as_any_thread_wants_it(capfd: pytest.CaptureFixture[str]) -> None:
    one, other = quiet_libraries(), quiet_libraries()
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    os.write(2, b"chatter\n")
    other.__exit__(None, None, None)
    os.write(2, b"heard\n")
    assert capfd.readouterr().err == "heard\n"


def test_a_stretch_ends_at_the_silence_after_it() -> None:
    tape = Tape(sound_at((100, 300), (400, 700), (1200, 1300)))
    stretches = []
    position = 0
    while position < 1500:
        stretch = next_stretch(tape, position, RATE)
        position += len(stretch.samples)
        if stretch.samples.any():
            stretches.append((stretch.start, len(np.trim_zeros(stretch.samples, "b"))))
    assert stretches == [(100, 600), (1200, 100)]
    assert position == tape.position


def test_a_stretch_without_silence_is_cut() -> None:
    assert len(next_stretch(lambda frames: silence(frames) + np.int16(1), 0, RATE).samples) == 20_000


class FakeSimpleaudio:
    """Notes when each buffer was begun; the time passes only while somebody waits."""

    def __init__(self) -> None:
        self.now = 100.0
        self.played: list[tuple[float, Pcm]] = []
        self.stopped: list[float] = []  # when each of them was begun

    def clock(self) -> float:
        return self.now

    def wait(self, closed: threading.Event, seconds: float) -> bool:
        self.now += seconds
        if self.now > 110:
            closed.set()
        return closed.is_set()

    def play_buffer(self, samples: Pcm, channels: int, sample_bytes: int, rate: int) -> SimpleNamespace:
        assert (channels, sample_bytes, rate) == (1, 2, RATE)
        self.now += 0.03  # opening the device takes a while
        begun = self.now
        self.played.append((begun, samples))
        return SimpleNamespace(
            is_playing=lambda: self.now < begun + len(samples) / rate + 0.05,
            stop=lambda: self.stopped.append(begun),
        )


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> FakeSimpleaudio:
    library = FakeSimpleaudio()
    monkeypatch.setitem(sys.modules, "simpleaudio", library)
    monkeypatch.setattr(importlib.metadata, "version", lambda _: "1.0.5")
    return library


def test_simpleaudio_begins_every_stretch_by_the_clock(library: FakeSimpleaudio) -> None:
    spans = [(250, 1000), (1400, 3000), (3450, 3500), (9000, 9100)]
    output = SimpleaudioOutput(clock=library.clock, wait=library.wait)
    output.start(Tape(sound_at(*spans)), RATE)
    assert output._thread is not None
    output._thread.join()
    assert output.error is None
    assert library.stopped == [library.played[-1][0]]  # and nothing of what another thread may play
    stretches = library.played[1:]  # the first one asked whether there is a card
    assert [len(samples) for _, samples in stretches] == [end - start for start, end in spans]
    offsets = [begun - start / RATE for (begun, _), (start, _) in zip(stretches, spans, strict=True)]
    assert offsets == pytest.approx([offsets[0]] * len(spans), abs=0.001)  # no drift
    output.close()


def test_simpleaudio_without_a_card_says_so(
    library: FakeSimpleaudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise LookupError("Error opening PCM device.")

    output = find_output("simpleaudio")
    with monkeypatch.context() as patch:
        patch.setattr(library, "play_buffer", fail)
        with pytest.raises(OutputError, match=r"^no sound card.*nightstretch export") as caught:
            output.start(silence, RATE)
        assert "no sound card" in str(output.problem())
    assert_is_in_the_house_style(str(caught.value))


def test_simpleaudio_says_that_its_card_has_gone_and_plays_when_it_is_back(
    library: FakeSimpleaudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = SimpleaudioOutput(clock=library.clock, wait=library.wait)

    def played() -> int:
        output.start(Tape(sound_at((250, 1000), (1400, 3000))), RATE)
        assert output._thread is not None
        output._thread.join()
        return len(library.played)

    def gone_after_a_while(samples: Pcm, channels: int, sample_bytes: int, rate: int) -> SimpleNamespace:
        if len(library.played) == 2:
            raise LookupError("Error opening PCM device.")
        return FakeSimpleaudio.play_buffer(library, samples, channels, sample_bytes, rate)

    with monkeypatch.context() as patch:
        patch.setattr(library, "play_buffer", gone_after_a_while)
        assert played() == 2
        with pytest.raises(OutputError, match="no sound card"):
            raise output.error or AssertionError
        output.close()
        with pytest.raises(OutputError):
            played()
    library.now = 100.0
    assert played() == 2 + 3
    assert output.error is None
    output.close()


def test_an_error_in_the_pull_of_simpleaudio_is_kept(library: FakeSimpleaudio) -> None:
    def pull(_: int) -> Pcm:
        raise ZeroDivisionError

    output = SimpleaudioOutput(clock=library.clock, wait=library.wait)
    output.start(pull, RATE)
    assert output._thread is not None
    output._thread.join()
    assert isinstance(output.error, ZeroDivisionError)


def test_the_original_simpleaudio_is_refused_where_it_would_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name == "simpleaudio":
            return "1.0.4"
        raise importlib.metadata.PackageNotFoundError

    monkeypatch.setattr(importlib.metadata, "version", version)
    monkeypatch.setattr(sys, "version_info", (3, 12, 0))
    with pytest.raises(OutputError, match="crash") as caught:
        find_output("simpleaudio").start(silence, RATE)
    assert_is_in_the_house_style(str(caught.value))
