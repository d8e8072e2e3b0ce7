import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nightstretch.player.ring import Ring


def test_before_the_start_there_is_silence() -> None:
    ring = Ring(10, 4)
    assert ring.write(np.arange(1, 20, dtype=np.int16)) == 6
    ring.rewind(-4)
    assert list(ring.read(10)) == [0, 0, 0, 0, 1, 2, 3, 4, 5, 6]


@given(
    st.integers(-50, 50),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 4)), max_size=60),
)
def test_what_is_written_is_read_and_can_be_read_again_wherever_it_begins(
    begin: int, rounds: list[tuple[int, int, int]]
) -> None:
    ring = Ring(20, 4, begin)
    assert ring.position == begin
    sound = np.arange(1, 2000, dtype=np.int16)
    written = 0
    furthest = 0
    for size, wanted, back in rounds:
        written += ring.write(sound[written : written + size])
        count = min(wanted, ring.available)
        start = ring.position - begin
        block = ring.read(count)
        assert [int(sample) for sample in block] == [
            int(sound[place]) if place >= 0 else 0 for place in range(start, start + count)
        ]
        furthest = max(furthest, ring.position - begin)
        ring.rewind(max(begin + furthest - 4, ring.position - back))
        assert ring.available == begin + written - ring.position
        assert written <= furthest + 20
