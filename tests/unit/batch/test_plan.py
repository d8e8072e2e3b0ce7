"""Plans as people write them, sound and otherwise."""

import csv
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nightstretch.batch.plan import MAX_BYTES, MAX_ROWS, Defaults, Row, read_plan
from nightstretch.errors import BatchError


def plan(folder: Path, text: str, name: str = "plan.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(BatchError) as caught:
        read_plan(path)
    return [problem.removeprefix(f"{path}:") for problem in caught.value.problems]


ROWS = (
    Row(2, "back-pain", None, 1.0, None, None, "mp3", "back-pain.mp3"),
    Row(
        3, "my/own.yaml", "system:gmw/en", 0.9, 20.0, "rain", "flac", "own-system-gmw-en-0.9-20min-rain.flac"
    ),
    Row(4, "breathing", None, 1.0, None, None, "wav", "Calm one.wav"),
)


def test_csv_gives_rows_with_names_of_their_values(tmp_path: Path) -> None:
    text = (
        "\ufeffroutine, voice, speed, minutes, bed, format, output\r\n"
        "back-pain,,,,none,,\r\n"
        "my/own.yaml,system:gmw/en,0.9,20,rain,flac,\r\n"
        "breathing,,,,,,Calm one.wav\r\n\r\n"
    )
    assert read_plan(plan(tmp_path, text)) == ROWS


def test_defaults_hold_where_a_cell_is_empty(tmp_path: Path) -> None:
    text = "routine,voice,speed,bed\na,,,\nb,system,0.9,none\n"
    first, second = read_plan(plan(tmp_path, text), Defaults("natural", 0.8, "rain"))
    assert (first.voice, first.speed, first.bed, first.output) == ("natural", 0.8, "rain", "a.mp3")
    assert (second.voice, second.speed, second.bed) == ("system", 0.9, None)


def test_yaml_is_the_same_table(tmp_path: Path) -> None:
    text = (
        "# every evening\n"
        "- routine: back-pain\n"
        "- {routine: my/own.yaml, voice: 'system:gmw/en', speed: 0.9, minutes: 20, bed: rain, format: flac}\n"
        "- {routine: breathing, output: Calm one.wav}\n"
    )
    assert read_plan(plan(tmp_path, text, "plan.yml")) == ROWS


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ["1: there is no row; write one for each file, with the columns routine, voice, speed, "]),
        ("routine\n", ["1: there is no row; "]),
        ("speed\n1\n", ["1: no column 'routine'; the first row names the columns: routine, voice, "]),
        (
            "routine,sped\na,1\n",
            ["1: no column is called 'sped' (did you mean 'speed'?); allowed: routine, "],
        ),
        ("routine,routine\na,b\n", ["1: the column 'routine' stands here twice; keep one"]),
        ("routine,speed\na\nb,1,2\n", ["2: 1 cells under 2 columns; ", "3: 3 cells under 2 columns; "]),
        ('routine\n"a\n', ["2: not CSV: "]),
        ("routine,speed\n,1\n", ["2: routine: there is none; "]),
        (
            "routine,speed\na,fast\na,9\na,nan\n",
            ["2: speed: 'fast' is no number; give 0.5 to 2", "3: ", "4: "],
        ),
        ("routine,minutes\na,1\n", ["2: minutes: 1 is out of range; give 5 to 60"]),
        ("routine,format\na,mp4\n", ["2: format: 'mp4' is none; allowed: mp3, wav, "]),
        ("routine,output\na,tonight\na,x.mp4\n", ["2: output: 'tonight' ends in no format; ", "3: output: "]),
        ("routine\na\nb\nA\n", ["4: would write A.mp3, as line 2 does; leave one out, "]),
        ("routine,output\na,../x.mp3\na,x\\y.mp3\na,/x.mp3\n", ["2: output: '../x.mp3' is ", "3: ", "4: "]),
        ("routine,output\na,.x.mp3\n", ["2: output: '.x.mp3' would be hidden or lost; "]),
        (
            "routine,output,format\na,Manifest.json,mp3\n",
            ["2: output: 'Manifest.json' is the name of a file "],
        ),
        ("routine,output,format\na,sha256sums,mp3\n", ["2: output: 'sha256sums' is the name of a file "]),
        (f"routine,output\na,{'x' * 200}.mp3\n", ["2: output: 'xxx"]),
    ],
)
def test_every_problem_is_told_with_its_line(tmp_path: Path, text: str, told: list[str]) -> None:
    found = problems(plan(tmp_path, text))
    assert len(found) == len(told)
    assert all(problem.startswith(start) for problem, start in zip(found, told, strict=True)), found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "1: there is no row; "),
        ("routine: a\n", "1: no list of rows; "),
        ("- a\n", "1: no row; "),
        (
            "- {routine: a}\n- {routine: b, sped: 1}\n",
            "2: no column is called 'sped' (did you mean 'speed'?); ",
        ),
        ("- routine: a\n  routine: b\n", "2: the column 'routine' stands here twice; keep one"),
        ("- routine: [a, b]\n", "1: routine: is a list; "),
        ("- {[a]: b}\n", "1: a column whose name is not a word"),
        ("- {routine: a\n", "2: not YAML: "),
        ("- a: &a b\n- *c\n", "2: not YAML: "),
        ("- routine: \x07\n", "1: not YAML: "),
        ("[" * 5000 + "]" * 5000, "1: "),
    ],
)
def test_every_problem_of_yaml_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    assert problems(plan(tmp_path, text, "plan.yaml"))[0].startswith(told)


