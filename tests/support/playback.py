"""The benchmark of what is heard, as a process of its own beside the tests."""

import os
import signal
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
PATIENCE_SECONDS = 300


class Playback:
    """Two minutes of a session, recorded and compared."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(BENCHMARKS / "playback.py"), str(BENCHMARKS / "two_minutes.yaml")],
            env={name: value for name, value in os.environ.items() if name != "DBUS_SESSION_BUS_ADDRESS"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def figures(self) -> str:
        """Wait for its end; give what it prints."""
        return self._process.communicate(timeout=PATIENCE_SECONDS)[0]

    @property
    def failed(self) -> bool:
        return self._process.returncode != 0

    def close(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)  # and the sound server that it started
        self._process.communicate()
