import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightstretch.errors import VoiceError
from nightstretch.voices.text import pieces, speakable


@pytest.mark.parametrize("text", ["", "   ", "\n", "...", "—", "\x00", "\ud800", "\u200b"])
def test_text_without_a_word_is_refused(text: str) -> None:
    with pytest.raises(VoiceError, match="nothing to say"):
        speakable(text)


def test_control_characters_and_lone_surrogates_become_gaps() -> None:
    assert speakable(" Let\x00go\ud800\nnow. ") == "Let go now."


@given(st.text())
def test_speakable_text_reaches_c_libraries_whole(text: str) -> None:
    try:
        spoken = speakable(text)
    except VoiceError:
        assert not any(letter.isalnum() for letter in text)
    else:
        assert b"\0" not in spoken.encode()
        assert [letter for letter in spoken if letter.isalnum()] == [
            letter for letter in text if letter.isalnum()
        ]


def test_a_text_is_split_at_the_ends_of_sentences() -> None:
    assert pieces("One two. Three four! Five?", 20) == ["One two. Three four!", "Five?"]


def test_a_sentence_that_is_too_long_is_split_between_words() -> None:
    assert pieces("Let it go. aaa bbb ccc ddd", 11) == ["Let it go.", "aaa bbb ccc", "ddd"]


@given(st.lists(st.from_regex(r"[a-z]{1,30}[.!?]?", fullmatch=True), min_size=1), st.integers(1, 50))
def test_pieces_keep_every_letter_in_order_and_to_the_bound(words: list[str], most: int) -> None:
    text = " ".join(words)
    found = pieces(text, most)
    assert "".join("".join(found).split()) == "".join(words)
    assert all(0 < len(piece) <= most for piece in found)
