"""The place a session has reached, kept after every cue, so that ``play --resume`` takes up there.

Only the last place is kept. Of several players at once, the one that saved last is the one to resume.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nightstretch.errors import PracticeError
from nightstretch.files import write_whole
from nightstretch.practice.folder import reason

Simple = str | int | float | bool | None
Wish = Simple | list[Simple]

_VERSION: Final = 1
_MOST: Final = 2**53  # whole numbers beyond it are not the same in every program that reads JSON


@dataclass(frozen=True)
class Place:
    """A cue of a session, and how the session was wished for.

    ``routine``: a shipped name, or the absolute path of a file. ``wishes``: the choices, by name.
    ``exercise``: its number, or None in the opening and the closing. ``part``: the title of the section.
    ``cue``: how many cues of that section came before this one. ``text``: its words. ``speed`` and
    ``volume``: as the player counts them. Raises ValueError where a value is none that can be kept.
    """

    routine: str
    wishes: dict[str, Wish]
    exercise: int | None
    part: str
    cue: int
    text: str
    speed: float
    volume: float

    def __post_init__(self) -> None:
        for name, allowed in _FIELDS.items():
            if not allowed(getattr(self, name)):
                raise ValueError(f"{name} cannot be kept: {getattr(self, name)!r:.60}")


class PlaceFile:
    """The file that the last place is kept in. It is whole at any moment, whoever is killed when.

    What `load` cannot read, because it is damaged or a newer version wrote it, is not destroyed by a session
    begun since: the first `save` or `clear` sets it aside, as ``place.unread.json``.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._aside = path.with_name(f"{path.stem}.unread{path.suffix}")
        self._is_ours = False
        self._has_told = False

    def load(self) -> Place | None:
        """Give the last place, or None where none is kept.

        Raises PracticeError where what is there cannot be read: to be said, and to begin from the beginning.
        """
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise PracticeError(
                f"{self._path} cannot be read ({reason(error)}), so where you stopped is not known; "
                "give yourself the right to; this time it begins from the beginning"
            ) from None
        try:
            document = json.loads(content.decode())
            version = document["version"]
            place = Place(**{name: document[name] for name in _FIELDS}) if version == _VERSION else None
        except (ValueError, TypeError, KeyError, RecursionError):
            version = place = None
        if place is not None:
            return place
        if isinstance(version, int) and version > _VERSION:
            raise PracticeError(
                f"{self._path} is of a newer nightstretch, and only that one can resume there; "
                "this time it begins from the beginning"
            )
        raise PracticeError(
            f"{self._path} is damaged, so where you stopped is not known; "
            "this time it begins from the beginning"
        )

    def save(self, place: Place) -> str | None:
        """Keep a place. Gives what is wrong if it cannot be kept, once; None from then on."""
        document = {"version": _VERSION} | {name: getattr(place, name) for name in _FIELDS}
        try:
            self._make_room()
            # Not flushed to the disk itself, which may take seconds. A crash of the program costs nothing,
            # one of the machine at worst the place, which is then told as damaged.
            write_whole(self._path, json.dumps(document).encode() + b"\n")
        except OSError as error:
            return self._once(f"where you are cannot be kept for another time: {self._problem(error)}")
        return None

    def clear(self) -> str | None:
        """Forget the place: the session is finished. Gives what is wrong like `save`."""
        try:
            self._make_room()
            self._path.unlink(missing_ok=True)
        except OSError as error:
            return self._once(f"where you were cannot be forgotten: {self._problem(error)}")
        return None

    def _make_room(self) -> None:
        """Once, set aside what was not written by this version. Raises OSError."""
        if self._is_ours:
            return
        try:
            self.load()
        except PracticeError:
            with suppress(FileNotFoundError):  # another player was faster
                self._path.replace(self._aside)
        self._is_ours = True

    def _problem(self, error: OSError) -> str:
        return f"{self._path} cannot be written ({reason(error)}); make room, or give yourself the right to"

    def _once(self, problem: str) -> str | None:
        told, self._has_told = self._has_told, True
        return None if told else problem


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -_MOST <= value <= _MOST


def _is_count(value: object, least: int = 0) -> bool:
    return isinstance(value, int) and _is_number(value) and value >= least


def _is_simple(value: object) -> bool:
    return value is None or isinstance(value, (str, bool)) or _is_number(value)


def _are_wishes(value: object) -> bool:
    return isinstance(value, dict) and all(
        _is_text(name) and (all(map(_is_simple, wish)) if isinstance(wish, list) else _is_simple(wish))
        for name, wish in value.items()
    )


_FIELDS: Final[Mapping[str, Callable[[object], bool]]] = {
    "routine": _is_text,
    "wishes": _are_wishes,
    "exercise": lambda value: value is None or _is_count(value, 1),
    "part": _is_text,
    "cue": _is_count,
    "text": _is_text,
    "speed": _is_number,
    "volume": _is_number,
}
"""What each field may hold; the same in memory and in the file."""
