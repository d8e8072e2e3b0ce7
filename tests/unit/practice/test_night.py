from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightstretch.practice.night import Night, evening_of, merged, streak

TONIGHT = date(2026, 3, 4)
DAY = timedelta(days=1)

offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1900, 1, 2), datetime(9998, 1, 1), timezones=offsets)  # noqa: DTZ001
minutes = st.floats(0, 90)
nights = st.builds(
    Night, moments, st.sampled_from(["back-pain", "breathing"]), minutes, minutes, st.booleans()
)
near = st.datetimes(datetime(2026, 3, 1), datetime(2026, 3, 4), timezones=offsets)  # noqa: DTZ001
near_nights = st.builds(
    Night, near, st.sampled_from(["back-pain", "breathing"]), minutes, minutes, st.booleans()
)


def night(began: datetime, heard: float = 5, length: float = 18, *, finished: bool = False) -> Night:
    return Night(began, "back-pain", heard, length, finished)


class TestEvening:
    @pytest.mark.parametrize(
        ("hour", "minute", "evening"),
        [(12, 0, 4), (22, 30, 4), (23, 59, 4), (0, 0, 3), (0, 30, 3), (6, 0, 3), (11, 59, 3)],
    )
    def test_a_night_runs_from_noon_to_noon(self, hour: int, minute: int, evening: int) -> None:
        assert evening_of(datetime(2026, 3, 4, hour, minute, tzinfo=UTC)) == date(2026, 3, evening)

    def test_it_goes_by_the_clock_on_the_wall(self) -> None:
        moment = datetime(2026, 3, 4, 23, 0, tzinfo=UTC)
        assert evening_of(moment.astimezone(ZoneInfo("Asia/Tokyo"))) == date(2026, 3, 4)
        assert evening_of(moment.astimezone(ZoneInfo("Pacific/Kiritimati"))) == date(2026, 3, 5)

    @pytest.mark.parametrize("day", [29, 25])  # when the clocks in Berlin change in 2026
    def test_a_changed_clock_changes_no_evening(self, day: int) -> None:
        month = 3 if day == 29 else 10
        berlin = ZoneInfo("Europe/Berlin")
        for hour in range(12):
            moment = datetime(2026, month, day, hour, 30, tzinfo=berlin)
            assert evening_of(moment) == date(2026, month, day) - DAY

    @given(moment=moments)
    def test_it_is_the_day_or_the_one_before(self, moment: datetime) -> None:
        assert evening_of(moment) == (moment.date() if moment.hour >= 12 else moment.date() - DAY)


class TestNight:
    @pytest.mark.parametrize("year", [1, 1899, 9999])
    def test_a_year_that_nobody_stretched_in_is_refused(self, year: int) -> None:
        with pytest.raises(ValueError, match="no night"):
            night(datetime(year, 1, 1, tzinfo=UTC))

    def test_a_time_that_could_be_anywhere_is_refused(self) -> None:
        with pytest.raises(ValueError, match="UTC offset"):
            night(datetime(2026, 3, 4))  # noqa: DTZ001

    @pytest.mark.parametrize("heard", [-0.1, float("nan"), float("inf"), 1441])
    def test_minutes_that_no_night_has_are_refused(self, heard: float) -> None:
        with pytest.raises(ValueError, match="minutes"):
            night(datetime(2026, 3, 4, tzinfo=UTC), heard)


class TestMerging:
    def test_a_resumed_session_is_one(self) -> None:
        first = night(datetime(2026, 3, 3, 23, 40, tzinfo=UTC), 8)
        resumed = night(datetime(2026, 3, 4, 0, 10, tzinfo=UTC), 10.5, finished=True)
        assert merged([first, resumed]) == [night(first.began, 18, finished=True)]

    def test_a_night_apart_is_another(self) -> None:
        evening = datetime(2026, 3, 3, 23, 40, tzinfo=UTC)
        assert len(merged([night(evening), night(evening + DAY)])) == 2

    def test_another_routine_is_another(self) -> None:
        evening = datetime(2026, 3, 3, 23, 40, tzinfo=UTC)
        assert len(merged([night(evening), Night(evening, "breathing", 4, 5, finished=True)])) == 2

    @given(given_nights=st.lists(near_nights, max_size=8), data=st.data())
    def test_the_order_of_the_lines_changes_nothing(
        self, given_nights: list[Night], data: st.DataObject
    ) -> None:
        assert merged(data.draw(st.permutations(given_nights))) == merged(given_nights)

    @given(given_nights=st.lists(nights | near_nights, max_size=8))
    def test_one_is_left_of_each_and_nothing_is_lost(self, given_nights: list[Night]) -> None:
        left = merged(given_nights)
        keys = [(one.evening, one.routine) for one in left]
        assert len(set(keys)) == len(keys)
        assert set(keys) == {(one.evening, one.routine) for one in given_nights}
        assert [one.evening for one in left] == sorted(one.evening for one in left)
        for one in left:
            same = [
                each for each in given_nights if (each.evening, each.routine) == (one.evening, one.routine)
            ]
            assert one.finished is any(each.finished for each in same)
            assert one.session_minutes == max(each.session_minutes for each in same)
            assert one.heard_minutes <= one.session_minutes
            assert one.began == min(each.began for each in same)
        assert merged(left) == left


class TestStreak:
    def test_tonight_counts_once_it_is_done(self) -> None:
        assert streak([TONIGHT - DAY], TONIGHT) == 1
        assert streak([TONIGHT - DAY, TONIGHT], TONIGHT) == 2

    def test_the_night_before_last_is_no_streak(self) -> None:
        assert streak([TONIGHT - 2 * DAY], TONIGHT) == 0
        assert streak([], TONIGHT) == 0

    @given(ago=st.sets(st.integers(-5, 30)))
    def test_it_is_as_long_as_no_night_is_missing(self, ago: set[int]) -> None:
        length = streak([TONIGHT - number * DAY for number in ago], TONIGHT)
        first = 0 if 0 in ago else 1
        assert all(number in ago for number in range(first, first + length))
        assert first + length not in ago

    @given(ago=st.sets(st.integers(0, 30)))
    def test_doing_it_tonight_makes_it_one_longer(self, ago: set[int]) -> None:
        evenings = {TONIGHT - number * DAY for number in ago - {0}}
        assert streak(evenings | {TONIGHT}, TONIGHT) == streak(evenings, TONIGHT) + 1
