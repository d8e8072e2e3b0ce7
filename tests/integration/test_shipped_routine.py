"""The shipped routine, spoken by the real voices, as a listener gets it."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from nightstretch.audio import SESSION_RATE
from nightstretch.choices import AS_WRITTEN, Choices
from nightstretch.session import Session, find_routine, open_voice, shipped_routines
from nightstretch.timeline import Event, Timeline
from nightstretch.voices.room import TAIL_SECONDS

MINUTES = [5, 3, 2, 3, 2]
AUDIBLE = 10 ** (-54 / 20)  # the soft end of a word; its vowels lie 35 dB above
TOLERANCE_SAMPLES = round(0.05 * SESSION_RATE)
ROOM_SAMPLES = round(TAIL_SECONDS * SESSION_RATE)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip cache that the tests of this file share, so that nothing is spoken twice."""
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(autouse=True)
def _shared_clips(clips: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTSTRETCH_CACHE_DIR", str(clips))


def session(voice: str, speed: float, choices: Choices = AS_WRITTEN) -> Session:
    return Session(find_routine("back-pain"), open_voice(voice), speed=speed, choices=choices)


def exercise_minutes(timeline: Timeline) -> list[float]:
    return [
        (passage.end - passage.start) / SESSION_RATE / 60
        for passage in timeline.passages
        if passage.number is not None
    ]


def spoken(timeline: Timeline) -> list[Event]:
    return [event for event in timeline.events if event.kind == "say"]


@pytest.mark.parametrize("speed", [0.65, 1.0, 2.0])
def test_every_exercise_is_exact_at_every_speed(speed: float) -> None:
    with session("natural", speed) as evening:
        assert exercise_minutes(evening.timeline()) == MINUTES


# All of it at the speed that is spoken for the pace anyway: such a voice takes a process for each text.
@pytest.mark.parametrize(("speed", "only"), [(0.65, {3}), (1.0, {1, 2, 3, 4, 5}), (2.0, {5})])
def test_every_exercise_is_exact_with_a_system_voice(speed: float, only: set[int]) -> None:
    with session("system", speed, Choices(only=frozenset(only))) as evening:
        assert exercise_minutes(evening.timeline()) == [MINUTES[number - 1] for number in sorted(only)]


@pytest.mark.parametrize("name", shipped_routines())
def test_every_shipped_routine_is_exact(name: str) -> None:
    routine = find_routine(name)
    with Session(routine, open_voice("natural")) as evening:
        assert exercise_minutes(evening.timeline()) == [exercise.minutes for exercise in routine.exercises]


@pytest.mark.parametrize("gentle", [False, True])
@pytest.mark.parametrize("minutes", [5, 8.5, 20, 60])
def test_any_length_is_shared_exactly(minutes: float, gentle: bool) -> None:
    with session("natural", 1.0, Choices(minutes=minutes, gentle=gentle)) as evening:
        lengths = exercise_minutes(evening.timeline())
    assert lengths == pytest.approx([minutes * share / sum(MINUTES) for share in MINUTES], abs=1e-6)
    assert round(sum(lengths) * 60 * SESSION_RATE) == minutes * 60 * SESSION_RATE


@pytest.mark.parametrize("voice", ["natural", "system"])
def test_the_pace_is_calm(voice: str) -> None:
    with session(voice, 1.0) as evening:
        timeline = evening.timeline()
    words = sum(len((event.text or "").split()) for event in spoken(timeline))
    seconds = sum(event.end - event.start for event in spoken(timeline)) / SESSION_RATE
    assert words / seconds * 60 == pytest.approx(120, rel=0.05)
    if voice == "natural":
        assert 55 <= words / (timeline.samples / SESSION_RATE) * 60 <= 65


def test_both_sides_are_equal() -> None:
    with session("natural", 1.0) as evening:
        events = evening.timeline().events
    for kind in ("hold", "pause", "breath"):
        right, left = (
            [event.end - event.start for event in events if (event.kind, event.side) == (kind, side)]
            for side in ("right", "left")
        )
        assert len(right) == len(left)
        assert all(abs(a - b) <= 1 for a, b in zip(right, left, strict=True))


@pytest.fixture(scope="module")
def exported(clips: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Timeline]]:
    path = tmp_path_factory.mktemp("exported") / "back-pain.mp3"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NIGHTSTRETCH_CACHE_DIR", str(clips))
        with session("natural", 1.0) as evening:
            yield path, evening.export(path)


@pytest.fixture(scope="module")
def decoded(exported: tuple[Path, Timeline]) -> npt.NDArray[np.float32]:
    """The file as libsndfile decodes it."""
    samples, rate = soundfile.read(exported[0], dtype="float32")
    assert rate == SESSION_RATE
    assert samples.ndim == 1
    return np.asarray(samples, np.float32)


def test_the_file_is_as_long_as_the_timeline(
    exported: tuple[Path, Timeline], decoded: npt.NDArray[np.float32]
) -> None:
    assert len(decoded) == exported[1].samples


def test_speech_lies_where_the_transcript_says(
    exported: tuple[Path, Timeline], decoded: npt.NDArray[np.float32]
) -> None:
    for event in spoken(exported[1]):
        loud = np.abs(decoded[event.start - TOLERANCE_SAMPLES : event.end + TOLERANCE_SAMPLES]) > AUDIBLE
        heard = np.flatnonzero(loud)
        assert heard[0] <= 2 * TOLERANCE_SAMPLES, event
        assert len(loud) - heard[-1] <= 2 * TOLERANCE_SAMPLES + ROOM_SAMPLES, event


def test_pauses_are_silent(exported: tuple[Path, Timeline], decoded: npt.NDArray[np.float32]) -> None:
    for event in exported[1].events:
        if event.kind == "pause":
            inside = decoded[event.start + TOLERANCE_SAMPLES : event.end - TOLERANCE_SAMPLES]
            assert np.abs(inside).max(initial=0) < 0.002, event


def test_nothing_is_louder_than_the_voice(
    exported: tuple[Path, Timeline], decoded: npt.NDArray[np.float32]
) -> None:
    def loudest(kind: str) -> float:
        tenth = SESSION_RATE // 10
        powers = []
        for event in exported[1].events:
            if event.kind == kind:
                sound = decoded[event.start : event.end]
                sound = sound[: len(sound) // tenth * tenth].reshape(-1, tenth)
                powers.append(float((sound**2).mean(axis=1).max(initial=0)))
        return max(powers)

    assert loudest("chime") < loudest("say")
    assert np.abs(decoded).max() < 10 ** (-1 / 20)


@pytest.mark.ffmpeg
def test_ffprobe_agrees_on_length_and_chapters(exported: tuple[Path, Timeline]) -> None:
    if shutil.which("ffprobe") is None:
        pytest.skip("ffprobe is not installed")
    path, timeline = exported
    command = ["ffprobe", "-v", "error", "-show_chapters", "-show_format", "-of", "json", str(path)]
    probed = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert float(probed["format"]["duration"]) == pytest.approx(timeline.samples / SESSION_RATE, abs=0.1)
    assert probed["format"]["tags"]["title"] == "Bedtime stretches for a sore back"
    exercises = [passage for passage in timeline.passages if passage.number is not None]
    assert len(probed["chapters"]) == len(exercises) == 5
    for chapter, passage in zip(probed["chapters"], exercises, strict=True):
        assert chapter["tags"]["title"] == passage.title
        for time, sample in ((chapter["start_time"], passage.start), (chapter["end_time"], passage.end)):
            assert float(time) == pytest.approx(sample / SESSION_RATE, abs=0.002)
