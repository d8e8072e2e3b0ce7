"""The plan: a table in CSV or YAML ► rows, or every problem of it with its line and its column.

Nothing is looked up here but what the table itself says; whether a routine or a voice is there is for the
row that names it to find out. All cells are text as it is spelled, in YAML too: ``speed: 1.0`` is "1.0".
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import yaml

from nightstretch.choices import LONGEST_MINUTES, NO_BED, SHORTEST_MINUTES
from nightstretch.errors import BatchError
from nightstretch.export.formats import FORMATS
from nightstretch.files import read_at_most
from nightstretch.voices.base import FASTEST_SPEED, SLOWEST_SPEED

COLUMNS: Final = ("routine", "voice", "speed", "minutes", "bed", "format", "output")
"""What a plan may tell of each file; only ``routine`` is needed."""

MANIFEST: Final = "manifest.json"
CHECKSUMS: Final = "SHA256SUMS"
"""The names in the folder that no row can have."""

MAX_BYTES: Final = 5_000_000
MAX_ROWS: Final = 10_000

_MOST_NAME_BYTES: Final = 200  # file systems take 255, and some endings are added while it is written
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True)
class Defaults:
    """What holds for a row whose cell is empty, or whose plan has no such column."""

    voice: str | None = None
    speed: float = 1.0
    bed: str | None = None


AS_EXPORT_DOES: Final = Defaults()


@dataclass(frozen=True)
class Row:
    """One file that is wanted. ``line``: of the plan. ``voice``, ``minutes``, ``bed``: None for neither.

    ``output``: the name of the file, without a folder.
    """

    line: int
    routine: str
    voice: str | None
    speed: float
    minutes: float | None
    bed: str | None
    format: str
    output: str


@dataclass(frozen=True)
class _Cells:
    """A row as it stands in the file."""

    line: int
    values: Mapping[str, str]


class _Problems(list[tuple[int, str]]):
    """What is wrong with one plan, by line."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def add(self, line: int, message: str) -> None:
        self.append((line, message))

    def error(self) -> BatchError:
        lines = tuple(f"{self._path}:{line}: {message}" for line, message in sorted(self))
        more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
        return BatchError(lines[0] + more, problems=lines)


def read_plan(path: Path, defaults: Defaults = AS_EXPORT_DOES) -> tuple[Row, ...]:
    """Read the rows of a plan. Raises BatchError, with every problem, where any row is not sound."""
    problems = _Problems(path)
    text = _text(path, problems)
    ending = path.suffix.lower()
    if ending == ".csv":
        table = list(_csv_rows(text, problems))
    elif ending in {".yaml", ".yml"}:
        table = list(_yaml_rows(text, problems))
    else:
        raise BatchError(f"{path} is no plan by its name; end it in .csv or .yaml")
    if problems:
        raise problems.error()
    if not table:
        problems.add(1, f"there is no row; write one for each file, with the columns {', '.join(COLUMNS)}")
    if len(table) > MAX_ROWS:
        problems.add(table[MAX_ROWS].line, f"more than {MAX_ROWS} rows; make several plans of them")
        raise problems.error()
    rows = [row for cells in table if (row := _row(cells, defaults, problems))]
    _refuse_twins(rows, problems)
    if problems:
        raise problems.error()
    return tuple(rows)


def _text(path: Path, problems: _Problems) -> str:
    try:
        data = read_at_most(path, MAX_BYTES)
    except OSError as error:
        raise BatchError(f"{path}: {error}; give a plan in CSV or YAML") from None
    if len(data) > MAX_BYTES:
        raise BatchError(f"{path}: is larger than {MAX_BYTES // 1_000_000} MB; make several plans of it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.add(
            data[: error.start].count(b"\n") + 1, "not text in UTF-8; save the file in that encoding"
        )
        raise problems.error() from None


def _csv_rows(text: str, problems: _Problems) -> Iterator[_Cells]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    names: list[str] | None = None
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            problems.add(line, f"not CSV: {error}; mend the quotes of this row")
            return
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        if names is None:
            names = [cell.strip() for cell in cells]
            if not _check_header(names, line, problems):
                return
        elif len(cells) != len(names):
            problems.add(
                line, f"{len(cells)} cells under {len(names)} columns; put a text with commas in quotes"
            )
        else:
            yield _Cells(line, dict(zip(names, cells, strict=True)))


def _check_header(names: list[str], line: int, problems: _Problems) -> bool:
    for name in dict.fromkeys(names):
        if _check_column(name, line, problems) and names.count(name) > 1:
            problems.add(line, f"the column {name!r} stands here twice; keep one")
    if not problems and "routine" not in names:
        problems.add(line, f"no column 'routine'; the first row names the columns: {', '.join(COLUMNS)}")
    return not problems


def _yaml_rows(text: str, problems: _Problems) -> Iterator[_Cells]:
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join((error.problem or "this cannot be read").split())
        problems.add(mark.line + 1 if mark else 1, f"not YAML: {what}")
        return
    except yaml.YAMLError as error:
        problems.add(1, f"not YAML: {getattr(error, 'reason', error)}")
        return
    except RecursionError:
        problems.add(1, "nested too deep; write a list of rows, such as - routine: back-pain")
        return
    if root is None:
        return
    if not isinstance(root, yaml.SequenceNode):
        problems.add(
            1, "no list of rows; write each as - routine: back-pain, with its other columns under it"
        )
        return
    for node in root.value:
        yield from _yaml_row(node, problems)


