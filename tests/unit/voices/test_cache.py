import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from support.voices import HummingVoice

from nightstretch.audio import Clip, Pcm
from nightstretch.voices.cache import CachedVoice, ClipCache, cache_directory, clip_key

TEXT = "Let your shoulders grow heavy."


def clip_of(samples: int, seed: int = 0) -> Clip:
    return Clip(np.random.default_rng(seed).integers(-3000, 3000, samples).astype(np.int16), 24_000)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[ClipCache]:
    cache = ClipCache(tmp_path / "clips")
    yield cache
    cache.close()


def entries(directory: Path) -> list[Path]:
    return sorted(directory.glob("*.clip"))


@given(samples=arrays.arrays(np.int16, st.integers(0, 300)), rate=st.integers(1, 192_000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_comes_out_is_what_went_in(cache: ClipCache, samples: Pcm, rate: int) -> None:
    cache.put("key", Clip(samples, rate))
    found = cache.get("key")
    assert found is not None
    assert found.rate == rate
    assert found.samples.dtype == np.int16
    assert np.array_equal(found.samples, samples)


def test_a_text_is_spoken_once(cache: ClipCache) -> None:
    inner = HummingVoice()
    voice = CachedVoice(inner, cache)
    fresh, kept = voice.synthesize(TEXT, 1.0), voice.synthesize(TEXT, 1.0)
    assert np.array_equal(fresh.samples, kept.samples)
    assert inner.spoken == [(TEXT, 1.0)]


def test_a_second_program_finds_what_the_first_has_spoken(tmp_path: Path) -> None:
    first, second = HummingVoice(), HummingVoice()
    CachedVoice(first, ClipCache(tmp_path)).synthesize(TEXT, 1.0)
    CachedVoice(second, ClipCache(tmp_path)).synthesize(TEXT, 1.0)
    assert second.spoken == []


def test_a_length_is_known_once_it_was_spoken(cache: ClipCache) -> None:
    inner = HummingVoice()
    voice = CachedVoice(inner, cache)
    assert voice.length(TEXT, 1.0) is None
    assert inner.spoken == []
    assert len(voice.synthesize(TEXT, 1.0)) == voice.length(TEXT, 1.0)


@pytest.mark.parametrize("size", [0, 20, 43, -1, -2])
def test_the_length_of_half_a_clip_is_not_believed(cache: ClipCache, tmp_path: Path, size: int) -> None:
    voice = CachedVoice(HummingVoice(), cache)
    voice.synthesize(TEXT, 1.0)
    (path,) = entries(tmp_path / "clips")
    path.write_bytes(path.read_bytes()[:size])
    assert voice.length(TEXT, 1.0) is None


def test_everything_that_changes_the_sound_changes_the_key() -> None:
    keys = {
        clip_key(identity, text, speed)
        for identity in ("a", "ab")
        for text in ("b", "", TEXT, "\ud800")
        for speed in (1.0, 1.0000000001, 0.5)
    }
    assert len(keys) == 2 * 4 * 3
    assert clip_key("a", "bc", 1.0) != clip_key("ab", "c", 1.0)
    assert clip_key("a", TEXT, 1) == clip_key("a", TEXT, 1.0)


@given(position=st.integers(0, 2**31), change=st.integers(1, 255), keep=st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damage_anywhere_heals(
    cache: ClipCache, tmp_path: Path, *, position: int, change: int, keep: bool
) -> None:
    inner = HummingVoice()
    voice = CachedVoice(inner, cache)
    fresh = voice.synthesize("Breathe.", 2.0)
    inner.spoken.clear()
    (path,) = entries(tmp_path / "clips")
    content = bytearray(path.read_bytes())
    position %= len(content)
    if keep:
        content[position] ^= change
    else:
        del content[position:]
    path.write_bytes(content)
    assert np.array_equal(voice.synthesize("Breathe.", 2.0).samples, fresh.samples)
    assert len(inner.spoken) == 1
    assert np.array_equal(voice.synthesize("Breathe.", 2.0).samples, fresh.samples)
    assert len(inner.spoken) == 1


def test_the_folder_keeps_to_its_bound_and_the_least_used_leave_first(tmp_path: Path) -> None:
    cache = ClipCache(tmp_path, max_bytes=100_000)
    for number in range(30):
        cache.put(f"{number:02}", clip_of(5_000, number))
        os.utime(tmp_path / f"{number:02}.clip", (number, number))
        assert cache.get("00") is not None  # the first is used all the time
    size = sum(path.stat().st_size for path in entries(tmp_path))
    assert size <= 100_000
    names = [path.stem for path in entries(tmp_path)]
    assert names[0] == "00"
    assert names[1:] == [f"{number:02}" for number in range(30 - len(names) + 1, 30)]


def test_a_program_that_writes_little_prunes_too(tmp_path: Path) -> None:
    for number in range(20):
        ClipCache(tmp_path, max_bytes=30_000).put(str(number), clip_of(5_000))
    assert sum(path.stat().st_size for path in entries(tmp_path)) <= 30_000


def test_pruning_touches_no_file_of_others(tmp_path: Path) -> None:
    other = tmp_path / "holiday.jpg"
    other.write_bytes(bytes(50_000))
    ClipCache(tmp_path, max_bytes=1_000).put("key", clip_of(5_000))
    assert other.exists()


def unusable(tmp_path: Path) -> Path:
    """Give a folder that cannot be made, whoever runs the tests."""
    (tmp_path / "file").write_text("in the way")
    return tmp_path / "file" / "clips"


def test_without_a_folder_clips_go_to_a_temporary_one(tmp_path: Path) -> None:
    cache = ClipCache(unusable(tmp_path))
    inner = HummingVoice()
    voice = CachedVoice(inner, cache)
    fresh = [voice.synthesize(text, 1.0) for text in (TEXT, "Breathe.")]
    kept = [voice.synthesize(text, 1.0) for text in (TEXT, "Breathe.")]
    assert len(inner.spoken) == 2
    assert all(np.array_equal(one.samples, other.samples) for one, other in zip(fresh, kept, strict=True))
    assert cache._spool is not None
    spool = Path(cache._spool.name)
    assert spool.exists()
    voice.close()
    voice.close()
    assert not spool.exists()
    assert inner.closed


def test_where_nothing_can_be_written_the_voice_speaks_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nightstretch.voices.cache.write_whole", full)
    inner = HummingVoice()
    voice = CachedVoice(inner, ClipCache(tmp_path))
    assert np.array_equal(voice.synthesize(TEXT, 1.0).samples, voice.synthesize(TEXT, 1.0).samples)
    assert len(inner.spoken) == 2
    voice.close()


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "replace", broken)
    cache = ClipCache(tmp_path)
    cache.put("key", clip_of(100))
    assert list(tmp_path.iterdir()) == []
    cache.close()


def test_the_folder_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NIGHTSTRETCH_CACHE_DIR", str(tmp_path))
    assert cache_directory() == tmp_path
    monkeypatch.setenv("NIGHTSTRETCH_CACHE_DIR", "")
    assert "nightstretch" in str(cache_directory())


PROGRAM = """
import sys
import numpy as np
from pathlib import Path
from nightstretch.audio import Clip
from nightstretch.voices.cache import ClipCache
cache = ClipCache(Path(sys.argv[1]), max_bytes=60_000)
for turn in range(300):
    number = turn * int(sys.argv[2]) % 23
    expected = np.random.default_rng(number).integers(-3000, 3000, 2_000).astype(np.int16)
    found = cache.get(str(number))
    assert found is None or np.array_equal(found.samples, expected), number
    cache.put(str(number), Clip(expected, 24_000))
cache.close()
"""


def test_two_programs_share_a_folder(tmp_path: Path) -> None:
    programs = [subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path), step]) for step in ("5", "7")]
    assert [program.wait() for program in programs] == [0, 0]
    assert list(tmp_path.glob("*.part")) == []
