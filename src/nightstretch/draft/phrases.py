"""The phrases that this program understands, as tables. What they mean is in ``meaning``.

Every pattern is bounded, so that no text, however odd, takes longer than its length asks for.
"""

from __future__ import annotations

import re
from typing import Final

from nightstretch.draft.lengths import NUMBER, PER_SIDE, RANGE


def any_of(*phrases: str) -> re.Pattern[str]:
    """Make a pattern that finds any of the phrases, as whole words."""
    return re.compile(rf"\b(?:{'|'.join(phrases)})\b", re.IGNORECASE)


def _table(*rows: tuple[str, tuple[str, ...]]) -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE), words) for pattern, words in rows)


# What a sentence is for. Those that begin with one of these ask for something to be done.

VERB: Final = any_of(
    "allow|arch|bend|breathe|bring|circle|clasp|close|come|cross|curl|draw|drop|engage|exhale|extend|find|flex",
    "focus|fold|gaze|grab|hang|hold|hug|inhale|keep|kneel|lean|lengthen|let|lie|lift|look|lower|move|open|pause",
    "place|point|position|press|pull|push|put|raise|reach|relax|release|remain|repeat|rest|return|rock|roll",
    "rotate|scan|scoot|set|shift|shrug|sink|sit|slide|soften|squeeze|stand|start|stay|step|straighten|stretch",
    "sway|swing|switch|take|tighten|tilt|tip|touch|tuck|turn|twist|unwind|walk|wrap",
    "feel|imagine|notice|picture|sense|visuali[sz]e",
)
BEFORE_VERB: Final = any_of(
    "then|next|now|first|finally|and|again|please|begin by|start by",
    r"\w{2,15}ly",
    r"(?:from|as|with|while|on|in|when|after|once|keeping|using|for|to|if|lying|sitting|standing|kneeling|seated)"
    r"\b[^,]{1,80}(?=,)",
)
FEEL: Final = any_of(
    "(?:as you [^,]{1,60}, )?(?:feel|sense|notice|enjoy|imagine|picture|visuali[sz]e)",
    "you(?:'ll| will| should| may| might| can)? (?:feel|notice|sense)",
)
REMARK: Final = any_of(
    "this|these|it|its|they|that|those|the|such|because|not only|by|ideal|great|good|perfect",
    "doing|practi[cs]ing|stretching|regular|regularly",
    "helps?|improves?|eases?|relieves?|targets?|benefits?|promotes?",
    "(?:many|most|some) (?:people|of us)|studies|research",
)
IF_YOU_LIKE: Final = any_of(
    "optional(?:ly)?|for a deeper stretch|if time (?:allows|permits)",
    "if you(?:'d| would)? (?:like|wish|want to go deeper|have (?:the |more |some )?(?:time|energy))",
)

# How somebody moves.

MOVEMENT: Final = any_of(
    "(?:arch|bend|bring|circle|curl|draw|drop|extend|fold|hug|lean|lengthen|lift|lower|move|press|pull|push|raise"
    "|reach|rock|roll|rotate|round|straighten|stretch|sweep|tilt|tuck|turn|twist|walk)(?:s|es|ing)?"
)
POSITION: Final = any_of(
    "stand|sit|kneel|lie|lay|all fours|hands and knees|roll (?:over|onto)|return to",
    "come (?:to|onto|into|up|down|back)|get (?:up|down|onto|into)",
    r"(?:from|to|into) a \w{1,12} position",
)

# Sides.

_LIMB: Final = (
    "(?:leg|knee|arm|hand|foot|ankle|elbow|shoulder|ear|hip|side|heel|thigh|wrist|palm|calf|shin|cheek)"
)
_ONE_LIMB: Final = rf"(?:your )?one ({_LIMB})\b(?! (?:to|at|or)\b)"
ONE_SIDE: Final = any_of(_ONE_LIMB, f"(?:the|your) opposite {_LIMB}")
NAMED_SIDE: Final = re.compile(
    rf"\b(?:right|left)(?= {_LIMB}\b)|(?:(?<=to the )|(?<=on the )|(?<=your ))(?:right|left)\b", re.IGNORECASE
)
_SIDE_TO_SIDE: Final = (
    "side to side|(?:from )?one side (?:to|and then|then) (?:the )?other|left to right|right to left"
    "|(?:to the )?(?:left|right) and (?:then )?(?:to the )?(?:right|left)"
)
SIDE_TO_SIDE: Final = any_of(_SIDE_TO_SIDE)
_OTHER: Final = "(?:other|opposite|left|right) (?:side|leg|arm|foot|hand|knee|shoulder|direction)s?"
SWITCH: Final = re.compile(
    r"[\s,;]{0,3}\b(?:and |then |before |now ){0,3}(?:"
    "(?:switch|swap|chang|alternat)(?:e|ing)?(?: to the other)? (?:sides?|legs?|arms?|feet|hands|knees)"
    rf"|repeat(?:ing)?(?: it| this)?(?: (?:on|with|to|for))? (?:the |your )?{_OTHER}"
    rf"|do the (?:same|other)(?: (?:on|with|to))?(?: (?:the|your) {_OTHER}| side)"
    rf"|{PER_SIDE.pattern})\b",
    re.IGNORECASE,
)
TO_SIDES: Final = (
    (re.compile(rf"\b{_ONE_LIMB}", re.IGNORECASE), r"your {side} \1"),
    (re.compile(rf"\b(?:the|your) (?:opposite|other) ({_LIMB})\b", re.IGNORECASE), r"your {other} \1"),
    (
        re.compile(r"\band one (back|behind|forward|bent|straight|out|up|down)\b", re.IGNORECASE),
        r"and the other \1",
    ),
)

# Breath.

