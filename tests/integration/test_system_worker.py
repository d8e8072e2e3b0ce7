"""pyttsx3 for real, in its worker, with the espeak-ng of the system and with the one of the wheel."""

import importlib.util
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from nightstretch.errors import VoiceError
from nightstretch.voices import workers as module
from nightstretch.voices.workers import WORKER, Workers

TEXT = "Slowly lower your right ear towards your right shoulder."

# A machine without espeak-ng: no library of it is found until the wheel's own has been loaded by its path.
HIDDEN = f"""
import ctypes, runpy, sys
real = ctypes.CDLL.__init__
loaded = []
def init(self, name, *rest, **more):
    if name and "espeak" in name:
        if "espeakng_loader" in name:
            loaded.append(name)
        elif not loaded:
            raise OSError("hidden")
    real(self, name, *rest, **more)
ctypes.CDLL.__init__ = init
if "no wheel" in sys.argv:
    sys.modules["espeakng_loader"] = None
runpy.run_path({WORKER[-1]!r}, run_name="__main__")
"""


def hidden(*arguments: str) -> Workers:
    return Workers((sys.executable, "-P", "-c", HIDDEN, *arguments))


@pytest.fixture(params=["as it is", "wheel"])
def workers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Workers:
    # Here a second try would hide what must not happen at all.
    monkeypatch.setattr(module, "_ATTEMPTS", 1)
    if request.param == "as it is":
        found = Workers()
        try:
            found.list_voices()
        except VoiceError as error:
            pytest.skip(str(error))
        return found
    if sys.platform != "linux" or importlib.util.find_spec("espeakng_loader") is None:
        pytest.skip("the wheel espeakng-loader is for Linux and not installed here")
    return hidden()


def test_voices_are_listed_whatever_pyttsx3_prints(workers: Workers) -> None:
    answer = workers.list_voices()
    assert answer["default"] in [voice["id"] for voice in answer["voices"]]
    assert "pyttsx3" in answer["version"]


def test_every_text_has_its_own_rate_and_comes_out_the_same(workers: Workers) -> None:
    voice = workers.list_voices()["default"]
    rates = [80, 120, 180, 270] * 8
    with ThreadPoolExecutor(4) as executor:
        clips = list(executor.map(lambda rate: workers.speak(voice, rate, TEXT), rates))
    for clip, again in zip(clips[:4] * 7, clips[4:], strict=True):
        assert np.array_equal(clip.samples, again.samples)
    seconds = [clip.seconds for clip in clips[:4]]
    assert seconds == sorted(seconds, reverse=True)
    assert seconds[0] > 2.5 * seconds[3]


def test_an_unknown_voice_is_an_error_and_no_other_voice(workers: Workers) -> None:
    with pytest.raises(VoiceError, match="gmw/klingon"):
        workers.speak("gmw/klingon", 120, TEXT)


@pytest.mark.skipif(sys.platform != "linux", reason="espeak-ng comes from a wheel on Linux alone")
def test_without_espeak_ng_the_error_says_what_to_install() -> None:
    with pytest.raises(VoiceError, match=r"espeak-ng is not installed.*nightstretch\[system-voices\]"):
        hidden("no wheel").list_voices()
