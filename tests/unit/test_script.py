import pytest

from nightstretch.choices import Choices
from nightstretch.errors import UsageError
from nightstretch.routine import Chime, Exercise, Pause, Routine, Say, Scan, Sides, Span
from nightstretch.script import Bell, Cue, Glue, build_script

RATE = 1000


def routine(*titles: str) -> Routine:
    return Routine(
        "Any",
        "",
        (Say("Hello."),),
        tuple(Exercise(title, 1, (Say(title),)) for title in titles),
        (Say("Good night."),),
    )


def test_sections_stand_in_order_with_their_lengths_in_samples() -> None:
    sections = build_script(routine("Neck", "Hips"), RATE).sections
    assert [(s.title, s.number, s.samples) for s in sections] == [
        ("Opening", None, None),
        ("Neck", 1, 60_000),
        ("Hips", 2, 60_000),
        ("Closing", None, None),
    ]


@pytest.mark.parametrize(
    ("selection", "numbers"),
    [
        (Choices(only=frozenset({2})), [None, 2, None]),
        (Choices(skip=frozenset({1, 3})), [None, 2, None]),
        (Choices(only=frozenset({1, 3}), skip=frozenset({3})), [None, 1, None]),
        (Choices(opening=False), [1, 2, 3, None]),
        (Choices(closing=False), [None, 1, 2, 3]),
    ],
)
def test_a_selection_leaves_the_rest_out(selection: Choices, numbers: list[int | None]) -> None:
    sections = build_script(routine("Neck", "Hips", "Legs"), RATE, selection).sections
    assert [section.number for section in sections] == numbers


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        (Choices(only=frozenset({4})), "'Any' has no exercise 4; it has exercises 1 to 2"),
        (Choices(skip=frozenset({0})), "'Any' has no exercise 0; it has exercises 1 to 2"),
        (Choices(skip=frozenset({1, 2})), "nothing is left to do"),
    ],
)
def test_a_selection_of_nothing_is_refused(selection: Choices, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        build_script(routine("Neck", "Hips"), RATE, selection)


def test_a_scan_leads_through_the_parts_with_its_sentences_in_turn() -> None:
    scan = Scan(("the feet", "the knees", "the hips"), ("Notice {part}.", "{part}, too."), Span(2, 1, 3))
    (section,) = build_script(Routine("Any", "", (), (Exercise("Scan", 1, (scan,)),), ()), RATE).sections
    cues = [part.words[0] for part in section.parts if isinstance(part, Cue)]
    assert cues == ["Notice the feet.", "The knees, too.", "Notice the hips."]
    pauses = [part for part in section.parts if isinstance(part, Glue)]
    assert [(pause.least, pause.natural, pause.most) for pause in pauses] == [(1000, 2000, 3000)] * 3


def test_sides_say_which_side_and_share_their_keys() -> None:
    steps = (Say("To the {side}, away from the {other}."), Pause(Span(1, 1, 1)), Chime("bowl"))
    sides = Sides(("right", "left"), steps)
    (section,) = build_script(Routine("Any", "", (), (Exercise("Twist", 1, (sides,)),), ()), RATE).sections
    right, left = section.parts[:3], section.parts[3:]
    assert right[0] == Cue((0, 0), ("To the right, away from the left.",), "right")
    assert left[0] == Cue((0, 0), ("To the left, away from the right.",), "left")
    assert right[2] == Bell((0, 2), "bowl", "right")
    assert [part.key for part in right] == [part.key for part in left]


def test_texts_are_given_in_order_of_need() -> None:
    assert list(build_script(routine("Neck"), RATE).texts()) == ["Hello.", "Neck", "Good night."]


def test_quiet_stands_before_the_opening_and_after_the_closing_to_the_sample() -> None:
    choices = Choices(settle_seconds=12.5, tail_minutes=1.5)
    sections = build_script(routine("Neck"), RATE, choices).sections
    assert [(s.title, s.number, s.samples) for s in sections] == [
        ("Settling in", None, 12_500),
        ("Opening", None, None),
        ("Neck", 1, 60_000),
        ("Closing", None, None),
        ("Quiet", None, 90_000),
    ]
    assert sections[0].parts == (Glue((0,), "pause", 12_500, 12_500, 12_500),)
    assert sections[-1].parts == (Glue((0,), "pause", 90_000, 90_000, 90_000),)


def test_quiet_takes_nothing_from_the_minutes_of_the_exercises() -> None:
    choices = Choices(minutes=3, settle_seconds=30, tail_minutes=2, opening=False, closing=False)
    sections = build_script(routine("Neck", "Hips"), RATE, choices).sections
    assert [section.samples for section in sections] == [30_000, 90_000, 90_000, 120_000]
