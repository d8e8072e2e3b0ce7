"""Media keys on a real bus, pressed with playerctl; and a desktop on it that keeps the computer awake."""

import dataclasses
import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

pytest.importorskip("jeepney", reason="jeepney is not installed")
from support.session_bus import PATIENCE_SECONDS, Desktop, SessionBus, eventually

from nightstretch.player.awake import awake_problem, keep_awake
from nightstretch.player.commands import Command
from nightstretch.player.media_keys import media_keys_problem, open_media_keys
from nightstretch.player.mpris import Mpris
from nightstretch.player.status import Status

pytestmark = pytest.mark.bus

PLAYING = Status(
    title="Evening",
    part="Knees to chest, über all",
    exercise=1,
    cue=None,
    elapsed_seconds=60.0,
    left_seconds=900.0,
    speed=1.0,
    volume=0.5,
    muted=False,
    paused=False,
)
PAUSED = dataclasses.replace(PLAYING, paused=True)
AWAKE = "import sys\nfrom nightstretch.player.awake import keep_awake\nwith keep_awake(): sys.stdin.read()"


class Player:
    """A player on the bus that does nothing but note what it is asked for."""

    def __init__(self, bus: SessionBus) -> None:
        self._bus = bus
        self._commands: queue.Queue[Command] = queue.Queue()
        self.keys = open_media_keys(self._commands.put)

    def show(self, status: Status) -> None:
        """Show something, and wait until the bus has it."""
        self.keys.show(status)
        eventually(
            lambda: (
                self.says("status") == ("Paused" if status.paused else "Playing")
                and self.says("metadata", "xesam:title") == status.part
            )
        )

    def says(self, *question: str) -> str:
        return self._bus.run("playerctl", "--player=nightstretch", *question)

    def hears(self) -> Command:
        return self._commands.get(timeout=PATIENCE_SECONDS)

    @property
    def thread_lives(self) -> bool:
        assert isinstance(self.keys, Mpris)
        assert self.keys._thread is not None
        return self.keys._thread.is_alive()


@pytest.fixture
def player(session_bus: SessionBus) -> Iterator[Player]:
    player = Player(session_bus)
    with player.keys:
        player.show(PLAYING)
        yield player


class TestAPlayer:
    def test_is_found_where_players_are_until_it_is_left(self, session_bus: SessionBus) -> None:
        player = Player(session_bus)
        with player.keys:
            player.show(PLAYING)
            assert session_bus.run("playerctl", "--list-all") == "nightstretch"
        assert session_bus.run("playerctl", "--list-all") == "No players found"

    def test_shows_what_plays(self, player: Player) -> None:
        assert player.says("metadata", "title") == "Knees to chest, über all"
        assert player.says("metadata", "album") == "Evening"
        assert player.says("metadata", "artist") == "nightstretch"
        assert player.says("metadata", "xesam:trackNumber") == "1"
        assert player.says("metadata", "mpris:length") == "960000000"
        assert round(float(player.says("position"))) == 60
        assert player.says("volume") == "0.500000"

    def test_shows_a_pause_and_the_next_part(self, player: Player) -> None:
        player.show(PAUSED)
        player.show(dataclasses.replace(PLAYING, part="Closing", exercise=None, elapsed_seconds=900.0))
        assert round(float(player.says("position"))) == 900
        assert "No" in player.says("metadata", "xesam:trackNumber")

    @pytest.mark.parametrize(
        ("press", "command"),
        [
            ("play-pause", Command.TOGGLE),
            ("play", Command.PLAY),
            ("pause", Command.PAUSE),
            ("next", Command.NEXT),
            ("previous", Command.PREVIOUS),
            ("stop", Command.END),
        ],
    )
    def test_hears_each_key(self, player: Player, press: str, command: Command) -> None:
        assert player.says(press) == ""
        assert player.hears() is command

    def test_tells_those_who_watch(self, player: Player, session_bus: SessionBus) -> None:
        with subprocess.Popen(
            ["playerctl", "--follow", "--format={{status}} {{title}}", "metadata"],
            env=session_bus.environment,
            stdout=subprocess.PIPE,
            text=True,
        ) as watcher:
            assert watcher.stdout is not None
            assert watcher.stdout.readline() == "Playing Knees to chest, über all\n"
            player.keys.show(PAUSED)
            assert watcher.stdout.readline() == "Paused Knees to chest, über all\n"
            player.keys.show(dataclasses.replace(PAUSED, part="Twist"))
            assert watcher.stdout.readline() == "Paused Twist\n"
            watcher.terminate()

    def test_refuses_what_cannot_be_and_goes_on(self, player: Player, session_bus: SessionBus) -> None:
        assert "nothing can be set" in player.says("volume", "0.9")
        player.says("position", "5")
        where = ["--dest=org.mpris.MediaPlayer2.nightstretch", "--print-reply"]
        for path, method, *arguments in (
            ("/org/mpris/MediaPlayer2", "org.freedesktop.DBus.Properties.Get", "int32:1"),
            ("/org/mpris/MediaPlayer2", "org.mpris.MediaPlayer2.Player.Dance"),
            ("/elsewhere", "org.mpris.MediaPlayer2.Player.Next"),
        ):
            answer = session_bus.run("dbus-send", "--session", *where, path, method, *arguments)
            assert answer.startswith("Error org.freedesktop.DBus.Error.Unknown")
        player.says("next")
        assert player.hears() is Command.NEXT

    def test_describes_itself(self, player: Player, session_bus: SessionBus) -> None:
        description = session_bus.run(
            "dbus-send",
            "--session",
            "--dest=org.mpris.MediaPlayer2.nightstretch",
            "--print-reply",
            "/org/mpris/MediaPlayer2",
            "org.freedesktop.DBus.Introspectable.Introspect",
        )
        assert '<method name="PlayPause"></method>' in description
        assert '<property name="Metadata" type="a{sv}" access="read"/>' in description

    def test_has_a_name_of_its_own_beside_another(self, player: Player, session_bus: SessionBus) -> None:
        second = Player(session_bus)
        with second.keys:
            second.keys.show(PLAYING)
            both = f"nightstretch\nnightstretch.instance{os.getpid()}"
            eventually(lambda: session_bus.run("playerctl", "--list-all") == both)

    def test_survives_a_listener_that_fails(self, session_bus: SessionBus) -> None:
        def send(command: Command) -> None:
            raise ValueError(command)

        with open_media_keys(send) as keys:
            keys.show(PLAYING)
            eventually(lambda: session_bus.run("playerctl", "status") == "Playing")
            session_bus.run("playerctl", "next")
            keys.show(PAUSED)


