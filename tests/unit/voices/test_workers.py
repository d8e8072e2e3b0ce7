"""The worker is replaced by small programs that misbehave in every way pyttsx3 was seen to, and some more."""

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from nightstretch.errors import VoiceError
from nightstretch.voices.workers import Workers

HEAD = """
import json, os, sys, time, wave
request = json.load(sys.stdin)
def sound(seconds=1.0):
    with wave.open(request["path"], "wb") as file:
        file.setparams((1, 2, 22050, 0, "NONE", "NONE"))
        file.writeframes(b"\\1\\2" * int(22050 * seconds))
"""


def workers(body: str, seconds: float = 20.0) -> Workers:
    return Workers((sys.executable, "-c", HEAD + body), seconds)


def flaky(tmp_path: Path, first: str) -> Workers:
    """Give a worker that does ``first`` the first time, and well from then on."""
    mark = tmp_path / "mark"
    return workers(f"""
mark = {str(mark)!r}
if not os.path.exists(mark):
    open(mark, "w").close()
    {first}
else:
    sound()
    print("{{}}")
""")


def test_a_clip_comes_back() -> None:
    clip = workers('sound(); print("{}")').speak("voice", 120, "Breathe in.")
    assert clip.rate == 22_050
    assert clip.seconds == 1.0
    assert clip.samples[0] == 0x0201


@pytest.mark.parametrize(
    "first",
    ["os.abort()", "sys.exit(3)", "print('garbage')", "print('[]')", "print('{}')", "sound(0); print('{}')"],
)
def test_what_fails_once_is_tried_again(tmp_path: Path, first: str) -> None:
    assert flaky(tmp_path, first).speak("voice", 120, "Breathe in.").seconds == 1.0


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("os.abort()", "ended by itself"),
        ("sys.exit('espeak: no data')", r"ended by itself \(espeak: no data\)"),
        ("print('garbage')", "ended by itself"),
        ("print('{}')", "wrote no sound for 'Breathe in.'"),
        ("open(request['path'], 'w').write('text'); print('{}')", "wrote no sound"),
        ("sound(0.05); print('{}')", "broke off after 0.05 s"),
        ("""print('{"error": "it is hoarse"}')""", "failed: it is hoarse"),
    ],
)
def test_what_fails_each_time_is_one_clear_error(body: str, message: str) -> None:
    with pytest.raises(VoiceError, match=message) as caught:
        workers(body).speak("voice", 120, "Breathe in.")
    assert "\n" not in str(caught.value)


def test_a_worker_that_hangs_is_ended_and_not_tried_again() -> None:
    began = time.monotonic()
    with pytest.raises(VoiceError, match=r"did not answer within 0\.3 s"):
        workers("time.sleep(60)", seconds=0.3).speak("voice", 120, "Breathe in.")
    assert time.monotonic() - began < 10


def hanging(tmp_path: Path) -> tuple[Workers, Callable[[], None]]:
    """Give workers that hang, and something that waits until the first of them does."""
    mark = tmp_path / "mark"

    def wait() -> None:
        while not mark.exists():
            time.sleep(0.01)

    return workers(f"open({str(mark)!r}, 'w').close(); time.sleep(60)"), wait


def test_closing_ends_what_is_being_spoken(tmp_path: Path) -> None:
    hung, wait = hanging(tmp_path)
    texts = ["Breathe in."] * 20  # more than may run at once
    with ThreadPoolExecutor(len(texts)) as executor:
        clips = [executor.submit(hung.speak, "voice", 120, text) for text in texts]
        wait()
        began = time.monotonic()
        hung.close()
        for clip in clips:
            with pytest.raises(VoiceError, match="was closed"):
                clip.result(10)
    assert time.monotonic() - began < 5
    with pytest.raises(VoiceError, match="was closed"):
        hung.list_voices()


def test_an_interrupt_ends_what_is_being_spoken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hung, wait = hanging(tmp_path)
    with ThreadPoolExecutor(1) as executor:
        clip = executor.submit(hung.speak, "voice", 120, "Breathe in.")
        wait()
        monkeypatch.setattr("nightstretch.interrupts._state.seen", True)
        with pytest.raises(VoiceError, match="was closed"):
            clip.result(10)


def test_a_python_that_is_gone_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="cannot be started"):
        Workers((str(tmp_path / "python"),)).list_voices()


def test_what_macos_writes_is_read_by_its_content() -> None:
    # AIFF, big-endian, in a file that is called .wav.
    body = """
import numpy, soundfile
samples = (numpy.arange(44100) % 256).astype("int16")
with open(request["path"], "wb") as file:
    soundfile.write(file, numpy.stack((samples, samples), 1), 22050, format="AIFF", subtype="PCM_16")
print("{}")
"""
    clip = workers(body).speak("voice", 120, "Breathe in.")
    assert clip.seconds == 2.0
    assert np.array_equal(clip.samples[:256], np.arange(256))


def test_no_temporary_file_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    workers('sound(); print("{}")').speak("voice", 120, "Breathe in.")
    assert list(tmp_path.iterdir()) == []
