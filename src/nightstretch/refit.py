"""The rest of a section from its next cue on, as a section of its own, to be fitted again.

A listener may change the voice's speed while a session plays. What has been heard stays as it was; what is
still to come is placed anew with other clip lengths, so that the exercise still ends at its sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import NamedTuple

from nightstretch.script import Cue, Glue, Key, Part, Rounds, Section
from nightstretch.timeline import LEAST_GAP_SECONDS, Layout, Lengths, Placed, lay_out


@dataclass(frozen=True)
class Rest:
    """What is still to come of a section, from sample ``at`` of it on; nothing sounds across that moment.

    ``section``: as it was planned wherever something has begun. The hold in progress ends where it would;
    rounds are done as often, and holds last as long, as on the side, or in the round, that has been heard.
    ``loose``: the same, but all may give within the limits of its author, for when ``section`` does not fit.
    """

    at: int
    section: Section
    loose: Section


def rest_of(
    placed: Section, lengths: Lengths, rate: int, played: int, loose: Section | None = None
) -> Rest | None:
    """Give what follows sample ``played`` of a section, from the next cue on; None if no cue is left.

    ``placed``: the section that was given to ``fit``, with ``lengths`` at ``rate`` samples a second.
    ``loose``: that of the Rest which ``placed`` comes from, if it comes from one.

    The next cue is the first that begins at ``played`` or later. Within a hold in progress, only one before
    which there is time for the least silence counts, and what is left of the hold is spread evenly anew.
    Fitted with the lengths of before, ``section`` gives the events of before, moved by no more samples than
    there are pieces: a round, a cue or a wording that was chosen is what is natural now.
    Raises DoesNotFitError if ``placed`` does not fit.
    """
    layout = lay_out(placed, lengths, rate)
    cut = _find(layout.placed, played, round(LEAST_GAP_SECONDS * rate))
    if cut is None:
        return None
    loose = loose or placed
    mark = min(part.key[0] for part in (*placed.parts, *loose.parts)) - 1

    def rest(section: Section, *, keep: bool) -> Section:
        parts = _Cutting(layout, cut, mark, keep=keep).rest(section.parts)
        samples = None if section.samples is None else section.samples - cut.at
        return replace(section, parts=tuple(parts), samples=samples)

    return Rest(cut.at, rest(placed, keep=True), rest(loose, keep=False))


class _Cut(NamedTuple):
    """Where the rest begins, and how many pieces have begun before it.

    ``hold``: the last of them, if it is a hold in progress, ``said`` of whose words have been said.
    """

    at: int
    begun: int
    hold: Placed | None = None
    said: int = 0


def _find(pieces: Iterable[Placed], played: int, gap: int) -> _Cut | None:
    """Find the boundary before the next cue: the start of its piece, or a moment in the hold around it."""
    for number, piece in enumerate(pieces):
        if piece.slots and piece.start >= played:
            return _Cut(piece.start, number)
        if not isinstance(piece.piece, Glue):
            continue
        silent_from = piece.start
        for said, (start, end) in enumerate(piece.slots):
            at = max(played, silent_from)
            if at + gap <= start:
                return _Cut(at, number + 1, piece, said)
            silent_from = end
    return None


class _Cutting:
    """Takes away what is over, and makes natural what was chosen.

    ``mark`` is for the keys of what is no longer like its twins: none begins with it, or with a lower number.
    """

    def __init__(self, layout: Layout, cut: _Cut, mark: int, *, keep: bool) -> None:
        self._layout = layout
        self._cut = cut
        self._marks = count(mark, -1)
        self._keep = keep
        self._to_skip = cut.begun
        self._begun: set[Key] = set()
        # The same piece lasts as long each time, but for a sample of rounding.
        self._spans: dict[Key, tuple[int, int]] = {}
        for placed in layout.placed:
            length = placed.end - placed.start
            least, most = self._spans.get(placed.piece.key, (length, length))
            self._spans[placed.piece.key] = min(least, length), max(most, length)

    def rest(self, parts: Iterable[Part]) -> Iterator[Part]:
        """Give what follows the cut. A round in progress becomes plain parts: it is done to its end."""
        for part in parts:
            if not self._to_skip:
                yield self._to_come(part)
                continue
            self._begun.add(part.key)
            if isinstance(part, Rounds):
                yield from self._rest_of_rounds(part)
                continue
            self._to_skip -= 1
            if not self._to_skip and self._cut.hold and isinstance(part, Glue):
                yield self._rest_of_hold(part, self._cut.hold)

    def _rest_of_hold(self, glue: Glue, hold: Placed) -> Glue:
        gone, left = self._cut.at - hold.start, hold.end - self._cut.at
        return replace(
            glue,
            key=(next(self._marks), *glue.key),
            natural=left,
            least=left if self._keep else max(0, glue.least - gone),
            most=left if self._keep else glue.most - gone,
            words=glue.words[self._cut.said :],
        )

    def _rest_of_rounds(self, rounds: Rounds) -> Iterator[Part]:
        done = 0
        for parts in rounds.expand(self._layout.times.get(rounds.key, 0)):
            if not self._to_skip:
                break
            yield from self.rest(parts)
            done += 1
        if self._to_skip:
            return
        following = self._rounds_to_come(rounds)
        final = following.final or ()
        if final and done == following.natural:
            return  # that was the final one
        # These rounds are counted by themselves from now on, and the final one comes whatever their number.
        apart = done + bool(final)
        others = replace(
            following,
            natural=following.natural - apart,
            least=max(0, following.least - apart),
            most=following.most - apart,
            rounds=following.rounds[min(done, len(following.rounds) - 1) :],
            final=None,
        )
        for parts in ((others,) if others.most else (), final):
            yield from _marked(parts, next(self._marks))

    def _to_come(self, part: Part) -> Part:
        match part:
            case Rounds():
                return self._rounds_to_come(part)
            case Cue(key=key, words=words):
                return replace(part, words=words[self._layout.wordings.get(key, 0) :])
            case Glue(key=key) if key in self._spans:
                least, most = self._spans[key]
                if self._keep and key in self._begun and part.kind == "hold":
                    return replace(part, natural=most, least=least, most=most)
                return replace(part, natural=max(part.natural, most))
            case _:
                return part

    def _rounds_to_come(self, rounds: Rounds) -> Rounds:
        times = self._layout.times.get(rounds.key, 0)  # those that only the loose section has were not done
        keep = self._keep and rounds.key in self._begun
        return replace(
            rounds,
            natural=times,
            least=times if keep else rounds.least,
            most=times if keep else rounds.most,
            rounds=tuple(tuple(map(self._to_come, parts)) for parts in rounds.rounds),
            final=rounds.final and tuple(map(self._to_come, rounds.final)),
        )


def _marked(parts: Iterable[Part], mark: int) -> tuple[Part, ...]:
    """Give parts keys of their own."""
    return tuple(
        replace(
            part,
            key=(mark, *part.key),
            rounds=tuple(_marked(inner, mark) for inner in part.rounds),
            final=part.final and _marked(part.final, mark),
        )
        if isinstance(part, Rounds)
        else replace(part, key=(mark, *part.key))
        for part in parts
    )
