"""What becomes of an article: it can be played, nothing of it is lost, and it lasts as long as it says."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import articles
from support.routines import RATE, FakeLengths

from nightstretch.choices import AS_WRITTEN, Choices
from nightstretch.draft import MAX_BYTES, draft
from nightstretch.draft.text import decode, letters, sentences
from nightstretch.errors import RoutineError
from nightstretch.routine import (
    Breathe,
    Hold,
    Move,
    Pause,
    Repeat,
    Routine,
    Say,
    Scan,
    Sides,
    Step,
    parse_routine,
)
from nightstretch.script import build_script
from nightstretch.sounds import chime_names
from nightstretch.timeline import Timeline, collect, fit

PACES = {0.7: 150, 1.0: 105, 1.4: 75}
"""Milliseconds a letter of the natural voice, for each speed."""


def drafted(article: str) -> Routine:
    return parsed(draft(article.encode(), "article.txt"))


def parsed(text: str) -> Routine:
    return parse_routine(text.encode(), "article.yaml", chime_names())


def only_steps(body: str, heading: str = "Exercise 1 (3 minutes)") -> tuple[Step, ...]:
    """Give the steps of a single exercise, without the chime and the title before them."""
    (exercise,) = drafted(f"{heading}\n\n{body}\n").exercises
    return exercise.steps[3:]


def kinds(steps: tuple[Step, ...]) -> list[str]:
    return [type(step).__name__.lower() for step in steps if not isinstance(step, Pause)]


def fitted(routine: Routine, pace: int, choices: Choices = AS_WRITTEN) -> Timeline:
    script = build_script(routine, RATE, choices)
    return collect(script, fit(script, FakeLengths(pace)))


def heard(routine: Routine, minutes: float | None) -> list[str]:
    events = fitted(routine, PACES[1.0], Choices(minutes=minutes)).events
    return [event.text for event in events if event.kind == "say" and event.text]


def sentences_of(article: str) -> list[str]:
    lines = (re.sub(r"^\s*([-*\u2022\u2013]|\d+[.)])\s+", "", line) for line in article.splitlines())
    found = [sentence for line in lines for sentence in sentences(line.strip())]
    # A name, or a heading, stands apart from what follows it.
    return [part for sentence in found for part in re.split(r":\s|:$", sentence)]


@pytest.mark.parametrize("name", articles.ALL)
class TestEveryArticle:
    def test_every_sentence_is_spoken_or_a_comment(self, name: str) -> None:
        written = letters(draft(articles.ALL[name].encode(), "article.txt"))
        lost = [found for found in sentences_of(articles.ALL[name]) if letters(found) not in written]
        assert lost == []

    @pytest.mark.parametrize("speed", PACES)
    def test_it_lasts_as_long_as_it_says_at_any_speed(self, name: str, speed: float) -> None:
        routine = drafted(articles.ALL[name])
        passages = fitted(routine, PACES[speed]).passages
        lengths = [passage.end - passage.start for passage in passages if passage.number]
        assert lengths == [round(exercise.minutes * 60 * RATE) for exercise in routine.exercises]

    @pytest.mark.parametrize("speed", PACES)
    def test_no_silence_is_silly(self, name: str, speed: float) -> None:
        events = fitted(drafted(articles.ALL[name]), PACES[speed]).events
        assert max(event.end - event.start for event in events if event.kind == "pause") <= 15 * RATE

    def test_line_ends_and_marks_of_the_encoding_change_nothing(self, name: str) -> None:
        article = articles.ALL[name]
        expected = draft(article.encode(), "article.txt")
        windows = article.replace("\n", "\r\n")
        for data in (
            windows.encode(),
            windows.encode("utf-8-sig"),
            windows.encode("utf-16"),
            article.encode("utf-32"),
        ):
            assert draft(data, "article.txt") == expected

    def test_no_sentence_is_too_long_to_follow(self, name: str) -> None:
        events = fitted(drafted(articles.ALL[name]), PACES[1.0]).events
        assert max(len(event.text or "") for event in events if event.kind == "say") <= 220


class TestTheSeed:
    def test_its_exercises_have_their_names_and_lengths(self) -> None:
        routine = drafted(articles.SEED)
        assert routine.title == "Stretches For Back Pain"
        assert [(exercise.title, exercise.minutes) for exercise in routine.exercises] == [
            ("Mindful Breathing and Body Awareness", 5),
            ("Neck and Shoulder Tension Release", 3),
            ("Spinal Decompression", 2),
            ("Hip and Lower Back Liberation", 3),
            ("Leg and Calf Tension Alleviation", 2),
        ]

    def test_its_words_become_the_steps_they_mean(self) -> None:
        breathing, neck, spine, hips, legs = (
            kinds(each.steps[3:]) for each in drafted(articles.SEED).exercises
        )
        assert breathing == ["say", "say", "breathe", "say", "scan", "say", "breathe", "say"]
        assert neck == [
            "say",
            "say",
            "repeat",
            "repeat",
            "say",
            "say",
            "say",
            "repeat",
            "repeat",
            "say",
            "say",
        ]
        assert spine == ["say", "say", "sides", "say"]
        assert hips == ["say", "say", "hold", "say", "say", "say", "sides", "say"]
        assert legs == ["say", "sides", "say", "say", "sides", "say"]

    def test_its_breath_is_guided_by_its_own_words(self) -> None:
        (first, *_) = (
            step for step in drafted(articles.SEED).exercises[0].steps if isinstance(step, Breathe)
        )
        assert (first.inhale, first.hold, first.exhale) == (4, 2, 6)
        assert first.guidance[0].inhale == ("Inhale calm.", "Breathe in.")
        assert first.guidance[0].exhale == ("Exhale tension.", "Breathe out.")

    def test_its_twist_names_the_sides(self) -> None:
        (sides,) = (step for step in drafted(articles.SEED).exercises[2].steps if isinstance(step, Sides))
        assert sides.order == ("right", "left")
        assert [step.text for step in sides.steps if isinstance(step, Say)][:3] == [
            "Inhale deeply, lengthening your spine.",
            "As you exhale, twist gently, placing your {side} hand on your {other} knee.",
            "Hold and breathe deeply.",
        ]

    def test_what_is_felt_is_said_within_the_hold(self) -> None:
        (hold,) = (step for step in drafted(articles.SEED).exercises[3].steps if isinstance(step, Hold))
        assert hold.words == ("Feel your lower back stretch as you relax into the pose.",)

    def test_its_note_about_a_professional_is_spoken_and_printed(self) -> None:
        routine = drafted(articles.SEED)
        advice = "consulting a healthcare professional or a physical therapist is advisable"
        assert advice in routine.safety
        assert any(advice in step.text for step in routine.opening if isinstance(step, Say))

    def test_what_advertises_it_is_not_spoken(self) -> None:
        spoken = " ".join(step.text for step in drafted(articles.SEED).opening if isinstance(step, Say))
        assert "Check out" not in spoken

    def test_its_remarks_are_heard_on_a_long_evening_and_not_on_a_short_one(self) -> None:
        routine = drafted(articles.SEED)
        says = [step for exercise in routine.exercises for step in exercise.steps if isinstance(step, Say)]
        remarks = {step.text for step in says if step.optional}
        assert len(remarks) == 8
        assert all(text.startswith(("This ", "These ")) for text in remarks)
        assert remarks <= set(heard(routine, minutes=30))
        assert len(remarks & set(heard(routine, minutes=12))) == 6


class TestWhatMayBeLeftOut:
    def test_a_move_that_is_marked_so(self) -> None:
        (exercise,) = drafted(articles.WITH_A_CHOICE).exercises
        moves = [step for step in exercise.steps if isinstance(step, Move)]
        assert [move.title for move in moves] == ["Happy baby", "Pigeon pose, optional"]
        assert all(move.optional for move in moves)
        assert moves[0].steps[0] == Say("Happy baby.")
        assert kinds(moves[1].steps) == ["say", "say", "sides", "say"]

    def test_the_whole_of_it_is_heard_in_the_order_of_the_article_unless_time_is_very_short(self) -> None:
        routine = drafted(articles.WITH_A_CHOICE)
        names = ["Figure four.", "Happy baby.", "Pigeon pose, optional."]
        assert [text for text in heard(routine, minutes=None) if text in names] == names
        assert [text for text in heard(routine, minutes=1.5) if text in names] == names[:1]

    @pytest.mark.parametrize(
        "marked",
        [
            "Optional: Lean back.",
            "Twist - optional: Lean back.",
            "Twist: If you like, lean back.",
            "Twist: If you would like more, lean back.",
            "For a deeper stretch: Lean back.",
        ],
    )
    def test_words_that_mark_a_move(self, marked: str) -> None:
        steps = only_steps(f"- Tilt: Tilt your head.\n- {marked}")
        assert [step.optional for step in steps if isinstance(step, Move)] == [True]

    @pytest.mark.parametrize(
        "body",
        [
            "- Tilt: Tilt your head.\n- Twist: Turn and, if you like, lean back.",
            "- Tilt: Tilt your head.\n- Twist: Turn. For a deeper stretch, lean back.",
            "- Tilt: Tilt your head.\n- If you like, lean back.",
            "- Tilt (optional): Tilt your head.\n- Optional: Lean back.",
        ],
    )
    def test_a_part_of_a_move_or_all_there_is_stays(self, body: str) -> None:
        assert not [step for step in only_steps(body) if isinstance(step, Move)]

    def test_a_sentence_that_is_too_long_for_one_breath_is_not_left_out_by_half(self) -> None:
        says = [step for step in only_steps(f"Sit. This is{' very' * 50} good.") if isinstance(step, Say)]
        assert len(says) > 2
        assert not any(step.optional for step in says)


class TestHeadings:
    @pytest.mark.parametrize(
        ("heading", "title", "minutes", "guess"),
        [
            ("Neck rolls (3 min)", "Neck rolls", 3, None),
            ("Neck rolls (3 minutes)", "Neck rolls", 3, None),
            ("## Neck rolls: 90 seconds", "Neck rolls", 1.5, None),
            ("### (3 minutes) Neck rolls ###", "Neck rolls", 3, None),
            ("Neck rolls \u2013 2-3 minutes", "Neck rolls", 2.5, "the middle of 2-3 minutes"),
            ("Neck rolls (2 \u2013 3 mins)", "Neck rolls", 2.5, "the middle of 2 \u2013 3 mins"),
            ("Neck rolls (two to three minutes)", "Neck rolls", 2.5, "the middle of two to three minutes"),
            ("**Neck rolls** (1 minute and 30 seconds)", "Neck rolls", 1.5, None),
            ("Exercise 4: Neck rolls [1:30 min]", "Neck rolls", 1.5, None),
            ("Exercise One \u2014 Neck rolls, 3 min", "Neck rolls", 3, None),
            ("4. Neck rolls (3m)", "Neck rolls", 3, None),
            ("4) Neck rolls (3 minutes)", "Neck rolls", 3, None),
            ("Step 4: Neck rolls (3 minutes)", "Neck rolls", 3, None),
            ("Neck rolls (1 minute per side)", "Neck rolls", 2, "1 minute for each of two sides"),
            ("Neck rolls\n3 minutes", "Neck rolls", 3, None),
            ("# Neck rolls\n\nTime: about 3 minutes.", "Neck rolls", 3, None),
            ("Back relief: Exercise 1\n\nNeck rolls (3 minutes)", "Neck rolls", 3, None),
            ("Neck rolls\n==========\n\n3 minutes", "Neck rolls", 3, None),
            ("Exercise 1 (3 minutes)", "Exercise 1", 3, None),
            ("# Neck rolls (500 minutes)", "Neck rolls", 120, "no exercise may be longer than 120 minutes"),
            ("# Neck rolls", "Neck rolls", 1, "how long; the article does not say"),
            ("# Neck rolls (0 minutes)", None, 1, "how long; the article does not say"),
        ],
    )
    def test_name_and_length_are_found(
        self, heading: str, title: str | None, minutes: float, guess: str | None
    ) -> None:
        text = draft(f"{heading}\n\nSit tall. Roll your head slowly.\n".encode(), "a.md")
        (exercise,) = parsed(text).exercises
        assert exercise.minutes == minutes
        assert title is None or exercise.title == title
        assert re.findall(r"# guessed: (.*)\n    minutes", text) == ([guess] if guess else [])

    @pytest.mark.parametrize(
        ("name", "titles"),
        [
            ("markdown", ["Cat and Cow", "Knee to Chest", "Box Breathing", "Legs Up the Wall"]),
            ("bare", ["Neck Rolls", "Shoulder Shrugs", "Forward Fold"]),
            ("numbered", ["Neck stretch", "Butterfly", "Child's pose"]),
            ("without lengths", ["Cat stretch", "Corpse pose"]),
            ("list", ["Knee hugs", "Bridge", "Twist"]),
        ],
    )
    def test_exercises_are_found_in_any_shape(self, name: str, titles: list[str]) -> None:
        assert [exercise.title for exercise in drafted(articles.ALL[name]).exercises] == titles

    @pytest.mark.parametrize(
        "title", ["15-Minute Evening Stretch", "Evening stretch (15 minutes)", "# Evening stretch (15 min)"]
    )
    @pytest.mark.parametrize(
        "heading", ["Neck rolls", "## Neck rolls", "Exercise 1: Neck rolls", "Neck rolls (1 min)"]
    )
    def test_a_title_with_the_whole_length_is_no_exercise(self, title: str, heading: str) -> None:
        article = f"{title}\n\nIt is short.\n\n{heading}\n\nRoll your head.\n\n"
        article += heading.replace("1:", "2:").replace("Neck", "Arm") + "\n\nRoll your arms.\n"
        assert [exercise.title for exercise in drafted(article).exercises] == ["Neck rolls", "Arm rolls"]

    def test_lengths_of_the_parts_add_up(self) -> None:
        article = (
            "Exercise 1: Neck\n\n- Tilts: Tilt.\n\n### For 1 minute\n\nRoll.\n\n### For 90 seconds\n\nTurn.\n"
        )
        text = draft(f"# Evening\n\n{article}\nExercise 2: Arms (1 min)\n\nRoll.\n".encode(), "a.md")
        assert [exercise.minutes for exercise in parsed(text).exercises] == [2.5, 1]
        assert "# guessed: the sum of its parts\n    minutes: 2.5" in text

    def test_parts_with_lengths_of_their_own_are_the_exercises(self) -> None:
        article = "# Evening\n\n## Neck\n\n### Tilts (1 minute)\n\nTilt.\n\n### Rolls (90 seconds)\n\nRoll.\n"
        assert [exercise.minutes for exercise in drafted(article).exercises] == [1, 1.5]

    def test_what_an_exercise_is_good_for_is_no_step_of_it(self) -> None:
        article = "Neck (1 min)\n\nHow to:\n- Roll.\n\nBenefits:\n- Lift your mood.\n"
        assert [step.text for step in drafted(article).exercises[0].steps if isinstance(step, Say)][:2] == [
            "Neck.",
            "Roll.",
        ]

    @pytest.mark.parametrize("body", ["1. Sit down.\n2. Lean back.\n", "Tilt: Tilt.\n\nTurn: Turn.\n"])
    def test_without_headings_each_item_is_an_exercise(self, body: str) -> None:
        assert len(drafted(f"It is evening.\n\n{body}").exercises) == 2

    def test_without_a_title_the_file_names_it(self) -> None:
        text = draft(b"Exercise 1\n\nSit down.\n", "some/slow-evening.txt")
        assert '# guessed: the title\ntitle: "slow-evening"' in text

    def test_too_many_words_for_the_length_make_it_longer_and_say_so(self) -> None:
        body = "Lift your arms and bend your knees and turn. " * 20
        text = draft(f"Exercise 1 (1 minute)\n\n{body}\n".encode(), "a.md")
        assert "# guessed: the article says 1 min, but it takes at least" in text
        assert parsed(text).exercises[0].minutes > 1
        fitted(parsed(text), PACES[1.0])

    def test_few_words_for_the_length_leave_time_to_breathe(self) -> None:
        text = draft(b"Exercise 1 (10 minutes)\n\nSit.\n", "a.md")
        assert "guessed: quiet breathing" in text
        fitted(parsed(text), PACES[1.4])


class TestPhrases:
    @pytest.mark.parametrize(
        ("sentence", "natural"),
        [
            ("Hold for 30 seconds.", 30),
            ("Hold this stretch for 20-30 seconds.", 25),
            ("Stay here for five breaths.", 35),
            ("Lean back for about a minute.", 60),
        ],
    )
    def test_a_hold_lasts_as_long_as_it_says(self, sentence: str, natural: float) -> None:
        (hold,) = (step for step in only_steps(f"Bend. {sentence}") if isinstance(step, Hold))
        assert hold.span.natural == natural

    @pytest.mark.parametrize(
        "sentence",
        ["Switch sides.", "Repeat on the other side.", "Now repeat with the opposite leg.", "Change legs."],
    )
    def test_switching_sides_does_what_came_before_on_both(self, sentence: str) -> None:
        assert kinds(only_steps(f"Lean over. {sentence}")) == ["sides"]

    def test_switching_at_the_end_of_a_sentence_leaves_the_rest_of_it(self) -> None:
        (sides,) = (
            s for s in only_steps("Lean. Hold for 20 seconds, then switch sides.") if isinstance(s, Sides)
        )
        texts = [step.text for step in sides.steps if isinstance(step, Say)]
        assert texts[:3] == ["Now the {side} side.", "Lean.", "Hold for 20 seconds."]

    def test_a_named_side_comes_first(self) -> None:
        (sides,) = (s for s in only_steps("Lift your left arm. Switch arms.") if isinstance(s, Sides))
        assert sides.order == ("left", "right")
        assert sides.steps[0] == Say("Lift your {side} arm.")

    @pytest.mark.parametrize(
        ("sentence", "words"),
        [
            ("Rock from side to side.", [("To one side.", "And to the other side.")]),
            ("Sway left to right.", [("To one side.", "And to the other side.")]),
            ("Nod up and down.", [("Slowly up.", "And slowly down.")]),
            ("Rock forward and back.", [("Slowly forward.", "And slowly back.")]),
            ("Roll your shoulders backward.", [("Once around, backward.",)]),
            (
                "Circle your wrists in both directions.",
                [("Once around, one way.",), ("Once around, the other way.",)],
            ),
            ("Repeat 5 times.", [("And once again.",)]),
        ],
    )
    def test_movements_are_repeated(self, sentence: str, words: list[tuple[str, ...]]) -> None:
        repeats = [step for step in only_steps(sentence) if isinstance(step, Repeat)]
        assert [tuple(s.text for s in each.steps if isinstance(s, Say)) for each in repeats] == words

    @pytest.mark.parametrize(
        ("sentence", "breath"),
        [
            ("Inhale and exhale.", (4, 0, 6)),
            ("Breathe in, hold briefly, and breathe out.", (4, 2, 6)),
            ("Inhale for 4 seconds, hold for 7 and exhale for 8.", (4, 7, 8)),
            ("Inhale, hold, exhale: 4-7-8.", (4, 7, 8)),
            ("Breathe in for a count of five and breathe out for a count of seven.", (5, 0, 7)),
            ("Breathe slowly.", (4, 0, 6)),
            ("Inhale for 0 seconds, exhale for 9000 seconds.", (1, 0, 30)),
        ],
    )
    def test_breath_has_its_seconds(self, sentence: str, breath: tuple[float, float, float]) -> None:
        (found, *_) = (step for step in only_steps(sentence) if isinstance(step, Breathe))
        assert (found.inhale, found.hold, found.exhale) == breath

    def test_rounds_that_are_asked_for_afterwards_are_those_of_the_breath(self) -> None:
        steps = only_steps("Inhale and exhale. Repeat for 12 rounds.", "Exercise 1 (2 minutes)")
        assert kinds(steps) == ["say", "say", "breathe"]
        (breath,) = (step for step in steps if isinstance(step, Breathe))
        assert breath.rounds.natural == 12

    def test_a_body_scan_leads_through_the_body(self) -> None:
        (scan,) = (step for step in only_steps("Do a body scan.") if isinstance(step, Scan))
        assert "your lower back" in scan.parts

    def test_an_exercise_that_names_nothing_is_held_and_says_that_it_is_a_guess(self) -> None:
        assert kinds(only_steps("Kneel down. Lean forward."))[:3] == ["say", "say", "hold"]
        text = draft(b"Exercise 1 (1 minute)\n\nKneel down.\n", "a.txt")
        assert "# guessed: a hold, and how long it lasts\n      - hold:" in text

    @pytest.mark.parametrize(
        ("written", "said"),
        [
            ("Bend (a little) \u2013 e.g. your knees.", "Bend, a little, for example your knees."),
            ("Take **both** _hands_ & `lift`.", "Take both hands and lift."),
            ("Lift your \u201carms\u201d {high}.", "Lift your arms, high."),
            ("Rest on a [mat](http://example.com).", "Rest on a mat."),
        ],
    )
    def test_what_is_written_for_the_eye_is_said_for_the_ear(self, written: str, said: str) -> None:
        text = draft(f"Exercise 1 (1 minute)\n\n{written}\n".encode(), "a.txt")
        assert Say(said) in parsed(text).exercises[0].steps
        assert letters(written) in letters(text)


class TestBadInput:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "a.txt: the article is empty"),
            (b" \r\n\t--- \n", "a.txt: the article is empty"),
            (b"\xef\xbb\xbf", "a.txt: the article is empty"),
            (b"\x89PNG\r\n\x1a\n\x00\x00", "a.txt:1: this is not text in UTF-8"),
            (b"some\0thing", "a.txt: this is no text"),
            ("Exercise 1\n\nd\xe9tente".encode("latin-1"), "a.txt:3: this is not text in UTF-8"),
            (b"\xff\xfeA", "this is not text in UTF-8"),
            (b"a" * (MAX_BYTES + 1), "a.txt: larger than 100 kB"),
            (b"Once upon a time. There was a king.\n\nHe had a queen.", "a.txt: no exercise found"),
            (b"Sit down.\n" * 4000, "a.txt: 7998 lines and sentences, and 5000 are the most"),
            (b"# Neck (1 min)\n\nSit.\n\n" * 1000, "a.txt: 1000 exercises, and 200 are the most"),
        ],
    )
    def test_each_is_told_in_one_line_and_soon(self, data: bytes, message: str) -> None:
        start = time.perf_counter()
        with pytest.raises(RoutineError) as caught:
            draft(data, "a.txt")
        assert time.perf_counter() - start < 2
        assert message in str(caught.value)
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize(
        "unit",
        [
            "and then ",
            ",",
            "; ",
            "1",
            "_",
            "*",
            "[",
            "<a",
            "a ",
            "1 to ",
            "inhale ",
            "from a ",
            "(",
            "- ",
            "#",
        ],
    )
    def test_no_text_takes_longer_than_its_length_asks_for(self, unit: str) -> None:
        text = "Exercise 1 (3 minutes)\n\nSit a" + unit * (90_000 // len(unit)) + "b.\n"
        start = time.perf_counter()
        parsed(draft(text.encode(), "a.txt"))
        assert time.perf_counter() - start < 4


_lines = st.sampled_from(
    [
        *(line for article in articles.ALL.values() for line in article.splitlines()),
        *(
            "",
            "",
            "  ",
            "---",
            "===",
            "# ",
            "- ",
            "**",
            "{side}",
            "key: [value",
            "'\"\\",
            "*bold",
            "1.",
            "(5 minutes)",
        ),
    ]
)
_articles = st.one_of(
    st.text(max_size=300),
    st.lists(_lines | st.text(max_size=60), max_size=25).map("\n".join),
    st.lists(_lines | st.text(max_size=60), max_size=25).map(
        lambda lines: "# Neck (2 min)\n" + "\n".join(lines)
    ),
)


def drafted_or_refused(data: bytes) -> str | None:
    """Give the draft, or None where it is refused, in one line as it must be."""
    try:
        return draft(data, "any.txt")
    except RoutineError as error:
        message = str(error)
    assert "\n" not in message
    return None


def words_of(text: str) -> set[str]:
    without_marks = re.sub(r"(?m)^\W*\d{1,3}[.)]", " ", text)
    return set(re.findall(r"[^\W_]+", without_marks))


@settings(max_examples=300, deadline=None)
@given(_articles)
def test_any_text_becomes_a_routine_that_holds_all_its_words_or_is_refused(article: str) -> None:
    data = article.encode(errors="surrogatepass")
    text = drafted_or_refused(data)
    if text is not None:
        fitted(parsed(text), PACES[1.0])
        assert words_of(decode(data, "any.txt")) <= words_of(text)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_become_a_routine_or_are_refused(data: bytes) -> None:
    text = drafted_or_refused(data)
    if text is not None:
        parsed(text)
