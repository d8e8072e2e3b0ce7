"""A sound server of our own, which plays to nobody and is listened to while it does."""

import contextlib
import os
import subprocess
import threading
import time
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nightstretch.audio import SESSION_RATE, Pcm

START_SECONDS = 10
CLIENT = ("--raw", f"--rate={SESSION_RATE}", "--channels=1", "--format=s16le", "--latency-msec=10")


class Recording:
    """What a sound server plays, as it plays it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._recorder = subprocess.Popen(
            ["parec", *CLIENT, "--device=quiet.monitor"], env=environment, stdout=subprocess.PIPE
        )
        self._blocks: list[bytes] = []
        self._times: list[tuple[float, int]] = []
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._times:
            assert time.monotonic() < deadline, "the sound server plays nothing"
            time.sleep(0.01)

    def _read(self) -> None:
        assert self._recorder.stdout is not None
        samples = 0
        while block := os.read(self._recorder.stdout.fileno(), 1 << 16):
            self._blocks.append(block)
            samples += len(block) // 2
            self._times.append((time.monotonic(), samples))
        self._recorder.stdout.close()

    def stop(self) -> None:
        self._recorder.terminate()
        self._recorder.wait()
        self._thread.join()

    @property
    def sound(self) -> Pcm:
        """From the first sample that is not silence to the last."""
        return np.trim_zeros(self.everything)

    @property
    def everything(self) -> Pcm:
        return np.frombuffer(b"".join(self._blocks), np.int16)

    def sample_at(self, moment: float) -> int:
        """Tell how many samples had arrived by then."""
        return max((samples for when, samples in self._times if when <= moment), default=0)

    def moment_of(self, sample: int) -> float:
        """Tell when a sample arrived, by ``time.monotonic()``."""
        number = bisect_right(self._times, sample, key=lambda entry: entry[1])
        when, samples = self._times[min(number, len(self._times) - 1)]
        return when - (samples - sample) / SESSION_RATE


class SoundServer:
    """A PulseAudio with one sink, which plays to nobody in real time. It can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.address = f"unix:{folder / 'socket'}"
        self.environment = os.environ | {
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_SERVER": self.address,
        }
        self._folder = folder
        self._log = (folder / "log").open("w")
        self.start()

    def start(self) -> None:
        folder = self._folder
        self._processes = [
            self._run(
                "pulseaudio",
                "-n",
                "--daemonize=no",
                "--exit-idle-time=-1",
                "--disable-shm=1",
                f"--load=module-native-protocol-unix socket={folder / 'socket'} auth-anonymous=1",
                f"--load=module-null-sink sink_name=quiet rate={SESSION_RATE} channels=1 format=s16le",
            )
        ]
        deadline = time.monotonic() + START_SECONDS
        while subprocess.run(
            ["pactl", "info"], env=self.environment, capture_output=True, check=False
        ).returncode:
            if time.monotonic() > deadline:
                self.close()
                raise TimeoutError((folder / "log").read_text())
            time.sleep(0.05)
        # While something plays, the sink stays awake and works in small steps, like a real card.
        self._processes.append(self._run("pacat", "--playback", *CLIENT, "/dev/zero"))

    def _run(self, *command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, env=self.environment, stdout=self._log, stderr=self._log)

    @contextlib.contextmanager
    def record(self) -> Iterator[Recording]:
        recording = Recording(self.environment)
        try:
            yield recording
        finally:
            recording.stop()

    def control(self, *command: str) -> str:
        """Have ``pactl`` do something, and give what it says: of a module that was loaded, its number."""
        return subprocess.check_output(["pactl", *command], env=self.environment, text=True).strip()

    def signal(self, number: int) -> None:
        """Send a signal to the server itself."""
        self._processes[0].send_signal(number)

    def kill(self) -> None:
        """End it as a crash would."""
        for process in self._processes:
            process.kill()
            process.wait()

    def close(self) -> None:
        self.kill()
        self._log.close()
