from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from nightstretch import sounds
from nightstretch.audio import SESSION_RATE, Clip
from nightstretch.errors import SoundError

ROOT = Path(__file__).resolve().parents[2]
STORED = sorted((ROOT / "sounds").glob("*.flac"))
BEDS = sorted((ROOT / "sounds" / "beds").glob("*.flac"))

Signal = npt.NDArray[np.float64]

every_sound = pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of sounds of the test's own."""
    monkeypatch.setattr(sounds, "folder", lambda _: tmp_path)
    return tmp_path


@every_sound
def test_the_length_in_the_head_is_that_of_the_sound(path: Path) -> None:
    assert sounds.chime_length(path.stem) == len(sounds.load_chime(path.stem))


def test_the_length_of_a_chime_at_another_rate_is_that_of_the_session(shelf: Path) -> None:
    soundfile.write(shelf / "high.flac", np.zeros(48_000, np.int16), 48_000)
    assert sounds.chime_length("high") == len(sounds.load_chime("high")) == SESSION_RATE


def test_the_length_of_what_is_no_chime_is_an_error(shelf: Path) -> None:
    (shelf / "poem.flac").write_text("no sound")
    with pytest.raises(SoundError, match="cannot be read as a sound"):
        sounds.chime_length("poem")
    with pytest.raises(SoundError, match="no sound is called 'gong'"):
        sounds.chime_length("gong")


def signal_of(path: Path) -> Signal:
    samples, _ = soundfile.read(path, dtype="float64")
    return np.asarray(samples, dtype=np.float64)


def clip_or_none(name: str) -> Clip | None:
    """The chime, or None when the program says that its file is damaged. Any other error is a failure."""
    try:
        return sounds.load_chime(name)
    except SoundError:
        return None


def level_db(signal: Signal, seconds: float) -> Signal:
    """The level of every window of that length, in dBFS (a full-scale square wave is 0)."""
    window = round(seconds * SESSION_RATE)
    total = np.concatenate([[0.0], np.cumsum(signal**2)])
    mean = (total[window:] - total[:-window]) / window
    return np.asarray(10 * np.log10(np.maximum(mean, 1e-12)), dtype=np.float64)


def k_weighted(signal: Signal) -> Signal:
    """BS.1770's weighting, from the standard's own filters at 48 kHz, applied to the spectrum."""
    size = 2 * len(signal)
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(size, 1 / SESSION_RATE) / 48_000)
    shelf = np.polyval([1.19839281085285, -2.69169618940638, 1.53512485958697], turn)
    shelf /= np.polyval([0.73248077421585, -1.69065929318241, 1.0], turn)
    rumble = np.polyval([1.0, -2.0, 1.0], turn)
    rumble /= np.polyval([0.99007225036621, -1.99004745483398, 1.0], turn)
    weighted = np.fft.irfft(np.fft.rfft(signal, size) * shelf * rumble, size)
    return np.asarray(weighted[: len(signal)], dtype=np.float64)


def loudest_lufs(signal: Signal, seconds: float) -> float:
    """The highest loudness of any window of that length."""
    return float(level_db(k_weighted(signal), seconds).max()) - 0.691


# What is stored


@every_sound
def test_a_sound_is_a_mono_16_bit_flac_at_the_rate_of_the_session(path: Path) -> None:
    info = soundfile.info(path)
    assert (info.format, info.subtype, info.channels, info.samplerate) == ("FLAC", "PCM_16", 1, SESSION_RATE)
    assert info.duration <= sounds.LONGEST_SECONDS


@every_sound
def test_a_sound_stays_well_below_the_voice(path: Path) -> None:
    # The voice is at -19 LUFS with peaks up to -3.5 dBFS.
    signal = signal_of(path)
    assert loudest_lufs(signal, 0.4) <= -24.0
    assert loudest_lufs(signal, 0.1) <= -22.0
    assert level_db(signal, 0.1).max() <= -22.0
    assert 20 * np.log10(np.abs(signal).max()) <= -12.0