def test_what_is_no_plan_is_told(tmp_path: Path) -> None:
    assert "there is no" not in problems(tmp_path / "missing.csv")[0]
    assert "is no file" in problems(tmp_path)[0]
    assert "end it in .csv or .yaml" in problems(plan(tmp_path, "routine\na\n", "plan.txt"))[0]
    assert "is larger than" in problems(plan(tmp_path, "x" * (MAX_BYTES + 1)))[0]
    (tmp_path / "plan.csv").write_bytes(b"routine\nb\xfcgel\n")
    assert problems(tmp_path / "plan.csv")[0] == "2: not text in UTF-8; save the file in that encoding"


def test_ten_thousand_rows_are_a_plan_and_more_are_not(tmp_path: Path) -> None:
    lines = [f"a,evening {number}.mp3" for number in range(MAX_ROWS)]
    assert len(read_plan(plan(tmp_path, "\n".join(["routine,output", *lines])))) == MAX_ROWS
    told = problems(plan(tmp_path, "\n".join(["routine,output", *lines, "a,one more.mp3"])))
    assert told == [f"{MAX_ROWS + 2}: more than {MAX_ROWS} rows; make several plans of them"]


@given(text=st.text(max_size=60) | st.lists(st.lists(st.text(max_size=9))).map(yaml.safe_dump))
def test_any_text_is_a_plan_or_a_batch_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("plan")
    for name in ("plan.csv", "plan.yaml"):
        (folder / name).write_bytes(text.encode(errors="surrogatepass"))
        with pytest.raises(BatchError):
            read_plan(folder / name)


@given(
    output=st.text(min_size=1, max_size=80).map(lambda text: f"{text}.mp3"),
    routine=st.text(min_size=1, max_size=80),
)
def test_no_row_writes_outside_the_folder(
    tmp_path_factory: pytest.TempPathFactory, output: str, routine: str
) -> None:
    folder = tmp_path_factory.mktemp("plan")
    for header, cells in ((["routine", "output"], ["a", output]), (["routine"], [routine])):
        with (folder / "plan.csv").open("w", encoding="utf-8", errors="replace", newline="") as file:
            csv.writer(file).writerows([header, cells])
        try:
            rows = read_plan(folder / "plan.csv")
        except BatchError:
            continue
        path = folder / "files" / rows[0].output
        assert path.parent == folder / "files"
        assert not rows[0].output.startswith(".")
