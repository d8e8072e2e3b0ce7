"""Whether words stay as clear in the room: the word errors of a recogniser, against the voice as it is made.

    pip install pocketsphinx
    python benchmarks/word_errors.py [ROUTINE ...]

PocketSphinx has its English model in its wheel and asks no network. It listens to every cue of the exported
sessions (all shipped routines, unless some are named), with the room and with ``--dry``. It is an old
recogniser, with no idea of what a stretch is, so it errs often; what counts is how much more often in the
room. It needs about as long as the words last, twice.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import soxr
from measuring import report

from nightstretch.session import Session, find_routine, open_voice, shipped_routines

try:
    from pocketsphinx import Decoder
except ImportError:
    sys.exit("this listens with PocketSphinx: pip install pocketsphinx")

HEARD_RATE = 16_000
AROUND_SECONDS = 0.3
"""Silence on both sides of a cue: a recogniser wants to hear where words begin."""


def words_of(text: str) -> list[str]:
    """Give the words as a recogniser writes them."""
    return re.findall(r"[a-z']+", text.lower().replace("-", " "))


def errors_between(said: list[str], heard: list[str]) -> int:
    """Count the words to be put in, left out or changed."""
    row = list(range(len(heard) + 1))
    for number, word in enumerate(said, 1):
        before, row[0] = row[0], number
        for place, other in enumerate(heard, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (word != other))
    return row[-1]


def listened(decoder: Decoder, routine: str, path: Path, *, dry: bool) -> tuple[int, int]:
    """Export a session and listen to its cues, each text once; give the errors and the words."""
    with Session(find_routine(routine), open_voice("natural", dry=dry)) as session:
        timeline = session.export(path, format_name="wav", force=True)
    sound, rate = soundfile.read(path, dtype="float32")
    silence = np.zeros(round(AROUND_SECONDS * HEARD_RATE), np.float32)
    says = {event.text or "": event for event in timeline.events if event.kind == "say"}
    errors = words = 0
    for text, event in says.items():
        cue = soxr.resample(sound[event.start : event.end], rate, HEARD_RATE)
        cue = np.concatenate((silence, cue, silence))
        decoder.start_utt()
        decoder.process_raw((cue * 32767).astype("<i2").tobytes(), full_utt=True)
        decoder.end_utt()
        heard = decoder.hyp()
        said = words_of(text)
        errors += errors_between(said, words_of(heard.hypstr if heard else ""))
        words += len(said)
    return errors, words


def main(routines: list[str]) -> bool:
    """Listen to everything; say whether the room costs no more than a point."""
    rates = {}
    with tempfile.TemporaryDirectory() as scratch:
        for dry in (True, False):
            # Anew, and each cue by itself: it is to have learnt nothing from what it heard before.
            decoder = Decoder(samprate=HEARD_RATE, loglevel="FATAL", cmn="batch")
            counts = []
            name = "dry" if dry else "room"
            for routine in routines:
                errors, words = listened(decoder, routine, Path(scratch) / "session.wav", dry=dry)
                print(f"{name:<5}{routine:<12}{errors} errors in {words} words", flush=True)
                counts.append((errors, words))
            errors, words = map(sum, zip(*counts, strict=True))
            rates[dry] = 100 * errors / words
            print(f"{name}: {rates[dry]:.1f} % of {words} words")
    return report("word errors rise in the room by", rates[False] - rates[True], 1, " points")


if __name__ == "__main__":
    sys.exit(not main(sys.argv[1:] or list(shipped_routines())))
