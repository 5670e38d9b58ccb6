from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.invoice_numbers import NEAR, are_near, has_known_region, key_of, year_in
from domain.tax_rates import is_legal, percent

DIGITAL = "26112000000123456789"


def test_a_digital_number_is_unique_by_itself_an_older_one_with_its_code() -> None:
    assert key_of(DIGITAL) == DIGITAL
    assert key_of(DIGITAL, "011002100311") == DIGITAL
    assert key_of("08651237", "011002100311") == "011002100311-08651237"
    assert key_of("08651237", "1100210031") == "1100210031-08651237"
    assert key_of("08651237") is None
    assert key_of("", "011002100311") is None


def test_a_digital_number_tells_its_year_and_region() -> None:
    assert year_in(DIGITAL) == 2026
    assert year_in("08651237") is None
    assert has_known_region(DIGITAL)
    assert not has_known_region("26772000000123456789")


@given(st.integers(10**14 + 100, 10**15 - 10**6), st.integers(-2 * NEAR, 2 * NEAR))
def test_numbers_are_near_within_one_year_region_and_channel(sequence: int, apart: int) -> None:
    one, other = f"26112{sequence}", f"26112{sequence + apart}"
    assert are_near(one, other) == (0 < abs(apart) <= NEAR)
    assert not are_near(one, "26113" + other[5:])


def test_older_numbers_are_near_within_one_book() -> None:
    assert are_near("011002100311-08651237", "011002100311-08651238")
    assert not are_near("011002100311-08651237", "011002100312-08651238")
    assert not are_near("011002100311-08651237", DIGITAL)
    assert not are_near("file:ab", "file:ac")


@pytest.mark.parametrize(
    ("words", "rate"),
    [("6%", "6"), ("0.06", "6"), ("0.13", "13"), ("13 %", "13"), ("免税", "0"), ("不征税", "0"), ("0", "0"),
     ("***", None), ("", None), ("1", "1"), ("0.015", "1.5"), ("0.00", "0")],
)  # fmt: skip
def test_rates_in_all_their_spellings(words: str, rate: str | None) -> None:
    assert percent(words) == (Decimal(rate) if rate else None)


def test_the_rates_of_the_time_are_legal() -> None:
    assert all(is_legal(Decimal(rate), date(2026, 3, 1)) for rate in (0, 1, 3, 5, 6, 9, 13))
    assert not any(is_legal(Decimal(rate), date(2026, 3, 1)) for rate in (2, 7, 12, 16, 17))
    assert is_legal(Decimal(17), date(2017, 8, 1))
    assert not is_legal(Decimal(17), None)
