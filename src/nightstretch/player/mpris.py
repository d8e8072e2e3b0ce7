"""A player for the desktop's media controls on Linux: MPRIS 2.2, which is D-Bus on the session bus.

The session is one track, whose title is the part of it that plays: so its position and its length are those
of the evening. Everything here happens in one thread, which looks ten times a second at what was shown last
and tells the desktop what has changed. The player waits for none of it: a bus that hangs is left behind.

https://specifications.freedesktop.org/mpris-spec/latest/
"""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Any, Final, Self
from xml.sax.saxutils import quoteattr

from jeepney import (
    DBusAddress,
    HeaderFields,
    MessageFlag,
    MessageType,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.bus_messages import DBusNameFlags, message_bus
from jeepney.io.blocking import Proxy, open_dbus_connection

from nightstretch.player.commands import Command

if TYPE_CHECKING:
    from collections.abc import Callable

    from nightstretch.player.status import Status

NAME: Final = "org.mpris.MediaPlayer2.nightstretch"
ROOT: Final = "org.mpris.MediaPlayer2"
PLAYER: Final = "org.mpris.MediaPlayer2.Player"
PROPERTIES: Final = "org.freedesktop.DBus.Properties"
PATH: Final = "/org/mpris/MediaPlayer2"
TRACK: Final = "/org/nightstretch/session"

TICK_SECONDS: Final = 0.1
"""How often the desktop is told what has changed."""

CLOSE_SECONDS: Final = 0.5
"""How long the end waits for a bus that hangs."""

ANSWER_SECONDS: Final = 10.0
"""How long the bus may take to grant a name."""

JUMP_SECONDS: Final = 1.0
"""How far position and length may be from what the desktop believes before it is told."""

METHODS: Final = {
    f"{ROOT}.Quit": Command.END,
    f"{PLAYER}.Next": Command.NEXT,
    f"{PLAYER}.Previous": Command.PREVIOUS,
    f"{PLAYER}.Pause": Command.PAUSE,
    f"{PLAYER}.Play": Command.PLAY,
    f"{PLAYER}.PlayPause": Command.TOGGLE,
    f"{PLAYER}.Stop": Command.END,
}
"""What each method asks for."""

IGNORED: Final = {f"{ROOT}.Raise": "", f"{PLAYER}.Seek": "x", f"{PLAYER}.SetPosition": "ox"}
"""What does nothing where the properties say that it cannot be done, and the types of its arguments."""

Properties = dict[str, tuple[str, Any]]
"""Names, and values with their D-Bus types."""

ROOT_PROPERTIES: Final[Properties] = {
    "CanQuit": ("b", True),
    "CanRaise": ("b", False),
    "HasTrackList": ("b", False),
    "Identity": ("s", "nightstretch"),
    "SupportedMimeTypes": ("as", []),
    "SupportedUriSchemes": ("as", []),
}


def player_properties(status: Status, length_seconds: float) -> Properties:
    """Give the properties of the player, times in microseconds."""
    metadata = {
        "mpris:length": ("x", round(length_seconds * 1e6)),
        "mpris:trackid": ("o", TRACK),
        "xesam:album": ("s", status.title),
        "xesam:artist": ("as", ["nightstretch"]),
        "xesam:title": ("s", status.part),
    }
    if status.exercise is not None:
        metadata["xesam:trackNumber"] = ("i", status.exercise)
    return {
        "CanControl": ("b", True),
        "CanGoNext": ("b", True),
        "CanGoPrevious": ("b", True),
        "CanPause": ("b", True),
        "CanPlay": ("b", True),
        "CanSeek": ("b", False),
        "MaximumRate": ("d", 1.0),
        "Metadata": ("a{sv}", metadata),
        "MinimumRate": ("d", 1.0),
        "PlaybackStatus": ("s", "Paused" if status.paused else "Playing"),
        "Position": ("x", round(status.elapsed_seconds * 1e6)),
        # The speed changes the words, not how fast the evening passes.
        "Rate": ("d", 1.0),
        "Volume": ("d", 0.0 if status.muted else status.volume),
    }


def reach_bus() -> None:
    """Return if there is a session bus. Raises whatever is wrong with it, and may take for ever."""
    open_dbus_connection().close()


class Mpris:
    """One player on the session bus, from the first status that is shown until it is left.

    Ends quietly where there is no bus, or none any more. ``send`` is called from its thread.
    """

    def __init__(self, send: Callable[[Command], object]) -> None:
        self._send = send
        self._thread: threading.Thread | None = None
        self._over = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join(CLOSE_SECONDS)

    def show(self, status: Status) -> None:
        """Have the desktop told; returns at once."""
        self._shown = status, time.monotonic()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="media keys", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        try:
            self._serve()
        except Exception:  # noqa: BLE001 - whatever is wrong with the bus, the sound goes on
            return

    def _serve(self) -> None:
        news = _News(*self._shown)
        with open_dbus_connection() as connection:
            bus = Proxy(message_bus, connection, timeout=ANSWER_SECONDS)
            # The specification's name for a second player of the same kind.
            for name in (NAME, f"{NAME}.instance{os.getpid()}"):
                if bus.RequestName(name, DBusNameFlags.do_not_queue) == (1,):
                    break
            while not self._over.is_set():
                try:
                    call = connection.receive(timeout=TICK_SECONDS)
                except TimeoutError:
                    call = None
                if call is not None and call.header.message_type is MessageType.method_call:
                    reply = self._reply(call, news.properties)
                    if not call.header.flags & MessageFlag.no_reply_expected:
                        connection.send(reply)
                for signal in news.signals(*self._shown):
                    connection.send(signal)

    def _reply(self, call: Any, player: Properties) -> Any:  # noqa: ANN401 - jeepney has no types
        try:
            return new_method_return(call, *self._answer(call, player))
        except _RefusedError as refused:
            return new_error(call, f"org.freedesktop.DBus.Error.{refused.name}", "s", (refused.reason,))

    def _answer(self, call: Any, player: Properties) -> tuple[str | None, tuple[Any, ...]]:  # noqa: ANN401
        """Do what is asked for; give the types and the values of the answer. Raises _RefusedError."""
        fields = call.header.fields
        method = f"{fields.get(HeaderFields.interface)}.{fields[HeaderFields.member]}"
        interfaces = {ROOT: ROOT_PROPERTIES, PLAYER: player}
        if fields[HeaderFields.path] != PATH:
            raise _RefusedError("UnknownObject", f"there is only {PATH}")
        types: str | None = None
        values: tuple[Any, ...] = ()
        match method, call.body:
            case _ if method in METHODS:
                self._send(METHODS[method])
            case _ if method in IGNORED:
                pass
            case "org.freedesktop.DBus.Properties.Get", (str(interface), str(name)):
                if name not in interfaces.get(interface, {}):
                    raise _RefusedError("UnknownProperty", f"{interface} has no {name}")
                types, values = "v", (interfaces[interface][name],)
            case "org.freedesktop.DBus.Properties.GetAll", (str(interface),):
                types, values = "a{sv}", (interfaces.get(interface, {}),)
            case "org.freedesktop.DBus.Properties.Set", _:
                raise _RefusedError("PropertyReadOnly", "nothing can be set")
            case "org.freedesktop.DBus.Introspectable.Introspect", ():
                types, values = "s", (_introspection(interfaces),)
            case "org.freedesktop.DBus.Peer.Ping", ():
                pass
            case _:
                raise _RefusedError("UnknownMethod", f"there is no {method} with such arguments")
        return types, values


class _RefusedError(Exception):
    """What was asked for cannot be answered: a name of D-Bus's for that, and why."""

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason


class _News:
    """What the desktop believes, and what it is to be told for that to be true."""

    def __init__(self, status: Status, moment: float) -> None:
        self._length = status.elapsed_seconds + status.left_seconds
        self._position = status.elapsed_seconds
        self._moment = moment
        self.properties = player_properties(status, self._length)

    def signals(self, status: Status, moment: float) -> list[Any]:
        """Take note of a status and of when it was true, by `time.monotonic`; give the signals to be sent."""
        signals = []
        if self.properties["PlaybackStatus"] == ("s", "Playing"):
            self._position += moment - self._moment
        self._moment = moment
        length = status.elapsed_seconds + status.left_seconds
        if abs(length - self._length) >= JUMP_SECONDS:
            self._length = length
        before, self.properties = self.properties, player_properties(status, self._length)
        changed = {
            name: value
            for name, value in self.properties.items()
            if name != "Position" and value != before[name]
        }
        if changed:
            address = DBusAddress(PATH, interface=PROPERTIES)
            signals.append(new_signal(address, "PropertiesChanged", "sa{sv}as", (PLAYER, changed, [])))
        if abs(status.elapsed_seconds - self._position) >= JUMP_SECONDS:
            self._position = status.elapsed_seconds
            address = DBusAddress(PATH, interface=PLAYER)
            signals.append(new_signal(address, "Seeked", "x", (self.properties["Position"][1],)))
        return signals


def _introspection(interfaces: dict[str, Properties]) -> str:
    """Describe the object in the XML of D-Bus; the standard interfaces go without saying."""
    arguments = dict.fromkeys(METHODS, "") | IGNORED
    lines = ["<node>"]
    for interface, properties in interfaces.items():
        lines.append(f"<interface name={quoteattr(interface)}>")
        for method, types in arguments.items():
            of, _, name = method.rpartition(".")
            if of == interface:
                inputs = "".join(f'<arg direction="in" type="{kind}"/>' for kind in types)
                lines.append(f'<method name="{name}">{inputs}</method>')
        lines += [
            f'<property name="{name}" type="{kind}" access="read"/>' for name, (kind, _) in properties.items()
        ]
        if interface == PLAYER:
            lines.append('<signal name="Seeked"><arg type="x"/></signal>')
        lines.append("</interface>")
    return "\n".join([*lines, "</node>"])
