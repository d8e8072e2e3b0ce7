import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightstretch.errors import RoutineError
from nightstretch.routine import (
    Breathe,
    Chime,
    Count,
    Exercise,
    Guidance,
    Hold,
    Pause,
    Repeat,
    Routine,
    Say,
    Scan,
    Sides,
    Span,
    Step,
    parse_routine,
)

CHIMES = ("bowl-change", "bowl-start")


def parse(text: str | bytes) -> Routine:
    data = text.encode() if isinstance(text, str) else text
    return parse_routine(data, "any.yaml", CHIMES)


def with_step(step: str) -> str:
    lines = "\n".join(f"      {line}" for line in step.splitlines())
    return f"title: Any\nexercises:\n  - title: Move\n    minutes: 2\n    steps:\n{lines}\n"


def only_step(step: str) -> Step:
    (exercise,) = parse(with_step(step)).exercises
    (parsed,) = exercise.steps
    return parsed


def problems(text: str | bytes) -> tuple[str, ...]:
    with pytest.raises(RoutineError) as caught:
        parse(text)
    assert "\n" not in str(caught.value)
    return caught.value.problems


class TestWhatAnAuthorCanWrite:
    @pytest.mark.parametrize(
        ("step", "expected"),
        [
            ("- say: Rest   here.", Say("Rest here.")),
            ("- say: Yes", Say("Yes")),
            ("- say: >\n    Rest\n    here.", Say("Rest here.")),
            ("- pause: 5", Pause(Span(5, 2, 15))),
            ("- pause: 5\n  least: 4\n  most: 6.5", Pause(Span(5, 4, 6.5))),
            ("- hold: 30", Hold(Span(30, 15, 60))),
            ("- hold: 12", Hold(Span(12, 10, 24))),
            ("- hold: 6", Hold(Span(6, 6, 12))),
            ("- hold: 20\n  words: [Stay., Soften.]", Hold(Span(20, 10, 40), ("Stay.", "Soften."))),
            ("- chime: bowl-start", Chime("bowl-start")),
            (
                "- repeat: 3\n  least: 2\n  most: 6\n  steps: [{say: Roll.}, {pause: 1}]",
                Repeat(Count(3, 2, 6), (Say("Roll."), Pause(Span(1, 0.4, 3)))),
            ),
            (
                "- breathe: {in: 4, out: 6}\n  rounds: 5",
                Breathe(4, 0, 6, Count(5, 5, 5), (Guidance(),)),
            ),
            (
                """\
- breathe: {in: 4, hold: 2, out: 6}
  rounds: 5
  most: 9
  guidance: [{in: [Breathe in calm., In.], hold: Stay.}, {}]
  last: {out: Let go.}""",
                Breathe(
                    4,
                    2,
                    6,
                    Count(5, 5, 9),
                    (Guidance(("Breathe in calm.", "In."), ("Stay.",)), Guidance()),
                    Guidance(exhale=("Let go.",)),
                ),
            ),
            (
                "- scan: [the feet, the knees]\n  say: 'Notice {part}.'\n  pause: 2",
                Scan(("the feet", "the knees"), ("Notice {part}.",), Span(2, 0.8, 6)),
            ),
            (
                "- sides: [right, left]\n  steps:\n    - say: Turn to the {side}, not the {other}.",
                Sides(("right", "left"), (Say("Turn to the {side}, not the {other}."),)),
            ),
        ],
    )
    def test_each_kind_of_step(self, step: str, expected: Step) -> None:
        assert only_step(step) == expected

    def test_a_whole_routine(self) -> None:
        text = (
            "title: Evening\nsafety: |\n  Stop\n  if it hurts.\nopening: [{say: Hello.}]\n"
            "exercises: [{title: Move, minutes: 1.5, steps: [{say: Go.}]}]\nclosing: [{say: Good night.}]\n"
        )
        assert parse(text) == Routine(
            "Evening",
            "Stop\nif it hurts.",
            (Say("Hello."),),
            (Exercise("Move", 1.5, (Say("Go."),)),),
            (Say("Good night."),),
        )

    def test_an_exercise_knows_where_it_stands(self) -> None:
        text = with_step("- say: Go.") + "  - {title: Rest, minutes: 1, steps: [{say: Rest.}]}\n"
        assert [exercise.place for exercise in parse(text).exercises] == ["any.yaml:3", "any.yaml:7"]

    def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(self) -> None:
        assert parse(b"\xef\xbb\xbf" + with_step("- say: Go.").replace("\n", "\r\n").encode()).title == "Any"


