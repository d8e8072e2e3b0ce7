import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightstretch.audio import to_pcm
from nightstretch.export.base import Block
from nightstretch.export.startling import Startling

RATE = 24_000


def noise(seconds: float, level: float = 0.1) -> npt.NDArray[np.float64]:
    return np.asarray(level * np.sin(np.arange(round(seconds * RATE)) * 0.7))


def quiet(seconds: float) -> npt.NDArray[np.float64]:
    return np.zeros(round(seconds * RATE))


def watched(sound: Block, words: list[tuple[float, float]], cuts: tuple[int, ...] = ()) -> Startling:
    startling = Startling(RATE, words)
    for block in np.split(sound, sorted(cuts)):
        startling.add(block)
    startling.finish()
    return startling


def test_a_bang_beside_the_words_is_seen_and_a_word_is_not() -> None:
    sound = to_pcm(np.concatenate((quiet(1.5), noise(1), quiet(1.5))))
    assert watched(sound, []).rise_db > 20
    assert watched(sound, [(1.5, 2.5)]).rise_db == 0


def test_it_tells_how_fast_a_sound_grows() -> None:
    # 12 dB in 100 ms are 2.4 dB in 20 ms.
    grow = 10 ** (np.linspace(0, 12, round(0.1 * RATE)) / 20)
    ramp = np.concatenate((np.ones(RATE), grow, np.full(RATE, grow[-1])))
    assert watched(to_pcm(noise(2.1, 0.05) * ramp), [(0, 0.5)]).rise_db == pytest.approx(2.4, abs=0.2)


def test_what_is_not_heard_does_not_startle() -> None:
    assert watched(to_pcm(np.concatenate((quiet(1), noise(1, 0.0005)))), []).rise_db == 0


def test_it_tells_how_loud_it_is_beside_the_words() -> None:
    sound = to_pcm(np.concatenate((noise(1, 0.2), quiet(1), noise(1, 0.1), quiet(1))))
    startling = watched(sound, [(0, 1)])
    assert startling.beside_words_db == pytest.approx(-6.02, abs=0.1)
    assert watched(sound, []).beside_words_db == np.inf
    assert watched(to_pcm(quiet(2)), []).beside_words_db == -np.inf


def test_a_word_over_the_end_of_a_piece_is_one_word() -> None:
    sound = to_pcm(np.concatenate((quiet(0.95), noise(2.1), quiet(0.95))))
    assert watched(sound, [(0.95, 3.05)]).rise_db == 0


@given(st.lists(st.integers(0, 96_000), max_size=6))
def test_it_sees_the_same_however_it_is_cut(cuts: list[int]) -> None:
    sound = to_pcm(np.concatenate((noise(1, 0.2), quiet(1), noise(1, 0.1), quiet(1))))
    whole, pieces = watched(sound, [(0, 1)]), watched(sound, [(0, 1)], tuple(cuts))
    assert (pieces.rise_db, pieces.beside_words_db) == (whole.rise_db, whole.beside_words_db)
