"""Where it is remembered."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def state_directory() -> Path:
    """Give the folder of what is remembered: ``NIGHTSTRETCH_STATE_DIR``, else the user's own."""
    chosen = os.environ.get("NIGHTSTRETCH_STATE_DIR")
    return Path(chosen) if chosen else platformdirs.user_state_path("nightstretch", appauthor=False)


def place_path() -> Path:
    """Give the path of the file for `PlaceFile`, whether there is one or not."""
    return state_directory() / "place.json"


def log_path() -> Path:
    """Give the path of the file for `PracticeLog`, whether there is one or not."""
    return state_directory() / "practice.jsonl"


def reason(error: OSError) -> str:
    """Say in a few words why a file could not be used."""
    return error.strerror or str(error) or type(error).__name__
