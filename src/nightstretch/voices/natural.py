"""The natural voice: hibari-tts, a small neural model that comes inside its wheel and never asks the network.

The package is young and by one author, so nothing outside this module knows it or its onnxruntime.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nightstretch.audio import Clip, to_pcm
from nightstretch.errors import UsageError, VoiceError
from nightstretch.files import write_whole
from nightstretch.voices.base import Voice, VoiceInfo
from nightstretch.voices.cache import cache_directory, clip_key
from nightstretch.voices.calibration import Calibration
from nightstretch.voices.text import pieces, speakable

if TYPE_CHECKING:
    from hibari import Hibari

VARIANT: Final = "heart"
"""The only model inside the wheel. The package fetches any other one from the network: never ask for one."""

# (hibari's speed, words a minute), made by tools/calibrate.py. hibari documents 0.5 to 2.0, but its speed
# is a plain divisor of how many frames each sound lasts, below 0.5 as above. Frames are whole, so the pace
# rises in steps, the tallest of 12 %: around them a speed may come out up to 6 % off.
# fmt: off
CALIBRATION: Final = Calibration(
    (
        (0.26, 58.4), (0.28, 63.6), (0.3, 68.0), (0.32, 74.6), (0.34, 76.4), (0.36, 79.0),
        (0.38, 85.8), (0.4, 90.3), (0.42, 94.7), (0.44, 96.8), (0.46, 107.4), (0.48, 110.1),
        (0.5, 111.6), (0.52, 113.3), (0.54, 114.9), (0.56, 118.3), (0.58, 132.5), (0.6, 134.0),
        (0.62, 136.2), (0.64, 137.8), (0.66, 141.7), (0.68, 155.2), (0.7, 158.2), (0.72, 160.6),
        (0.74, 162.9), (0.76, 164.6), (0.78, 166.8), (0.8, 181.3), (0.82, 198.5), (0.84, 200.6),
        (0.86, 206.7), (0.88, 211.1), (0.9, 213.3), (0.92, 215.9), (0.94, 218.7), (0.98, 222.0),
        (1.02, 225.1), (1.06, 228.4), (1.1, 231.8), (1.12, 234.5), (1.16, 238.8), (1.18, 241.4),
        (1.2, 247.6),
    )
)
# fmt: on

_PIECE_CHARACTERS = 400  # hibari splits at sentences; one without an end would take gigabytes
_INSTALL = "install it with: python -m pip install hibari-tts==0.2.1"


class NaturalVoice:
    """hibari's one voice.

    The model is loaded by the first text, so that a session that is all in the cache needs no model at all.
    ``proof``: the file that says it loads here.
    """

    name = "natural"
    speeds = CALIBRATION.speeds
    takes_ipa = True

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model: Hibari | None = None
        packages = [f"{name} {version(name)}" for name in ("hibari-tts", "onnxruntime", "numpy")]
        with suppress(PackageNotFoundError):  # where there is SciPy, hibari takes its FFT: other last bits
            packages.append(f"scipy {version('scipy')}")
        table = "/".join(f"{setting}:{wpm}" for setting, wpm in CALIBRATION.points)
        self.identity = f"natural {VARIANT}; {' '.join(packages)}; pace {table}"
        self.proof = cache_directory() / "loads" / clip_key(f"{self.identity} {sys.version}", sys.prefix, 1)

    def synthesize(self, text: str, speed: float) -> Clip:
        """Speak ``text``. Raises VoiceError."""
        spoken = speakable(text)
        model = self._loaded()
        setting = CALIBRATION.setting(speed)
        try:
            signal = np.concatenate(
                [model(piece, speed=setting, seed=0) for piece in pieces(spoken, _PIECE_CHARACTERS)]
            )
        except Exception as error:  # whatever a young package raises
            raise VoiceError(f"the natural voice failed at {text!r} ({error}); try --voice system") from error
        if not len(signal) or not np.isfinite(signal).all():
            raise VoiceError(f"the natural voice made no sound for {text!r}; write it in English words")
        return Clip(to_pcm(signal), model.sample_rate)

    def close(self) -> None:
        """Let go of the model; a text after that loads it anew."""
        with self._lock:
            self._model = None

    def _loaded(self) -> Any:  # noqa: ANN401 - hibari has no types
        with self._lock:  # so that threads which start together load it once
            if self._model is None:
                try:
                    self._model = _load()
                except Exception as error:
                    with suppress(OSError):  # so that the next evening has another voice
                        self.proof.unlink()
                    raise VoiceError(
                        f"the natural voice cannot be loaded ({error}); re{_INSTALL} --force-reinstall"
                    ) from error
            return self._model


def disable_telemetry() -> None:
    """Keep onnxruntime from telling its maker that it is used. To be called before the first import of it.

    Its wheels have Microsoft's telemetry compiled in and switched on: the import alone writes an identifier
    into the home folder, and nine seconds later it is sent. Only this variable stops that; the function
    ``disable_telemetry_events`` comes when it is too late. See docs/decisions/nothing-is-sent.md.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # child processes inherit it


