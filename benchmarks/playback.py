"""A whole session through a sound server, recorded, against its timeline and against its export.

    python benchmarks/playback.py [ROUTINE]

Plays in real time, ``back-pain`` unless told otherwise. The recording counts from the first words on.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import wave
from pathlib import Path
from typing import Any

import numpy as np
from measuring import NIGHTSTRETCH, own_folders, report, run, sound_server
from support.ear import find
from support.sound_server import Recording

from nightstretch.audio import SESSION_RATE, Pcm

BOUND_MS = 20
SEARCHED = SESSION_RATE // 2  # samples before and after the place where it should be
SOUNDING = ("say", "chime")


def milliseconds(samples: float) -> float:
    """Give samples as milliseconds."""
    return samples / SESSION_RATE * 1000


def read(path: Path) -> Pcm:
    """Read a mono WAV file."""
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


class Heard:
    """A recording of a session that was exported too."""

    def __init__(self, exported: Pcm, recording: Recording, first_cue: int) -> None:
        self._exported = exported
        self._recording = recording
        self._sound = recording.everything
        # Words tell the place better than a chime, which is like itself a moment later.
        match = find(self._sound, exported[first_cue:])
        self.zero = match.start - first_cue if match else sys.exit("nothing was heard")

    def late(self, event: dict[str, Any]) -> int | None:
        """Give the samples by which an event comes too late; None where it is not found."""
        clip = self._exported[event["start"] : event["end"]]
        due = self.zero + event["start"]
        searched = self._sound[max(0, due - SEARCHED) : due + len(clip) + SEARCHED]
        match = find(searched, clip)
        return None if match is None else match.start - min(SEARCHED, due)

    def is_exact(self, event: dict[str, Any], late: int) -> bool:
        """Tell whether an event is heard as it was exported, to the sample."""
        clip = self._exported[event["start"] : event["end"]]
        place = self.zero + event["start"] + late
        return np.array_equal(self._sound[place : place + len(clip)], clip)

    def by_the_clock(self, event: dict[str, Any], late: int) -> float:
        """Give the time at which an event began to be heard, by the computer's clock."""
        return self._recording.moment_of(self.zero + event["start"] + late)


def main(routine: str) -> bool:
    """Play, listen, compare; tell whether all was as it should be."""
    with tempfile.TemporaryDirectory() as scratch:
        own_folders(Path(scratch))
        with sound_server(Path(scratch)) as server:
            listing = subprocess.check_output(
                [*NIGHTSTRETCH, "script", routine, "--format", "json"], stderr=subprocess.DEVNULL
            )
            file = Path(scratch) / "session.wav"
            run([*NIGHTSTRETCH, "export", routine, "-o", str(file)])
            with server.record() as recording:
                run([*NIGHTSTRETCH, "play", routine, "--no-log"])
            exported = read(file)

    script = json.loads(listing)
    says = [event for event in script["events"] if event["kind"] == "say"]
    heard = Heard(exported, recording, says[0]["start"])
    found = {event["start"]: late for event in says if (late := heard.late(event)) is not None}
    exact = [
        event for event in says if event["start"] in found and heard.is_exact(event, found[event["start"]])
    ]

    worst = 0.0
    for exercise in script["exercises"]:
        first = next(
            event
            for event in script["events"]
            if event["kind"] in SOUNDING and event["start"] >= exercise["start"]
        )
        late = heard.late(first)
        if late is None:
            print(f"{exercise['title']}: NOT HEARD")
            worst = float("inf")
            continue
        worst = max(worst, abs(milliseconds(late)))
        due = exercise["start"] / SESSION_RATE
        print(f"{exercise['title']}: due at {due:.3f} s, {milliseconds(late):+.2f} ms")

    first, last = says[0], says[-1]
    drift = clock_drift = float("inf")
    if first["start"] in found and last["start"] in found:
        drift = milliseconds(found[last["start"]] - found[first["start"]])
        took = heard.by_the_clock(last, found[last["start"]]) - heard.by_the_clock(
            first, found[first["start"]]
        )
        clock_drift = took * 1000 - milliseconds(last["start"] - first["start"])
    print(f"{script['title']}: {len(says)} cues, {script['samples'] / SESSION_RATE:.0f} s")
    kept = [
        report("an exercise begins off its time by", worst, BOUND_MS, " ms"),
        report("drift from the first cue to the last", abs(drift), BOUND_MS, " ms"),
        report("the same by the computer's clock", abs(clock_drift), BOUND_MS * 2, " ms"),
        report("cues that were not heard", len(says) - len(found), 0),
        report("cues that differ from the export in any sample", len(says) - len(exact), 0),
    ]
    return all(kept)


if __name__ == "__main__":
    sys.exit(not main(sys.argv[1] if len(sys.argv) > 1 else "back-pain"))
