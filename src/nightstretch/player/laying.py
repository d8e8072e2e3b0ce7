"""How the sections on a tape are placed, also where their words are still being spoken.

Another speed is planned with estimates, at once, and placed cue by cue as the voice gets ready. What was
begun goes on whatever its words turn out to need: an error would end the night.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from nightstretch.estimates import GuessedLengths, KnownLengths
from nightstretch.refit import Rest, rest_of
from nightstretch.renderer import Renderer
from nightstretch.script import Breath, Glue, Key, Part, Piece, Rounds, Script, Section, Wordings
from nightstretch.timeline import (
    LEAST_GAP_SECONDS,
    DoesNotFitError,
    Event,
    Lengths,
    Passage,
    Timeline,
    collect,
    fit,
    reach,
)


@dataclass(frozen=True)
class Laid:
    """How a stretch of a tape was placed: a section, with these lengths, from sample ``start`` on.

    ``loose``: see ``refit.Rest``.
    """

    start: int
    section: Section
    lengths: Lengths
    loose: Section | None = None


def expected_samples(script: Script, lengths: Lengths) -> list[int]:
    """Give the samples that each section has, or will have by these lengths."""
    return [
        timeline_of(script, _eased(section, lengths, script.rate), lengths).samples
        if section.samples is None
        else section.samples
        for section in script.sections
    ]


def lay(script: Script, renderer: Renderer, start: int, laid: list[Laid]) -> Iterator[Event | Passage]:
    """Place sections from sample ``start`` on, each once its words are spoken."""
    known = KnownLengths(renderer.known, GuessedLengths(renderer.speed))
    for section in script.sections:
        fitted = forced(section, renderer, script)
        laid.append(Laid(start, fitted, known))
        end = start
        for item in fit(_only(script, fitted), renderer):
            yield replace(item, start=start + item.start, end=start + item.end)
            end = start + item.end
        start = end


def roll(
    rest: Rest, script: Script, renderer: Renderer, planned: Lengths, laid: list[Laid]
) -> Iterator[Event | Passage]:
    """Place the rest of a section while it is still being spoken, and then what follows.

    Until all its lengths are known it is fitted by estimates, and again at each cue: that cue is placed by
    its real length, and the end stays where it is.
    """
    start = 0
    forms: tuple[Section, ...] = rest.section, rest.loose
    while True:
        texts = {text for form in forms for text in _only(script, form).texts()}
        known = {text: renderer.known(text) for text in texts}
        lengths = _frozen(texts, known, planned)
        try:
            section, timeline = first_that_fits(forms, lengths, script)
        except DoesNotFitError:
            section = forced(forms[-1], lengths, script)
            timeline = timeline_of(script, section, lengths)
        cue = next((event for event in timeline.events if event.kind == "say"), None)
        following = None
        if cue is not None and None in known.values():
            if known[cue.text or ""] is None:
                renderer.speech(cue.text or "")  # waits for it
                continue
            following = rest_of(section, lengths, script.rate, cue.end, forms[-1])
        laid.append(Laid(start, section, lengths, forms[-1]))
        end = timeline.samples if following is None else following.at
        for event in timeline.events:
            if event.start < end:
                yield replace(event, start=start + event.start, end=start + min(event.end, end))
        start += end
        if following is None:
            break
        # What was forced need not be any more when the next words are known.
        forms = (following.section, following.loose) if section in forms else (following.loose,)
    yield Passage(rest.section.title, rest.section.number, 0, start)
    yield from lay(replace(script, sections=script.sections[1:]), renderer, start, laid)


def _frozen(texts: Iterable[str], known: dict[str, int | None], planned: Lengths) -> Lengths:
    """Give lengths that stay as they are now, however many become known meanwhile."""
    lengths = {text: planned.speech(text) if known[text] is None else known[text] for text in texts}
    return KnownLengths(lengths.get, planned)


def _only(script: Script, section: Section) -> Script:
    return replace(script, sections=(section,))


def timeline_of(script: Script, section: Section, lengths: Lengths) -> Timeline:
    """Place one section by itself. Raises DoesNotFitError."""
    return collect(script, fit(_only(script, section), lengths))


def first_that_fits(forms: Sequence[Section], lengths: Lengths, script: Script) -> tuple[Section, Timeline]:
    """Give the first of the forms of a section that fits, placed. Raises DoesNotFitError."""
    *better, last = forms
    for section in better:
        try:
            return section, timeline_of(script, section, lengths)
        except DoesNotFitError:
            continue
    return last, timeline_of(script, last, lengths)


def forced(section: Section, lengths: Lengths, script: Script) -> Section:
    """Give the section, or one that gives way as little as is needed to place it whatever its words need."""
    eased = _eased(section, lengths, script.rate)
    if section.samples is None:
        return eased
    try:
        return first_that_fits((section, eased), lengths, script)[0]
    except DoesNotFitError:
        least, most = reach(eased, lengths, script.rate)
        nearest = replace(eased, samples=min(max(section.samples, least), most))
        return first_that_fits((nearest, replace(eased, samples=None)), lengths, script)[0]


def _eased(section: Section, lengths: Lengths, rate: int) -> Section:
    """Let those holds and breaths last longer that have too little time for their words."""
    words: dict[Key, list[Wordings]] = defaultdict(list)
    for piece in _pieces(section.parts):
        if isinstance(piece, Glue | Breath) and piece.words:
            words[piece.key].append(piece.words)

    def needed(piece: Glue | Breath) -> int:
        alike = words[piece.key]
        if isinstance(piece, Breath):
            return max(lengths.speech(wordings[-1]) for wordings in alike)
        slots = [max(map(lengths.speech, texts)) for texts in zip(*alike, strict=True)]
        return sum(slots) + (len(slots) + 1) * round(LEAST_GAP_SECONDS * rate)

    def eased(part: Part) -> Part:
        match part:
            case Rounds(rounds=rounds, final=final):
                inner = tuple(tuple(map(eased, parts)) for parts in rounds)
                return replace(part, rounds=inner, final=final and tuple(map(eased, final)))
            case Glue(key=key) if key in words:
                return replace(part, most=max(part.most, needed(part)))
            case Breath(key=key) if key in words:
                return replace(part, samples=max(part.samples, needed(part)))
            case _:
                return part

    return replace(section, parts=tuple(map(eased, section.parts)))


def _pieces(parts: Iterable[Part]) -> Iterator[Piece]:
    for part in parts:
        if isinstance(part, Rounds):
            for inner in (*part.rounds, part.final or ()):
                yield from _pieces(inner)
        else:
            yield part
