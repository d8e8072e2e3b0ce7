import pytest

from nightstretch.audio import SESSION_RATE
from nightstretch.errors import SoundError
from nightstretch.estimates import GuessedLengths, KnownLengths, ScaledLengths
from nightstretch.sounds import chime_length, chime_names
from nightstretch.timeline import Lengths

GUESS = GuessedLengths(1.0)


def test_a_guess_is_half_a_second_a_word_and_goes_with_the_speed() -> None:
    assert GUESS.speech("let it go") == 1.5 * SESSION_RATE
    assert GuessedLengths(0.5).speech("let it go") == 3 * SESSION_RATE
    assert GUESS.speech("") == 0


def test_scaled_is_so_many_times_as_long_but_for_chimes() -> None:
    scaled = ScaledLengths(GUESS, 1.25)
    assert scaled.speech("rest") == 0.625 * SESSION_RATE
    assert scaled.chime(chime_names()[0]) == chime_length(chime_names()[0])


def test_what_is_known_is_not_guessed_also_where_it_becomes_known_later() -> None:
    known = {"rest": 7, "": 0}
    lengths = KnownLengths(known.get, GUESS)
    assert [lengths.speech(text) for text in ("rest", "", "wait")] == [7, 0, SESSION_RATE / 2]
    known["wait"] = 9
    assert lengths.speech("wait") == 9
    assert lengths.chime(chime_names()[0]) == chime_length(chime_names()[0])


@pytest.mark.parametrize("lengths", [GUESS, ScaledLengths(GUESS, 2), KnownLengths(lambda _text: None, GUESS)])
def test_a_chime_that_there_is_not_is_an_error(
    lengths: Lengths,
) -> None:
    with pytest.raises(SoundError):
        lengths.chime("gong of doom")
