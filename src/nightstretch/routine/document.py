"""YAML as a tree of plain nodes that know their line: read safely, however odd the file.

Only what a routine needs is let through. Aliases, tags, several documents and deep nesting have no place in
a routine and are where YAML becomes dangerous, so they are refused by name. Scalars keep the author's
spelling: ``say: Yes`` is the word, not a truth value, and ``pause: 1:30`` is a mistake, not ninety.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from nightstretch.errors import RoutineError

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 20

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser where it was built in: ten times faster, the same tree."""


@dataclass(frozen=True)
class Place:
    """Where something stands in the file; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a file; as a string, ``file:line:column: what, what is allowed``."""

    source: str
    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.source}:{self.place.line}:{self.place.column}: {self.message}"


@dataclass(frozen=True)
class Scalar:
    """A single value as the author spelled it; ``plain`` unless it stands in quotes or a block."""

    place: Place
    text: str
    plain: bool


@dataclass(frozen=True)
class Sequence:
    """A list."""

    place: Place
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Mapping:
    """Keys with values; ``key_places`` tells where each key stands."""

    place: Place
    items: dict[str, Node]
    key_places: dict[str, Place] = field(default_factory=dict)


Node = Scalar | Sequence | Mapping


class Problems(list[Problem]):
    """The problems of one file, gathered so that an author sees all of them at once."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source

    def add(self, place: Place, message: str) -> None:
        """Note a problem."""
        self.append(Problem(self.source, place, message))

    def error(self) -> RoutineError:
        """Make the error to raise: the first problem in the file's order, and how many more there are."""
        ordered = sorted(self, key=lambda problem: (problem.place.line, problem.place.column))
        more = f" (and {len(ordered) - 1} more)" if len(ordered) > 1 else ""
        return RoutineError(f"{ordered[0]}{more}", problems=tuple(map(str, ordered)))


def read_document(data: bytes, problems: Problems) -> Node:
    """Parse one YAML document. Raises RoutineError at once where the file has no readable shape."""
    text = _decode(data, problems)
    try:
        _refuse_what_is_dangerous(text, problems)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise _yaml_error(error, problems) from None
    except yaml.reader.ReaderError as error:
        # libyaml gives no line for a character that YAML does not allow, so find it again.
        found = yaml.reader.Reader.NON_PRINTABLE.search(text)
        before = text[: found.start() if found else 0]
        place = Place(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        problems.add(place, f"not YAML: {error.reason}; remove the character that cannot be printed")
        raise problems.error() from None
    if root is None:
        problems.add(Place(1, 1), "the file is empty; a routine needs `title:` and `exercises:`")
        raise problems.error()
    return _convert(root, problems)


def _decode(data: bytes, problems: Problems) -> str:
    if len(data) > MAX_BYTES:
        problems.add(Place(1, 1), f"the file is larger than {MAX_BYTES // 1000} kB; this is no routine")
        raise problems.error()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problems.add(Place(line, 1), "not text in UTF-8; save the file in that encoding")
        raise problems.error() from None


def _refuse_what_is_dangerous(text: str, problems: Problems) -> None:
    """Look at the events before any tree is built: the tree of a hostile file need not fit into memory."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        place = _place(event.start_mark)
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if documents > 1:
            problems.add(place, "a second document; a file holds one routine")
        elif depth > MAX_DEPTH:
            problems.add(place, f"nested deeper than {MAX_DEPTH} levels; no routine needs that")
        elif isinstance(event, yaml.AliasEvent):
            problems.add(place, f"an alias (*{event.anchor}); write the steps out instead")
        elif isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            problems.add(place, f"an anchor (&{event.anchor}); routines do not use them")
        elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag is not None:
            problems.add(place, f"a tag ({event.tag}); routines do not use them")
        else:
            continue
        raise problems.error()


def _yaml_error(error: yaml.MarkedYAMLError, problems: Problems) -> RoutineError:
    what = " ".join((error.problem or "this cannot be read").split())
    if "\\t" in what or "'\t'" in what:
        what = "a tab; YAML wants spaces for indentation"
    else:
        what += "; look for a missing indent, bracket or quote (a text with a colon in it needs quotes)"
    problems.add(_place(error.problem_mark or error.context_mark), f"not YAML: {what}")
    return problems.error()


def _place(mark: Any) -> Place:  # noqa: ANN401 - a Mark of PyYAML or of libyaml, or None
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


def _convert(node: yaml.Node, problems: Problems) -> Node:
    place = _place(node.start_mark)
    if isinstance(node, yaml.ScalarNode):
        return Scalar(place, node.value, plain=not node.style)
    if isinstance(node, yaml.SequenceNode):
        return Sequence(place, tuple(_convert(item, problems) for item in node.value))
    mapping = Mapping(place, {})
    for key, value in node.value:
        key_place = _place(key.start_mark)
        if not isinstance(key, yaml.ScalarNode):
            problems.add(key_place, "a key that is not a word")
        elif key.value in mapping.items:
            first = mapping.key_places[key.value].line
            problems.add(
                key_place, f"`{key.value}` stands here a second time (first in line {first}); keep one"
            )
        else:
            mapping.items[key.value] = _convert(value, problems)
            mapping.key_places[key.value] = key_place
    return mapping
