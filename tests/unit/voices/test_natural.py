"""The parts of the natural voice that go wrong; what it says is heard in ``tests/integration``."""

import builtins
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nightstretch.audio import to_pcm
from nightstretch.errors import UsageError, VoiceError
from nightstretch.voices import natural
from nightstretch.voices.natural import NaturalVoice, NaturalVoices

hibari = pytest.importorskip("hibari", reason="the natural voice is not installed here")


class FakeModel:
    sample_rate = 24_000

    def __init__(self, speak: Callable[[str], Any]) -> None:
        self.speak = speak

    def __call__(self, text: str, *, speed: float, seed: int) -> Any:  # noqa: ANN401
        assert speed > 0
        assert seed == 0
        return self.speak(text)


def speaking(monkeypatch: pytest.MonkeyPatch, speak: Callable[[str], Any]) -> NaturalVoice:
    monkeypatch.setattr(natural, "_load", lambda: FakeModel(speak))
    return NaturalVoice()


def test_it_works_here() -> None:
    assert NaturalVoices().problem() is None
    assert [info.name for info in NaturalVoices().voices()] == ["natural"]


def test_it_has_no_variants() -> None:
    with pytest.raises(UsageError, match="no variant 'emma'; use --voice natural"):
        NaturalVoices().open("emma")


@pytest.mark.parametrize("package", ["onnxruntime", "hibari.voices"])
def test_a_library_that_does_not_load_is_a_problem_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    real = builtins.__import__

    def fail(name: str, *rest: Any, **more: Any) -> Any:  # noqa: ANN401
        if name == package:
            raise ImportError("DLL load failed")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", fail)
    assert "DLL load failed" in str(NaturalVoices().problem())
    with pytest.raises(VoiceError, match="pip install hibari-tts"):
        NaturalVoices().open(None)


def test_whether_it_loads_is_found_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(NaturalVoices, "problem", lambda _: asked.append(1))
    for _ in range(2):
        NaturalVoices().open(None)
    assert len(asked) == 1


def test_where_it_did_not_load_it_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NaturalVoices, "problem", lambda _: "no such library")
    for _ in range(2):
        with pytest.raises(VoiceError, match="no such library"):
            NaturalVoices().open(None)


def test_a_package_that_is_not_installed_is_a_problem_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(natural, "version", missing)
    with pytest.raises(VoiceError, match="pip install hibari-tts"):
        NaturalVoices().open(None)


def test_a_model_that_would_have_to_be_fetched_is_never_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("hibari.voices.ASSETS", str(tmp_path))
    assert "lost its model" in str(NaturalVoices().problem())
    monkeypatch.undo()
    monkeypatch.setattr("hibari.voices.VOICES", {})
    assert "lost its model" in str(NaturalVoices().problem())


def test_threads_that_start_together_load_the_model_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[int] = []
    together = threading.Barrier(4)

    def load() -> FakeModel:
        loads.append(1)
        return FakeModel(lambda _: np.ones(100, np.float32))

    monkeypatch.setattr(natural, "_load", load)
    voice = NaturalVoice()

    def speak(_: int) -> int:
        together.wait(10)
        return len(voice.synthesize("Breathe.", 1.0))

    with ThreadPoolExecutor(4) as executor:
        assert list(executor.map(speak, range(4))) == [100] * 4
    assert len(loads) == 1


def test_a_model_that_does_not_load_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def load() -> FakeModel:
        raise RuntimeError("protobuf parsing failed")

    monkeypatch.setattr(natural, "_load", load)
    with pytest.raises(VoiceError, match=r"cannot be loaded \(protobuf parsing failed\); reinstall"):
        NaturalVoice().synthesize("Breathe.", 1.0)


def test_where_the_model_did_not_load_it_is_found_out_again_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(NaturalVoices, "problem", lambda _: asked.append(1))
    monkeypatch.setattr(natural, "_load", lambda: FakeModel.no_such_model)  # type: ignore[attr-defined]
    for _ in range(2):
        with pytest.raises(VoiceError, match="cannot be loaded"):
            NaturalVoices().open(None).synthesize("Breathe.", 1.0)
    assert len(asked) == 2


def test_a_text_it_fails_at_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def speak(_: str) -> None:
        raise KeyError("?")

    with pytest.raises(VoiceError, match=r"failed at 'Breathe\.'"):
        speaking(monkeypatch, speak).synthesize("Breathe.", 1.0)


@pytest.mark.parametrize("signal", [np.zeros(0, np.float32), np.full(10, np.nan, np.float32)])
def test_no_sound_and_no_numbers_are_errors(monkeypatch: pytest.MonkeyPatch, signal: Any) -> None:  # noqa: ANN401
    with pytest.raises(VoiceError, match=r"made no sound for 'Breathe\.'"):
        speaking(monkeypatch, lambda _: signal).synthesize("Breathe.", 1.0)


def test_its_identity_names_all_that_changes_the_sound() -> None:
    identity = NaturalVoice().identity
    for part in ("heart", "hibari-tts 0.2.1", "onnxruntime", "numpy", "pace"):
        assert part in identity


def test_it_says_what_hibari_says() -> None:
    text = "Lie down. Let Dr. Mori's unhurried zzyzx carry you."  # two sentences, and a word in no dictionary
    heard = NaturalVoice().synthesize(text, 1.0)
    said = hibari.Hibari(voice=natural.VARIANT)(text, speed=natural.CALIBRATION.setting(1.0), seed=0)
    assert np.array_equal(heard.samples, to_pcm(said))
