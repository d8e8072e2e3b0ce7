from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from nightstretch import bed_files, beds
from nightstretch.bed_files import to_stereo
from nightstretch.beds import BED_LUFS, BED_RATE, LastingBed, bed_names, open_bed
from nightstretch.errors import BedError
from nightstretch.voices.loudness import loudness

ROOT = Path(__file__).resolve().parents[2]
STORED = sorted((ROOT / "sounds" / "beds").glob("*.flac"))

Signal = npt.NDArray[np.float32]

every_bed = pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


def stored(path: Path) -> tuple[Signal, int]:
    samples, rate = soundfile.read(path, dtype="float32")
    return samples, rate


def around(signal: Signal, rate: int) -> Signal:
    """The loop and two seconds more, so that its seam lies within."""
    return np.concatenate((signal, signal[: 2 * rate]))


def level_db(signal: Signal, seconds: float, rate: int) -> npt.NDArray[np.float64]:
    """The level of every window of that length, both channels together."""
    window = round(seconds * rate)
    total = np.concatenate(([0.0], np.cumsum((signal.astype(np.float64) ** 2).sum(axis=1))))
    return np.asarray(10 * np.log10((total[window:] - total[:-window]) / window + 1e-12))


def noise(seconds: float, rate: int = BED_RATE, channels: int = 2, level: float = 0.1) -> Signal:
    shape = (round(seconds * rate), channels)
    return (level * np.random.default_rng(1).standard_normal(shape)).astype(np.float32)


def heard(path: Path, seconds: float) -> Signal:
    with open_bed(path) as bed:
        return bed.read(round(seconds * BED_RATE))


def refused(path: Path | str) -> str:
    """What is said about a file, in one line and at once."""
    start = time.monotonic()
    with pytest.raises(BedError) as caught:
        open_bed(path)
    assert time.monotonic() - start < 5
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 400
    return message


@pytest.fixture
def no_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bed_files, "find_ffmpeg", lambda: None)


# What is stored


def test_there_are_four() -> None:
    assert bed_names() == ("brown-noise", "drone", "rain", "waves")
    assert sum(path.stat().st_size for path in STORED) < 8_000_000


@every_bed
def test_a_bed_is_a_stereo_flac_of_half_a_minute_at_least(path: Path) -> None:
    info = soundfile.info(path)
    assert (info.format, info.subtype, info.channels) == ("FLAC", "PCM_16", 2)
    assert info.duration >= 30


@every_bed
def test_the_end_of_a_bed_leads_into_its_beginning(path: Path) -> None:
    signal, rate = stored(path)
    usual = np.abs(np.diff(signal, axis=0))
    assert (np.abs(signal[0] - signal[-1]) <= np.quantile(usual, 0.9999)).all()
    # A step in the slope would click as well.
    bends = np.abs(np.diff(around(signal, rate), n=2, axis=0))
    assert bends[len(signal) - 4 : len(signal) + 2].max() <= np.quantile(bends, 0.9999)