_PHASE_WORDS: Final = {
    "in": r"\b(?:inhal(?:e|es|ing|ation)|breath(?:e|es|ing)? in)\b",
    "hold": r"\bhold(?:ing)?\b",
    "out": r"\b(?:exhal(?:e|es|ing|ation)|breath(?:e|es|ing)? out)\b",
}
PHASES: Final = {phase: re.compile(words, re.IGNORECASE) for phase, words in _PHASE_WORDS.items()}
PHASE_COUNTS: Final = {
    phase: re.compile(rf"{words}[^.,;]{{0,30}}?(?!an?\b|half\b|several\b)({NUMBER})", re.IGNORECASE)
    for phase, words in _PHASE_WORDS.items()
}
THREE_COUNTS: Final = re.compile(r"\b(\d{1,2}) (?:to )?(\d{1,2}) (?:to )?(\d{1,2})\b")
BETWEEN_PHASES: Final = re.compile(
    r"[,;]\s?(?:and |then ){0,2}|\s(?:and |then ){1,2}(?=inhal|exhal|breath|hold)", re.IGNORECASE
)
BREATHE: Final = any_of(
    r"breathe(?! in\b| out\b)", r"(?:take|with) (?:a few|several|some|\w{1,6}) (?:\w{1,10} ){0,2}breaths"
)
BREATHS: Final = re.compile(rf"{RANGE} (?:\w{{1,10}} ){{0,2}}breaths?\b", re.IGNORECASE)
SCAN: Final = any_of(
    "body scan|scan (?:through )?(?:your|the) (?:whole |entire )?body|head to toes?|toes? to head"
)

# Staying, and doing again.

HOLD: Final = any_of(
    "hold(?! (?:of|on|onto|your|a|each|hands|the (?!pose|stretch|position|twist))\\b)",
    "(?:stay|remain|rest|pause|linger|relax) (?:here|there|in this|in the (?:pose|position)|for|with)",
    "maintain|keep (?:this|the) (?:pose|position|stretch)",
)
FOR: Final = re.compile(r"\bfor (?:about |around |up to |at least )?$", re.IGNORECASE)
BRIEFLY: Final = any_of("briefly|(?:for )?a (?:moment|beat)")
TIMES: Final = re.compile(
    rf"{RANGE} (?:more )?(?:times?|reps?|repetitions?|rounds?|circles|rotations)\b", re.IGNORECASE
)
AGAIN: Final = any_of("repeat(?:ing)?|do this|keep going|continue (?:this|the|in|with|for)")

# Movements that are done several times, and the words for each time.

SWINGS: Final = _table(
    (rf"\b(?:{_SIDE_TO_SIDE})\b", ("To one side.", "And to the other side.")),
    (r"\bforwards? and (?:then )?back(?:wards?)?\b", ("Slowly forward.", "And slowly back.")),
    (r"\bback(?:wards?)? and (?:then )?(?:forth|forwards?)\b", ("Slowly back.", "And slowly forward.")),
    (r"\bup and (?:then )?down\b", ("Slowly up.", "And slowly down.")),
)
TURNING: Final = any_of(r"(?:roll|circle|rotat|circular)\w{0,4}")
TURNS: Final = _table(
    (r"\bback(?:wards?)\b", ("Once around, backward.",)),
    (r"\bforwards?\b", ("Once around, forward.",)),
    (r"(?<!-)\bclockwise\b", ("Once around, clockwise.",)),
    (r"\bcounter-?clockwise\b|\banti-?clockwise\b", ("Once around, the other way.",)),
    (r"\b(?:each|both|either) directions?\b", ("Once around, one way.",)),
    (r"\b(?:each|both|either) directions?\b", ("Once around, the other way.",)),
)
PARTS_OF_THE_BODY: Final = (
    *("your feet and toes", "your legs", "your hips", "your lower back", "your whole back"),
    *("your belly and chest", "your shoulders", "your arms and hands", "your neck", "your face"),
)

# What stands around the exercises of an article.

ENDING: Final = any_of(
    r"conclusion|final|closing|summary|wrap\w*|takeaway|bottom line|a last|faqs?|questions?|about|related",
    "references?|sources?|when to|safety|precautions?|disclaimer|notes?|tips|benefits|consistency",
)
LAST_WORDS: Final = any_of(
    "routines?|consistency|consistent|regular(?:ly)?|every (?:night|day|evening)|nightly|in conclusion",
    "sleep well|good night|sweet dreams|these (?:stretches|exercises|moves)",
    "doctor|physician|health ?care|therapist",
)
NOT_TO_DO: Final = re.compile(
    r"(?:the )?(?:benefits?|why\b.*|how it helps|muscles?\b.*|target\w*\b.*|equipment|you will need"
    r"|what you need|level|difficulty|references?|sources?)",
    re.IGNORECASE,
)
ONLY_A_LABEL: Final = re.compile(
    r"(?:how to(?: do it)?|instructions?|steps?|directions?|what to do)", re.IGNORECASE
)
HEALTH: Final = any_of(
    r"doctors?|physicians?|health ?care|medical|(?:physical |physio)therapists?|professional|pregnan\w{1,4}",
    r"injur\w{1,4}|sharp pain|stop (?:if|immediately|at once)|dizz\w{1,5}",
)
HEALTH_LABEL: Final = re.compile(
    r"(?:please )?(?:note|disclaimer|caution|warning|important|safety first)\s?:\s*", re.IGNORECASE
)
FOR_READERS: Final = any_of(
    "check out|click|subscribe|sign up|read (?:on|more|our)|scroll|newsletter|below|above|following|article",
    "blog|download|share|comments?|our|we|i|in this post|guide",
)
TO_YOU: Final = any_of("you(?:r|rself)?")
NIGHT: Final = any_of("bed(?:time)?|night(?:ly)?|sleep|evening")