class TestWhatIsWrong:
    @pytest.mark.parametrize(
        ("step", "problem"),
        [
            ("- pawse: 3", "6:9: no step is called 'pawse' (did you mean 'pause'?); allowed: `say:`"),
            ("- {}", "6:9: an empty step; allowed: `say:`"),
            ("- rest", "6:9: expected a step, one of `say:`"),
            ("- say: Go.\n  pause: 3", "6:9: a step is one thing, not say and pause; allowed:"),
            ("- say: Go.\n  louder: 3", "7:9: `say:` has no key 'louder'; allowed: say"),
            ("- say: [Go.]", "6:14: expected a text, found a list"),
            ("- say: '...'", "6:14: a text without a word"),
            ("- say: Turn {side}.", "6:14: {side} means nothing here; it needs `sides:` around the step"),
            ("- say: Not {other}.", "6:14: {other} means nothing here; it needs `sides:` around the step"),
            ("- say: Feel {part}.", "6:14: {part} means nothing here; it belongs in the `say:` of a `scan:`"),
            ("- say: Feel {it}.", "6:14: {it} means nothing here; allowed in braces: nothing"),
            (
                "- sides: [right, left]\n  steps: [{say: 'To the {sid}.'}]",
                "7:23: {sid} means nothing here; allowed in braces: {side} and {other}",
            ),
            (
                "- say: 'Turn {.'",
                "6:14: a brace that is not closed or not opened; allowed in braces: nothing",
            ),
            ("- say: " + "long " * 130, "a text of 649 characters; at most 600: split it"),
            ("- pause: -1", "6:16: -1 is not allowed here; give a number of seconds from 0.1 to 600"),
            ("- pause: 1e9", "6:16: expected a number of seconds from 0.1 to 600, found '1e9'"),
            ("- pause: .nan", "6:16: expected a number of seconds"),
            ("- pause: '3'", "6:16: expected a number of seconds from 0.1 to 600, found '3' in quotes"),
            ("- pause: 1:30", "6:16: expected a number of seconds from 0.1 to 600, found '1:30'"),
            ("- pause:", "expected a number of seconds from 0.1 to 600, found nothing"),
            ("- pause: 5\n  least: 6", "`least: 6`, the natural 5 and `most: 15` must rise in this order"),
            ("- hold: 20\n  words: Stay.", "7:16: expected a list of words to say meanwhile, found 'Stay.'"),
            ("- chime: gong", "6:16: no sound is called 'gong'; allowed: bowl-change, bowl-start"),
            ("- chime: [gong]", "6:16: expected the name of a sound, found a list"),
            ("- breathe: {in: 4, out: 6}", "6:9: `breathe:` needs `rounds:`"),
            (
                "- breathe: {in: 4, out: 0}\n  rounds: 3",
                "0 is not allowed here; give a number of seconds from 1",
            ),
            (
                "- breathe: {in: 4, out: 6}\n  rounds: 1.5",
                "1.5 is not allowed here; give a whole number of rounds",
            ),
            ("- breathe: 4\n  rounds: 3", "expected a breath with `in:`, `hold:`, `out:`, found '4'"),
            (
                "- breathe: {in: 4, out: 6}\n  rounds: 3\n  guidance: [{hold: Stay.}]",
                "words for a `hold` that the breath does not have",
            ),
            ("- repeat: 3", "6:9: `repeat:` needs `steps:`"),
            ("- repeat: 3\n  steps: []", "7:16: an empty list; give one or more steps"),
            (
                "- repeat: 3\n  steps: [{scan: [a], say: b}]",
                "`scan:` cannot stand here; allowed: `say:`, `pause:`, `hold:`, `chime:`",
            ),
            ("- sides: [right]\n  steps: [{say: Go.}]", "6:16: a list of 1; give exactly 2 sides"),
            ("- sides: []\n  steps: [{say: Go.}]", "6:16: an empty list; give exactly 2 sides"),
            ("- sides: [left, left]\n  steps: [{say: Go.}]", "both sides are called 'left'; name two"),
        ],
    )
    def test_the_line_says_where_and_what_is_allowed(self, step: str, problem: str) -> None:
        (found,) = problems(with_step(step))
        assert found.startswith("any.yaml:")
        assert problem in found

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("", "1:1: the file is empty; a routine needs `title:` and `exercises:`"),
            ("- a", "1:1: expected a routine with `title:`"),
            ("a: [", "not YAML: "),
            ("title: a\nexercises: []", "2:12: an empty list; give one or more exercises"),
            ("title: x\n\tb: 2\n", "2:1: not YAML: found a tab character"),
            (b"title: \xff", "1:1: not text in UTF-8"),
            ("title: a\x01b", "1:9: not YAML"),
            ("a: &x [*x]", "1:4: an anchor (&x)"),
            ("a: *x", "1:4: an alias (*x)"),
            ("a: !!python/object:os.system x", "1:4: a tag"),
            ("title: a\n---\ntitle: b", "2:1: a second document"),
            ("[" * 400, "nested deeper than 20 levels"),
            ("title: a\ntitle: b\nexercises: []", "2:1: `title` stands here a second time (first in line 1)"),
            ("? [a]\n: b\n", "a key that is not a word"),
            (
                "title: a\nexcercises: []",
                "2:1: a routine has no key 'excercises' (did you mean 'exercises'?)",
            ),
            ("x: " + "y" * 1_000_001, "the file is larger than 1000 kB"),
        ],
    )
    def test_a_file_that_is_no_routine(self, text: str | bytes, problem: str) -> None:
        assert any(problem in found for found in problems(text))

    def test_every_problem_is_found_at_once(self) -> None:
        found = problems(with_step("- pause: -1\n- hold: no\n- say: {}\n- chime: gong"))
        assert [line.split(":")[1] for line in found] == ["6", "7", "8", "9"]

    def test_the_message_is_the_first_problem_and_how_many_follow(self) -> None:
        with pytest.raises(RoutineError, match=r"any.yaml:6:16: -1 is not allowed.*\(and 1 more\)$"):
            parse(with_step("- pause: -1\n- hold: no"))

    @given(st.binary(max_size=300) | st.text(string.printable, max_size=300).map(str.encode))
    def test_no_file_does_worse_than_a_routine_error(self, data: bytes) -> None:
        with pytest.raises(RoutineError) as caught:
            parse(data)
        assert all(line.startswith("any.yaml:") for line in caught.value.problems)