@every_bed
def test_nothing_changes_in_the_spectrum_over_the_seam(path: Path) -> None:
    signal, rate = stored(path)
    window = rate // 2
    turned = np.roll(signal, window // 2, axis=0)  # the first window lies over the seam
    windows = turned[: len(turned) // window * window].reshape(-1, window, 2)
    spectra = np.abs(np.fft.rfft(windows * np.hanning(window)[:, np.newaxis], axis=1)) ** 2
    edges = np.geomspace(60, min(8000, rate / 2.5), 8) * window / rate
    for low, high in itertools.pairwise(edges):
        band = 10 * np.log10(spectra[:, int(low) : int(high)].sum(axis=(1, 2)))
        assert band[1:].min() - 1.5 <= band[0] <= band[1:].max() + 1.5


@every_bed
def test_a_bed_never_startles(path: Path) -> None:
    signal, rate = stored(path)
    level = level_db(around(signal, rate), 0.050, rate)
    # From the 50 ms before any 20 ms to the 50 ms after them.
    later = round(0.070 * rate)
    assert (level[later:] - level[:-later]).max() <= 6.0


@every_bed
def test_a_bed_is_at_the_loudness_of_all(path: Path) -> None:
    signal, rate = stored(path)
    assert loudness(np.concatenate((signal, signal)), rate) == pytest.approx(BED_LUFS, abs=0.1)
    assert 20 * np.log10(np.abs(signal).max()) < -12


@every_bed
def test_a_bed_is_wide_and_loses_nothing_in_mono(path: Path) -> None:
    signal, _ = stored(path)
    assert 0.1 < np.mean(signal[:, 0] * signal[:, 1]) / np.mean(signal**2) < 0.9
    mono = signal.mean(axis=1)
    assert 10 * np.log10(np.mean(mono**2) / np.mean(signal**2)) > -3
    assert np.abs(10 * np.log10(np.mean(signal[:, 0] ** 2) / np.mean(signal[:, 1] ** 2))) < 1


@every_bed
def test_a_bed_wastes_nothing_on_what_cannot_be_heard_and_is_soft_above(path: Path) -> None:
    signal, rate = stored(path)
    power: npt.NDArray[np.float64] = np.abs(np.fft.rfft(signal[:, 0])) ** 2
    hz = np.fft.rfftfreq(len(signal), 1 / rate)
    assert power[hz < 35].sum() / power.sum() < 0.005
    assert power[hz > 7500].sum() / power.sum() < 0.01


@every_bed
def test_a_bed_has_a_line_in_the_readme(path: Path) -> None:
    readme = (ROOT / "sounds" / "README.md").read_text(encoding="utf-8")
    line = re.search(rf"^\| `{path.stem}` \| (\d+) s \| ([\d,]+) Hz \|", readme, re.MULTILINE)
    assert line is not None
    info = soundfile.info(path)
    assert (float(line[1]), int(line[2].replace(",", ""))) == (info.duration, info.samplerate)


# The stream


@pytest.mark.parametrize("name", bed_names())
def test_a_bed_repeats_to_the_sample_and_has_no_end(name: str) -> None:
    # Its own length at its own rate is a whole number of frames at ours.
    round_ = round(soundfile.info(ROOT / "sounds" / "beds" / f"{name}.flac").duration * BED_RATE)
    with open_bed(name) as bed:
        first = bed.read(round_)[BED_RATE:]
        for _ in range(2):
            again = bed.read(round_)
            assert again.dtype == np.float32
            assert again.shape == (round_, 2)
            assert np.abs(again[BED_RATE:] - first).max() < 1e-5


def test_hours_of_a_bed_do_not_drift_and_hold_nothing(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "short.wav", noise(10, 8000), 8000)
    with open_bed(tmp_path / "short.wav") as bed:
        turn = round(7 * BED_RATE)  # ten seconds, less the three of the crossfade
        early = bed.read(2 * turn)[turn:]
        for _ in range(500):
            bed.read(turn)
            assert len(bed._rest) < 10 * BED_RATE
        assert np.abs(bed.read(turn) - early).max() < 1e-5


def test_any_size_of_blocks_gives_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, noise(4, 22_050), 22_050)
    whole = heard(path, 10)
    with open_bed(path) as bed:
        sizes = np.random.default_rng(2).integers(0, 30_000, 25)
        pieces = [bed.read(int(size)) for size in sizes]
    assert [len(piece) for piece in pieces] == list(sizes)
    joined = np.concatenate(pieces)[: len(whole)]
    assert np.array_equal(joined, whole[: len(joined)])


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_file_of_any_rate_keeps_its_pitch_and_comes_out_at_one_loudness(
    rate: int, channels: int, tmp_path: Path
) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 500 * np.arange(5 * rate) / rate)
    soundfile.write(tmp_path / "tone.wav", np.stack([tone] * channels, axis=1), rate)
    signal = heard(tmp_path / "tone.wav", 1.5)
    spectrum = np.abs(np.fft.rfft(signal[BED_RATE // 2 :, 0]))
    assert int(np.argmax(spectrum)) == 500
    assert loudness(signal, BED_RATE) == pytest.approx(BED_LUFS, abs=0.2)
    assert np.array_equal(signal[:, 0], signal[:, 1])


@pytest.mark.parametrize("rate", [8_000, 48_000, 192_000])
def test_the_rounds_of_a_file_last_as_long_as_it_does_less_the_crossfade(rate: int, tmp_path: Path) -> None:
    clicks = noise(8, rate, level=1e-3)
    clicks[4 * rate] = 0.9
    soundfile.write(tmp_path / "click.wav", clicks, rate)
    signal = np.abs(heard(tmp_path / "click.wav", 30)[:, 0])
    rounds = signal[: 25 * BED_RATE].reshape(5, -1)  # five seconds each
    places = [int(np.argmax(part)) for part in rounds]
    assert places[0] == pytest.approx(4 * BED_RATE, abs=1 + BED_RATE / rate)
    assert max(places) - min(places) <= 1


@pytest.mark.parametrize("seconds", [1.0, 2.5, 5.9, 6.5, 20.0])
def test_the_crossfade_neither_dips_nor_clicks(seconds: float, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "noise.wav", noise(seconds), BED_RATE, subtype="FLOAT")
    signal = heard(tmp_path / "noise.wav", 45)
    level = level_db(signal, 0.2, BED_RATE)
    assert level.max() - level.min() < 1.0
    steps = np.abs(np.diff(signal, axis=0))
    assert steps.max() < 9 * steps.mean()


def test_a_tone_is_not_torn_by_the_crossfade(tmp_path: Path) -> None:
    time_ = np.arange(round(7.3 * BED_RATE)) / BED_RATE
    soundfile.write(tmp_path / "tone.wav", 0.3 * np.sin(2 * np.pi * 220.3 * time_), BED_RATE)
    signal = heard(tmp_path / "tone.wav", 20)
    steps = np.abs(np.diff(signal[:, 0]))
    assert steps.max() < 1.5 * np.quantile(steps[: 4 * BED_RATE], 0.999)


@pytest.mark.parametrize("channels", [3, 4, 5, 6, 7, 8, 11])
def test_many_channels_become_two(channels: int, tmp_path: Path) -> None:
    # The formats for so many need a plan of the loudspeakers; WAV takes any.
    soundfile.write(tmp_path / "wide.wav", noise(2, channels=channels), BED_RATE)
    signal = heard(tmp_path / "wide.wav", 1)
    assert loudness(signal, BED_RATE) == pytest.approx(BED_LUFS, abs=0.5)


def test_each_loudspeaker_of_5_1_comes_from_its_side() -> None:
    left, right, centre, deep, left_behind, right_behind = to_stereo(np.eye(6, dtype=np.float32))
    assert left.tolist() == left_behind.tolist() == [1, 0]
    assert right.tolist() == right_behind.tolist() == [0, 1]
    assert centre == pytest.approx([0.707, 0.707], abs=1e-3)
    assert deep.tolist() == [0, 0]


def test_a_clipped_file_plays_softly(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "loud.wav", np.clip(noise(3, level=5), -1, 1), BED_RATE)
    signal = heard(tmp_path / "loud.wav", 8)
    assert loudness(signal, BED_RATE) == pytest.approx(BED_LUFS, abs=0.3)


def test_what_is_no_number_is_silence(tmp_path: Path) -> None:
    signal = noise(2)
    signal[1000:1003, 0] = np.nan, np.inf, -np.inf
    soundfile.write(tmp_path / "odd.wav", signal, BED_RATE, subtype="FLOAT")
    assert np.isfinite(heard(tmp_path / "odd.wav", 5)).all()


def test_a_bang_in_a_nearly_silent_file_stays_below_the_voice(tmp_path: Path) -> None:
    signal = noise(40, level=1e-4)
    signal[20 * BED_RATE] = 1.0
    soundfile.write(tmp_path / "bang.wav", signal, BED_RATE, subtype="FLOAT")
    assert np.abs(heard(tmp_path / "bang.wav", 30)).max() <= 0.2512


@pytest.mark.parametrize(
    ("kind", "ending"), [("FLAC", "wav"), ("MP3", "ogg"), ("OGG", "raw"), ("WAV", "txt")]
)
def test_a_wrong_ending_does_not_matter(kind: str, ending: str, tmp_path: Path) -> None:
    soundfile.write(tmp_path / f"bed.{ending}", noise(3), BED_RATE, format=kind)
    if ending == "raw" and shutil.which("ffmpeg") is None:
        pytest.skip("a name that ends in .raw is left to ffmpeg, which is not installed")
    assert loudness(heard(tmp_path / f"bed.{ending}", 4), BED_RATE) == pytest.approx(BED_LUFS, abs=0.5)


@pytest.mark.parametrize("kind", ["flac", "wav"])
def test_two_hours_open_at_once(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"long.{kind}"
    block = noise(60, 8000, 1)
    with soundfile.SoundFile(path, "w", 8000, 1) as file:
        for _ in range(120):
            file.write(block)
    start = time.monotonic()
    with open_bed(path) as bed:
        assert bed.read(BED_RATE).any()
    assert time.monotonic() - start < 3


# Files that are none


def test_an_unknown_name_says_which_there_are() -> None:
    assert refused("rian") == (
        "no bed and no file is called 'rian' (did you mean 'rain'?); "
        "allowed: brown-noise, drone, rain, waves, or a sound file"
    )
    for name in ("", "x" * 10_000, "a\0b", "RAIN"):
        assert refused(name).startswith("no bed ")


def test_a_name_comes_before_a_file_and_a_path_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rain").touch()
    open_bed("rain").close()
    assert refused("rain2/x.flac").startswith("rain2/x.flac: cannot be read (No such file or directory)")
    assert refused(Path("rain")) == "rain: is empty; copy or download it again"


def test_what_is_no_file_is_refused_and_never_opened(tmp_path: Path) -> None:
    assert refused(tmp_path) == f"{tmp_path}: is a folder; name a sound file in it"
    if not hasattr(os, "mkfifo"):
        pytest.skip("there are no devices with names here")
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), Path("/dev/null")):
        assert refused(path).startswith(f"{path}: is a device or a pipe")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "mine.flac").touch(0o000)
    assert "Permission denied" in refused(tmp_path / "mine.flac")


@pytest.mark.parametrize("content", [b"RIFF", b"fLaC", b"OggS" + bytes(100), b"no sound at all\n" * 50])
def test_what_is_no_sound_says_what_would_be_needed(content: bytes, tmp_path: Path, no_ffmpeg: None) -> None:
    (tmp_path / "poem.flac").write_bytes(content)
    message = refused(tmp_path / "poem.flac")
    assert message.startswith(f"{tmp_path / 'poem.flac'}: cannot be read as a sound (")
    assert "other formats need ffmpeg; install that program, or install the extra `formats`" in message


@pytest.mark.parametrize("kind", ["flac", "wav"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_a_file_that_was_cut_short(kind: str, share: float, tmp_path: Path, no_ffmpeg: None) -> None:
    path = tmp_path / f"bed.{kind}"
    soundfile.write(path, noise(4), BED_RATE)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert refused(path) == f"{path}: is cut short or damaged; copy or download it again"


@pytest.mark.parametrize("kind", ["ogg", "aiff"])
def test_a_stream_that_was_cut_short_is_one_clear_line_or_plays_what_is_there(
    kind: str, tmp_path: Path
) -> None:
    path = tmp_path / f"bed.{kind}"
    soundfile.write(path, noise(6), BED_RATE)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    try:
        signal = heard(path, 20)
    except BedError as error:
        assert str(error).endswith("copy or download it again")  # noqa: PT017 - either is right
    else:
        assert level_db(signal, 0.5, BED_RATE).min() > -60


@pytest.mark.parametrize("damage", ["cut", "garbled"])
def test_a_damaged_mp3_is_found_when_it_is_opened_and_nothing_else_is_written(
    damage: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bed.mp3"
    soundfile.write(path, noise(20), BED_RATE)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    if damage == "cut":
        del data[middle:]
    else:
        data[middle : middle + 30_000] = bytes(range(256)) * 118
    path.write_bytes(data)
    assert refused(path) == f"{path}: is cut short or damaged; copy or download it again"
    assert capfd.readouterr() == ("", "")


def test_a_recording_through_a_pipe_promises_too_much_and_plays(tmp_path: Path) -> None:
    path = tmp_path / "piped.wav"
    soundfile.write(path, noise(3), BED_RATE)
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = data[4:8] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert heard(path, 5).any()


def test_a_file_without_a_sound(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "none.wav", np.zeros((0, 2)), BED_RATE)
    assert "holds no sound" in refused(tmp_path / "none.wav")
    soundfile.write(tmp_path / "brief.wav", noise(0.3), BED_RATE)
    assert "is 0.30 s long; a bed has 1 s at least" in refused(tmp_path / "brief.wav")
    soundfile.write(tmp_path / "silent.flac", np.zeros((5 * BED_RATE, 2)), BED_RATE)
    assert "silent.flac: is silent" in refused(tmp_path / "silent.flac")


@pytest.mark.parametrize("rate", [100, 7_999, 192_001, 2_000_000])
def test_a_rate_that_no_sound_has(rate: int, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "odd.wav", noise(0.1), rate)
    assert f"has {rate} samples a second; allowed: 8000 to 192000" in refused(tmp_path / "odd.wav")


@pytest.mark.parametrize("position", [0, 9, 20, 26, 3_000, 40_000, 100_000])
def test_a_damaged_byte_ends_in_sound_or_in_a_sound_error(
    position: int, tmp_path: Path, no_ffmpeg: None
) -> None:
    path = tmp_path / "bed.flac"
    soundfile.write(path, noise(2), BED_RATE)
    data = bytearray(path.read_bytes())
    data[position] ^= 0xFF
    path.write_bytes(data)
    try:
        signal = heard(path, 10)
    except BedError:
        return
    assert len(signal) == 10 * BED_RATE
    assert np.isfinite(signal).all()


def test_a_file_that_goes_away_is_an_error_then_and_from_then_on() -> None:
    class Vanishing:
        rate = BED_RATE

        def read(self, frames: int) -> Signal:
            return next(parts)

        def excerpts(self) -> Iterator[Signal]:
            raise NotImplementedError

        def rewind(self) -> None:
            raise BedError("bed.wav: gone")

        def close(self) -> None:
            pass

    parts = iter([noise(7), np.empty((0, 2), np.float32)])
    bed = beds.Bed(Vanishing())
    bed.read(BED_RATE)
    for _ in range(2):
        with pytest.raises(BedError):
            bed.read(10 * BED_RATE)


# In an evening


class Failing(beds.Bed):
    """A steady sound that can be read for so long, a second at a time."""

    def __init__(self, seconds: float) -> None:
        self._left = round(seconds * BED_RATE)
        self.reads = 0

    def read(self, frames: int) -> Signal:
        self.reads += 1
        self._left -= frames
        if self._left < 0:
            raise BedError("bed.wav: cannot be read any further")
        return np.full((frames, 2), 0.1, np.float32)


@pytest.mark.parametrize("frames", [441, 8820, 5 * BED_RATE])
def test_a_bed_that_can_no_longer_be_read_fades_over_seconds_and_is_silent_then(frames: int) -> None:
    bed = LastingBed(Failing(20))
    signal = np.concatenate([bed.read(frames) for _ in range(30 * BED_RATE // frames)])[:, 0]
    assert len(signal) >= 30 * BED_RATE - frames
    assert str(bed.error) == "bed.wav: cannot be read any further"
    assert signal[0] == pytest.approx(0.1)
    assert signal[-1] == 0
    fading = np.flatnonzero((signal > 0) & (signal < 0.0999))
    assert len(fading) > 2 * BED_RATE
    assert np.abs(np.diff(signal)).max() < 0.2 / BED_RATE


def test_until_then_it_is_the_bed_and_no_more_is_read_than_is_needed() -> None:
    with open_bed("drone") as plain, LastingBed(open_bed("drone")) as lasting:
        for frames in (441, 100, 50_000, 441):
            assert np.array_equal(lasting.read(frames), plain.read(frames))
        assert lasting.error is None
    failing = Failing(100)
    bed = LastingBed(failing)
    for _ in range(1000):
        bed.read(441)
    assert failing.reads < 20


# ffmpeg


@pytest.mark.parametrize("program", ["no/such/program", __file__])
def test_an_ffmpeg_that_does_not_start_is_one_clear_line(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bed_files, "find_ffmpeg", lambda: program)
    (tmp_path / "a.m4a").write_text("no sound")
    assert "a.m4a: ffmpeg does not start (" in refused(tmp_path / "a.m4a")


@pytest.mark.ffmpeg
@needs_ffmpeg
@pytest.mark.parametrize("ending", ["m4a", "wma", "mka"])
def test_the_rest_is_read_by_ffmpeg(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"bed.{ending}"
    soundfile.write(tmp_path / "bed.wav", noise(8, 48_000), 48_000)
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", str(tmp_path / "bed.wav"), str(path)]
    subprocess.run(command, check=True)
    with open_bed(path) as bed:
        signal = bed.read(20 * BED_RATE)
    assert loudness(signal, BED_RATE) == pytest.approx(BED_LUFS, abs=0.5)
    level = level_db(signal, 0.2, BED_RATE)
    assert level.max() - level.min() < 2.0


@pytest.mark.ffmpeg
@needs_ffmpeg
def test_what_ffmpeg_cannot_read_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "poem.m4a").write_text("no sound")
    assert "poem.m4a: holds no sound that ffmpeg can read (" in refused(tmp_path / "poem.m4a")
    # A playlist must not make it ask the network.
    (tmp_path / "list.m3u8").write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"
    )
    assert "holds no sound that ffmpeg can read (" in refused(tmp_path / "list.m3u8")


@pytest.mark.ffmpeg
@needs_ffmpeg
@every_bed
def test_the_meter_of_ffmpeg_agrees(path: Path) -> None:
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-i", str(path)]
    done = subprocess.run(
        [*command, "-af", "ebur128", "-f", "null", "-"], capture_output=True, text=True, check=True
    )
    assert float(re.findall(r"I:\s*(-[\d.]+) LUFS", done.stderr)[-1]) == pytest.approx(BED_LUFS, abs=0.2)
