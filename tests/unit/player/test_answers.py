import threading
from pathlib import Path

import pytest
from support.voices import HummingVoice

from nightstretch.audio import Clip
from nightstretch.player import answers as say
from nightstretch.player.answers import Answers
from nightstretch.voices.cache import CachedVoice, ClipCache


class PatientVoice(HummingVoice):
    """Speaks when it is allowed to."""

    def __init__(self) -> None:
        super().__init__()
        self.may_speak = threading.Event()

    def synthesize(self, text: str, speed: float) -> Clip:
        assert self.may_speak.wait(10)
        return super().synthesize(text, speed)


def answers(voice: HummingVoice, folder: Path, minutes: float = 20) -> Answers:
    return Answers(CachedVoice(voice, ClipCache(folder)), 0.9, minutes * 60)


def finish(spoken: Answers) -> None:
    spoken._pool.shutdown()


def test_nothing_is_spoken_before_there_is_time_for_it(tmp_path: Path) -> None:
    voice = HummingVoice()
    finish(answers(voice, tmp_path))
    assert voice.spoken == []


def test_all_that_may_be_asked_for_is_spoken_ahead_once_at_the_speed_of_the_session(tmp_path: Path) -> None:
    voice = HummingVoice()
    spoken = answers(voice, tmp_path)
    spoken.prepare()
    spoken.prepare()
    finish(spoken)
    texts = [text for text, _ in voice.spoken]
    assert len(texts) == len(set(texts))
    assert {speed for _, speed in voice.spoken} == {0.9}
    fixed = {value for name, value in vars(say).items() if name.isupper() and isinstance(value, str)}
    assert fixed <= set(texts)
    assert {say.time_left(seconds) for seconds in range(20 * 60)} <= set(texts)
    assert {say.timer_set(minutes) for minutes in say.TIMER_MINUTES} <= set(texts)


def test_one_that_is_not_ready_is_none_and_ready_the_next_time(tmp_path: Path) -> None:
    voice = PatientVoice()
    spoken = answers(voice, tmp_path)
    assert spoken.clip("The sound is back. Rest.") is None
    voice.may_speak.set()
    finish(spoken)
    clip = spoken.clip("The sound is back. Rest.")
    assert clip is not None
    assert len(clip)


def test_it_stays_there_when_the_cache_is_deleted(tmp_path: Path) -> None:
    spoken = answers(HummingVoice(), tmp_path)
    spoken.prepare()
    finish(spoken)
    for path in tmp_path.iterdir():
        path.unlink()
    assert spoken.clip(say.HELP) is not None


def test_one_that_cannot_be_spoken_is_left_out(tmp_path: Path) -> None:
    spoken = answers(HummingVoice(), tmp_path)
    spoken.clip("unspeakable")
    finish(spoken)
    assert spoken.clip("unspeakable") is None


def test_at_the_end_nobody_waits_for_those_that_are_not_ready(tmp_path: Path) -> None:
    voice = PatientVoice()
    spoken = answers(voice, tmp_path)
    spoken.prepare()
    spoken.close()
    voice.may_speak.set()
    finish(spoken)
    assert len(voice.spoken) <= 1


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "Less than a minute left."),
        (29, "Less than a minute left."),
        (31, "One minute left."),
        (100, "2 minutes left."),
        (90 * 60, "90 minutes left."),
        (100 * 60, "About 2 hours left."),
        (13 * 3600, "About 13 hours left."),
    ],
)
def test_the_time_that_is_left_in_words(seconds: float, words: str) -> None:
    assert say.time_left(seconds) == words


def test_a_long_night_needs_few_answers(tmp_path: Path) -> None:
    voice = HummingVoice()
    spoken = answers(voice, tmp_path, minutes=13 * 60)
    spoken.prepare()
    finish(spoken)
    assert len(voice.spoken) < 130
