import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from nightstretch.errors import RoutineError
from nightstretch.routine import parse_routine
from nightstretch.routine.grammar import routine_schema
from nightstretch.sounds import chime_names

NARRATION = Path(__file__).parents[3] / "narration"
ROUTINES = sorted(NARRATION.glob("*.yaml"))
CHIMES = ("bowl-change", "bowl-start")
VALIDATOR = Draft202012Validator(routine_schema(CHIMES))


def accepted_by_schema(text: str) -> bool:
    return VALIDATOR.is_valid(yaml.safe_load(text))


def accepted_by_parser(text: str) -> bool:
    try:
        parse_routine(text.encode(), "any.yaml", CHIMES)
    except RoutineError:
        return False
    return True


def with_step(step: str) -> str:
    return f"title: Any\nexercises: [{{title: Move, minutes: 2, steps: [{step}]}}]\n"


def in_move(step: str) -> str:
    return f"{{move: a, steps: [{step}]}}"


def in_sides(step: str) -> str:
    return f"{{sides: [right, left], steps: [{step}]}}"


def in_repeat(step: str) -> str:
    return f"{{repeat: 3, steps: [{step}]}}"


SAY = "{say: Go.}"
SAY_SIDE = "{say: 'To the {side}, not the {other}.'}"
BREATHE = "{breathe: {in: 4, hold: 2, out: 6}, rounds: 5}"
SCAN = "{scan: [the feet, the knees], say: 'Notice {part}.', pause: 2, least: 1, most: 9}"

RIGHT_STEPS = [
    SAY,
    "{say: Rest   here.}",
    "{say: 'Yes'}",
    "{say: Yes}",
    "{say: 5}",
    "{say: Schön.}",
    "{say: 'おやすみなさい。'}",
    "{say: Let go., shorter: [Go., Now.], optional: true}",
    "{say: Let go., shorter: Go.}",
    "{pause: 5}",
    "{pause: 5, least: 4, most: 6.5}",
    "{hold: 20, words: [Stay., Soften.]}",
    "{chime: bowl-start}",
    BREATHE,
    "{breathe: {in: 4, out: 6}, rounds: 5.0, most: 9}",
    "{breathe: {in: 4, hold: 2, out: 6}, rounds: 5, guidance: [{in: [a, b], hold: c}, {}], last: {out: d}}",
    SCAN,
    in_sides(SAY_SIDE),
    in_sides(BREATHE),
    in_sides(in_repeat(SAY_SIDE)),
    in_repeat(SAY),
    in_repeat(in_sides(SAY_SIDE)),
    in_move(SAY),
    in_move(SCAN),
    in_move(in_sides(SAY_SIDE)),
    in_move(in_repeat(in_sides(SAY_SIDE))),
    "{move: a, steps: [{say: b}], gentle: [{say: c}], optional: false}",
]

WRONG_STEPS = [
    "{pawse: 3}",
    "{}",
    "rest",
    "{say: Go., pause: 3}",
    "{say: Go., louder: 3}",
    "{say: [Go.]}",
    "{say: '...'}",
    "{say: '{}'}",
    "{say: 'Turn {side}.'}",
    "{say: 'Feel {part}.'}",
    "{say: 'Feel {it}.'}",
    "{say: 'Turn {.'}",
    "{say: 'Turn }.'}",
    "{say: " + "long " * 130 + "}",
    "{say: Go., optional: 1}",
    "{say: Go., shorter: []}",
    "{pause: -1}",
    "{pause: 601}",
    "{pause: 1e9}",
    "{pause: '3'}",
    "{pause: }",
    "{pause: true}",
    "{hold: 20, words: Stay.}",
    "{chime: gong}",
    "{chime: [bowl-start]}",
    "{breathe: {in: 4, out: 6}}",
    "{breathe: {in: 4}, rounds: 3}",
    "{breathe: {in: 4, out: 0}, rounds: 3}",
    "{breathe: {in: 4, out: 6}, rounds: 1.5}",
    "{breathe: 4, rounds: 3}",
    "{breathe: {in: 4, out: 6}, rounds: 3, guidance: {in: a}}",
    "{scan: [the feet]}",
    "{scan: ['{part}'], say: Go.}",
    "{scan: [the feet], say: 'Notice {side}.'}",
    "{repeat: 3}",
    "{repeat: 3, steps: []}",
    in_repeat(SCAN),
    in_repeat(BREATHE),
    in_repeat(SAY_SIDE),
    in_repeat(in_repeat(SAY)),
    in_repeat(in_sides(BREATHE)),
    in_repeat(in_sides(in_repeat(SAY))),
    "{sides: [right], steps: [{say: Go.}]}",
    "{sides: [], steps: [{say: Go.}]}",
    "{sides: [right, left, up], steps: [{say: Go.}]}",
    in_sides("{say: 'To the {sid}.'}"),
    in_sides(SCAN),
    in_sides(in_sides(SAY)),
    in_sides(in_repeat(BREATHE)),
    in_move(in_move(SAY)),
    "{move: a}",
]

