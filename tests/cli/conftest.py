from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from support.routines import SHORT

from nightstretch.voices import registry


@pytest.fixture
def humming(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the only voices be one that hums and one that is missing."""
    voices = {"hum": "HummingVoices", "brisk": "BriskVoices", "missing": "MissingVoices"}
    points = [EntryPoint(name, f"support.voices:{kind}", registry.GROUP) for name, kind in voices.items()]
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    monkeypatch.setattr(registry, "DEFAULT_NAMES", ("hum",))


@pytest.fixture
def short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A routine of half a minute, in a folder of its own which is the current one."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "short.yaml"
    path.write_text(SHORT)
    return path
