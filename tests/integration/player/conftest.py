"""Real devices to play through that nobody hears: a sound server, and a card that is a file. A real bus."""

import contextlib
import gc
import shutil
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.playback import Playback
from support.sound_server import SoundServer

if TYPE_CHECKING:
    from support.session_bus import SessionBus


@contextlib.contextmanager
def _server(folder: Path) -> Iterator[SoundServer]:
    for program in ("pulseaudio", "pactl", "pacat", "parec"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    try:
        server = SoundServer(folder)
    except TimeoutError as error:
        pytest.skip(f"the sound server does not start: {error}")
    with contextlib.closing(server):
        yield server


@pytest.fixture(scope="session")
def captured_playback() -> Iterator[Playback]:
    with contextlib.closing(Playback()) as playback:
        yield playback


@pytest.fixture(scope="session")
def running_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SoundServer]:
    # Tests that play mostly wait: what takes two minutes to record is recorded beside them.
    if any("captured_playback" in getattr(item, "fixturenames", ()) for item in request.session.items):
        request.getfixturevalue("captured_playback")
    with _server(tmp_path_factory.mktemp("pulse")) as server:
        yield server


@pytest.fixture
def sound_server(running_server: SoundServer, monkeypatch: pytest.MonkeyPatch) -> SoundServer:
    """A sound server that is the default of this process for as long as the test lasts."""
    pytest.importorskip("miniaudio", reason="miniaudio is not installed")
    monkeypatch.setenv("PULSE_SERVER", running_server.address)
    return running_server


@pytest.fixture
def mortal_server(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SoundServer]:
    """A sound server of the test's own, to be killed and started again; there is no other sound device."""
    pytest.importorskip("miniaudio", reason="miniaudio is not installed")
    folder = tmp_path_factory.mktemp("pulse")
    (folder / "empty.conf").write_text("")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(folder / "empty.conf"))
    with _server(folder) as server:
        monkeypatch.setenv("PULSE_SERVER", server.address)
        yield server


@pytest.fixture
def file_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sound card for ALSA that writes what it is given into the file returned, as fast as it comes."""
    pytest.importorskip("simpleaudio", reason="simpleaudio is not installed")
    card = tmp_path / "card.raw"
    configuration = tmp_path / "asound.conf"
    configuration.write_text(
        f"pcm.nobody {{ type null }}\n"
        f'pcm.!default {{ type file slave.pcm "nobody" file "|cat >>{card}" format "raw" }}\n'
        f"ctl.!default {{ type hw card 0 }}\n"
    )
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(configuration))
    return card


@pytest.fixture
def no_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a sound card and without a sound server."""
    empty = tmp_path / "empty.conf"
    empty.write_text("")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(empty))
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'nothing'}")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


@pytest.fixture
def session_bus(monkeypatch: pytest.MonkeyPatch) -> "Iterator[SessionBus]":
    """A session bus that is this process's own for as long as the test lasts."""
    pytest.importorskip("jeepney", reason="jeepney is not installed")
    for program in ("dbus-daemon", "playerctl"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    from support.session_bus import SessionBus  # noqa: PLC0415 - it needs jeepney

    bus = SessionBus()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
    yield bus
    bus.close()
    for thread in threading.enumerate():
        if thread.name in {"media keys", "awake"}:
            thread.join()
    with warnings.catch_warnings():
        # Where nobody can be asked, wakepy leaves its connection to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