def _yaml_row(node: yaml.Node, problems: _Problems) -> Iterator[_Cells]:
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        problems.add(line, "no row; write it as - routine: back-pain, with its other columns under it")
        return
    values: dict[str, str] = {}
    for key, value in node.value:
        place, name = key.start_mark.line + 1, key.value
        if not isinstance(key, yaml.ScalarNode):
            problems.add(place, "a column whose name is not a word")
        elif not _check_column(name, place, problems):
            continue
        elif name in values:
            problems.add(place, f"the column {name!r} stands here twice; keep one")
        elif not isinstance(value, yaml.ScalarNode):
            problems.add(place, f"{name}: is a list; give one value, and another row for the next")
        else:
            values[name] = value.value
    yield _Cells(line, values)


def _check_column(name: str, line: int, problems: _Problems) -> bool:
    if name in COLUMNS:
        return True
    near = difflib.get_close_matches(name[:80].casefold(), COLUMNS, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    problems.add(line, f"no column is called {name[:80]!r}{hint}; allowed: {', '.join(COLUMNS)}")
    return False


def _row(cells: _Cells, defaults: Defaults, problems: _Problems) -> Row | None:
    """Check the values of a row; what is wrong is added to the problems, and there is no row."""
    given = {name: text.strip() for name, text in cells.values.items() if text.strip()}
    before = len(problems)

    def wrong(message: str) -> None:
        problems.add(cells.line, message)

    def number(name: str, least: float, most: float) -> float | None:
        text = given.get(name)
        if text is None:
            return None
        try:
            value = float(text)
        except ValueError:
            wrong(f"{name}: {text[:60]!r} is no number; give {least:g} to {most:g}")
            return None
        if least <= value <= most:
            return value
        wrong(f"{name}: {value:g} is out of range; give {least:g} to {most:g}")
        return None

    routine = given.get("routine", "")
    if not routine:
        wrong("routine: there is none; give the name of a routine, or a file's path")
    speed = number("speed", SLOWEST_SPEED, FASTEST_SPEED)
    minutes = number("minutes", SHORTEST_MINUTES, LONGEST_MINUTES)
    output = given.get("output")
    ending = PurePosixPath(output).suffix[1:].lower() if output else ""
    chosen = given.get("format", ending if output else FORMATS[0])
    if chosen not in FORMATS:
        what = (
            f"format: {chosen[:60]!r} is none"
            if "format" in given
            else f"output: {output!r} ends in no format"
        )
        wrong(f"{what}; allowed: {', '.join(FORMATS)}")
    name = output or _derived_name(given, chosen)
    if problem := _problem_with_name(name):
        wrong(f"output: {name[:80]!r} {problem}")
    if len(problems) > before:
        return None
    bed = given.get("bed", defaults.bed)
    return Row(
        line=cells.line,
        routine=routine,
        voice=given.get("voice", defaults.voice),
        speed=defaults.speed if speed is None else speed,
        minutes=minutes,
        bed=None if bed == NO_BED else bed,
        format=chosen,
        output=name,
    )


def _derived_name(given: Mapping[str, str], chosen: str) -> str:
    """Name a file by what its row says, in the order of the columns: ``back-pain-natural-0.9-20min.mp3``."""
    parts = [PurePosixPath(given.get("routine", "").replace("\\", "/")).stem]
    parts += [given[name] for name in ("voice", "speed") if name in given]
    parts += [f"{given['minutes']}min"] if "minutes" in given else []
    if given.get("bed", NO_BED) != NO_BED:
        parts.append(PurePosixPath(given["bed"].replace("\\", "/")).stem)
    return re.sub(r"[^\w.+-]+", "-", "-".join(parts)).lstrip(".") + f".{chosen}"


def _problem_with_name(name: str) -> str | None:
    """Say why a file in the folder cannot be called so, on this system or another, or give None."""
    if re.search(r'[/\\:*?"<>|\x00-\x1f\x7f]', name):
        return 'is no plain name; every file lies in the folder itself, so leave out / \\ : * ? " < > |'
    if name.startswith(".") or name.endswith((".", " ")):
        return "would be hidden or lost; begin and end it with a letter or a digit"
    if name.casefold() in {MANIFEST, CHECKSUMS.casefold()}:
        return "is the name of a file that the batch itself writes; choose another"
    if len(name.encode(errors="surrogatepass")) > _MOST_NAME_BYTES:
        return f"is too long; give at most {_MOST_NAME_BYTES} bytes in the column output"
    return None


def _refuse_twins(rows: list[Row], problems: _Problems) -> None:
    first: dict[str, Row] = {}
    for row in rows:
        # Many file systems make no difference between A and a.
        twin = first.setdefault(row.output.casefold(), row)
        if twin is not row:
            problems.add(
                row.line,
                f"would write {row.output}, as line {twin.line} does; "
                "leave one out, or name it in the column output",
            )
