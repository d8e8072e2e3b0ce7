"""The fit: a script and the lengths of its clips become a timeline, every sound at its exact sample.

Each exercise comes out at its target length to the sample. The natural length comes first. Too long: pauses
and holds shrink, then rounds are dropped. Too short: rounds are added, then holds stretch, then pauses.
All holds of an exercise give by one ratio, and all its pauses by one, so equal parts stay equal.

The two sides of a move are twins: whatever is said on both gets the time of the longer wording, and a sample
left over by rounding goes to both or to neither where that is possible. So left lasts as long as right.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, Protocol

from nightstretch.errors import FitError
from nightstretch.script import (
    Bell,
    Breath,
    Cue,
    Glue,
    Key,
    Loss,
    Part,
    Phase,
    Piece,
    Rounds,
    Script,
    Section,
)

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


def reach(section: Section, lengths: Lengths, rate: int) -> tuple[int, int]:
    """Give the least and the most samples that a section can be made to last.

    Not every length between them is within reach: see ``fit``.
    """
    return _Fitting(section, lengths, rate).reach()


@dataclass(frozen=True)
class Placed:
    """A piece at its place: from sample ``start`` of its section up to ``end``, exclusive.

    ``slots``: the time of each of its texts, from where it begins to be spoken.
    """

    piece: Piece
    start: int
    end: int
    slots: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Layout:
    """How ``fit`` places one section: the pieces in order, and the form that was chosen.

    ``times``: how often each group of rounds is done. ``wordings``: which wording each cue has.
    """

    placed: tuple[Placed, ...]
    times: Mapping[Key, int]
    wordings: Mapping[Key, int]


def lay_out(section: Section, lengths: Lengths, rate: int) -> Layout:
    """Tell how ``fit`` places a section. Raises DoesNotFitError like it."""
    return _Fitting(section, lengths, rate).lay_out()


def collect(script: Script, stream: Iterable[Event | Passage]) -> Timeline:
    """Make a timeline of all that ``fit`` gave."""
    items = tuple(stream)
    passages = tuple(item for item in items if isinstance(item, Passage))
    events = tuple(item for item in items if isinstance(item, Event))
    return Timeline(script.title, script.rate, passages, events)


class _Item(NamedTuple):
    """A piece, in the rounds that it belongs to: the number of each, from the outermost in."""

    piece: Piece
    rounds: tuple[int, ...]

    @property
    def twin(self) -> tuple[Key, tuple[int, ...]]:
        """What it shares with the same piece on the other side, and with nothing else."""
        return self.piece.key, self.rounds


class _Bounds(NamedTuple):
    """How long something may last, in samples."""

    least: int
    natural: int
    most: int


class _Fitting:
    """The fit of one section.

    How often each group of rounds is done, and how short the wordings are, is a *form* of the section. There
    is one order in which things come and go, so the forms lie in a line: the natural one, before it those
    with less and less, after it those with more. A section takes the one form that suits its target. Because
    the line is always the same, a longer session never loses what a shorter one has.
    """

    def __init__(self, section: Section, lengths: Lengths, rate: int) -> None:
        self.end = 0
        self._section = section
        self._lengths = lengths
        self._rate = rate
        self._gap = round(LEAST_GAP_SECONDS * rate)
        self._groups = _groups(section.parts)
        self._losses, self._gains = _order(self._groups, section.parts)
        self._counts: dict[Key, int] = {}
        self._wordings: dict[Key, int] = {}
        # Rounds repeat the same pieces, so what is alike on both sides is found by the key alone.
        self._alike: dict[Key, list[Piece]] = defaultdict(list)
        for piece in _first_pieces(section.parts):
            self._alike[piece.key].append(piece)
        self._known: dict[tuple[Key, int], _Bounds] = {}
        self._take_form(0)
        self._write_out()

    def place(self, start: int) -> Iterator[Event]:
        """Give the events from sample ``start`` on; ``end`` is then where the last piece ends."""
        for item, begin, end in self._spread(start):
            self.end = end
            yield from self._events(item, begin, end)

    def lay_out(self) -> Layout:
        """Give the pieces from sample 0 on, and the form that they are in."""
        placed = [
            Placed(item.piece, start, end, tuple((at, to) for _, at, to in self._says(item, start, end)))
            for item, start, end in self._spread(0)
        ]
        wordings = {
            key: self._cue_wording(cue) for key, (cue, *_) in self._alike.items() if isinstance(cue, Cue)
        }
        return Layout(tuple(placed), self._counts, wordings)

    def _spread(self, start: int) -> Iterator[tuple[_Item, int, int]]:
        """Give every item with its start and its end."""
        if self._section.samples is None:
            samples: Iterable[int] = (self._bounds(item.piece).natural for item in self._items)
        else:
            samples = self._solve(self._section.samples)
        # The items are there only once the form is chosen.
        for item, length in zip(self._items, samples, strict=True):
            yield item, start, start + length
            start += length

    def reach(self) -> tuple[int, int]:
        """Give the least of the shortest form and the most of the longest one."""
        return self._at(-len(self._losses)).least, self._at(len(self._gains)).most

    # Which form, and how much time for each piece

    def _write_out(self) -> None:
        """Write the section out in its present form."""
        self._items: list[_Item] = []
        self._twins: dict[tuple[Key, tuple[int, ...]], list[Piece]] = defaultdict(list)
        self._write(self._section.parts, ())

    def _write(self, parts: Iterable[Part], rounds: tuple[int, ...]) -> None:
        for part in parts:
            if isinstance(part, Rounds):
                for number, inner in enumerate(part.expand(self._counts[part.key])):
                    self._write(inner, (*rounds, number))
            else:
                item = _Item(part, rounds)
                self._items.append(item)
                self._twins[item.twin].append(part)

    def _at(self, form: int) -> _Bounds:
        """Take a form and give the bounds of the whole."""
        self._take_form(form)
        return self._total()

    def _total(self) -> _Bounds:
        """Add up the present form, without writing it out: a round takes as long as the first one."""
        return self._sum(self._section.parts)

    def _sum(self, parts: Iterable[Part]) -> _Bounds:
        least = natural = most = 0
        for part in parts:
            if not isinstance(part, Rounds):
                one, times = self._bounds(part), 1
            elif times := self._counts[part.key]:
                one = self._sum(part.rounds[0])
            else:
                continue  # nobody has to speak what is left out
            least += times * one.least
            natural += times * one.natural
            most += times * one.most
        return _Bounds(least, natural, most)

    def _take_form(self, form: int) -> None:
        """Take a form, counted from the natural one: before it by losses, after it by gains."""
        self._counts = {key: rounds.natural for key, rounds in self._groups.items()}
        self._wordings = defaultdict(int)
        for loss in self._losses[: max(0, -form)]:
            self._lose(*loss)
        for key in self._gains[: max(0, form)]:
            self._counts[key] += 1

    def _lose(self, loss: Loss, key: Key, times: int = 1) -> None:
        """Take a loss; ``times`` is -1 to take it back, or to gain a round."""
        if loss is Loss.WORDS:
            self._wordings[key] += times
        else:
            self._counts[key] -= times

    def _choose_form(self, target: int) -> _Bounds:
        """Take the form that suits the target, and give the bounds of the whole."""
        natural = self._at(0)
        if target < natural.natural:
            line = range(len(self._losses) + 1)
            # In growing steps: a shorter wording that is not needed is not to be spoken.
            far = 1
            while far < len(line) and self._at(-far).least > target:
                far *= 2
            line = line[: far + 1]
            fewest = bisect_left(line, True, key=lambda losses: self._at(-losses).least <= target)  # noqa: FBT003
            if fewest > len(self._losses):
                needed = self._seconds(self._at(-len(self._losses)).least)
                raise self._does_not_fit(f"needs at least {needed}{self._and_has()}", too_long=True)
            form = -fewest
            self._speak_out(target, self._losses[:fewest])
        else:
            line = range(1, len(self._gains) + 1)
            form = bisect_left(line, True, key=lambda gains: self._at(gains).natural > target)  # noqa: FBT003
            self._take_form(form)
        total = self._total()
        return total if target <= total.most else self._fill(target, form, total)

    def _speak_out(self, target: int, lost: Sequence[tuple[Loss, Key]]) -> None:
        """Take a form, then let the wordings back in that there is time for: a move that goes leaves some.

        No cue, move or round depends on it, so a longer session still has all that a shorter one has.
        """
        self._take_form(-len(lost))
        for loss, key in reversed(lost):
            if loss is Loss.WORDS:
                self._lose(loss, key, -1)
                if self._total().natural > target:
                    self._lose(loss, key)

    def _fill(self, target: int, form: int, total: _Bounds) -> _Bounds:
        """Add something out of turn where the time cannot be filled otherwise: an error would be worse."""
        lost = self._losses[: max(0, -form)]
        gains = [(Loss.ROUND, key) for key in self._gains[max(0, form) :]]
        for loss, key in [*reversed(lost), *gains]:
            whole = (
                not self._wordings[key] if loss is Loss.WORDS else self._counts[key] == self._groups[key].most
            )
            if whole:
                continue
            self._lose(loss, key, -1)
            grown = self._total()
            if grown.least > target:
                self._lose(loss, key)
                continue
            total = grown
            if target <= total.most:
                return total
        fills = self._seconds(total.most)
        raise self._does_not_fit(f"fills at most {fills}{self._and_has()}", too_long=False)

    def _solve(self, target: int) -> Sequence[int]:
        """Choose the form, then share out what is missing or left over, to the sample."""
        total = self._choose_form(target)
        self._write_out()
        for item in self._items:
            if isinstance(item.piece, Breath):
                self._breath_wording(
                    item, item.piece.samples
                )  # raises if nothing fits, before anything is placed
        bounds = [self._bounds(item.piece) for item in self._items]
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
        without: list[int] = []
        for group in sorted(fractions.values(), key=len, reverse=True):
            if len(group) > 1 and left >= len(group):
                for index in group:
                    shares[index] += 1
                left -= len(group)
            else:
                without += group
        for index in without[::-1][:left]:
            shares[index] += 1
        return shares

    # How long a piece may last

    def _bounds(self, piece: Piece) -> _Bounds:
        """Give the bounds of a piece in its present wording; every form that is tried asks for them."""
        asked = (piece.key, self._wordings[piece.key])
        if asked not in self._known:
            self._known[asked] = self._measured(piece)
        return self._known[asked]

    def _measured(self, piece: Piece) -> _Bounds:
        match piece:
            case Cue():
                return _rigid(self._slot(piece, self._cue_wording(piece)))
            case Bell(name=name):
                return _rigid(self._lengths.chime(name))
            case Breath(samples=samples):
                return _rigid(samples)
            case Glue(words=words) as glue:
                least = sum(self._slots(glue)) + self._gap * (len(words) + 1) if words else 0
                if least > glue.most:
                    limits = f"{self._seconds(least)} and that lasts at most {self._seconds(glue.most)}"
                    raise self._does_not_fit(f"has a hold whose words need {limits}", too_long=True)
                return _Bounds(max(glue.least, least), max(glue.natural, least), glue.most)

    def _slots(self, hold: Glue) -> list[int]:
        """Give the time for each text of a hold."""
        return [self._slot(hold, number) for number in range(len(hold.words))]

    def _slot(self, piece: Piece, number: int) -> int:
        """Give the time for one of the texts of a cue or a hold: that of the longest among its twins.

        Only what is asked for has to be spoken.
        """
        return max(self._lengths.speech(_spoken(twin)[number]) for twin in self._alike[piece.key])

    def _cue_wording(self, cue: Cue) -> int:
        """Choose the quickest of the wordings it has come down to: what reads shorter may take longer."""
        wordings = range(self._wordings[cue.key] + 1)
        return min(wordings, key=lambda wording: self._slot(cue, wording)) if len(wordings) > 1 else 0

    def _breath_wording(self, item: _Item, phase_samples: int) -> int | None:
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
        match piece:
            case Bell(name=name):
                yield Event("chime", start, end, name, exercise, piece.side)
            case Breath(phase=phase):
                yield Event("breath", start, end, None, exercise, piece.side, phase)
            case Glue(kind=kind):
                yield Event(kind, start, end, None, exercise, piece.side)
        for text, at, _ in self._says(item, start, end):
            yield Event("say", at, at + self._lengths.speech(text), text, exercise, piece.side)

    def _says(self, item: _Item, start: int, end: int) -> Iterator[tuple[str, int, int]]:
        """Give each text that is spoken, with the start and the end of its slot."""
        piece = item.piece
        match piece:
            case Cue(words=words):
                yield words[self._cue_wording(piece)], start, end
            case Breath(samples=samples, words=words):
                wording = self._breath_wording(item, samples)
                if wording is not None:
                    yield words[wording], start, end
            case Glue(words=words):
                slots = self._slots(piece)
                silence = end - start - sum(slots)
                at = start
                for number, (text, slot) in enumerate(zip(words, slots, strict=True), 1):
                    begin = at + silence * number // (len(words) + 1)
                    yield text, begin, begin + slot
                    at += slot


def _rigid(samples: int) -> _Bounds:
    return _Bounds(samples, samples, samples)


def _spoken(piece: Piece) -> tuple[str, ...]:
    match piece:
        case Cue(words=words) | Breath(words=words) | Glue(words=words):
            return words
        case Bell():
            return ()


def _groups(parts: Iterable[Part]) -> dict[Key, Rounds]:
    """Find all rounds, those within others too; the two sides of a move share theirs."""
    found: dict[Key, Rounds] = {}
    for part in parts:
        if isinstance(part, Rounds):
            found[part.key] = part
            for inner in (*part.rounds, part.final or ()):
                found |= _groups(inner)
    return found


def _first_pieces(parts: Iterable[Part]) -> Iterator[Piece]:
    """Give the pieces of everything done once."""
    for part in parts:
        if isinstance(part, Rounds):
            yield from _first_pieces(part.rounds[0])
        else:
            yield part


def _order(groups: Mapping[Key, Rounds], parts: Iterable[Part]) -> tuple[list[tuple[Loss, Key]], list[Key]]:
    """In which order something is lost, and gained.

    The smallest loss first; of equal ones, each group in its turn, by the part of its range that is used up,
    and of words, cues and moves the last ones first.
    """
    losses: list[tuple[Loss, float, int, Key]] = []
    gains: list[tuple[float, int, Key]] = []
    for order, (key, rounds) in enumerate(groups.items()):
        down, up = rounds.natural - rounds.least, rounds.most - rounds.natural
        losses += [(rounds.loss, (step + 1) / down, -order, key) for step in range(down)]
        gains += [((step + 1) / up, order, key) for step in range(up)]
    wordings = {piece.key: len(piece.words) - 1 for piece in _first_pieces(parts) if isinstance(piece, Cue)}
    for order, (key, shorter) in enumerate(wordings.items()):
        losses += [(Loss.WORDS, (step + 1) / shorter, -order, key) for step in range(shorter)]
    return [(loss, key) for loss, *_, key in sorted(losses)], [key for *_, key in sorted(gains)]