RIGHT_FILES = [
    *map(with_step, RIGHT_STEPS),
    "title: 2024\nexercises: [{title: Move, minutes: 1.5, steps: [{say: Go.}]}]\n",
    with_step(SAY) + "safety: |\n  Stop\n  if it hurts.\n",
    with_step(SAY) + "opening: [{say: Hello.}]\nclosing: [{say: Good night.}]\n",
    with_step(SAY) + "safety:\n",
    with_step(SAY) + "pronounce: {psoas: soʊəs, Élan: elan, it's: its, sit-up: sit ʌp}\n",
]

WRONG_FILES = [
    *map(with_step, WRONG_STEPS),
    "",
    "- a",
    "title: a",
    "title: a\nexercises: []",
    "title: a\nexcercises: []",
    "title: a\nexercises: [{title: b, steps: [{say: c}]}]",
    "title: a\nexercises: [{title: b, minutes: 121, steps: [{say: c}]}]",
    with_step(SAY) + "opening: []\n",
    with_step(SAY) + "safety: [a]\n",
    with_step(SAY) + "pronounce: [psoas]\n",
    with_step(SAY) + "pronounce: {two words: tu}\n",
    with_step(SAY) + "pronounce: {'2nd': tu}\n",
    with_step(SAY) + "pronounce: {psoas: /soʊəs/}\n",
    with_step(SAY) + "pronounce: {psoas: ''}\n",
]

ONLY_THE_PARSER_KNOWS = {
    "least, natural and most rise": with_step("{pause: 5, least: 6}"),
    "so do rounds": with_step("{breathe: {in: 4, out: 6}, rounds: 5, most: 4}"),
    "words for a hold need a hold": with_step(
        "{breathe: {in: 4, out: 6}, rounds: 3, guidance: [{hold: Stay.}]}"
    ),
    "sides differ": with_step("{sides: [left, left], steps: [{say: Go.}]}"),
    "a sign beyond ASCII is no word": with_step("{say: …}"),
    "a number is written in digits": with_step("{pause: 1:30}"),
    "not even this is one": with_step("{pause: .nan}"),
    "a flag is true or false": with_step("{say: Go., optional: yes}"),
    "a key stands once": "title: a\n" + with_step(SAY),
    "no anchors": with_step("&x {say: Go.}"),
    "no tags": with_step("{say: !!str Go.}"),
}


class TestTheStoredSchema:
    def test_it_is_what_the_table_gives(self) -> None:
        stored = json.loads((NARRATION / "routine.schema.json").read_text(encoding="utf-8"))
        assert stored == routine_schema(chime_names()), "run python tools/make_schema.py"
        Draft202012Validator.check_schema(stored)

    @pytest.mark.parametrize("path", ROUTINES, ids=lambda path: path.stem)
    def test_it_accepts_the_routines_beside_it(self, path: Path) -> None:
        stored = json.loads((NARRATION / "routine.schema.json").read_text(encoding="utf-8"))
        Draft202012Validator(stored).validate(yaml.safe_load(path.read_text(encoding="utf-8")))


class TestSchemaAndParserAgree:
    @pytest.mark.parametrize("text", RIGHT_FILES)
    def test_on_what_is_right(self, text: str) -> None:
        assert accepted_by_parser(text)
        assert accepted_by_schema(text)

    @pytest.mark.parametrize("text", WRONG_FILES)
    def test_on_what_is_wrong(self, text: str) -> None:
        assert not accepted_by_parser(text)
        assert not accepted_by_schema(text)

    @pytest.mark.parametrize("text", ONLY_THE_PARSER_KNOWS.values(), ids=ONLY_THE_PARSER_KNOWS)
    def test_but_for_what_only_the_parser_knows(self, text: str) -> None:
        assert not accepted_by_parser(text)
        assert accepted_by_schema(text)
