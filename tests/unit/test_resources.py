from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from nightstretch import resources
from nightstretch.errors import NightstretchError

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package in a ``src`` folder of its own, with nothing around it."""
    package = tmp_path / "src" / "nightstretch"
    package.mkdir(parents=True)
    monkeypatch.setattr(resources, "_PACKAGE", package)
    return package


@pytest.mark.parametrize("name", ["narration", "sounds"])
def test_the_folder_is_found_from_the_checkout(name: Literal["narration", "sounds"]) -> None:
    assert resources.folder(name) == CHECKOUT / name


def test_the_folder_inside_the_package_comes_first(package: Path) -> None:
    (package / "sounds").mkdir()
    (package.parents[1] / "sounds").mkdir()
    assert resources.folder("sounds") == package / "sounds"


def test_without_one_inside_it_is_the_one_at_the_top(package: Path) -> None:
    (package.parents[1] / "sounds").mkdir()
    assert resources.folder("sounds") == package.parents[1] / "sounds"


def test_a_file_of_that_name_is_no_folder(package: Path) -> None:
    (package / "sounds").touch()
    (package.parents[1] / "sounds").mkdir()
    assert resources.folder("sounds") == package.parents[1] / "sounds"


def test_a_missing_folder_is_one_clear_line(package: Path) -> None:
    with pytest.raises(
        NightstretchError, match=r"'narration' is missing.*install nightstretch again"
    ) as caught:
        resources.folder("narration")
    assert str(package / "narration") in str(caught.value)
    assert "\n" not in str(caught.value)