def _load() -> Any:  # noqa: ANN401 - hibari has no types
    """Load the network and the pronunciation at the same time: the first is C++, the second is Python."""
    disable_telemetry()
    import onnxruntime  # type: ignore[import-untyped]  # noqa: PLC0415
    from hibari import Hibari  # noqa: PLC0415
    from hibari.g2p import G2P  # noqa: PLC0415
    from hibari.voices import ASSETS, voice_path  # noqa: PLC0415

    # Older builds know nothing of that variable, and on Windows report to the system's own telemetry.
    onnxruntime.disable_telemetry_events()

    def network() -> Any:  # noqa: ANN401 - onnxruntime has no types
        # Cues differ in length, and the memory that onnxruntime keeps for each length it has seen is never
        # given back: without it an export is as fast, and a long session takes no more than a short one.
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = options.enable_mem_pattern = False
        return onnxruntime.InferenceSession(voice_path(VARIANT), options, providers=["CPUExecutionProvider"])

    with ThreadPoolExecutor(1) as executor:
        loading = executor.submit(network)
        # Its own __init__ would load the network with other options, only to have it replaced, and leave the
        # pronunciation to its first use, in every thread that comes first.
        model = Hibari.__new__(Hibari)
        model.voice = VARIANT
        model.vocab = json.loads((Path(ASSETS) / "vocab.json").read_text(encoding="utf-8"))
        model._g2p = G2P()  # noqa: SLF001
        model.sess = loading.result()
    return model


def _share_one_heap() -> None:
    """Keep glibc from giving each thread a heap of its own, which grows with every clip and never shrinks.

    Measured on 240 cues in two threads: 252 MB instead of 310, in the same time.
    """
    if sys.platform == "linux":
        m_arena_max = -8  # from glibc's malloc.h; other C libraries have no such function, or ignore it
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).mallopt(m_arena_max, 1)


def _unusable(error: ImportError) -> str:
    return f"hibari-tts cannot be used ({error}); {_INSTALL}"


class NaturalVoices:
    """The engine behind ``natural``."""

    def problem(self) -> str | None:
        """Say why the natural voice cannot be used here, or None."""
        disable_telemetry()
        try:
            import onnxruntime  # noqa: F401, PLC0415 - one of its libraries may not load
            from hibari.voices import ASSETS, VOICES  # noqa: PLC0415
        except ImportError as error:
            return _unusable(error)
        model = VOICES.get(VARIANT, {})
        if not model.get("bundled") or not (Path(ASSETS) / str(model.get("file"))).is_file():
            return f"hibari-tts has lost its model; re{_INSTALL} --force-reinstall"
        return None

    def voices(self) -> Sequence[VoiceInfo]:
        """List the one voice."""
        return (VoiceInfo("natural", "a calm natural voice, American English, works offline"),)

    def open(self, variant: str | None) -> Voice:
        """Open it. It has no variants: UsageError. Raises VoiceError where it cannot be used."""
        if variant is not None:
            raise UsageError(f"the natural voice has no variant {variant!r}; use --voice natural")
        try:
            voice = NaturalVoice()
        except PackageNotFoundError as error:
            raise VoiceError(_unusable(error)) from error
        # Finding out whether it loads takes longer than all else when the clips are in the cache: once for
        # every installation is enough. Should it fail later on, the first text says so.
        if not voice.proof.is_file():
            if problem := self.problem():
                raise VoiceError(problem)
            with suppress(OSError):  # then it is found out again next time
                write_whole(voice.proof, b"")
        _share_one_heap()
        return voice
