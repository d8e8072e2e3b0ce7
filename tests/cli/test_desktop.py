"""The desktop is asked for nothing before something plays."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from nightstretch.cli import run

PROGRAM = """
import sys
from importlib.metadata import EntryPoint
from nightstretch.voices import registry
registry.entry_points = lambda group: [EntryPoint("hum", "support.voices:HummingVoices", group)]
registry.DEFAULT_NAMES = ("hum",)
from nightstretch.cli import run
assert run(sys.argv[1:]) == 0
loaded = {"jeepney", "wakepy", "nightstretch.player.mpris"} & set(sys.modules)
assert not loaded, loaded
"""
SUPPORT = Path(__file__).parents[1]


@pytest.mark.parametrize("command", ["--help", "play --help", "script short.yaml", "export short.yaml"])
def test_what_plays_nothing_loads_nothing_of_it(command: str, short: Path) -> None:
    program = f"import sys; sys.path.insert(0, {str(SUPPORT)!r})\n{PROGRAM}"
    subprocess.run([sys.executable, "-c", program, *command.split()], check=True, timeout=60)


def test_the_doctor_says_what_becomes_of_media_keys_and_of_sleep(capsys: pytest.CaptureFixture[str]) -> None:
    run(["doctor"])
    printed = capsys.readouterr().out
    assert re.search(r"^(ok|note) +media keys  ", printed, re.MULTILINE)
    assert re.search(r"^(ok|note) +staying awake  ", printed, re.MULTILINE)
