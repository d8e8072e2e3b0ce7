"""Runs ``system_worker``, each request in a process of its own, and makes sure of what comes back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import soundfile

from nightstretch import interrupts
from nightstretch.audio import Clip, to_pcm
from nightstretch.errors import VoiceError

WORKER: Final = (sys.executable, "-P", str(Path(__file__).with_name("system_worker.py")))
"""``-P``: the folder the file lies in must not hide modules of the same names."""

Json = dict[str, Any]
_Answer = TypeVar("_Answer")

_ATTEMPTS = 3
_TICK_SECONDS = 0.1  # how often somebody looks whether a worker is still wanted
_LEAST_SECONDS_A_WORD = 0.05


class _UselessError(VoiceError):
    """Trying again would not help."""


class Workers:
    """Runs requests, as many at once as there are cores; safe to use from several threads.

    ``command`` is the worker, ``seconds`` how long it may take: ten times what the longest piece was seen to.
    """

    def __init__(self, command: Sequence[str] = WORKER, seconds: float = 20.0) -> None:
        self._command = tuple(command)
        self._seconds = seconds
        self._slots = threading.BoundedSemaphore(os.cpu_count() or 1)
        self._closed = threading.Event()

    def list_voices(self) -> Json:
        """Ask for the voices of this machine, as ``system_worker`` reports them. Raises VoiceError."""
        return self._try({"do": "list"}, lambda answer: answer)

    def speak(self, voice: str, rate: int, text: str) -> Clip:
        """Speak a text with the voice of that ID at a rate of the driver. Raises VoiceError."""
        with tempfile.TemporaryDirectory(prefix="nightstretch-", ignore_cleanup_errors=True) as folder:
            path = Path(folder) / "clip.wav"
            request = {"do": "speak", "voice": voice, "rate": rate, "text": text, "path": str(path)}
            return self._try(request, lambda _: _read(path, text))

    def close(self) -> None:
        """End what is running, within a moment, wherever it is waited for: there it raises VoiceError."""
        self._closed.set()

    def _try(self, request: Json, read: Callable[[Json], _Answer]) -> _Answer:
        """Run a request until its answer can be read: pyttsx3 fails rarely, and seldom twice in a row."""
        failure = VoiceError()
        for _ in range(_ATTEMPTS):
            try:
                return read(self._run(request))
            except _UselessError:
                raise
            except VoiceError as error:
                failure = error
        raise failure

    def _run(self, request: Json) -> Json:
        content = json.dumps({**request, "seconds": self._seconds})
        with self._slots:
            try:
                output, messages, code = self._communicate(content)
            except OSError as error:
                raise VoiceError(f"the system's voice cannot be started ({error})") from error
        try:
            answer = json.loads(output)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            reason = messages.strip().rpartition("\n")[2] or f"exit code {code}"
            raise VoiceError(f"the system's voice ended by itself ({reason}); try --voice natural")
        if "error" in answer:
            raise VoiceError(f"the system's voice failed: {answer['error']}")
        return answer

    def _communicate(self, content: str) -> tuple[str, str, int]:
        """Run the worker; give its output, its messages and its exit code."""
        deadline = time.monotonic() + self._seconds
        self._check(deadline)
        left: str | None = content
        with _start(self._command) as process:
            try:
                while True:
                    try:
                        output, messages = process.communicate(left, timeout=_TICK_SECONDS)
                    except subprocess.TimeoutExpired:
                        left = None  # it is on its way
                        self._check(deadline)
                    else:
                        return output, messages, process.returncode
            except BaseException:
                process.kill()
                raise

    def _check(self, deadline: float) -> None:
        """Raise VoiceError if an answer is not wanted any more, or cannot be expected."""
        if self._closed.is_set() or interrupts.interrupted():
            raise _UselessError("the system's voice was closed; open it again")
        if time.monotonic() > deadline:
            raise _UselessError(
                f"the system's voice did not answer within {self._seconds:g} s; try --voice natural"
            )


def _start(command: Sequence[str]) -> subprocess.Popen[str]:
    # In a session of its own: Ctrl-C is for the program, which ends its workers itself.
    apart: Json = {"start_new_session": True}
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return subprocess.Popen(  # noqa: S603 - our own file, our own Python
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        **apart,
    )


def _read(path: Path, text: str) -> Clip:
    """Read what was spoken, by its content: macOS writes AIFF whatever the name says."""
    try:
        signal, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, soundfile.SoundFileError) as error:
        raise VoiceError(f"the system's voice wrote no sound for {text!r} ({error})") from error
    clip = Clip(to_pcm(signal.mean(axis=1)), int(rate))
    if clip.seconds < _LEAST_SECONDS_A_WORD * len(text.split()):
        raise VoiceError(f"the system's voice broke off after {clip.seconds:.2f} s of {text!r}")
    return clip
