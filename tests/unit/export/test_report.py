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


def tone(seconds: float, level: float) -> np.ndarray:
    return np.asarray(level * np.sin(np.arange(second(seconds)) * 0.26))


def session(
    *cues: tuple[float, float, str], seconds: float = 60, level: float = 0.17, beside: float = 0
) -> dict[str, str]:
    """The verdicts on cues at some seconds, until others, with a sound of 0.5 s beside them at 0.5 s."""
    says = [Event("say", second(start), second(end), text) for start, end, text in cues]
    sound = np.zeros(second(seconds))
    for event in says:
        sound[event.start : event.end] = tone((event.end - event.start) / RATE, level)
    sound[second(0.5) : second(1)] = tone(0.5, beside)
    timeline = Timeline("A session", RATE, (Passage("All", 1, 0, second(seconds)),), tuple(says))
    words = [(event.start / RATE, event.end / RATE) for event in says]
    reporter = Reporter(RATE, 1, words, Finish(), 1.0)
    reporter.add(to_pcm(sound))
    return {measure.name: measure.verdict for measure in reporter.report(timeline).measures}


CALM = [(start, start + 4.0, " ".join(["word"] * 8)) for start in range(4, 58, 12)]


def test_a_calm_session_is_fine() -> None:
    assert set(session(*CALM).values()) == {"ok"}


@pytest.mark.parametrize(
    ("name", "verdict", "verdicts"),
    [
        ("Loudness", "too high", session(*CALM, level=0.3)),
        ("Loudness", "too low", session(*CALM, level=0.1)),
        ("True peak", "too high", session(*CALM, level=0.8)),
        ("Rise beside the words", "too high", session(*CALM, beside=0.05)),
        ("Loudest beside the words", "too high", session(*CALM, beside=0.2)),
        ("Speech", "too high", session((0, 59, " ".join(["word"] * 118)))),
        ("Pace while speaking", "too high", session((5, 9, " ".join(["word"] * 12)))),
        ("Pace while speaking", "too low", session((5, 9, " ".join(["word"] * 5)))),
        ("Shortest pause", "too low", session(*CALM, (7, 9, "one two three four"))),
        ("Median pause", "too high", session(CALM[0], (30, 34, CALM[0][2]))),
        ("Longest pause", "too high", session(CALM[0], (210, 214, CALM[0][2]), seconds=220)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_verdict_can_be_that_it_is_not(name: str, verdict: str, verdicts: dict[str, str]) -> None:
    assert verdicts[name] == verdict


def test_what_is_loud_here_and_soft_there_has_too_much_of_a_range() -> None:
    says = [Event("say", second(at), second(at + 30), " ".join(["word"] * 60)) for at in (0, 60)]
    sound = np.concatenate((tone(60, 0.2), tone(60, 0.2 * 10 ** (-17 / 20))))
    reporter = Reporter(RATE, 1, [(0, 120)], Finish(), 1.0)
    reporter.add(to_pcm(sound))
    timeline = Timeline("Two", RATE, (Passage("All", 1, 0, second(120)),), tuple(says))
    (measure,) = (m for m in reporter.report(timeline).measures if m.name == "Loudness range")
    assert measure.value == pytest.approx(17, abs=0.2)
    assert measure.verdict == "too high"


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
