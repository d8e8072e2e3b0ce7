from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from nightstretch.voices import registry

SHORT = """\
title: Short
safety: Stop if it hurts.
opening: [{chime: bowl-start}, {say: Good evening to you.}]
exercises:
  - title: Rest
    minutes: 0.2
    steps: [{say: Rest here for a while.}, {pause: 8, least: 1, most: 60}]
  - title: Turn
    minutes: 0.4
    steps:
      - sides: [right, left]
        steps: [{say: "Turn to the {side} now."}, {hold: 10, least: 5, most: 60}]
closing: [{say: Good night to you.}]
"""


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
