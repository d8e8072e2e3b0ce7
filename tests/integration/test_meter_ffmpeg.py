"""An independent meter agrees with that of the report: ffmpeg's ``ebur128``."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.meter import measured_by_ffmpeg

from nightstretch.audio import to_pcm
from nightstretch.export.meter import Meter

pytestmark = pytest.mark.ffmpeg

SECONDS = 40


@pytest.mark.parametrize(("rate", "channels"), [(24_000, 1), (44_100, 2)])
@pytest.mark.parametrize("floor", [0.0, 0.004], ids=["silent pauses", "over a bed"])
def test_the_meter_measures_what_ffmpeg_measures(
    rate: int, channels: int, floor: float, tmp_path: Path
) -> None:
    random = np.random.default_rng(0)
    time = np.arange(SECONDS * rate)[:, np.newaxis] / rate
    # Words of half a second, softer and softer, with pauses of three seconds.
    words = (time % 3.5 < 0.5) * 10 ** (-12 * time / SECONDS / 20)
    sound = to_pcm((0.15 * words + floor) * random.standard_normal((len(time), channels)))
    sound[rate : rate + 4] = [[20_000], [20_000], [-20_000], [-20_000]]  # the peak lies between these
    meter = Meter(rate, channels)
    for block in np.array_split(sound, 99):
        meter.add(block)
    meter.finish()
    path = tmp_path / "sound.wav"
    soundfile.write(path, sound, rate)
    expected = measured_by_ffmpeg(path)
    assert meter.lufs == pytest.approx(expected.lufs, abs=0.1)  # ffmpeg prints one decimal
    assert meter.range_lu == pytest.approx(expected.range_lu, abs=0.2)
    assert meter.peak_dbtp == pytest.approx(expected.peak_dbtp, abs=0.2)
