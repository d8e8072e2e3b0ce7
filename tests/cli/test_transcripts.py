"""``script --format`` and ``export --transcript``, as a person uses them."""

import errno
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from support.transcripts import read_lrc, read_srt, read_vtt
from support.voices import HummingVoice

from nightstretch.cli import run
from nightstretch.export.transcripts import TRANSCRIPTS

pytestmark = pytest.mark.usefixtures("humming")


def printed(short: Path, name: str, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert run(["script", str(short), "--format", name]) == 0
    return capsys.readouterr().out


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_script_prints_each(short: Path, capsys: pytest.CaptureFixture[str]) -> None:
    says = [
        event["text"]
        for event in json.loads(printed(short, "json", capsys))["events"]
        if event["kind"] == "say"
    ]
    assert [cue.text for cue in read_vtt(printed(short, "vtt", capsys))[2]] == says
    assert [cue.text for cue in read_srt(printed(short, "srt", capsys))] == says
    assert [text for _, text in read_lrc(printed(short, "lrc", capsys))[1]] == says
    assert [cue.text for cue in read_vtt(printed(short, "chapters", capsys))[2]] == ["Rest", "Turn"]
    root = ET.fromstring(printed(short, "ssml", capsys))  # noqa: S314 - it is our own
    assert [element.text for element in root.iter() if element.tag.endswith("}s")] == says
    assert all(text in printed(short, "text", capsys) for text in says)


def test_export_writes_them_beside_the_sound(
    short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [option for name in TRANSCRIPTS for option in ("--transcript", name)]
    assert run(["export", str(short), "-o", "x.wav", *options, "--transcript", "vtt"]) == 0
    files = ["x.wav", "x.txt", "x.json", "x.ssml", "x.vtt", "x.chapters.vtt", "x.lrc", "x.srt"]
    assert capsys.readouterr().out.split("\n") == [*files, ""]
    assert names(tmp_path) == {"short.yaml", *files}
    for name, file in zip(TRANSCRIPTS, files[1:], strict=True):
        assert (tmp_path / file).read_bytes() == printed(short, name, capsys).encode()


def test_only_the_ending_of_a_format_is_replaced(short: Path, tmp_path: Path) -> None:
    assert run(["export", str(short), "-o", "v1.5 evening", "--format", "wav", "--transcript", "srt"]) == 0
    assert names(tmp_path) == {"short.yaml", "v1.5 evening", "v1.5 evening.srt"}


def test_an_existing_one_is_kept_unless_forced(
    short: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "short.vtt"
    mine.write_text("mine")
    with monkeypatch.context() as silent:
        silent.setattr(HummingVoice, "synthesize", lambda *_: pytest.fail("something was spoken"))
        assert run(["export", str(short), "--transcript", "srt", "--transcript", "vtt"]) == 1
    assert "short.vtt exists already; replace it with --force" in capsys.readouterr().err
    assert mine.read_text() == "mine"
    assert names(tmp_path) == {"short.yaml", "short.vtt"}
    assert run(["export", str(short), "--transcript", "srt", "--transcript", "vtt", "--force"]) == 0
    assert mine.read_text().startswith("WEBVTT")
    assert names(tmp_path) == {"short.yaml", "short.mp3", "short.srt", "short.vtt"}


def test_the_sound_that_exists_leaves_no_transcript(short: Path, tmp_path: Path) -> None:
    (tmp_path / "short.mp3").write_text("mine")
    assert run(["export", str(short), "--transcript", "vtt"]) == 1
    assert names(tmp_path) == {"short.yaml", "short.mp3"}


def test_a_voice_that_fails_leaves_no_transcript(short: Path, tmp_path: Path) -> None:
    short.write_text(short.read_text().replace("Good night", "Good unspeakable night"))
    assert run(["export", str(short), "--transcript", "vtt"]) == 1
    assert names(tmp_path) == {"short.yaml"}


def test_a_full_disk_leaves_no_transcript(
    short: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    assert run(["export", str(short), "--transcript", "vtt"]) == 1
    assert "no room for short.vtt" in capsys.readouterr().err
    assert names(tmp_path) == {"short.yaml", "short.mp3"}


@pytest.mark.parametrize("name", ["x.vtt", "x.VTT"])
def test_a_sound_with_the_name_of_a_transcript_is_not_replaced(
    name: str, short: Path, tmp_path: Path
) -> None:
    assert run(["export", str(short), "-o", name, "--format", "mp3", "--transcript", "vtt"]) == 0
    assert names(tmp_path) == {"short.yaml", name, f"{name}.vtt"}


def test_another_is_refused(short: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export", str(short), "--transcript", "ass"]) == 2
    assert "'ass' is not one of 'text', 'json', 'ssml'" in capsys.readouterr().err
