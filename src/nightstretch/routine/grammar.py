"""The routine format, as one declarative table: what each key may hold, and what it becomes.

Validation reads the table, and the JSON Schema for editors is made of it; nothing about the format is written
anywhere else. Every problem of a file is gathered, so an author sees all of them at once.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from nightstretch.routine import document
from nightstretch.routine.model import (
    Breathe,
    Chime,
    Count,
    Exercise,
    Guidance,
    Hold,
    Move,
    Pause,
    Repeat,
    Routine,
    Say,
    Scan,
    Sides,
    Span,
    Step,
)

PAUSE_LEAST, PAUSE_MOST = 0.4, 3.0
"""How far a pause gives where its author does not say, as parts of its natural length."""

HOLD_LEAST, HOLD_MOST = 0.5, 2.0
"""The same for a hold."""

HOLD_WORTH_DOING_SECONDS: Final = 10.0
"""No hold of that length or more shrinks below it unless its author says so: a shorter one does no good."""

_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_WORD: Final = re.compile(r"[^\W\d_]+(['\u2019-][^\W\d_]+)*")
_IPA: Final = re.compile(r"[^\s/\[\]()][^/\[\]()]{0,79}")
_SLOT: Final = re.compile(r"\{([^{}]*)\}")

_SLOT_NEEDS: Final = {
    "side": "it needs `sides:` around the step",
    "other": "it needs `sides:` around the step",
    "part": "it belongs in the `say:` of a `scan:`",
}
"""What a name in braces needs, where it stands without."""

# The schema's patterns are read by Python and by JavaScript, which agree on little beyond ASCII.
_LETTER: Final = r"[^\s\d!-/:-@\[-`{-~\u2019]"
_WORD_PATTERN: Final = rf"^{_LETTER}+(['\u2019-]{_LETTER}+)*$"
_LETTER_OR_DIGIT: Final = r"[^\s!-/:-@\[-`{-~]"

# YAML takes 2 and yes for a number and a truth, which they are not where a text stands.
_TEXT_TYPES: Final = ["string", "number", "boolean"]

_Values = Mapping[str, Any]
Schema = dict[str, Any]
"""A JSON Schema, or a part of one."""


@dataclass
class Reading:
    """What goes along while a file is read: the problems so far, and the chimes there are."""

    problems: document.Problems
    chimes: Collection[str]

    def problem(self, place: document.Place, message: str) -> None:
        """Note a problem."""
        self.problems.add(place, message)

    def expected(self, what: str, node: document.Node) -> None:
        """Note that something else stands at a place than may stand there."""
        if isinstance(node, document.Scalar):
            found = (repr(_short(node.text)) if node.text else "nothing") + (
                "" if node.plain else " in quotes"
            )
        else:
            found = "a list" if isinstance(node, document.Sequence) else "a mapping"
        self.problem(node.place, f"expected {what}, found {found}")


class Field(Protocol):
    """What may stand at a place. ``read`` gives its value, or None after noting a problem.

    ``schema`` tells an editor the same, as far as JSON Schema can.
    """

    def read(self, node: document.Node, reading: Reading) -> Any:
        """Check the node and give its value."""

    def schema(self, chimes: Collection[str]) -> Schema:
        """Describe what may stand here; ``chimes`` are the sounds there are."""


@dataclass(frozen=True)
class Number:
    """A number from ``least`` to ``most`` of a unit."""

    least: float
    most: float
    unit: str
    whole: bool = False

    def read(self, node: document.Node, reading: Reading) -> float | int | None:
        """Give the number."""
        kind = "a whole number" if self.whole else "a number"
        allowed = f"{kind} of {self.unit} from {self.least:g} to {self.most:g}"
        if not isinstance(node, document.Scalar) or not node.plain or not _NUMBER.fullmatch(node.text):
            reading.expected(allowed, node)
            return None
        value = float(node.text)
        if not self.least <= value <= self.most or (self.whole and not value.is_integer()):
            reading.problem(node.place, f"{_short(node.text)} is not allowed here; give {allowed}")
            return None
        return int(value) if self.whole else value

    def schema(self, _chimes: Collection[str]) -> Schema:
        """Give the range."""
        kind = "integer" if self.whole else "number"
        return {"type": kind, "minimum": self.least, "maximum": self.most, "description": self.unit}


@dataclass(frozen=True)
class Text:
    """Words to speak or to show; ``slots`` are the names that may stand in braces."""

    slots: tuple[str, ...] = ()
    most_characters: int = 600

    def read(self, node: document.Node, reading: Reading) -> str | None:
        """Give the words, white space folded."""
        if not isinstance(node, document.Scalar):
            reading.expected("a text", node)
            return None
        text = " ".join(node.text.split())
        allowed = " and ".join(f"{{{slot}}}" for slot in self.slots) or "nothing"
        if not any(character.isalnum() for character in text):
            reading.problem(node.place, "a text without a word; write what is to be said")
        elif len(text) > self.most_characters:
            reading.problem(
                node.place, f"a text of {len(text)} characters; at most {self.most_characters}: split it"
            )
        elif wrong := [slot for slot in _SLOT.findall(text) if slot not in self.slots]:
            needs = _SLOT_NEEDS.get(wrong[0], f"allowed in braces: {allowed}")
            reading.problem(node.place, f"{{{_short(wrong[0])}}} means nothing here; {needs}")
        elif "{" in _SLOT.sub("", text) or "}" in _SLOT.sub("", text):
            reading.problem(
                node.place, f"a brace that is not closed or not opened; allowed in braces: {allowed}"
            )
        else:
            return text
        return None

    def schema(self, _chimes: Collection[str]) -> Schema:
        """Ask for a word, and for no other braces than those of the slots."""
        slots = f"|\\{{({'|'.join(self.slots)})\\}}" if self.slots else ""
        pattern = rf"^(?=[\s\S]*{_LETTER_OR_DIGIT})([^{{}}]{slots})*$"
        return {"type": _TEXT_TYPES, "pattern": pattern, "maxLength": self.most_characters}


@dataclass(frozen=True)
class Flag:
    """Whether something is so: ``true`` or ``false``."""

    def read(self, node: document.Node, reading: Reading) -> bool | None:
        """Give the answer."""
        if not isinstance(node, document.Scalar) or not node.plain or node.text not in {"true", "false"}:
            reading.expected("true or false", node)
            return None
        return node.text == "true"

    def schema(self, _chimes: Collection[str]) -> Schema:
        """Ask for true or false."""
        return {"type": "boolean"}


@dataclass(frozen=True)
class Pronunciations:
    """Words with how they are spoken, in IPA."""

    def read(self, node: document.Node, reading: Reading) -> tuple[tuple[str, str], ...] | None:
        """Give the pairs."""
        if not isinstance(node, document.Mapping):
            reading.expected("a mapping of words to IPA", node)
            return None
        found = []
        for word, value in node.items.items():
            if not _WORD.fullmatch(word):
                reading.problem(node.key_places[word], f"{_short(word)!r} is no single word; give one")
            elif not isinstance(value, document.Scalar) or not _IPA.fullmatch(value.text):
                reading.expected("IPA, without slashes or brackets", value)
            else:
                found.append((word.lower(), value.text))
        return tuple(found)

    def schema(self, _chimes: Collection[str]) -> Schema:
        """Ask for words and IPA."""
        return {
            "type": "object",
            "propertyNames": {"pattern": _WORD_PATTERN},
            "additionalProperties": {
                "type": _TEXT_TYPES,
                "pattern": f"^{_IPA.pattern}$",
                "description": "IPA",
            },
        }


@dataclass(frozen=True)
class Prose:
    """A printed text that keeps its lines."""

    def read(self, node: document.Node, reading: Reading) -> str | None:
        """Give the text without the white space around it."""
        if not isinstance(node, document.Scalar):
            reading.expected("a text", node)
            return None
        return node.text.strip()

    def schema(self, _chimes: Collection[str]) -> Schema:
        """Allow any text, and none."""
        return {"type": [*_TEXT_TYPES, "null"]}


@dataclass(frozen=True)
class ChimeName:
    """The name of a sound in ``sounds/``."""

    def read(self, node: document.Node, reading: Reading) -> str | None:
        """Give the name."""
        if not isinstance(node, document.Scalar):
            reading.expected("the name of a sound", node)
            return None
        if node.text not in reading.chimes:
            allowed = ", ".join(sorted(reading.chimes)) or "none is installed"
            near = _near(node.text, reading.chimes)
            reading.problem(node.place, f"no sound is called {_short(node.text)!r}{near}; allowed: {allowed}")
            return None
        return node.text

    def schema(self, chimes: Collection[str]) -> Schema:
        """Give the names to choose from."""
        return {"enum": sorted(chimes)}


@dataclass(frozen=True)
class ListOf:
    """A list of one or more of the same, or of ``exactly`` so many."""

    item: Field
    what: str
    exactly: int | None = None

    def read(self, node: document.Node, reading: Reading) -> tuple[Any, ...] | None:
        """Give the values."""
        if not isinstance(node, document.Sequence):
            reading.expected(f"a list of {self.what}", node)
            return None
        count = len(node.items)
        if count == 0 or count != (self.exactly or count):
            found = f"a list of {count}" if count else "an empty list"
            wanted = f"exactly {self.exactly}" if self.exactly else "one or more"
            reading.problem(node.place, f"{found}; give {wanted} {self.what}")
            return None
        return tuple(self.item.read(item, reading) for item in node.items)

    def schema(self, chimes: Collection[str]) -> Schema:
        """Describe the items and tell how many."""
        limits = {"minItems": self.exactly or 1} | ({"maxItems": self.exactly} if self.exactly else {})
        return {"type": "array", "items": self.item.schema(chimes), **limits, "description": self.what}


@dataclass(frozen=True)
class OneOrMore:
    """A value, or a list of such values."""

    item: Field
    what: str

    def read(self, node: document.Node, reading: Reading) -> tuple[Any, ...] | None:
        """Give the values, be it one."""
        if isinstance(node, document.Sequence):
            return ListOf(self.item, self.what).read(node, reading)
        return (self.item.read(node, reading),)

    def schema(self, chimes: Collection[str]) -> Schema:
        """Describe both ways to write it."""
        return {"anyOf": [self.item.schema(chimes), ListOf(self.item, self.what).schema(chimes)]}


@dataclass(frozen=True)
class Record:
    """A mapping with known keys, some of them needed; ``build`` makes the value of what was read."""

    what: str
    fields: Mapping[str, Field]
    needed: tuple[str, ...]
    build: Callable[[_Values, document.Place, Reading], Any]

    def read(self, node: document.Node, reading: Reading) -> Any:
        """Read all keys, then build, unless one of them is wrong."""
        if not isinstance(node, document.Mapping):
            keys = ", ".join(f"`{key}:`" for key in self.fields)
            reading.expected(f"{self.what} with {keys}", node)
            return None
        return _read_keys(self, node, reading)

    def schema(self, chimes: Collection[str]) -> Schema:
        """Describe the keys, and allow no others."""
        return {
            "type": "object",
            "properties": {key: value.schema(chimes) for key, value in self.fields.items()},
            "required": list(self.needed),
            "additionalProperties": False,
        }


def _read_keys(record: Record, node: document.Mapping, reading: Reading) -> Any:
    before = len(reading.problems)
    values: dict[str, Any] = {}
    for key, value in node.items.items():
        if key in record.fields:
            values[key] = record.fields[key].read(value, reading)
        else:
            allowed = ", ".join(record.fields)
            reading.problem(
                node.key_places[key],
                f"{record.what} has no key {_short(key)!r}{_near(key, record.fields)}; allowed: {allowed}",
            )
    for key in record.needed:
        if key not in node.items:
            reading.problem(node.place, f"{record.what} needs `{key}:`")
    if len(reading.problems) > before:
        return None
    return record.build(values, node.place, reading)


@dataclass(frozen=True)
class Kind:
    """A kind of step: what it is, the field of its own key, its further keys, and what it becomes."""

    about: str
    main: Callable[[Context], Field]
    build: Callable[[_Values, document.Place, Reading], Any]
    options: Callable[[Context], Mapping[str, Field]] = field(default=lambda _: {})
    needed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Context:
    """Where steps stand: which kinds may stand there, and which names their words may hold in braces.

    ``name`` is what the schema calls a step of that place.
    """

    name: str
    kinds: tuple[str, ...]
    slots: tuple[str, ...] = ()


@dataclass(frozen=True)
class StepOf:
    """One step: a mapping with exactly one kind's key, plus that kind's options."""

    context: Context

    def read(self, node: document.Node, reading: Reading) -> Step | None:
        """Give the step."""
        allowed = ", ".join(f"`{kind}:`" for kind in self.context.kinds)
        if not isinstance(node, document.Mapping):
            reading.expected(f"a step, one of {allowed}", node)
            return None
        present = [key for key in node.items if key in KINDS]
        # A key may be a kind of its own and an option of another: a scan has something to say.
        options = {key for kind in present for key in KINDS[kind].options(self.context)}
        kinds = [key for key in present if key not in options]
        if len(kinds) != 1:
            what = f"a step is one thing, not {' and '.join(kinds)}" if kinds else _not_a_step(node)
            reading.problem(node.place, f"{what}; allowed: {allowed}")
            return None
        name = kinds[0]
        if name not in self.context.kinds:
            reading.problem(node.key_places[name], f"`{name}:` cannot stand here; allowed: {allowed}")
            return None
        step: Step | None = _read_keys(self._record(name), node, reading)
        return step

    def _record(self, name: str) -> Record:
        kind = KINDS[name]
        fields = {name: kind.main(self.context), **kind.options(self.context)}
        return Record(f"`{name}:`", fields, (name, *kind.needed), kind.build)

    def schema(self, _chimes: Collection[str]) -> Schema:
        """Point to the definition of such a step."""
        return {"$ref": f"#/$defs/{self.context.name}"}

    def definition(self, chimes: Collection[str]) -> Schema:
        """Describe the kinds of step, of which it is one."""
        kinds = []
        for name in self.context.kinds:
            kind = self._record(name).schema(chimes)
            kind["properties"][name]["description"] = KINDS[name].about
            kinds.append(kind)
        return {"oneOf": kinds}


def _not_a_step(node: document.Mapping) -> str:
    key = next(iter(node.items), None)
    return f"no step is called {_short(key)!r}{_near(key, KINDS)}" if key else "an empty step"


def _short(text: str, most: int = 40) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."


def _near(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name[:80], list(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _steps(context: Context) -> ListOf:
    return ListOf(StepOf(context), "steps")


def _span(natural: float, least: float, most: float, place: document.Place, reading: Reading) -> Span | None:
    return Span(natural, least, most) if _rise(natural, least, most, place, reading) else None


def _rise(natural: float, least: float, most: float, place: document.Place, reading: Reading) -> bool:
    if least <= natural <= most:
        return True
    reading.problem(
        place, f"`least: {least:g}`, the natural {natural:g} and `most: {most:g}` must rise in this order"
    )
    return False


def _pause_span(values: _Values, place: document.Place, reading: Reading) -> Span | None:
    natural = values["pause"]
    least = values.get("least", natural * PAUSE_LEAST)
    most = values.get("most", natural * PAUSE_MOST)
    return _span(natural, least, most, place, reading)


def _hold(values: _Values, place: document.Place, reading: Reading) -> Hold | None:
    natural = values["hold"]
    least = values.get("least", min(natural, max(HOLD_WORTH_DOING_SECONDS, natural * HOLD_LEAST)))
    most = values.get("most", natural * HOLD_MOST)
    span = _span(natural, least, most, place, reading)
    return Hold(span, values.get("words", ())) if span else None


def _count(values: _Values, key: str, place: document.Place, reading: Reading) -> Count | None:
    natural = values.get(key, 1)
    least, most = values.get("least", natural), values.get("most", natural)
    return Count(natural, least, most) if _rise(natural, least, most, place, reading) else None


def _breathe(values: _Values, place: document.Place, reading: Reading) -> Breathe | None:
    inhale, hold, exhale = values["breathe"]
    guidance = values.get("guidance", (Guidance(),))
    last = values.get("last")
    for entry in (*guidance, *((last,) if last else ())):
        if entry.hold and not hold:
            reading.problem(place, "words for a `hold` that the breath does not have; add `hold:` seconds")
            return None
    rounds = _count(values, "rounds", place, reading)
    return Breathe(inhale, hold, exhale, rounds, guidance, last) if rounds else None


def _repeat(values: _Values, place: document.Place, reading: Reading) -> Repeat | None:
    times = _count(values, "repeat", place, reading)
    return Repeat(times, values["steps"]) if times else None


def _scan(values: _Values, place: document.Place, reading: Reading) -> Scan | None:
    span = _pause_span({"pause": 3.0, **values}, place, reading)
    return Scan(values["scan"], values["say"], span) if span else None


def _sides(values: _Values, place: document.Place, reading: Reading) -> Sides | None:
    first, second = values["sides"]
    if first == second:
        reading.problem(place, f"both sides are called {first!r}; name two")
        return None
    return Sides((first, second), values["steps"])


_SECONDS = Number(0.1, 600, "seconds")
_ROUNDS = Number(1, 200, "rounds", whole=True)
_TIMES = Number(1, 100, "times", whole=True)


def _guidance(context: Context) -> Record:
    words = OneOrMore(Text(context.slots), "wordings, longest first")
    return Record(
        "guidance",
        {"in": words, "hold": words, "out": words},
        (),
        lambda values, *_: Guidance(values.get("in", ()), values.get("hold", ()), values.get("out", ())),
    )


_PATTERN = Record(
    "a breath",
    {
        "in": Number(1, 30, "seconds"),
        "hold": Number(0, 30, "seconds"),
        "out": Number(1, 30, "seconds"),
    },
    ("in", "out"),
    lambda values, *_: (values["in"], values.get("hold", 0.0), values["out"]),
)

_IN_BOTH = Context("step_in_sides_and_repeat", ("say", "pause", "hold", "chime"), ("side", "other"))
_IN_SIDES = Context("step_in_sides", (*_IN_BOTH.kinds, "breathe", "repeat"), _IN_BOTH.slots)
_IN_REPEAT = Context("step_in_repeat", (*_IN_BOTH.kinds, "sides"))
_IN_MOVE = Context("step_in_move", (*_IN_SIDES.kinds, "scan", "sides"))
_ANYWHERE = Context("step", (*_IN_MOVE.kinds, "move"))

KINDS: Final[Mapping[str, Kind]] = {
    "say": Kind(
        "Words to speak.",
        main=lambda context: Text(context.slots),
        options=lambda context: {
            "shorter": OneOrMore(Text(context.slots), "shorter wordings, longest first"),
            "optional": Flag(),
        },
        build=lambda values, *_: Say(
            values["say"], values.get("shorter", ()), optional=values.get("optional", False)
        ),
    ),
    "pause": Kind(
        "Silence of so many seconds.",
        main=lambda _: _SECONDS,
        options=lambda _: {"least": _SECONDS, "most": _SECONDS},
        build=lambda *read: Pause(span) if (span := _pause_span(*read)) else None,
    ),
    "hold": Kind(
        "A stretch that is held for so many seconds.",
        main=lambda _: _SECONDS,
        options=lambda context: {
            "least": _SECONDS,
            "most": _SECONDS,
            "words": ListOf(Text(context.slots), "words to say meanwhile"),
        },
        build=_hold,
    ),
    "breathe": Kind(
        "Rounds of breathing, with the seconds of each part of a breath.",
        main=lambda _: _PATTERN,
        options=lambda context: {
            "rounds": _ROUNDS,
            "least": _ROUNDS,
            "most": _ROUNDS,
            "guidance": ListOf(_guidance(context), "rounds of guidance"),
            "last": _guidance(context),
        },
        build=_breathe,
        needed=("rounds",),
    ),
    "repeat": Kind(
        "The same steps so many times.",
        main=lambda _: _TIMES,
        options=lambda context: {
            "least": _TIMES,
            "most": _TIMES,
            "steps": _steps(_IN_BOTH if context.slots else _IN_REPEAT),
        },
        build=_repeat,
        needed=("steps",),
    ),
    "scan": Kind(
        "A walk of the attention through the body, part by part.",
        main=lambda _: ListOf(Text(), "parts of the body"),
        options=lambda _: {
            "say": OneOrMore(Text(("part",)), "sentences, used in turn"),
            "pause": _SECONDS,
            "least": _SECONDS,
            "most": _SECONDS,
        },
        build=_scan,
        needed=("say",),
    ),
    "chime": Kind(
        "A sound of the folder `sounds`.",
        main=lambda _: ChimeName(),
        build=lambda values, *_: Chime(values["chime"]),
    ),
    "sides": Kind(
        "The same steps on one side, then on the other: `{side}` and `{other}` name them.",
        main=lambda _: ListOf(Text(), "sides", exactly=2),
        options=lambda context: {
            "steps": _steps(_IN_SIDES if "repeat" in context.kinds else _IN_BOTH),
        },
        build=_sides,
        needed=("steps",),
    ),
    "move": Kind(
        "Steps that belong together, with a gentle form or to be left out as a whole.",
        main=lambda _: Text(),
        options=lambda _: {
            "steps": _steps(_IN_MOVE),
            "gentle": _steps(_IN_MOVE),
            "optional": Flag(),
        },
        build=lambda values, *_: Move(
            values["move"],
            values["steps"],
            values.get("gentle", ()),
            optional=values.get("optional", False),
        ),
        needed=("steps",),
    ),
}

_TOP_STEPS = _steps(_ANYWHERE)

_EXERCISE = Record(
    "an exercise",
    {"title": Text(), "minutes": Number(0.1, 120, "minutes"), "steps": _TOP_STEPS},
    ("title", "minutes", "steps"),
    lambda values, place, reading: Exercise(
        values["title"], values["minutes"], values["steps"], f"{reading.problems.source}:{place.line}"
    ),
)

_ROUTINE = Record(
    "a routine",
    {
        "title": Text(),
        "safety": Prose(),
        "opening": _TOP_STEPS,
        "exercises": ListOf(_EXERCISE, "exercises"),
        "closing": _TOP_STEPS,
        "pronounce": Pronunciations(),
    },
    ("title", "exercises"),
    lambda values, *_: Routine(
        title=values["title"],
        safety=values.get("safety", ""),
        opening=values.get("opening", ()),
        exercises=values["exercises"],
        closing=values.get("closing", ()),
        pronounce=values.get("pronounce", ()),
    ),
)


def routine_schema(chimes: Collection[str]) -> Schema:
    """Describe a routine as a JSON Schema, for editors; ``chimes`` are the sounds that may be named."""
    contexts = (_ANYWHERE, _IN_MOVE, _IN_SIDES, _IN_REPEAT, _IN_BOTH)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A routine of nightstretch",
        **_ROUTINE.schema(chimes),
        "$defs": {context.name: StepOf(context).definition(chimes) for context in contexts},
    }


def parse_routine(data: bytes, source: str, chimes: Sequence[str]) -> Routine:
    """Read a routine from the bytes of its file.

    ``source``: the file's name, for the messages. ``chimes``: the sounds that may be named.
    Raises RoutineError that knows every problem, each as ``file:line:column: what, what is allowed``.
    """
    problems = document.Problems(source)
    reading = Reading(problems, chimes)
    routine: Routine = _ROUTINE.read(document.read_document(data, problems), reading)
    if problems:
        raise problems.error()
    return routine
