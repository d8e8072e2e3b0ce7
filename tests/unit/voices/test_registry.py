from importlib.metadata import EntryPoint, EntryPoints

import pytest
from support.voices import HummingVoices, MissingVoices

from nightstretch.errors import UsageError, VoiceError
from nightstretch.voices import registry
from nightstretch.voices.base import Voice, VoiceInfo


class BrokenVoices:
    def __init__(self) -> None:
        raise RuntimeError("no such chip")


class LyingVoices(HummingVoices):
    def problem(self) -> str | None:
        raise ZeroDivisionError("division by zero")

    def open(self, variant: str | None) -> Voice:
        raise ZeroDivisionError("division by zero")


class HoarseVoices(HummingVoices):
    def voices(self) -> list[VoiceInfo]:
        raise VoiceError("hoarse tonight")


def install(monkeypatch: pytest.MonkeyPatch, **engines: object) -> None:
    """Make these engines the only ones that are installed."""
    points = [EntryPoint(name, f"package.of:{name}", registry.GROUP) for name in engines]

    def load(self: EntryPoint) -> object:
        if isinstance(engines[self.name], str):
            raise ModuleNotFoundError(f"No module named {engines[self.name]!r}")
        return engines[self.name]

    monkeypatch.setattr(EntryPoint, "load", load)
    monkeypatch.setattr(registry, "entry_points", lambda *, group: EntryPoints(points))


def test_the_built_in_voices_come_through_the_same_door() -> None:
    assert set(registry.engine_names()) >= {"natural", "system"}


def test_a_name_opens_a_voice_fit_for_the_mixer(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, hum=HummingVoices)
    voice, dry = registry.open_voice("hum"), registry.open_voice("hum", dry=True)
    assert voice.name == dry.name == "hum"
    assert dry.identity.startswith("leveled")
    assert voice.identity.startswith("room")
    assert voice.identity.endswith(dry.identity)


def test_an_unknown_name_names_its_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, hum=HummingVoices, natural=HummingVoices)
    with pytest.raises(UsageError, match="no voice 'naturel'; try natural, or see: nightstretch voices"):
        registry.open_voice("naturel")
    with pytest.raises(UsageError, match="try hum or natural"):
        registry.open_voice("")


def test_a_voice_that_is_missing_here_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, hum=MissingVoices)
    with pytest.raises(VoiceError, match="'hum' is not available here: it is not installed; install it"):
        registry.open_voice("hum")


@pytest.mark.parametrize("broken", [BrokenVoices, LyingVoices, "gone_package", object])
def test_a_broken_package_is_a_report_and_spoils_nothing(
    monkeypatch: pytest.MonkeyPatch, broken: object
) -> None:
    install(monkeypatch, broken=broken, hum=HummingVoices)
    reports = {report.name: report.problem for report in registry.reports()}
    assert reports["hum"] is None
    assert "is broken" in str(reports["broken"])
    assert [info.name for info in registry.list_voices()] == ["hum"]
    assert registry.open_voice("hum").name == "hum"
    with pytest.raises(VoiceError, match="update or remove it"):
        registry.open_voice("broken")


def test_a_voice_that_cannot_be_listed_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, hoarse=HoarseVoices, missing=MissingVoices, hum=HummingVoices)
    assert [info.name for info in registry.list_voices()] == ["hum"]


def test_the_natural_voice_is_the_default_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, natural=HummingVoices, system=BrokenVoices)
    voice, line = registry.open_default()
    assert (voice.name, line) == ("hum", None)


def test_the_system_speaks_where_the_natural_voice_cannot_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install(monkeypatch, natural=MissingVoices, system=HummingVoices)
    voice, line = registry.open_default()
    assert voice.name == "hum"
    assert line is not None
    assert "\n" not in line
    assert "it is not installed; install it" in line
    assert line.endswith("using the voice 'system' instead")


@pytest.mark.parametrize("engine", [MissingVoices, BrokenVoices, HummingVoices])
def test_an_engine_that_was_interrupted_is_not_believed(
    monkeypatch: pytest.MonkeyPatch, engine: object
) -> None:
    install(monkeypatch, natural=engine, system=HummingVoices)
    monkeypatch.setattr("nightstretch.interrupts._state.seen", True)
    with pytest.raises(KeyboardInterrupt):
        registry.open_default()
    with pytest.raises(KeyboardInterrupt):
        registry.reports()


def test_where_no_voice_works_every_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, natural=MissingVoices, system=BrokenVoices)
    with pytest.raises(VoiceError, match=r"no voice works here.*install it.*no such chip"):
        registry.open_default()


def test_no_package_takes_the_name_of_a_built_in_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [
        EntryPoint("natural", "another.package:Voices", registry.GROUP),
        EntryPoint("natural", "nightstretch.voices.natural:NaturalVoices", registry.GROUP),
    ]
    monkeypatch.setattr(registry, "entry_points", lambda *, group: EntryPoints(points))
    assert registry.open_voice("natural").name == "natural"
