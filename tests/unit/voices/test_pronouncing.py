import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.voices import HummingVoice

from nightstretch.audio import SESSION_RATE, Clip, to_pcm
from nightstretch.voices.pronouncing import PronouncingVoice

WORDS = {"child": "tʃIld", "child's pose": "tʃIldz pOz", "child's": "tʃIldz", "psoas": "sOəs"}
PARTS = {part for word in WORDS for part in (word, word.title(), word.upper())}


class ListeningVoice(HummingVoice):
    def synthesize(self, text: str, speed: float) -> Clip:
        self.spoken.append((text, speed))
        return Clip(to_pcm(np.zeros(1)), SESSION_RATE)


def spoken(text: str, words: dict[str, str] | None = None) -> str:
    voice = ListeningVoice()
    PronouncingVoice(voice, (WORDS if words is None else words).items()).synthesize(text, 1.0)
    ((said, _),) = voice.spoken
    return said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("psoas", "[psoas](/sOəs/)"),
        ("The Psoas, the PSOAS.", "The [Psoas](/sOəs/), the [PSOAS](/sOəs/)."),
        ("(psoas)", "([psoas](/sOəs/))"),
        ("psoas muscle", "[psoas](/sOəs/) muscle"),
        ("Child.", "[Child](/tʃIld/)."),
        ("a child's hand", "a [child's](/tʃIldz/) hand"),
        ("into child's pose now", "into [child's pose](/tʃIldz pOz/) now"),
    ],
)
def test_whole_words_are_marked_in_any_case_the_longest_first(text: str, said: str) -> None:
    assert spoken(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "children",
        "grandchild",
        "iliopsoas",
        "child-like",
        "psoas-release",
        "psoas's",
        "psoas\u2019s",
        "child_1",
        "psoas2",
        "psoasé",
    ],
)
def test_a_part_of_a_word_is_no_word(text: str) -> None:
    assert spoken(text) == text


@pytest.mark.parametrize("word", ["a.b", "c+", "(d)", "e|f", "g\\h"])
def test_a_word_is_no_pattern(word: str) -> None:
    assert spoken(f"x {word} x", {word: "i"}) == f"x [{word}](/i/) x"
    assert spoken("aub c eef", {word: "i"}) == "aub c eef"


def test_it_is_otherwise_the_voice_itself() -> None:
    voice = HummingVoice()
    pronouncing = PronouncingVoice(voice, WORDS.items())
    assert (pronouncing.name, pronouncing.identity) == (voice.name, voice.identity)
    assert (pronouncing.speeds, pronouncing.takes_ipa) == (voice.speeds, voice.takes_ipa)
    assert len(pronouncing.synthesize("psoas", 1.0).samples) == len(voice.synthesize("psoas", 1.0).samples)
    pronouncing.close()
    assert voice.closed


@given(st.text())
def test_text_without_the_words_is_untouched(text: str) -> None:
    if any(word in text.lower() for word in WORDS):
        text = ""
    assert spoken(text) == text


@given(
    st.lists(st.sampled_from(sorted(PARTS)) | st.sampled_from(["rest", " ", ",", "-", "'", ". "])).map(
        "".join
    )
)
def test_only_marks_are_added(text: str) -> None:
    said = spoken(text)
    for word, ipa in WORDS.items():
        for cased in (word, word.title(), word.upper()):
            said = said.replace(f"[{cased}](/{ipa}/)", cased)
    assert said == text