@every_sound
@pytest.mark.parametrize("window_seconds", [0.005, 0.010, 0.020])
def test_a_sound_never_startles(path: Path, window_seconds: float) -> None:
    level = np.maximum(level_db(signal_of(path), window_seconds), -60.0)
    later = round(0.020 * SESSION_RATE)
    assert (level[later:] - level[:-later]).max() <= 6.0


@every_sound
def test_a_sound_takes_its_time_to_grow(path: Path) -> None:
    level = level_db(signal_of(path), 0.010)
    from_silence = np.argmax(level > -60.0)
    to_full = np.argmax(level > level.max() - 1.0)
    assert (to_full - from_silence) / SESSION_RATE >= 0.12


@every_sound
def test_a_sound_begins_and_ends_in_silence(path: Path) -> None:
    signal = signal_of(path)
    assert signal[0] == 0.0
    assert not signal[-round(0.020 * SESSION_RATE) :].any()
    assert level_db(signal[-round(0.3 * SESSION_RATE) :], 0.05).max() < -75.0


@every_sound
def test_a_sound_has_a_line_in_the_readme(path: Path) -> None:
    readme = (ROOT / "sounds" / "README.md").read_text(encoding="utf-8")
    line = re.search(
        rf"^\| `{path.stem}` \|.*\| ([\d.]+) s \| \N{{MINUS SIGN}}([\d.]+) LUFS \|", readme, re.MULTILINE
    )
    assert line is not None
    assert float(line[1]) == pytest.approx(soundfile.info(path).duration, abs=0.05)
    assert -float(line[2]) == pytest.approx(loudest_lufs(signal_of(path), 0.4), abs=0.15)


def test_the_later_bowls_are_softer() -> None:
    start, change, end = (
        loudest_lufs(signal_of(ROOT / "sounds" / f"bowl-{name}.flac"), 0.4)
        for name in ("start", "change", "end")
    )
    assert start > change > end
    assert change <= -27.0


@every_sound
@pytest.mark.ffmpeg
@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_the_meter_of_ffmpeg_agrees(path: Path) -> None:
    command = ["ffmpeg", "-hide_banner", "-nostats", "-i", str(path), "-af", "ebur128", "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loudest = max(float(lufs) for lufs in re.findall(r" M:\s*(-?[\d.]+)", done.stderr))
    # ffmpeg moves its window by 100 ms, ours moves by a sample: ours finds a little more.
    assert loudest == pytest.approx(loudest_lufs(signal_of(path), 0.4), abs=0.3)


# How they are loaded


def test_the_names_are_those_of_the_files() -> None:
    assert sounds.chime_names() == ("bowl-change", "bowl-end", "bowl-start")


def test_only_flac_files_directly_in_the_folder_are_chimes(shelf: Path) -> None:
    for name in ("b.flac", "a.flac", "README.md", "c.wav", "beds/rain.flac"):
        (shelf / name).parent.mkdir(exist_ok=True)
        (shelf / name).touch()
    assert sounds.chime_names() == ("a", "b")


def test_asking_for_the_names_imports_no_audio() -> None:
    code = (
        "import sys; from nightstretch.sounds import chime_names; assert chime_names();"
        "print(sorted({'numpy', 'soundfile', 'soxr'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", sounds.chime_names())
def test_a_chime_is_its_file_to_the_sample(name: str) -> None:
    clip = sounds.load_chime(name)
    stored, _ = soundfile.read(ROOT / "sounds" / f"{name}.flac", dtype="int16")
    assert clip.rate == SESSION_RATE
    assert clip.samples.dtype == np.int16
    assert np.array_equal(clip.samples, stored)


def test_a_chime_is_read_once_and_cannot_be_changed() -> None:
    clip = sounds.load_chime("bowl-start")
    assert sounds.load_chime("bowl-start") is clip
    with pytest.raises(ValueError, match="read-only"):
        clip.samples[0] = 1


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 44_100, 48_000])
def test_a_chime_of_another_rate_is_brought_to_the_rate_of_the_session(shelf: Path, rate_hz: int) -> None:
    time = np.arange(2 * rate_hz) / rate_hz
    soundfile.write(shelf / "ping.flac", 0.1 * np.sin(2 * np.pi * 300 * time), rate_hz)
    clip = sounds.load_chime("ping")
    assert clip.rate == SESSION_RATE
    assert len(clip) == pytest.approx(2 * SESSION_RATE, abs=1)
    spectrum = np.abs(np.fft.rfft(clip.samples))
    assert np.argmax(spectrum) * SESSION_RATE / len(clip) == pytest.approx(300, abs=1)


