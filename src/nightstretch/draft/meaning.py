"""What a sentence means: what to say of it, and the steps that follow."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from nightstretch.draft import phrases
from nightstretch.draft.lengths import AMOUNT, middle, number, seconds
from nightstretch.draft.text import ended, spoken
from nightstretch.routine import Breathe, Count, Guidance, Hold, Pause, Repeat, Say, Scan, Span

Action = Hold | Breathe | Repeat | Scan

HOLD_SPAN: Final = Span(20, 10, 60)
_SHORT_HOLD_SPAN: Final = Span(4, 3, 8)
_LEAST_HOLD, _MOST_HOLD = 2.0, 300.0
_SECONDS_OF_A_BREATH: Final = 7.0
_ROOM_FOR_WORDS, _ROOM_FOR_A_WORD = 4.0, 2.0
"""How many seconds a phase of a breath needs for "Breathe in." or for "Hold.", with the slowest voice."""

_HOW_LONG: Final = "how long the hold lasts"
_HOW_OFTEN: Final = "how many times, and the words for each"
_BREATH: Final = "the seconds of the breath, how many rounds, and their words"

_Found = tuple[tuple[Action, ...], str]
_NOTHING: Final[_Found] = ((), "")


class Role(Enum):
    """What a sentence is for: to be done, to be felt, or to be known."""

    DO = auto()
    FEEL = auto()
    REMARK = auto()


@dataclass(frozen=True)
class Meaning:
    """A sentence of an ``article``, understood.

    ``said``: what to say of it, maybe nothing. ``actions``: the steps that follow it, with what was
    ``guessed`` of them. ``one_side``: whether it speaks of any one side; ``named_side``: of the right or the
    left one. ``switch``: whether it asks for the other one. ``inhales``: whether it has an in-breath and no
    out-breath. ``moving``: whether it asks for a new position.
    """

    article: str
    said: str
    role: Role
    actions: tuple[Action, ...] = ()
    guessed: str = ""
    one_side: bool = False
    named_side: bool = False
    switch: bool = False
    inhales: bool = False
    moving: bool = False


def instructs(sentence: str) -> bool:
    """Tell whether a sentence asks for something to be done: whether it begins with such a verb."""
    text = spoken(sentence)
    for _ in range(4):
        if found := phrases.BEFORE_VERB.match(text):
            text = text[found.end() :].lstrip(" ,")
    return phrases.VERB.match(text) is not None


def understand(sentence: str) -> Meaning:
    """Read a sentence of an exercise."""
    text = spoken(sentence)
    switch = phrases.SWITCH.search(text)
    if switch:
        rest = text[: switch.start()] + text[switch.end() :]
        text = rest.strip(" ,;.") if len(rest.split()) > 1 else ""
    role = _role(text)
    actions, guessed = _actions(text) if role is not Role.REMARK else _NOTHING
    to_and_fro = phrases.SIDE_TO_SIDE.search(text) is not None
    return Meaning(
        article=sentence,
        said=ended(text) if text else "",
        role=role,
        actions=actions,
        guessed=guessed,
        one_side=role is Role.DO and not to_and_fro and phrases.ONE_SIDE.search(text) is not None,
        named_side=not to_and_fro and phrases.NAMED_SIDE.search(text) is not None,
        switch=switch is not None,
        inhales=_has_phase("in", text) and not _has_phase("out", text),
        moving=phrases.POSITION.search(text) is not None,
    )


def sides_in_order(texts: Iterable[str]) -> tuple[str, str]:
    """Give the sides, the one first that is named first."""
    for text in texts:
        if found := phrases.NAMED_SIDE.search(text):
            return ("left", "right") if found[0].lower() == "left" else ("right", "left")
    return ("right", "left")


def on_side(text: str, order: tuple[str, str]) -> str:
    """Put ``{side}`` and ``{other}`` where a sentence means one side or the other."""
    for pattern, replacement in phrases.TO_SIDES:
        text = pattern.sub(replacement, text)
    text = phrases.NAMED_SIDE.sub(lambda found: "{side}" if found[0].lower() == order[0] else "{other}", text)
    return text[:1].upper() + text[1:]


def breathe(
    inhale: float, hold: float, exhale: float, rounds: Count, words: dict[str, str] | None = None
) -> Breathe:
    """Make rounds of breathing whose guidance thins out, the first with ``words`` for its phases."""
    own = words or {}
    room = {
        "in": inhale >= _ROOM_FOR_WORDS,
        "hold": hold >= _ROOM_FOR_A_WORD,
        "out": exhale >= _ROOM_FOR_WORDS,
    }

    def wordings(phase: str, *texts: str) -> tuple[str, ...]:
        return tuple(text for text in texts if text) if room[phase] else ()

    first = Guidance(
        wordings("in", own.get("in", ""), "Breathe in."),
        wordings("hold", own.get("hold", ""), "Hold."),
        wordings("out", own.get("out", ""), "Breathe out."),
    )
    second = Guidance(
        wordings("in", "Breathe in."), wordings("hold", "Hold."), wordings("out", "Breathe out.")
    )
    third = Guidance(wordings("in", "And in."), (), wordings("out", "And out."))
    last = Guidance(wordings("in", "Once more in."), (), wordings("out", "And let it go."))
    return Breathe(inhale, hold, exhale, rounds, (first, second, third, Guidance()), last)


def _role(text: str) -> Role:
    if phrases.FEEL.match(text):
        return Role.FEEL
    if phrases.REMARK.match(text) and not instructs(text):
        return Role.REMARK
    return Role.DO


def _has_phase(phase: str, text: str) -> bool:
    return phrases.PHASES[phase].search(text) is not None


def _actions(text: str) -> _Found:
    """Find the steps that a sentence means; the first reading that finds something is the one."""
    for read in (_phases, _scan, _again, _hold, _swings, _breathing):
        found = read(text)
        if found[0]:
            return found
    return _NOTHING


def _phases(text: str) -> _Found:
    """Read "Inhale for four seconds, hold for two, and exhale for six."."""
    if not (_has_phase("in", text) and _has_phase("out", text)) or phrases.MOVEMENT.search(text):
        return _NOTHING
    counts: dict[str, float] = {}
    if three := phrases.THREE_COUNTS.search(text):
        counts = {phase: float(three[place]) for place, phase in enumerate(phrases.PHASES, 1)}
    for phase, pattern in phrases.PHASE_COUNTS.items():
        if found := pattern.search(text):
            counts.setdefault(phase, number(found[1]))
    lengths = {phase: min(max(count, 1.0), 30.0) for phase, count in counts.items()}
    hold = lengths.get("hold", 2.0) if _has_phase("hold", text) or "hold" in lengths else 0.0
    times = phrases.TIMES.search(text) or phrases.BREATHS.search(text)
    rounds = _counted(times) if times else Count(5, 3, 40)
    step = breathe(lengths.get("in", 4.0), hold, lengths.get("out", 6.0), rounds, _words_of_phases(text))
    return (step,), "how many rounds, and their words" if {"in", "out"} <= lengths.keys() else _BREATH


def _words_of_phases(text: str) -> dict[str, str]:
    """Find the words for each phase among the parts of a sentence."""
    found: dict[str, str] = {}
    for part in phrases.BETWEEN_PHASES.split(text):
        for phase, pattern in phrases.PHASES.items():
            if pattern.match(part):
                found.setdefault(phase, ended(part))
    return found


def _scan(text: str) -> _Found:
    if not phrases.SCAN.search(text):
        return _NOTHING
    step = Scan(phrases.PARTS_OF_THE_BODY, ("Notice {part}.", "And now {part}."), Span(3.5, 1.5, 10))
    return (step,), "the parts of the body, and their words"


def _again(text: str) -> _Found:
    """Read "Repeat five times."; "Repeat for a minute." is rather a hold."""
    times = phrases.TIMES.search(text)
    if not times and (not phrases.AGAIN.search(text) or AMOUNT.search(text)):
        return _NOTHING
    count = _counted(times) if times else Count(3, 1, 8)
    step = Repeat(count, (Say("And once again."), Pause(Span(6, 3, 14))))
    return (step,), "the words for each time" if times else _HOW_OFTEN


def _counted(times: re.Match[str]) -> Count:
    natural = min(max(round(middle(times)), 1), 100)
    return Count(natural, max(1, natural // 2), natural)


def _hold(text: str) -> _Found:
    """Read "Hold for 30 seconds.", "Stay here for five breaths." and "Hold and breathe."."""
    hold = phrases.HOLD.search(text)
    length = AMOUNT.search(text, hold.start() if hold else 0)
    breaths = phrases.BREATHS.search(text)
    lasts = length is not None and phrases.FOR.search(text[max(0, length.start() - 20) : length.start()])
    if not hold and not lasts and not phrases.AGAIN.search(text):
        return _NOTHING
    if length:
        return (_held(seconds(length)),), "the middle of the two" if length["high"] else ""
    if breaths:
        return (_held(middle(breaths) * _SECONDS_OF_A_BREATH),), "the seconds of a breath"
    return (Hold(_SHORT_HOLD_SPAN if phrases.BRIEFLY.search(text) else HOLD_SPAN),), _HOW_LONG


def _held(natural: float) -> Hold:
    natural = round(min(max(natural, _LEAST_HOLD), _MOST_HOLD), 1)
    return Hold(Span(natural, min(natural, max(10.0, natural / 2)), natural * 1.4))


def _swings(text: str) -> _Found:
    """Read "from side to side", "forward and back", "roll backward and then forward"."""
    found: list[tuple[int, tuple[str, ...]]] = []
    for table in (phrases.TURNS, phrases.SWINGS) if phrases.TURNING.search(text) else (phrases.SWINGS,):
        matches = ((pattern.search(text), words) for pattern, words in table)
        found = found or sorted((match.start(), words) for match, words in matches if match)
    pause = Pause(Span(3.5, 2, 8))
    return tuple(
        Repeat(Count(3, 2, 8), tuple(step for word in words for step in (Say(word), pause)))
        for _, words in found
    ), _HOW_OFTEN


def _breathing(text: str) -> _Found:
    if not phrases.BREATHE.search(text):
        return _NOTHING
    if found := phrases.BREATHS.search(text):
        return (breathe(4.0, 0.0, 6.0, _counted(found)),), "the seconds of the breath, and the words"
    return (breathe(4.0, 0.0, 6.0, Count(3, 1, 20)),), _BREATH
