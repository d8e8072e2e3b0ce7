from collections.abc import Iterator

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from support.routines import RATE, FakeLengths, routines, stream_or_skip

from nightstretch.audio import Clip, Pcm
from nightstretch.mixer import BLOCK_SAMPLES, mix
from nightstretch.routine import Routine
from nightstretch.timeline import Event, Passage


def constant(event: Event) -> Clip:
    return Clip(np.full(event.end - event.start, 1 + event.start % 100, np.int16), RATE)


def whole(stream: list[Event | Passage]) -> Pcm:
    return np.concatenate(list(mix(iter(stream), constant)))


def test_each_sound_lies_exactly_where_its_event_says() -> None:
    sound = whole(
        [
            Event("say", 10, 20, "a"),
            Event("pause", 20, 9000),
            Event("chime", 9000, 9005, "b"),
            Passage("Any", 1, 0, 10_000),
        ]
    )
    assert len(sound) == 10_000
    assert np.flatnonzero(sound).tolist() == [*range(10, 20), *range(9000, 9005)]


def test_sounds_that_meet_are_added_and_never_wrap_around() -> None:
    loud = Clip(np.full(10, 30_000, np.int16), RATE)
    stream = (Event("chime", 0, 10, "a"), Event("say", 5, 15, "b"), Passage("Any", 1, 0, 20))
    (block,) = mix(stream, lambda _: loud)
    assert block.tolist() == [30_000] * 5 + [32_767] * 5 + [30_000] * 5 + [0] * 5


def test_it_reads_no_further_ahead_than_it_must() -> None:
    read = []

    def stream() -> Iterator[Event | Passage]:
        for number in range(5):
            read.append(number)
            yield Event("pause", number * BLOCK_SAMPLES, (number + 1) * BLOCK_SAMPLES)

    blocks = mix(stream(), constant)
    next(blocks)
    assert read == [0, 1]


def test_blocks_are_of_one_size_but_for_the_last() -> None:
    sizes = [len(block) for block in mix([Passage("Any", 1, 0, 2 * BLOCK_SAMPLES + 7)], constant)]
    assert sizes == [BLOCK_SAMPLES, BLOCK_SAMPLES, 7]


@given(routines(st.floats(1.5, 3)), st.integers(20, 120))
def test_the_sound_is_as_long_as_the_timeline_and_holds_every_clip(routine: Routine, pace: int) -> None:
    stream = stream_or_skip(routine, FakeLengths(pace))
    sound = whole(stream)
    expected = np.zeros(max(item.end for item in stream), np.int64)
    for item in stream:
        if isinstance(item, Event) and item.kind in {"say", "chime"}:
            expected[item.start : item.end] += constant(item).samples
    assert np.array_equal(sound, expected)


def test_from_a_sample_on_it_is_silent_first_and_leaves_out_what_began_before() -> None:
    stream: list[Event | Passage] = [
        Event("chime", 0, 50, "a"),
        Event("say", 100, 200, "b"),
        Event("say", 200, 300, "c"),
        Passage("Any", 1, 0, 400),
    ]
    sound = np.concatenate(list(mix(stream, constant, start=101, silence=30)))
    assert len(sound) == 30 + 400 - 101
    assert np.flatnonzero(sound).tolist() == list(range(30 + 99, 30 + 199))


@given(routines(st.floats(1.5, 3)), st.integers(0, 100_000), st.integers(0, 3 * BLOCK_SAMPLES))
def test_from_any_cue_on_it_is_the_same_sound_after_a_silence(
    routine: Routine, position: int, silence: int
) -> None:
    stream = stream_or_skip(routine, FakeLengths())
    starts = [item.start for item in stream if isinstance(item, Event) and item.kind in {"say", "chime"}]
    start = min((start for start in starts if start >= position), default=0)
    sound = np.concatenate(list(mix(stream, constant, start, silence)))
    assert not sound[:silence].any()
    assert np.array_equal(sound[silence:], whole(stream)[start:])


def test_after_the_end_there_is_nothing() -> None:
    assert not list(mix([Passage("Any", 1, 0, 100)], constant, start=100))
