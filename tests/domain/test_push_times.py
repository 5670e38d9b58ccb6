"""When a message that nobody waits for may go out."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from domain.push_times import QUIET_FROM, QUIET_UNTIL, Quiet, push_time

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2026, 3, 10, hour, minute, second, tzinfo=SHANGHAI)


def test_in_working_hours_it_goes_at_once() -> None:
    assert push_time(at(10, 7, 3), SHANGHAI, "x") == at(10, 7, 3)


def test_at_night_it_waits_for_the_morning() -> None:
    evening = push_time(at(23, 10), SHANGHAI, "x")
    assert evening.astimezone(SHANGHAI).date().day == 11
    assert push_time(at(3, 0), SHANGHAI, "x").astimezone(SHANGHAI).date().day == 10


def test_the_hour_and_the_half_hour_are_left_to_others_unless_somebody_just_acted() -> None:
    assert push_time(at(10, 0), SHANGHAI, "x").astimezone(SHANGHAI).minute in (1, 2, 3, 4, 5)
    assert push_time(at(10, 30, 59), SHANGHAI, "x").astimezone(SHANGHAI).minute > 30
    assert push_time(at(10, 30, 59), SHANGHAI, "x", scheduled=False) == at(10, 30, 59)


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
    st.text(max_size=20),
    st.booleans(),
)
def test_it_is_never_early_never_quiet_never_crowded(wanted: datetime, key: str, scheduled: bool) -> None:
    given_time = push_time(wanted, SHANGHAI, key, scheduled=scheduled)
    local = given_time.astimezone(SHANGHAI)
    assert given_time >= wanted
    assert given_time - wanted < timedelta(hours=11)
    assert QUIET_UNTIL <= local.time() < QUIET_FROM
    if scheduled:
        assert local.minute not in (0, 30)


def test_after_one_pair_of_quiet_hours_another_may_begin() -> None:
    early, lunch = Quiet(end=time(12, 1)), Quiet(start=time(12), end=time(13, 30))
    found = push_time(at(23, 10), SHANGHAI, "x", quiet=(early, lunch)).astimezone(SHANGHAI)
    assert (found.day, found.hour) == (11, 13) and found.minute > 30


def test_quiet_hours_that_leave_none_open_end_nevertheless() -> None:
    always = (Quiet(start=time(8), end=time(20)), Quiet(start=time(20), end=time(8)))
    assert push_time(at(9, 7), SHANGHAI, "x", quiet=always) > at(9, 7)
