"""What the desktop is told of a session, and that it costs nothing where there is no desktop."""

import dataclasses
import socket
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from nightstretch.player import media_keys
from nightstretch.player.media_keys import NoMediaKeys, media_keys_problem, open_media_keys
from nightstretch.player.status import Status

pytest.importorskip("jeepney", reason="jeepney is not installed")
from nightstretch.player.mpris import Mpris, _News, player_properties

PLAYING = Status(
    title="Evening",
    part="Knees to chest",
    exercise=1,
    cue=None,
    elapsed_seconds=60.0,
    left_seconds=900.0,
    speed=1.0,
    volume=0.8,
    muted=False,
    paused=False,
)
MINUTE_LATER = dataclasses.replace(PLAYING, elapsed_seconds=120.0, left_seconds=840.0)


def told(news: _News, status: Status, moment: float) -> list[tuple[str, Any]]:
    """Give the names of the signals, and what they say."""
    names = []
    for signal in news.signals(status, moment):
        member = signal.header.fields[3]
        names.append((member, signal.body[1] if member == "PropertiesChanged" else signal.body[0]))
    return names


class TestProperties:
    def test_the_part_is_the_title_and_the_routine_the_album(self) -> None:
        metadata = player_properties(PLAYING, 960.0)["Metadata"][1]
        assert metadata["xesam:title"] == ("s", "Knees to chest")
        assert metadata["xesam:album"] == ("s", "Evening")
        assert metadata["xesam:trackNumber"] == ("i", 1)
        assert metadata["mpris:length"] == ("x", 960_000_000)

    def test_outside_the_exercises_there_is_no_number(self) -> None:
        opening = dataclasses.replace(PLAYING, part="Opening", exercise=None)
        assert "xesam:trackNumber" not in player_properties(opening, 960.0)["Metadata"][1]

    def test_what_is_muted_is_shown_as_silent(self) -> None:
        assert player_properties(PLAYING, 0.0)["Volume"] == ("d", 0.8)
        assert player_properties(dataclasses.replace(PLAYING, muted=True), 0.0)["Volume"] == ("d", 0.0)


class TestNews:
    def test_time_that_passes_is_no_news(self) -> None:
        assert not told(_News(PLAYING, 1000.0), MINUTE_LATER, 1060.0)

    def test_words_and_their_speed_are_no_news(self) -> None:
        other = dataclasses.replace(PLAYING, cue="Breathe out.", speed=0.8)
        assert not told(_News(PLAYING, 1000.0), other, 1000.1)

    def test_a_pause_is_told_once_and_stops_the_time(self) -> None:
        news = _News(PLAYING, 1000.0)
        paused = dataclasses.replace(PLAYING, paused=True)
        assert told(news, paused, 1000.1) == [("PropertiesChanged", {"PlaybackStatus": ("s", "Paused")})]
        assert not told(news, paused, 1090.0)
        assert told(news, PLAYING, 1090.1) == [("PropertiesChanged", {"PlaybackStatus": ("s", "Playing")})]
        assert not told(news, MINUTE_LATER, 1150.1)

    def test_the_next_exercise_is_told(self) -> None:
        news = _News(PLAYING, 1000.0)
        [(member, changed)] = told(news, dataclasses.replace(PLAYING, part="Twist", exercise=2), 1000.1)
        assert member == "PropertiesChanged"
        assert changed.keys() == {"Metadata"}

    def test_a_jump_is_told_once(self) -> None:
        news = _News(PLAYING, 1000.0)
        assert told(news, MINUTE_LATER, 1000.1) == [("Seeked", 120_000_000)]
        assert not told(news, MINUTE_LATER, 1000.2)

    def test_time_that_stands_still_is_told(self) -> None:
        news = _News(PLAYING, 1000.0)
        assert not told(news, PLAYING, 1000.9)
        assert told(news, PLAYING, 1001.1) == [("Seeked", 60_000_000)]

    def test_a_length_that_trembles_is_no_news(self) -> None:
        news = _News(PLAYING, 1000.0)
        assert not told(news, dataclasses.replace(PLAYING, left_seconds=900.4), 1000.1)
        [(_, changed)] = told(news, dataclasses.replace(PLAYING, left_seconds=960.0), 1000.2)
        assert changed["Metadata"][1]["mpris:length"] == ("x", 1_020_000_000)


class TestWhereNobodyListens:
    @pytest.mark.parametrize(
        "address",
        [None, "", "nonsense", "autolaunch:", "unix:path=/nowhere/at/all", "tcp:host=localhost,port=1"],
    )
    def test_without_a_bus_nothing_happens(
        self, address: str | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if address is None:
            monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
        else:
            monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        with open_media_keys(print) as keys:
            keys.show(PLAYING)
            keys.show(MINUTE_LATER)
        assert isinstance(keys, Mpris)
        assert keys._thread is not None
        assert not keys._thread.is_alive()

    def test_nothing_begins_before_there_is_something_to_show(self) -> None:
        with open_media_keys(print) as keys:
            assert isinstance(keys, Mpris)
            assert keys._thread is None

    def test_nobody_waits_for_a_bus_that_hangs(
        self, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = Path(tmp_path_factory.mktemp("bus")) / "hangs"
        with socket.socket(socket.AF_UNIX) as bus:
            bus.bind(str(path))
            bus.listen()
            monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={path}")
            began = time.monotonic()
            with open_media_keys(print) as keys:
                keys.show(PLAYING)
            assert time.monotonic() - began < 1
            monkeypatch.setattr(media_keys, "ANSWER_SECONDS", 0.01)
            assert "no session bus answers" in str(media_keys_problem())
        assert isinstance(keys, Mpris)
        assert keys._thread is not None
        keys._thread.join()

    def test_without_the_extra_there_are_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "nightstretch.player.mpris", None)
        with open_media_keys(print) as keys:
            keys.show(PLAYING)
        assert isinstance(keys, NoMediaKeys)


class TestTheDoctor:
    @pytest.fixture(autouse=True)
    def _linux(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "platform", "linux")

    def test_offers_the_extra(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "nightstretch.player.mpris", None)
        assert "nightstretch[media-keys]" in str(media_keys_problem())

    def test_says_that_there_is_no_bus(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
        assert "no session bus answers" in str(media_keys_problem())

    def test_knows_that_other_systems_have_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "platform", "darwin")
        assert "Linux only" in str(media_keys_problem())