def test_an_unknown_name_says_which_there_are() -> None:
    with pytest.raises(SoundError) as caught:
        sounds.load_chime("bowl-strat")
    assert str(caught.value) == (
        "no sound is called 'bowl-strat' (did you mean 'bowl-start'?); "
        "allowed: bowl-change, bowl-end, bowl-start"
    )


@pytest.mark.parametrize(
    "name", ["", "gong", "../sounds/bowl-end", "BOWL-END", "bowl-end.flac", "x" * 100_000]
)
def test_a_name_that_is_none_is_one_short_line(name: str) -> None:
    with pytest.raises(SoundError, match=r"allowed: bowl-change, bowl-end, bowl-start$") as caught:
        sounds.load_chime(name)
    assert len(str(caught.value)) < 250


def test_an_empty_folder_says_that_there_are_none(shelf: Path) -> None:
    assert list(shelf.iterdir()) == []
    with pytest.raises(SoundError, match="none is installed"):
        sounds.load_chime("bowl-start")


@pytest.mark.parametrize("size", [0, 3, 30, 100, 20_000, -3])
def test_a_file_that_was_cut_short_is_one_clear_line(shelf: Path, size: int) -> None:
    whole = (ROOT / "sounds" / "bowl-start.flac").read_bytes()
    (shelf / "torn.flac").write_bytes(whole[:size])
    with pytest.raises(SoundError, match=r"torn\.flac: .*install nightstretch again$") as caught:
        sounds.load_chime("torn")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("position", range(0, 40_000, 1_999))
def test_a_damaged_byte_is_found_or_does_no_harm(shelf: Path, position: int) -> None:
    data = bytearray((ROOT / "sounds" / "bowl-start.flac").read_bytes())
    data[position] ^= 0xFF
    (shelf / "bowl.flac").write_bytes(data)
    whole = signal_of(ROOT / "sounds" / "bowl-start.flac")
    clip = clip_or_none("bowl")
    assert clip is None or np.array_equal(clip.samples / 32768, whole)


@pytest.mark.parametrize("position", range(4, 42))
def test_a_damaged_header_never_ends_in_anything_but_a_sound_error(shelf: Path, position: int) -> None:
    data = bytearray((ROOT / "sounds" / "bowl-start.flac").read_bytes())
    data[position] ^= 0xFF
    (shelf / "bowl.flac").write_bytes(data)
    clip = clip_or_none("bowl")
    assert clip is None or len(clip) > 0


def test_a_folder_with_the_name_of_a_sound_is_one_clear_line(shelf: Path) -> None:
    (shelf / "bowl.flac").mkdir()
    with pytest.raises(SoundError, match=r"bowl\.flac: cannot be read"):
        sounds.load_chime("bowl")


def test_a_stereo_chime_is_refused(shelf: Path) -> None:
    soundfile.write(shelf / "wide.flac", np.zeros((100, 2)), SESSION_RATE)
    with pytest.raises(SoundError, match=r"wide\.flac: has 2 channels; a chime is mono"):
        sounds.load_chime("wide")


def test_a_chime_of_more_than_a_minute_is_refused(shelf: Path) -> None:
    soundfile.write(shelf / "long.flac", np.zeros(61 * SESSION_RATE), SESSION_RATE)
    with pytest.raises(SoundError, match=r"long\.flac: is 61 s long; a chime has 60 s at most"):
        sounds.load_chime("long")
