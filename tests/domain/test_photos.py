"""Watermark against clock and visit: printed values agree, contradict, or say nothing; never more."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.people import Customer
from domain.photos import EARLY_MINUTES, LATE_MINUTES, Printed, fit
from domain.positions import Position

ZONE = ZoneInfo("Asia/Shanghai")
SENT = datetime(2026, 3, 10, 10, 7, 40, tzinfo=ZONE)
HUIMIN = Customer(
    code="C0001",
    name="惠民超市朝阳店",
    aliases=("惠民朝阳店",),
    city="北京",
    district="朝阳",
    address="朝阳北路101号",
    position=Position(latitude=39.923614, longitude=116.503482),
)


def stamped(at: datetime, **also: object) -> Printed:
    return Printed.model_validate({"date": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M}", **also})


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(0, "fits"), (-2, "fits"), (-EARLY_MINUTES, "old"), (-26 * 60, "old"), (11, "ahead"), (1440, "ahead")],
)
def test_the_printed_time_is_compared_with_the_servers(minutes: int, expected: str) -> None:
    found = fit(stamped(SENT + timedelta(minutes=minutes)), sent_at=SENT)
    assert (found.time, found.minutes) == (expected, minutes)


def test_a_photo_from_earlier_in_the_same_visit_fits() -> None:
    arrived = SENT - timedelta(minutes=90)
    early = stamped(arrived - timedelta(minutes=5))
    assert fit(early, sent_at=SENT, arrived_at=arrived).time == "fits"
    assert fit(early, sent_at=SENT).time == "old"


@given(st.integers(min_value=-3 * 1440, max_value=3 * 1440), st.integers(min_value=0, max_value=240))
def test_later_clocks_never_fit_better(minutes: int, visit: int) -> None:
    printed = SENT.replace(second=0) + timedelta(minutes=minutes)
    arrived = SENT - timedelta(minutes=visit)
    found = fit(stamped(printed), sent_at=SENT, arrived_at=arrived)
    assert found.minutes == minutes
    if minutes > LATE_MINUTES:
        assert found.time == "ahead"
    elif printed < arrived - timedelta(minutes=EARLY_MINUTES):
        assert found.time == "old"
    else:
        assert found.time == "fits"


def test_a_watermark_without_a_time_only_says_which_day() -> None:
    assert fit(Printed(date="2026-03-10"), sent_at=SENT).time == "unknown"
    last_week = fit(Printed(date="2026-03-03"), sent_at=SENT)
    assert (last_week.time, last_week.minutes) == ("old", -(6 * 1440 + 608)), "since that day's end"
    tomorrow = fit(Printed(date="2026-03-11"), sent_at=SENT)
    assert (tomorrow.time, tomorrow.minutes) == ("ahead", 832)
    assert fit(Printed(), sent_at=SENT).words == ()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("北京市朝阳区朝阳北路101号", "fits"),
        ("北京市朝阳区·惠民超市朝阳店", "fits"),
        ("惠民朝阳店附近", "fits"),
        ("北京市通州区新华大街48号", "elsewhere"),
        ("浙江省杭州市西湖区文三路478号", "elsewhere"),
        ("广东省广州市天河区", "elsewhere"),
        ("北京市朝阳区青年路27号", "unknown"),
        ("北京市", "unknown"),
        ("", "unknown"),
    ],
)
def test_the_printed_address_is_compared_with_the_customers(address: str, expected: str) -> None:
    assert fit(Printed(date="2026-03-10", address=address), sent_at=SENT, customer=HUIMIN).place == expected


@pytest.mark.parametrize(
    ("north", "expected"),
    [(0.0, "fits"), (0.003, "fits"), (0.008, "unknown"), (0.02, "elsewhere"), (1.0, "elsewhere")],
)
def test_a_printed_position_is_judged_with_care_for_its_datum(north: float, expected: str) -> None:
    printed = Printed(date="2026-03-10", latitude=39.923614 + north, longitude=116.503482)
    assert fit(printed, sent_at=SENT, customer=HUIMIN).place == expected


def test_the_same_place_in_the_other_datum_is_not_called_elsewhere() -> None:
    # The customer's place, as a camera prints it in WGS-84: some 560 m from its GCJ-02 digits.
    printed = Printed(date="2026-03-10", latitude=39.92222, longitude=116.49733)
    assert fit(printed, sent_at=SENT, customer=HUIMIN).place == "unknown"


def test_without_a_customer_nothing_is_said_of_the_place() -> None:
    assert fit(Printed(date="2026-03-10", address="上海市浦东新区"), sent_at=SENT).place == "unknown"


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.times())
def test_minutes_are_whole_and_signed(day: date, clock: object) -> None:
    at = datetime.combine(day, clock, ZONE)  # type: ignore[arg-type]
    assert fit(stamped(at), sent_at=at).minutes == 0
