"""The fit: a script and the lengths of its clips become a timeline, every sound at its exact sample.

Each exercise comes out at its target length to the sample. The natural length comes first. Too long: pauses
and holds shrink, then rounds are dropped. Too short: rounds are added, then holds stretch, then pauses.
All holds of an exercise give by one ratio, and all its pauses by one, so equal parts stay equal.

The two sides of a move are twins: whatever is said on both gets the time of the longer wording, and a sample
left over by rounding goes to both or to neither where that is possible. So left lasts as long as right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, Protocol

from nightstretch.errors import FitError
from nightstretch.script import Bell, Breath, Cue, Glue, Key, Phase, Piece, Rounds, Script, Section

LEAST_GAP_SECONDS: Final = 0.5
"""Silence on each side of the words in a hold: they would otherwise run into each other."""

Kind = Literal["say", "pause", "hold", "chime", "breath"]


@dataclass(frozen=True)
class Event:
    """Something that is heard, or a silence that is meant, from sample ``start`` up to ``end``, exclusive.

    ``text``: the words of a ``say``, the name of a ``chime``, else None. Words that are spoken inside a hold
    or a breath are ``say`` events that lie within it. ``exercise``: its number, None in opening and closing.
    """

    kind: Kind
    start: int
    end: int
    text: str | None = None
    exercise: int | None = None
    side: str | None = None
    phase: Phase | None = None


@dataclass(frozen=True)
class Passage:
    """A section at its place: from sample ``start`` up to ``end``, exclusive."""

    title: str
    number: int | None
    start: int
    end: int


@dataclass(frozen=True)
class Timeline:
    """The whole session: its passages, and its events sorted by their start. ``rate``: samples a second."""

    title: str
    rate: int
    passages: tuple[Passage, ...]
    events: tuple[Event, ...]

    @property
    def samples(self) -> int:
        """Its length."""
        return self.passages[-1].end


class Lengths(Protocol):
    """How many samples a sound lasts. The answer may have to wait until the sound is made."""

    def speech(self, text: str) -> int:
        """Give the length of a spoken text."""

    def chime(self, name: str) -> int:
        """Give the length of a chime."""


class DoesNotFitError(FitError):
    """The words of a section do not fit its time: there are too many of them, or ``too_long`` is false."""

    def __init__(self, section: Section, what: str, *, too_long: bool) -> None:
        place = f"{section.place}: " if section.place else ""
        name = section.title if section.number is None else f"exercise {section.number} ({section.title})"
        super().__init__(f"{place}{name} {what}")
        self.section = section
        self.too_long = too_long


def fit(script: Script, lengths: Lengths) -> Iterator[Event | Passage]:
    """Place everything: the events in order of their start, and after those of a section its passage.

    It is a stream: an exercise is placed once the lengths of its own clips are known, and an opening or a
    closing (which have no length to keep to) piece by piece, so that a player can start at once.
    Raises DoesNotFitError on coming to a section that does not fit.
    """
    start = 0
    for section in script.sections:
        fitting = _Fitting(section, lengths, script.rate)
        yield from fitting.place(start)
        end = fitting.end
        yield Passage(section.title, section.number, start, end)
        start = end


def collect(script: Script, stream: Iterable[Event | Passage]) -> Timeline:
    """Make a timeline of all that ``fit`` gave."""
    items = tuple(stream)
    passages = tuple(item for item in items if isinstance(item, Passage))
    events = tuple(item for item in items if isinstance(item, Event))
    return Timeline(script.title, script.rate, passages, events)


class _Item(NamedTuple):
    """A piece in its round. ``group`` is the key of the rounds it belongs to, None outside of any."""

    piece: Piece
    group: Key | None
    round: int

    @property
    def twin(self) -> tuple[Key, int]:
        """What it shares with the same piece on the other side, and with nothing else."""
        return self.piece.key, self.round


class _Bounds(NamedTuple):
    """How long something may last, in samples."""

    least: int
    natural: int
    most: int

    def plus(self, other: _Bounds, times: int = 1) -> _Bounds:
        return _Bounds(*(a + times * b for a, b in zip(self, other, strict=True)))


class _Fitting:
    """The fit of one section."""

    def __init__(self, section: Section, lengths: Lengths, rate: int) -> None:
        self.end = 0
        self._section = section
        self._lengths = lengths
        self._rate = rate
        self._gap = round(LEAST_GAP_SECONDS * rate)
        self._rounds = {part.key: part for part in section.parts if isinstance(part, Rounds)}
        self._items: list[_Item] = []
        self._twins: Mapping[tuple[Key, int], list[Piece]] = {}
        self._expand({key: rounds.natural for key, rounds in self._rounds.items()})

    def place(self, start: int) -> Iterator[Event]:
        """Give the events from sample ``start`` on; ``end`` is then where the last piece ends."""
        if self._section.samples is None:
            samples: Iterable[int] = (self._bounds(item).natural for item in self._items)
        else:
            samples = self._solve(self._section.samples)
        for item, length in zip(self._items, samples, strict=True):
            self.end = start + length
            yield from self._events(item, start, self.end)
            start = self.end

    # How many rounds, and how much time for each piece

    def _expand(self, counts: Mapping[Key, int]) -> None:
        """Write the rounds out."""
        self._items = []
        for part in self._section.parts:
            if isinstance(part, Rounds):
                for number, pieces in enumerate(part.expand(counts[part.key])):
                    self._items += [_Item(piece, part.key, number) for piece in pieces]
            else:
                self._items.append(_Item(part, None, 0))
        twins = defaultdict(list)
        for item in self._items:
            twins[item.twin].append(item.piece)
        self._twins = twins

    def _solve(self, target: int) -> Sequence[int]:
        """Choose the rounds, then share out what is missing or left over, to the sample."""
        total = self._choose_rounds(target)
        bounds = [self._bounds(item) for item in self._items]
        natural = [bound.natural for bound in bounds]
        if target <= total.natural:
            room = [bound.natural - bound.least for bound in bounds]
            return [n - s for n, s in zip(natural, self._share(room, total.natural - target), strict=True)]
        room = [bound.most - bound.natural for bound in bounds]
        holds = [
            space if isinstance(item.piece, Glue) and item.piece.kind == "hold" else 0
            for item, space in zip(self._items, room, strict=True)
        ]
        pauses = [space - hold for space, hold in zip(room, holds, strict=True)]
        missing = target - total.natural
        for_holds = min(missing, sum(holds))
        shares = zip(self._share(holds, for_holds), self._share(pauses, missing - for_holds), strict=True)
        return [n + hold + pause for n, (hold, pause) in zip(natural, shares, strict=True)]

    def _choose_rounds(self, target: int) -> _Bounds:
        """Write out as many rounds as suit the target, and give the bounds of the whole."""
        total, one_round = self._totals()
        counts = {key: rounds.natural for key, rounds in self._rounds.items()}
        fewer, more = self._order_of_rounds()
        dropped: list[Key] = []
        if target < total.natural:
            while target < total.least:
                if not fewer:
                    needed = self._seconds(total.least)
                    raise self._does_not_fit(f"needs at least {needed}{self._and_has()}", too_long=True)
                dropped.append(fewer.pop(0))
                counts[dropped[-1]] -= 1
                total = total.plus(one_round[dropped[-1]], -1)
        else:
            for key in more:
                grown = total.plus(one_round[key])
                # Another round if it fits comfortably, or if the time cannot be filled without it.
                if target < grown.natural and (target <= total.most or target < grown.least):
                    break
                counts[key] += 1
                total = grown
        for key in [*reversed(dropped), *more]:
            # If the time cannot be filled with these rounds, any other one will do: the order in which they
            # come and go is there for longer sessions never to lose one, but an error would be worse.
            grown = total.plus(one_round[key])
            if target > total.most and target >= grown.least and counts[key] < self._rounds[key].most:
                counts[key] += 1
                total = grown
        if target > total.most:
            fills = self._seconds(total.most)
            raise self._does_not_fit(f"fills at most {fills}{self._and_has()}", too_long=False)
        self._expand(counts)
        return total

    def _totals(self) -> tuple[_Bounds, Mapping[Key, _Bounds]]:
        """Add up the bounds of everything as it is written out, and those of one round of each kind."""
        total = _Bounds(0, 0, 0)
        one_round: dict[Key, _Bounds] = defaultdict(lambda: _Bounds(0, 0, 0))
        for item in self._items:
            bounds = self._bounds(item)
            total = total.plus(bounds)
            if item.group is not None and item.round == 0:
                one_round[item.group] = one_round[item.group].plus(bounds)
        return total, one_round

    def _order_of_rounds(self) -> tuple[list[Key], list[Key]]:
        """In which order rounds are dropped, and added: each group in turn, by the part of its range used."""
        fewer, more = [], []
        for order, (key, rounds) in enumerate(self._rounds.items()):
            down, up = rounds.natural - rounds.least, rounds.most - rounds.natural
            fewer += [((step + 1) / down, -order, key) for step in range(down)]
            more += [((step + 1) / up, order, key) for step in range(up)]
        return [key for *_, key in sorted(fewer)], [key for *_, key in sorted(more)]

    def _share(self, room: Sequence[int], amount: int) -> Sequence[int]:
        """Share ``amount`` out in proportion to the room of each item, exactly, twins alike."""
        whole = sum(room)
        if not amount:
            return [0] * len(room)
        shares = [space * amount // whole for space in room]
        left = amount - sum(shares)
        # Whoever lost a fraction to rounding may get a sample back: pairs of twins first, then single pieces.
        fractions = defaultdict(list)
        for index, space in enumerate(room):
            if space * amount % whole:
                fractions[self._items[index].twin].append(index)
        groups = sorted(fractions.values(), key=len, reverse=True)
        for group in [group for group in groups if len(group) > 1]:
            if left >= len(group):
                for index in group:
                    shares[index] += 1
                left -= len(group)
                groups.remove(group)
        for index in [index for group in reversed(groups) for index in group][:left]:
            shares[index] += 1
        return shares

    # How long a piece may last

    def _bounds(self, item: _Item) -> _Bounds:
        match item.piece:
            case Cue():
                return _rigid(self._slots(item)[0])
            case Bell(name=name):
                return _rigid(self._lengths.chime(name))
            case Breath(samples=samples):
                self._wording(item, samples)
                return _rigid(samples)
            case Glue(words=words) as glue:
                least = sum(self._slots(item)) + self._gap * (len(words) + 1) if words else 0
                if least > glue.most:
                    limits = f"{self._seconds(least)} and that lasts at most {self._seconds(glue.most)}"
                    raise self._does_not_fit(f"has a hold whose words need {limits}", too_long=True)
                return _Bounds(max(glue.least, least), max(glue.natural, least), glue.most)

    def _slots(self, item: _Item) -> list[int]:
        """Give the time for each text of a piece: that of the longest among its twins."""
        texts = zip(*(_spoken(twin) for twin in self._twins[item.twin]), strict=True)
        return [max(map(self._lengths.speech, wordings)) for wordings in texts]

    def _wording(self, item: _Item, phase_samples: int) -> int | None:
        """Choose the longest wording that fits into a phase of a breath, on both sides; None is silence."""
        texts = tuple(zip(*(_spoken(twin) for twin in self._twins[item.twin]), strict=True))
        for number, wordings in enumerate(texts):
            if all(self._lengths.speech(text) <= phase_samples for text in wordings):
                return number
        if not texts:
            return None
        shortest = max(texts[-1], key=self._lengths.speech)
        limits = (
            f"{self._seconds(self._lengths.speech(shortest))} of a phase of {self._seconds(phase_samples)}"
        )
        raise self._does_not_fit(f"says {shortest!r} in a breath, which takes {limits}", too_long=True)

    def _seconds(self, samples: int) -> str:
        return f"{samples / self._rate:.1f} s"

    def _and_has(self) -> str:
        return f" and has {self._seconds(self._section.samples or 0)}"

    def _does_not_fit(self, what: str, *, too_long: bool) -> DoesNotFitError:
        return DoesNotFitError(self._section, what, too_long=too_long)

    # What is heard of a piece, and when

    def _events(self, item: _Item, start: int, end: int) -> Iterator[Event]:
        piece, exercise = item.piece, self._section.number

        def say(text: str, at: int) -> Event:
            return Event("say", at, at + self._lengths.speech(text), text, exercise, piece.side)

        match piece:
            case Cue(text=text):
                yield say(text, start)
            case Bell(name=name):
                yield Event("chime", start, end, name, exercise, piece.side)
            case Breath(phase=phase, samples=samples, words=words):
                yield Event("breath", start, end, None, exercise, piece.side, phase)
                wording = self._wording(item, samples)
                if wording is not None:
                    yield say(words[wording], start)
            case Glue(kind=kind, words=words):
                yield Event(kind, start, end, None, exercise, piece.side)
                slots = self._slots(item)
                silence = end - start - sum(slots)
                spoken = 0
                for number, (text, slot) in enumerate(zip(words, slots, strict=True), 1):
                    yield say(text, start + spoken + silence * number // (len(words) + 1))
                    spoken += slot


def _rigid(samples: int) -> _Bounds:
    return _Bounds(samples, samples, samples)


def _spoken(piece: Piece) -> tuple[str, ...]:
    match piece:
        case Cue(text=text):
            return (text,)
        case Breath(words=words) | Glue(words=words):
            return words
        case Bell():
            return ()
