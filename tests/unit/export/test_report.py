import json

import numpy as np
import pytest

from nightstretch.audio import SESSION_RATE, to_pcm
from nightstretch.choices import Finish
from nightstretch.export.report import Measure, Report, Reporter
from nightstretch.timeline import Event, Passage, Timeline

RATE = SESSION_RATE


def second(number: float) -> int:
    return round(number * RATE)


def a_minute() -> tuple[Timeline, Report]:
    """Four words in each of two cues, 2 s long, at 10 and 20 s."""
    says = [Event("say", second(at), second(at + 2), "one two three four") for at in (10, 20)]
    sound = np.zeros(second(60))
    for event in says:
        sound[event.start : event.end] = 0.15 * np.sin(np.arange(second(2)) * 0.26)
    timeline = Timeline("A minute", RATE, (Passage("All", 1, 0, second(60)),), tuple(says))
    words = [(event.start / RATE, event.end / RATE) for event in says]
    reporter = Reporter(RATE, 1, words, Finish(), 1.0)
    reporter.add(to_pcm(sound))
    return timeline, reporter.report(timeline)


def test_it_tells_what_is_in_the_sound_and_in_the_timeline() -> None:
    _, report = a_minute()
    figures = {measure.name: measure.value for measure in report.measures}
    assert figures["Loudness"] == pytest.approx(-20.1, abs=0.1)
    assert figures["True peak"] == pytest.approx(-16.2, abs=0.5)  # it begins at once
    assert figures["Rise beside the words"] == 0
    assert figures["Speech"] == pytest.approx(4 / 60)
    assert figures["Pace while speaking"] == pytest.approx(120)
    assert figures["Pauses"] == 1
    assert figures["Shortest pause"] == figures["Longest pause"] == pytest.approx(8)


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(-19.0, "ok"), (-19.5, "ok"), (-19.504, "ok"), (-19.51, "too low"), (-18, "too high")],
)
def test_each_figure_has_a_verdict(value: float, verdict: str) -> None:
    measure = Measure("Loudness", value, "LUFS", -19.5, -18.5)
    assert measure.verdict == verdict
    assert measure.ok == (verdict == "ok")


@pytest.mark.parametrize(
    ("least", "most", "bound"),
    [(None, None, "any"), (0, None, "at least 0"), (None, -3, "at most -3"), (1, 2.5, "1 to 2.5")],
)
def test_each_figure_tells_its_bound(least: float | None, most: float | None, bound: str) -> None:
    assert Measure("Peak", 0, "dB", least, most).bound == bound


def test_for_a_person_it_is_a_line_for_each_and_for_a_program_json() -> None:
    _, report = a_minute()
    lines = report.text().splitlines()
    assert len(lines) == len(report.measures)
    assert all(line.split()[-1] in {"ok", "low", "high"} for line in lines)
    measures = json.loads(report.json())["measures"]
    assert [measure["name"] for measure in measures] == [measure.name for measure in report.measures]
    assert set(measures[0]) == {"name", "value", "unit", "least", "most", "verdict"}


def test_the_loudness_of_silence_is_null() -> None:
    report = Report((Measure("Loudness", -np.inf, "LUFS", -20, -18),))
    (measure,) = json.loads(report.json())["measures"]
    assert (measure["value"], measure["verdict"]) == (None, "too low")
    assert "-inf" in report.text()
