from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.papers import (
    InvoicePolicy,
    Paper,
    Seen,
    buyer_tax_id_mismatch,
    buyer_title_other,
    company_checks,
    duplicate_number,
    split_bill,
    stale_date,
)

NOW = datetime(2026, 3, 10, 10, 7, tzinfo=UTC)
NUMBER = "26112000000123456789"
POLICY = InvoicePolicy(titles=("青禾乳业（北京）有限公司",), tax_ids=("91330100799655058B",))
PAPER = Paper(
    number=NUMBER,
    seller="北京青城餐饮管理有限公司",
    buyer="青禾乳业（北京）有限公司",
    buyer_tax_id="91330100799655058B",
    day="2026-03-09",
    total="231.00",
)


def seen(key: str = NUMBER, state: str = "claimed", *, own: bool = False) -> Seen:
    return Seen.model_validate({"key": key, "who": "李伟", "own": own, "at": NOW, "state": state})


def test_a_clean_paper_breaks_nothing() -> None:
    assert company_checks(PAPER, NUMBER, POLICY, NOW, None, []) == ()


@pytest.mark.parametrize(
    ("paper", "key"),
    [
        (PAPER, NUMBER),
        (Paper(number="08651237", code="111002681234"), "111002681234-08651237"),
        (Paper(number="08651237", day="2026-03-09", total="46.50"), "number:08651237|2026-03-09|46.50"),
        (
            Paper(seller="惠民 超市", day="2026-03-09", time="12:31", total="23.80"),
            "paid:惠民超市|12:31|2026-03-09|23.80",
        ),
        (Paper(seller="惠民超市", day="2026-03-09", total="23.80"), "file:ab12#0"),
        (Paper(index=2, total="23.80"), "file:ab12#2"),
    ],
)
def test_what_makes_a_paper_the_only_one(paper: Paper, key: str) -> None:
    assert paper.key("ab12") == key


@pytest.mark.parametrize(
    ("earlier", "severity", "words"),
    [
        (seen(), "error", "李伟 3月10日已经报过"),
        (seen(state="open"), "error", "李伟 3月10日也发过，还在等确认"),
        (seen(state="ended"), "warning", "李伟 3月10日也发过，后来没有报"),
        (seen(own=True), "error", "你3月10日已经报过"),
        (seen(state="open", own=True), "error", "你3月10日也发过"),
    ],
)
def test_a_paper_that_was_shown_before_is_told(earlier: Seen, severity: str, words: str) -> None:
    check = duplicate_number(PAPER, earlier, NOW)
    assert check is not None
    assert (check.code, check.severity, check.field) == ("duplicate_number", severity, "invoice_number")
    assert words in check.words and NUMBER in check.words


def test_what_one_gave_up_oneself_may_be_sent_again() -> None:
    assert duplicate_number(PAPER, seen(state="ended", own=True), NOW) is None


@pytest.mark.parametrize(
    "buyer", ["青禾乳业(北京)有限公司", "青禾乳业（北京）有限公司 ", "青禾乳业【北京】有限公司"]
)
def test_width_brackets_and_spaces_make_no_other_title(buyer: str) -> None:
    assert buyer_title_other(PAPER.model_copy(update={"buyer": buyer}), POLICY) is None


@pytest.mark.parametrize("buyer", ["青禾乳业有限公司", "青禾乳业（北京）有限责任公司", "个人"])
def test_any_other_title_is_told(buyer: str) -> None:
    check = buyer_title_other(PAPER.model_copy(update={"buyer": buyer}), POLICY)
    assert check is not None and check.severity == "error" and buyer in check.words


def test_a_title_that_recognition_read_is_only_a_warning() -> None:
    photographed = PAPER.model_copy(update={"buyer": "青木乳业", "places": {"buyer_name": "ocr box 1,2,3,4"}})
    check = buyer_title_other(photographed, POLICY)
    assert check is not None and check.severity == "warning"


def test_a_tax_number_of_somebody_else_is_told_and_none_is_not() -> None:
    other = PAPER.model_copy(update={"buyer_tax_id": "914403001922038216"})
    assert buyer_tax_id_mismatch(other, POLICY) is not None
    assert buyer_tax_id_mismatch(PAPER.model_copy(update={"buyer_tax_id": ""}), POLICY) is None
    assert buyer_tax_id_mismatch(other, InvoicePolicy()) is None


@given(st.dates(date(2024, 1, 1), date(2026, 12, 31)), st.integers(0, 900))
def test_a_paper_is_stale_by_its_age_or_by_the_tax_year(today: date, age: int) -> None:
    day = today - timedelta(days=age)
    told = stale_date(Paper(day=day.isoformat()), POLICY, today)
    closed = day.year < today.year and (today.month, today.day) > (5, 31)
    assert (told is not None) == (closed or age > 180)


def test_the_policy_may_be_switched_off() -> None:
    anything = InvoicePolicy(oldest_days=0, last_year_until="")
    assert stale_date(Paper(day="2019-01-01"), anything, date(2026, 12, 31)) is None


def test_numbers_close_together_are_a_split_bill_whoever_sent_them() -> None:
    near, far = "26112000000123456790", "26112000000123499999"
    check = split_bill([seen(near), seen(far)], NUMBER, NOW)
    assert check is not None and check.severity == "warning"
    assert near in check.words and far not in check.words and "李伟" in check.words
    assert split_bill([seen(near, "ended"), seen(NUMBER)], NUMBER, NOW) is None
