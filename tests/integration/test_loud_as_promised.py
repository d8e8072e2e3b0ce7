"""A shipped routine, with the real voice, is as loud as is promised: measured by ffmpeg's ``ebur128``."""

from pathlib import Path

import pytest
from support.meter import measured_by_ffmpeg

from nightstretch.choices import SESSION_LUFS, Finish
from nightstretch.session import Session, find_routine, open_voice

pytestmark = pytest.mark.ffmpeg

WITHIN_LU = 0.5
MOST_DBTP = -3.0


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip cache that the tests of this file share, so that nothing is spoken twice."""
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(autouse=True)
def _shared_clips(clips: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTSTRETCH_CACHE_DIR", str(clips))


@pytest.mark.parametrize("bed", [None, "rain"])
@pytest.mark.parametrize("speed", [0.7, 1.0, 1.4])
def test_a_session_is_as_loud_as_promised(speed: float, bed: str | None, tmp_path: Path) -> None:
    path = tmp_path / "short-back.wav"
    routine, voice = find_routine("short-back"), open_voice("natural")
    with Session(routine, voice, speed=speed, finish=Finish(bed=bed)) as session:
        reporter = session.reporter()
        report = reporter.report(session.export(path, format_name="wav", reporter=reporter))
    measured = measured_by_ffmpeg(path)
    assert measured.lufs == pytest.approx(SESSION_LUFS, abs=WITHIN_LU)
    assert measured.peak_dbtp <= MOST_DBTP
    assert [measure for measure in report.measures if not measure.ok] == []
    ours = {measure.name: measure.value for measure in report.measures}
    assert ours["Loudness"] == pytest.approx(measured.lufs, abs=0.1)
    assert ours["Loudness range"] == pytest.approx(measured.range_lu, abs=0.2)
    assert ours["True peak"] == pytest.approx(measured.peak_dbtp, abs=0.1)
