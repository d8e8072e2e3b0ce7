"""A routine as its author means it, before anything is known of voices or samples. Times are in seconds."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Span:
    """Elastic time, as in TeX's glue: what it would like to be, and how far it can give, in seconds."""

    natural: float
    least: float
    most: float


@dataclass(frozen=True)
class Count:
    """How many times something is done: what it would like to be, and how far it can give."""

    natural: int
    least: int
    most: int


@dataclass(frozen=True)
class Say:
    """Words spoken by themselves.

    ``shorter``: other wordings for when time is short, longest first. ``optional``: whether they may be left
    out when it is shorter still.
    """

    text: str
    shorter: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True)
class Pause:
    """Silence: time to move, or to take in what was said."""

    span: Span


@dataclass(frozen=True)
class Hold:
    """A position that is kept, with words spread evenly through it."""

    span: Span
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Guidance:
    """What is said in one round of breathing: for each phase its wordings, longest first; none is silence."""

    inhale: tuple[str, ...] = ()
    hold: tuple[str, ...] = ()
    exhale: tuple[str, ...] = ()


@dataclass(frozen=True)
class Breathe:
    """Rounds of breathing. The seconds of a phase belong to the listener's lungs: nothing changes them.

    ``guidance``: an entry for each round from the first; the last one serves every later round.
    ``last``: the guidance of the final round, to lead out.
    """

    inhale: float
    hold: float
    exhale: float
    rounds: Count
    guidance: tuple[Guidance, ...]
    last: Guidance | None = None


@dataclass(frozen=True)
class Repeat:
    """A slow movement, done several times."""

    times: Count
    steps: tuple[Say | Pause | Hold | Chime | Sides, ...]


@dataclass(frozen=True)
class Scan:
    """Attention led through the body: for each part one of the templates in turn, then a pause."""

    parts: tuple[str, ...]
    templates: tuple[str, ...]
    pause: Span


@dataclass(frozen=True)
class Chime:
    """A sound from ``sounds/``, let ring before anything else is heard."""

    name: str


@dataclass(frozen=True)
class Sides:
    """Steps done on one side, then in exactly the same time on the other.

    ``{side}`` and ``{other}`` in their words are the side's name and the other's.
    """

    order: tuple[str, str]
    steps: tuple[Say | Pause | Hold | Breathe | Repeat | Chime, ...]


@dataclass(frozen=True)
class Move:
    """Steps that belong together, under a name.

    ``gentle``: what to do instead for somebody who asked for the gentler form; empty if there is none.
    ``optional``: whether it may be left out when time is short, so that the others are not rushed.
    """

    title: str
    steps: tuple[Say | Pause | Hold | Breathe | Repeat | Chime | Sides | Scan, ...]
    gentle: tuple[Say | Pause | Hold | Breathe | Repeat | Chime | Sides | Scan, ...] = ()
    optional: bool = False


Step = Say | Pause | Hold | Breathe | Repeat | Scan | Chime | Sides | Move


@dataclass(frozen=True)
class Exercise:
    """A part of the session that lasts exactly ``minutes``. ``place``: where it stands, as ``file:line``."""

    title: str
    minutes: float
    steps: tuple[Step, ...]
    place: str = field(default="", compare=False)


@dataclass(frozen=True)
class Routine:
    """A whole routine.

    ``safety`` is printed before the session and never spoken. ``pronounce``: words, in lower case, with how
    they are spoken, in IPA.
    """

    title: str
    safety: str
    opening: tuple[Step, ...]
    exercises: tuple[Exercise, ...]
    closing: tuple[Step, ...]
    pronounce: tuple[tuple[str, str], ...] = ()