class TestABusThatFails:
    def test_the_player_goes_on_when_it_is_killed(self, player: Player, session_bus: SessionBus) -> None:
        session_bus.close()
        eventually(lambda: not player.thread_lives)
        player.keys.show(PAUSED)

    def test_nobody_waits_for_one_that_hangs(self, session_bus: SessionBus) -> None:
        player = Player(session_bus)
        with player.keys:
            player.show(PLAYING)
            session_bus.hang()
            began = time.monotonic()
            for number in range(10_000):
                player.keys.show(dataclasses.replace(PLAYING, part=str(number)))
        assert time.monotonic() - began < 1
        session_bus.close()
        eventually(lambda: not player.thread_lives)

    def test_the_doctor_finds_a_bus_and_none(
        self, session_bus: SessionBus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert media_keys_problem() is None
        assert session_bus.run("playerctl", "--list-all") == "No players found"
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
        assert "no session bus answers" in str(media_keys_problem())


class TestStayingAwake:
    SUSPEND = 4
    """GNOME's flag for a sleep of the computer; that of the screen, 8, is not asked for."""

    @pytest.fixture(autouse=True)
    def _wakepy(self) -> None:
        pytest.importorskip("wakepy", reason="wakepy is not installed")

    @pytest.fixture
    def desktop(self, session_bus: SessionBus) -> Iterator[Desktop]:
        desktop = Desktop()
        yield desktop
        desktop.close()

    def test_lasts_as_long_as_it_plays(self, desktop: Desktop) -> None:
        with keep_awake():
            eventually(lambda: desktop.asked == ["Inhibit"])
        assert desktop.asked == ["Inhibit", "Uninhibit"]
        assert desktop.flags == [self.SUSPEND]

    def test_the_doctor_tries_it(self, desktop: Desktop) -> None:
        assert awake_problem() is None
        assert desktop.asked == ["Inhibit", "Uninhibit"]

    def test_a_bus_that_hangs_keeps_nobody(self, desktop: Desktop, session_bus: SessionBus) -> None:
        with keep_awake():
            eventually(lambda: desktop.asked == ["Inhibit"])
            session_bus.hang()
            began = time.monotonic()
        assert time.monotonic() - began < 1

    def test_ends_with_the_program_even_if_it_is_killed(
        self, desktop: Desktop, session_bus: SessionBus
    ) -> None:
        with subprocess.Popen(
            [sys.executable, "-c", AWAKE], env=session_bus.environment, stdin=subprocess.PIPE
        ) as process:
            eventually(lambda: desktop.asked == ["Inhibit"])
            # Desktops forget a wish when whoever made it leaves the bus.
            assert desktop.who in names(session_bus)
            process.send_signal(signal.SIGKILL)
        eventually(lambda: desktop.who not in names(session_bus))
        assert desktop.asked == ["Inhibit"]

    def test_nobody_to_ask_is_what_the_doctor_says(self, session_bus: SessionBus) -> None:
        assert "set it not to sleep" in str(awake_problem())


def names(bus: SessionBus) -> str:
    """Give the names of all who are on a bus."""
    listing = ("--dest=org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.ListNames")
    return bus.run("dbus-send", "--session", "--print-reply", *listing)
