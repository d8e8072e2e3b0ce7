"""Runs ``system_worker``, each request in a process of its own, and makes sure of what comes back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import soundfile

from nightstretch.audio import Clip, to_pcm
from nightstretch.errors import VoiceError

WORKER: Final = (sys.executable, "-P", str(Path(__file__).with_name("system_worker.py")))
"""``-P``: the folder the file lies in must not hide modules of the same names."""

Json = dict[str, Any]
_Answer = TypeVar("_Answer")

_ATTEMPTS = 3
_LEAST_SECONDS_A_WORD = 0.05


class Workers:
    """Runs requests, as many at once as there are cores; safe to use from several threads.

    ``command`` is the worker, ``seconds`` how long it may take: ten times what the longest piece was seen to.
    """

    def __init__(self, command: Sequence[str] = WORKER, seconds: float = 20.0) -> None:
        self._command = tuple(command)
        self._seconds = seconds
        self._slots = threading.BoundedSemaphore(os.cpu_count() or 1)

    def list_voices(self) -> Json:
        """Ask for the voices of this machine, as ``system_worker`` reports them. Raises VoiceError."""
        return self._try({"do": "list"}, lambda answer: answer)

    def speak(self, voice: str, rate: int, text: str) -> Clip:
        """Speak a text with the voice of that ID at a rate of the driver. Raises VoiceError."""
        with tempfile.TemporaryDirectory(prefix="nightstretch-", ignore_cleanup_errors=True) as folder:
            path = Path(folder) / "clip.wav"
            request = {"do": "speak", "voice": voice, "rate": rate, "text": text, "path": str(path)}
            return self._try(request, lambda _: _read(path, text))

    def _try(self, request: Json, read: Callable[[Json], _Answer]) -> _Answer:
        """Run a request until its answer can be read: pyttsx3 fails rarely, and seldom twice in a row."""
        failure = VoiceError()
        for _ in range(_ATTEMPTS):
            try:
                return read(self._run(request))
            except VoiceError as error:
                failure = error
        raise failure

    def _run(self, request: Json) -> Json:
        content = json.dumps({**request, "seconds": self._seconds})
        with self._slots:
            try:
                output, messages, code = _communicate(self._command, content, self._seconds)
            except subprocess.TimeoutExpired:
                raise VoiceError(
                    f"the system's voice did not answer within {self._seconds:g} s; try --voice natural"
                ) from None
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


def _communicate(command: Sequence[str], content: str, seconds: float) -> tuple[str, str, int]:
    """Run a command; give its output, its messages and its exit code."""
    # In a session of its own: Ctrl-C is for the program, which lets a worker finish its fraction of a second.
    apart: Json = {"start_new_session": True}
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    ended = subprocess.run(  # noqa: S603 - our own file, our own Python
        command,
        input=content,
        capture_output=True,
        timeout=seconds,
        check=False,
        encoding="utf-8",
        errors="replace",
        **apart,
    )
    return ended.stdout, ended.stderr, ended.returncode


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
