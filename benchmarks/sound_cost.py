"""What the sound costs beside speaking and encoding: the room, the mastering and the bed, on one core.

Each is done for the whole shipped routine, out of the cache, and its processor time counts against the
length of the session. The room is laid once for each text, when it is first spoken; here, every time it is
heard. The bed is laid in the blocks of a file, and in the small ones of a loudspeaker.
"""

import sys
import time
from collections.abc import Callable
from statistics import median

import numpy as np
from measuring import report

from nightstretch.audio import SESSION_RATE, Pcm
from nightstretch.bedding import Bedding
from nightstretch.beds import open_bed
from nightstretch.choices import Finish
from nightstretch.mastering import Mastering
from nightstretch.mixer import BLOCK_SAMPLES
from nightstretch.session import Session, find_routine, open_voice
from nightstretch.voices.leveled import level
from nightstretch.voices.room import in_room

RUNS = 5
PULLED_SAMPLES = SESSION_RATE // 100
BED = Finish(bed="rain", breath_swell=True)


def processor_seconds(work: Callable[[], object]) -> float:
    """Give the median of the processor time it takes, after a first time."""
    work()
    taken = []
    for _ in range(RUNS):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return median(taken)


def laid(sound: Pcm, samples: int) -> None:
    """Lay a bed under a session, so many samples at a time."""
    with open_bed("rain") as bed:
        bedding = Bedding(bed, BED)
        for start in range(0, len(sound), samples):
            bedding.under(sound[start : start + samples])


with Session(find_routine("back-pain"), open_voice("natural")) as session:
    sound = np.concatenate(list(session.soundtrack.blocks()))
    says = [event for event in session.timeline().events if event.kind == "say"]
    clips = [session.voice.synthesize(event.text or "", 1.0) for event in says]
length = len(sound)
mastering = Mastering(Finish(), 0, length)
costs = {
    "the room": processor_seconds(lambda: [level(clip, "words", in_room) for clip in clips]),
    "the mastering": processor_seconds(
        lambda: [mastering.mastered(clip, event.start) for clip, event in zip(clips, says, strict=True)]
    ),
    "the bed in a file": processor_seconds(lambda: laid(sound, BLOCK_SAMPLES)),
    "the bed in a loudspeaker": processor_seconds(lambda: laid(sound, PULLED_SAMPLES)),
}
percent = {name: seconds * SESSION_RATE / length * 100 for name, seconds in costs.items()}
for name, share in percent.items():
    print(f"{name}: {share:.2f} % of real time")
voice = percent["the room"] + percent["the mastering"]
kept = [
    report("all of it, in a file", voice + percent["the bed in a file"], 1, " % of real time"),
    report("all of it, in a loudspeaker", voice + percent["the bed in a loudspeaker"], 1, " % of real time"),
]
sys.exit(not all(kept))
