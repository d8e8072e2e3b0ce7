"""The lines of an article as blocks: headings, items of lists, paragraphs, and lengths alone on a line.

No Markdown parser: in what people write, bare lines are headings, a bullet is any sign, and an indented line
is no code. See docs/decisions/draft-by-rules.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, Literal

from nightstretch.draft.lengths import AMOUNT, PER_SIDE, Length, find_length
from nightstretch.draft.text import DASHES, MINUS, has_words, letters, spoken

BOLD_RANK, BARE_RANK, ITEM_RANK = 7, 8, 9
"""How high a heading stands, after the six of Markdown: a bold line, a bare line, an item of a list."""

_MOST_HEADING_CHARACTERS: Final = 120
_MOST_NAME_WORDS: Final = 7
_FULL_LINE: Final = 50
_MOST_PARAGRAPH_CHARACTERS: Final = 10_000

_RULE: Final = re.compile(r"([-=*_~]\s?){3,}|=+|-+")
_HASHES: Final = re.compile(r"(#{1,6})\s+(.*)")
_BOLD: Final = re.compile(r"(\*\*|__)(?P<text>(?:(?!\1).){1,120})\1:?")
_BOLD_NAME: Final = re.compile(rf"(\*\*|__)(?P<name>(?:(?!\1).){{1,60}})\1\s?[:.{MINUS}]*\s*(?P<rest>.*)")
_BULLET: Final = re.compile(
    rf"[{MINUS}*+\u2022\u2023\u25aa\u25ab\u25a0\u25a1\u25cf\u25cb\u25e6\u2043\u2219\u00b7\u25ba\u25b6\u27a4\u2192\u2713\u2714]\s+(.*)"
)
_NUMBERED: Final = re.compile(r"\(?\d{1,3}[.)]\)?\s+(.*)")
_NUMERAL: Final = r"(?:\d{1,3}|[ivx]{1,5}|one|two|three|four|five|six|seven|eight|nine|ten)\b"
_LABEL: Final = (
    rf"(?P<label>exercise|stretch|move|movement|pose|step|part)\s?(?:no\.?|number|\#)?\s?{_NUMERAL}"
)
_LABEL_FIRST: Final = re.compile(rf"{_LABEL}\s?(?:[:.){MINUS}]+\s*|$)(?P<rest>.*)", re.IGNORECASE)
_LABEL_LAST: Final = re.compile(rf".{{1,100}}?[:{MINUS}]\s?{_LABEL}\s?", re.IGNORECASE)
_LENGTH_IN_BRACKETS: Final = re.compile(
    rf"[(\[]([^()\[\]]{{0,20}}{AMOUNT.pattern}[^()\[\]]{{0,30}})[)\]]", re.IGNORECASE
)
_LENGTH_AT_END: Final = re.compile(
    rf"\s?[:,|{MINUS}]\s?(?:about\s)?{AMOUNT.pattern}\s?({PER_SIDE.pattern})?\.?$", re.IGNORECASE
)
_LENGTH_FIRST: Final = re.compile(rf"{AMOUNT.pattern}\s?[:|{MINUS}]\s?", re.IGNORECASE)
_LENGTH_ALONE: Final = re.compile(
    r"\W{0,6}(?:(?:total |hold )?(?:duration|time|length|how long)\W{0,6})?"
    r"(?:about |for |around |approx\.? )?"
    rf"{AMOUNT.pattern}(?: (?:and )?{AMOUNT.pattern.replace('?P<', '?P<more_')})?"
    rf"(?: total|\s{PER_SIDE.pattern})?\W{{0,4}}",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"[.!?;,\u2026]['\"\u2019\u201d)*_]*$")
_NO_NAMES: Final = frozenset({"note", "notes", "tip", "tips", "caution", "warning", "important", "remember"})
_BREATHS: Final = frozenset({"inhale", "exhale", "breathe in", "breathe out"})


@dataclass(frozen=True)
class Block:
    """A piece of an article. ``raw`` is how it stands there.

    ``text``: without its mark; of a heading, its title without label and length, maybe empty. ``rank``: how
    high a heading stands, 1 the highest. ``label``: such as "exercise", or "number". ``gap``: whether a blank
    line comes before.
    """

    kind: Literal["heading", "item", "text", "length"]
    raw: str
    text: str
    rank: int = 0
    label: str = ""
    length: Length | None = None
    gap: bool = False


def read_blocks(text: str) -> list[Block]:
    """Read the lines of an article."""
    blocks: list[Block] = []
    gap = True
    for line in (" ".join(raw.split()) for raw in text.splitlines()):
        if _RULE.fullmatch(line):
            under_text = not gap and blocks and blocks[-1].kind == "text" and line[0] in "=-"
            if under_text and len(blocks[-1].raw) <= _MOST_HEADING_CHARACTERS:
                blocks[-1] = heading(blocks[-1].raw, 1 if line[0] == "=" else 2)
            gap = True
        elif not has_words(line):
            gap = True
        elif not gap and blocks and _goes_on(blocks[-1], line):
            blocks[-1] = _joined(blocks[-1], line)
        else:
            blocks += [replace(block, gap=gap) if not n else block for n, block in enumerate(_read(line))]
            gap = False
    return _bare_headings(blocks)


def heading(raw: str, rank: int, label: str = "", text: str | None = None) -> Block:
    """Read a heading: find its label and its length, and what is left as its title."""
    title = raw if text is None else text
    if bold := _BOLD.fullmatch(title):
        title = bold["text"]
    if numbered := _NUMBERED.fullmatch(title):
        title, label = numbered[1], label or "number"
    if _LABEL_LAST.fullmatch(title) and (found := _LABEL_LAST.fullmatch(title)):
        title, label = "", found["label"].lower()
    elif found := _LABEL_FIRST.fullmatch(title):
        title, label = found["rest"], found["label"].lower()
    length = None
    for pattern in (_LENGTH_IN_BRACKETS, _LENGTH_AT_END, _LENGTH_FIRST, _LENGTH_ALONE, AMOUNT):
        if (found := pattern.search(title)) and (length := find_length(title[found.start() :])):
            if pattern is not AMOUNT:  # in the midst of a title, it belongs to it
                title = title[: found.start()] + " " + title[found.end() :]
            break
    return Block("heading", raw, spoken(title).rstrip(".:!"), rank, label, length)


def named(text: str) -> tuple[str, str]:
    """Split "Child's Pose: Kneel" into its name and the rest; the name is empty where there is none."""
    if bold := _BOLD_NAME.fullmatch(text):
        name, rest = bold["name"], bold["rest"]
    else:
        mark = re.search(rf":\s|\s[{MINUS}]\s|\s?[\u2013\u2014]\s?", text[:_MOST_HEADING_CHARACTERS])
        if mark is None:
            return "", text
        name, rest = text[: mark.start()], text[mark.end() :]
    is_short = len(name.split()) <= _MOST_NAME_WORDS and not re.search(r"[.!?,;]", name.rstrip(" .:"))
    name = spoken(name).rstrip(".:")
    is_name = is_short and name[:1].isupper()
    if not is_name or name.lower() in _NO_NAMES | _BREATHS:
        return "", text
    return name, rest


def _read(line: str) -> list[Block]:  # noqa: PLR0911 - one for each kind of line
    """Read a line that begins something new."""
    if found := _HASHES.fullmatch(line):
        return [heading(line, len(found[1]), text=found[2].rstrip(" #"))]
    if _LENGTH_ALONE.fullmatch(line):
        return [Block("length", line, line, length=find_length(line))]
    if (found := _BOLD.fullmatch(line)) and not _SENTENCE.search(found["text"]):
        return [heading(line, BOLD_RANK)]
    item, numbered = _BULLET.fullmatch(line), _NUMBERED.fullmatch(line)
    text = item[1] if item else numbered[1] if numbered else line
    label = "number" if numbered else ""
    rank = ITEM_RANK if item else BARE_RANK
    short = len(line) <= _MOST_HEADING_CHARACTERS and not _SENTENCE.search(line)
    if short and not item and (_LABEL_FIRST.fullmatch(line) or _LABEL_LAST.fullmatch(line)):
        return [heading(line, rank)]
    if short and (_LENGTH_AT_END.search(line) or _LENGTH_IN_BRACKETS.search(line)):
        return [heading(line, rank, label, text)]
    if (bracket := _LENGTH_IN_BRACKETS.search(text[:_MOST_HEADING_CHARACTERS])) and text[0] not in "([":
        # "Neck rolls (3 minutes): Sit tall." is a heading and what follows it.
        name, rest = text[: bracket.end()], text[bracket.end() :].lstrip(f"*_:. {DASHES}")
        before = spoken(text[: bracket.start()])
        if (
            not re.search(r"[.!?,;:]", before.replace(":", "", 1))
            and len(before.split()) <= _MOST_NAME_WORDS + 4
        ):
            block = heading(name, rank, label)
            return [block, Block("text", rest, rest)] if has_words(rest) else [block]
    return [Block("item" if item or numbered else "text", line, text, label=label)]


def _goes_on(block: Block, line: str) -> bool:
    """Tell whether a line goes on with what stands above it, as in a paragraph with hard line ends."""
    if block.kind not in {"item", "text"} or len(block.raw) > _MOST_PARAGRAPH_CHARACTERS:
        return False
    if _read(line)[0].kind != "text":
        return False
    last = block.raw.rsplit("\n", 1)[-1]
    return line[:1].islower() or (len(last) >= _FULL_LINE and not last.endswith(":"))


def _joined(block: Block, line: str) -> Block:
    return replace(block, raw=f"{block.raw}\n{line}", text=f"{block.text} {line}")


def _stands_alone(block: Block, after: Block) -> bool:
    return after.gap or after.kind in {"item", "length"} or block.raw.endswith(":")


def _bare_headings(blocks: list[Block]) -> list[Block]:
    """Find the headings that only their shape gives away: a short line with no full stop, alone."""
    found: list[Block] = []
    for block, after in zip(blocks, [*blocks[1:], None], strict=True):
        words = block.raw.split()
        bare = "\n" not in block.raw and not _SENTENCE.search(block.raw) and len(letters(block.raw)) > 1
        leads = after is not None and len(block.raw) <= _MOST_HEADING_CHARACTERS and bare
        if leads and after and block.kind == "text" and block.gap and _stands_alone(block, after):
            found.append(block if block.raw[:1].islower() else heading(block.raw, BARE_RANK))
        elif (
            leads
            and after
            and block.label == "number"
            and block.kind == "item"
            and after.label != "number"
            and len(words) <= _MOST_NAME_WORDS + 4
        ):
            found.append(heading(block.raw, BARE_RANK))
        else:
            found.append(block)
    return found
