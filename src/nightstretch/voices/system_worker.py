"""The process in which pyttsx3 lives: it lists the voices, or speaks one text into one file, and ends.

pyttsx3 is only safe this way. A second text in a process may come out empty or at another speed; a second
engine hangs; threads abort. A process for each text also makes the same text come out the same to the bit,
because espeak-ng carries its state from one text to the next. On Linux a process costs 0.1 s.

The request is one JSON object on standard input, the answer one on standard output. This file is run by its
path and imports nothing of nightstretch, so that it starts fast from any folder.
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import platform
import sys
import threading
import time
from importlib.metadata import version
from typing import Any

from nightstretch.errors import install_extra

Json = dict[str, Any]

_INSTALL = install_extra("system-voices")
_LINUX_LIBRARIES = ("libespeak-ng.so.1", "/usr/local/lib/libespeak-ng.so.1", "libespeak.so.1")
_SETTLE_TRIES, _SETTLE_SECONDS = 50, 0.01
# pyttsx3 turns words a minute into SAPI's steps of 11 % around this figure.
_SAPI_MIDDLE, _SAPI_STEP = 156.63, 1.11


class _WorkerError(Exception):
    """What went wrong, in words for the person who asked for the voice."""


def main() -> None:
    """Answer the one request."""
    # pyttsx3 prints to standard output: keep the real one for the answer, and send the prints elsewhere.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    request = json.load(sys.stdin)
    # A driver that hangs must not outlive whoever asked for it.
    watchdog = threading.Timer(request["seconds"], os._exit, (3,))
    watchdog.daemon = True
    watchdog.start()
    try:
        answer = _speak(request) if request["do"] == "speak" else _list()
    except Exception as error:  # noqa: BLE001 - it is reported, not hidden
        answer = {"error": str(error) or type(error).__name__}
    json.dump(answer, answers)
    answers.flush()
    os._exit(0)  # the driver's own clean-up fails on the way out


def _list() -> Json:
    """List all voices, the default one and what speaks them."""
    engine = _engine()
    voices = [
        {
            "id": voice.id,
            "name": voice.name or voice.id,
            "languages": [str(language) for language in voice.languages or () if language],
        }
        for voice in engine.getProperty("voices")
    ]
    if engine.driver_name == "espeak":
        driver_version = _espeak().Info().decode()
    else:
        driver_version = f"{platform.system()} {platform.version()}"
    return {
        "driver": engine.driver_name,
        "version": f"{driver_version}, pyttsx3 {version('pyttsx3')}",
        "default": engine.getProperty("voice"),
        "voices": voices,
    }


def _speak(request: Json) -> Json:
    """Speak the request's text into the file at its path."""
    engine = _engine()
    failures: list[str] = []
    ended = threading.Event()

    def finished(name: str | None, completed: bool) -> None:  # noqa: ARG001, FBT001 - pyttsx3 names and calls it
        if not completed:
            failures.append("it stopped early")
        ended.set()

    def failed(name: str | None, exception: BaseException) -> None:  # noqa: ARG001
        failures.append(str(exception))
        ended.set()

    def swallowed(args: sys.UnraisableHookArgs) -> None:
        # The driver works in a callback from C, whose exceptions, a full disk for one, reach nobody else.
        failures.append(str(args.exc_value))
        ended.set()

    sys.unraisablehook = swallowed
    engine.connect("finished-utterance", finished)
    engine.connect("error", failed)
    voice, rate = request["voice"], request["rate"]
    if engine.driver_name == "espeak":
        _set_espeak(voice, rate)
    else:
        engine.setProperty("voice", voice)
        engine.setProperty("rate", sapi_rate(rate) if engine.driver_name == "sapi5" else rate)
    engine.save_to_file(request["text"], request["path"])
    engine.runAndWait()
    if engine.driver_name != "sapi5":  # which saves before it returns, and tells nobody
        ended.wait()  # the watchdog sees to it that this ends
    if failures:
        raise _WorkerError(failures[0])
    return {}


def sapi_rate(rate: float) -> float:
    """Give the rate that lands on SAPI's nearest step; pyttsx3 would take the next one towards the middle."""
    step = round(math.log(rate / _SAPI_MIDDLE, _SAPI_STEP))
    return float(_SAPI_MIDDLE * _SAPI_STEP ** (step + math.copysign(0.01, step)))


def _set_espeak(voice: str, rate: int) -> None:
    """Set the voice and the rate in the library itself, and wait until it has taken them.

    In pyttsx3's queue one rate in a hundred is lost: its loop ends with a cancel, which clears the library's
    own queue, in which the rate still waits.
    """
    espeak = _espeak()
    espeak.Synchronize()
    if espeak.SetVoiceByName(voice.encode()) != espeak.EE_OK:
        raise _WorkerError(f"espeak-ng does not take the voice {voice}")
    for _ in range(_SETTLE_TRIES):
        espeak.SetParameter(espeak.RATE, rate, 0)
        espeak.Synchronize()
        # By its C name, because pyttsx3's getter leaves out that the current value is meant.
        if espeak.dll.espeak_GetParameter(espeak.RATE, 1) == rate:
            return
        time.sleep(_SETTLE_SECONDS)
    raise _WorkerError(f"espeak-ng does not take the rate {rate}")


def _engine() -> Any:  # noqa: ANN401 - pyttsx3 has no types
    if sys.platform == "linux":
        _find_espeak()
    try:
        import pyttsx3  # noqa: PLC0415
    except ImportError as error:
        raise _WorkerError(f"pyttsx3 cannot be used ({error}); {_INSTALL}") from error
    return pyttsx3.init()


def _espeak() -> Any:  # noqa: ANN401
    from pyttsx3.drivers import _espeak  # noqa: PLC0415

    return _espeak


def _find_espeak() -> None:
    """Where the system has no espeak-ng, let pyttsx3 find the one of the wheel ``espeakng-loader``."""
    for library in _LINUX_LIBRARIES:
        try:
            ctypes.CDLL(library)
        except OSError:
            continue
        return
    try:
        import espeakng_loader  # noqa: PLC0415
    except ImportError:
        raise _WorkerError(f"espeak-ng is not installed; {_INSTALL}") from None
    # Without its data the library ends the process. Once loaded, it is found under its own name.
    os.environ["ESPEAK_DATA_PATH"] = espeakng_loader.get_data_path()
    ctypes.CDLL(espeakng_loader.get_library_path(), mode=ctypes.RTLD_GLOBAL)


if __name__ == "__main__":
    main()
