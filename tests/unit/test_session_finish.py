"""How a whole session sounds: as loud as is wished, and over a bed as without one."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from support.beds import SteadyBed, bed_of, voice_of
from support.routines import SHORT
from support.voices import HummingVoice

from nightstretch.audio import SESSION_RATE, to_float
from nightstretch.bedding import FADE_SECONDS
from nightstretch.beds import BED_RATE
from nightstretch.choices import AS_WRITTEN, Choices, Finish
from nightstretch.errors import ExportError
from nightstretch.routine import parse_routine
from nightstretch.session import Session
from nightstretch.sounds import chime_names
from nightstretch.voices.cache import CachedVoice, ClipCache
from nightstretch.voices.leveled import LeveledVoice
from nightstretch.voices.loudness import loudness

BREATHING = """\
title: Breathing
exercises:
  - title: Breathe
    minutes: 0.5
    steps: [{breathe: {in: 4, out: 6}, rounds: 2, least: 1, most: 9}, {pause: 10, least: 1, most: 60}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def evening(
    folder: Path, text: str = SHORT, finish: Finish | None = None, choices: Choices = AS_WRITTEN
) -> Session:
    voice = CachedVoice(LeveledVoice(HummingVoice()), ClipCache(folder / "clips"))
    routine = parse_routine(text.encode(), "evening.yaml", chime_names())
    return Session(routine, voice, finish=finish or Finish(), choices=choices)


@pytest.fixture
def heard(folder: Path) -> Iterator[tuple[Session, np.ndarray]]:
    with evening(folder) as session:
        yield session, np.concatenate(list(session.soundtrack.frames(SteadyBed())))


def test_over_a_bed_it_is_as_long_as_the_timeline(heard: tuple[Session, np.ndarray]) -> None:
    session, frames = heard
    assert abs(len(frames) - session.timeline().samples * BED_RATE / SESSION_RATE) <= 1


def test_over_a_bed_the_voice_is_the_same(folder: Path, heard: tuple[Session, np.ndarray]) -> None:
    with evening(folder) as session:
        mono = np.concatenate(list(session.soundtrack.blocks()))
    alone = soxr.resample(to_float(mono), SESSION_RATE, BED_RATE) * 32767
    assert np.abs(voice_of(heard[1]) - alone).max() <= 2


def test_the_bed_comes_with_the_first_sound_and_is_gone_with_the_last(
    heard: tuple[Session, np.ndarray],
) -> None:
    gain = bed_of(heard[1])
    assert gain[0] == 0
    assert gain[-1] == 0
    fade = round(FADE_SECONDS * BED_RATE)
    assert gain[fade:-fade].min() > 0.2
    assert np.abs(np.diff(gain)).max() < 3 / 32767 / 0.2


def test_it_swells_with_guided_breath(folder: Path) -> None:
    def gain_of(*, swell: bool) -> np.ndarray:
        with evening(folder, BREATHING, Finish(breath_swell=swell)) as session:
            return bed_of(np.concatenate(list(session.soundtrack.frames(SteadyBed()))))

    steady, swelling = gain_of(swell=False), gain_of(swell=True)
    middle = slice(5 * BED_RATE, -5 * BED_RATE)
    with np.errstate(all="ignore"):
        rise = 20 * np.log10(swelling[middle] / steady[middle])
    assert rise.max() > 3
    assert rise.min() > -0.1


@pytest.mark.parametrize("finish", [Finish(), Finish(loudness_lufs=-25), Finish(quieter_db=0)])
def test_a_session_is_as_loud_as_is_wished(folder: Path, finish: Finish) -> None:
    with evening(folder, finish=finish) as session:
        sound = to_float(np.concatenate(list(session.soundtrack.blocks())))
    # Half a minute with four cues has little to average over.
    assert loudness(sound, SESSION_RATE) == pytest.approx(finish.loudness_lufs, abs=1.5)


def test_the_last_words_are_softer_than_the_first(folder: Path) -> None:
    with evening(folder, finish=Finish(quieter_db=12)) as session:
        sound = to_float(np.concatenate(list(session.soundtrack.blocks())))
        says = [event for event in session.timeline().events if event.kind == "say"]
        length = session.timeline().samples
    levels = [loudness(sound[event.start : event.end], SESSION_RATE) for event in says]
    expected = 12 * (says[-1].start - says[0].start) / length
    assert levels[0] - levels[-1] == pytest.approx(expected, abs=1)
    assert levels == sorted(levels, reverse=True)


@pytest.mark.parametrize("bed", [None, "rain"])
def test_quiet_around_the_words_makes_them_neither_louder_nor_softer(folder: Path, bed: str | None) -> None:
    def measured(choices: Choices) -> dict[str, float]:
        with evening(folder, finish=Finish(bed=bed), choices=choices) as session:
            reporter = session.reporter()
            path = folder / f"{choices.tail_minutes}.wav"
            timeline = session.export(path, format_name="wav", reporter=reporter, force=True)
            return {measure.name: measure.value for measure in reporter.report(timeline).measures}

    plain, long = measured(Choices()), measured(Choices(settle_seconds=20, tail_minutes=8))
    # Eight minutes of rain would count for more than the words: it would be softer by 10 LU.
    assert long["Loudness"] == pytest.approx(plain["Loudness"], abs=0.1 if bed is None else 0.4)
    assert long["True peak"] == pytest.approx(plain["True peak"], abs=0.5)


@pytest.mark.parametrize("bed", [None, "rain"])
def test_stems_are_as_long_as_the_whole_and_add_up_to_it(folder: Path, bed: str | None) -> None:
    whole = folder / "whole.wav"
    with evening(folder, finish=Finish(bed=bed)) as session:
        assert session.soundtrack.stems == (
            ("voice", "chimes") if bed is None else ("voice", "chimes", "bed")
        )
        paths = {name: folder / f"{name}.wav" for name in session.soundtrack.stems}
        session.export(whole, format_name="wav", stems=paths)
    sounds = {name: soundfile.read(path, dtype="int16")[0].astype(np.int32) for name, path in paths.items()}
    heard = soundfile.read(whole, dtype="int16")[0].astype(np.int32)
    assert {sound.shape for sound in sounds.values()} == {heard.shape}
    assert all(sound.any() for sound in sounds.values())
    assert np.abs(sum(sounds.values()) - heard).max() <= 2
    # Where the bowl rings nobody speaks.
    assert not sounds["voice"][: len(heard) // 100].any()


def test_no_stem_is_left_where_one_may_not_be_written(folder: Path) -> None:
    taken = folder / "chimes.wav"
    taken.write_text("mine")
    with evening(folder) as session, pytest.raises(ExportError, match="exists already"):
        session.export(
            folder / "whole.wav", format_name="wav", stems={"voice": folder / "voice.wav", "chimes": taken}
        )
    assert sorted(path.name for path in folder.glob("*.wav")) == ["chimes.wav"]
    assert taken.read_text() == "mine"
