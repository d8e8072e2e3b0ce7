"""A session bus of our own, and a desktop on it that can be asked to keep the computer awake."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable

from jeepney import HeaderFields, MessageType, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import Proxy, open_dbus_connection

PATIENCE_SECONDS = 10.0


def eventually(true: Callable[[], object]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)


class SessionBus:
    """A bus with nobody on it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        with self._process.stdout as output:
            self.address = output.readline().strip()

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to find this bus."""
        return os.environ | {"DBUS_SESSION_BUS_ADDRESS": self.address}

    def run(self, *command: str) -> str:
        """Run a program on this bus; give what it says, of its errors too."""
        return subprocess.run(
            command,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        ).stdout.strip()

    def hang(self) -> None:
        """Answer nobody any more."""
        self._process.send_signal(signal.SIGSTOP)

    def close(self) -> None:
        """Be gone, at once."""
        self._process.kill()
        self._process.wait()


class Desktop:
    """Somebody who can be asked to keep the computer awake, as GNOME can, and notes who asks for what."""

    def __init__(self) -> None:
        self._connection = open_dbus_connection()
        self._bus = Proxy(message_bus, self._connection)
        self._bus.RequestName("org.gnome.SessionManager")
        self.asked: list[str] = []
        self.flags: list[int] = []
        self.who = ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._answer)
        self._thread.start()

    def _answer(self) -> None:
        while not self._over.is_set():
            try:
                call = self._connection.receive(timeout=0.05)
            except TimeoutError:
                continue
            if call.header.message_type is not MessageType.method_call:
                continue
            member = call.header.fields[HeaderFields.member]
            if member == "Inhibit":
                self.who = call.header.fields[HeaderFields.sender]
                self.flags.append(call.body[3])
                reply = new_method_return(call, "u", (7,))
            else:
                reply = new_method_return(call)
            self.asked.append(member)
            self._connection.send(reply)

    def close(self) -> None:
        """Answer nobody any more, and be gone from the bus."""
        self._over.set()
        self._thread.join()
        self._connection.close()
