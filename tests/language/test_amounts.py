"""Numbers, amounts of goods, money and discounts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.language.numbers import NUMBER, exact, plain, read
from nlu.language.quantities import find_factors, find_money, find_quantities
from tests.language.company import rulebook

GOODS = rulebook().words("units", "goods")
BEFORE, AFTER = rulebook().words("money", "cues"), rulebook().words("money", "after")


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("一万二", 12000),
        ("两千五", 2500),
        ("三百五", 350),
        ("一百二", 120),
        ("12万8", 128000),
        ("1.2w", 12000),
        ("3k", 3000),
        ("5万4千6百", 54600),
        ("三千零五", 3005),
        ("一百零五", 105),
        ("十五", 15),
        ("廿五", 25),
        ("壹万贰仟", 12000),
        ("一亿两千万", 120000000),
        ("二零二六", 2026),
        ("三点五", 3.5),
        ("一点二万", 12000),
        ("12,000", 12000),
        ("1万2000", 12000),
        ("两", 2),
        ("〇", 0),
    ],
)
def test_a_number_is_read_as_it_is_meant(words: str, value: float) -> None:
    found = exact(words)
    assert found is not None
    assert plain(found) == value


@pytest.mark.parametrize(
    ("words", "low", "high"),
    [
        ("三五", 3, 5),
        ("两三", 2, 3),
        ("七八十", 70, 80),
        ("三四百", 300, 400),
        ("十七八", 17, 18),
        ("十几", 11, 19),
        ("几十", 20, 90),
        ("二十多", 20, 29),
        ("三百五六", 350, 360),
        ("上百", 100, 1000),
    ],
)
def test_a_range_stays_a_range(words: str, low: int, high: int) -> None:
    found = read(words)
    assert found is not None
    assert found.value is None
    assert (found.low, found.high) == (Decimal(low), Decimal(high))


@pytest.mark.parametrize("words", ["12万80", "十百", "万万", "", "几", "箱"])
def test_what_is_no_number_is_refused(words: str) -> None:
    assert read(words) is None


@given(st.integers(min_value=0, max_value=99_999_999))
def test_every_whole_number_is_read_back_from_its_chinese(number: int) -> None:
    assert exact(_chinese(number)) == number
    assert exact(str(number)) == number


@given(st.text(alphabet="零一二两三四五六七八九十百千万亿点半几多来0123456789.,wk壹贰", max_size=12))
def test_no_row_of_numerals_raises(text: str) -> None:
    read(text)
    for match in NUMBER.finditer(text):
        read(match.group())


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("两箱半", 2.5, "箱"),
        ("2件半", 2.5, "件"),
        ("半箱", 0.5, "箱"),
        ("一打", 1, "打"),
        ("一百二十箱", 120, "箱"),
        ("二十来箱", 20, "箱"),
        ("50箱", 50, "箱"),
        ("三百箱左右", 300, "箱"),
        ("俩", 2, "个"),
    ],
)
def test_an_amount_of_goods_has_its_unit_as_said(text: str, value: float, unit: str) -> None:
    (found,) = find_quantities(text, GOODS)
    assert found.value is not None
    assert (plain(found.value), found.unit) == (value, unit)


@pytest.mark.parametrize(
    ("text", "ends"),
    [("三五箱", (3, 5)), ("十几箱", (11, 19)), ("30-50箱", (30, 50)), ("三到五百箱", (300, 500))],
)
def test_a_range_of_goods_has_no_value(text: str, ends: tuple[int, int]) -> None:
    (found,) = find_quantities(text, GOODS)
    assert found.value is None
    assert (found.low, found.high) == (Decimal(ends[0]), Decimal(ends[1]))


@pytest.mark.parametrize("text", ["三家店", "五个人", "一件事", "两个月", "三天", "一份报价", "两个问题"])
def test_what_is_counted_otherwise_is_no_amount_of_goods(text: str) -> None:
    assert list(find_quantities(text, GOODS)) == []


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("三块八", 3.8, ""),
        ("一百二十块五", 120.5, ""),
        ("46块5", 46.5, ""),
        ("46块55", 46.55, ""),
        ("三块八毛五", 3.85, ""),
        ("五毛", 0.5, ""),
        ("¥3500", 3500, ""),
        ("12,000元", 12000, ""),
        ("货款三千五", 3500, ""),
        ("堆头费八百", 800, ""),
        ("收了一万二", 12000, ""),
        ("38块一箱", 38, "箱"),
        ("38一箱", 38, "箱"),
        ("每箱38", 38, "箱"),
        ("三块八一瓶", 3.8, "瓶"),
        ("一箱38块", 38, "箱"),
    ],
)
def test_money_keeps_its_tail(text: str, value: float, unit: str) -> None:
    (found,) = find_money(text, GOODS, BEFORE, AFTER)
    assert found.value is not None
    assert (plain(found.value), found.unit) == (value, unit)


@pytest.mark.parametrize("text", ["收了三箱", "卖了两天", "给三家店", "付了"])
def test_a_number_of_something_else_is_no_money(text: str) -> None:
    assert list(find_money(text, GOODS, BEFORE, AFTER)) == []


@pytest.mark.parametrize(
    ("text", "factor"), [("八折", "0.8"), ("打8.5折", "0.85"), ("九五折", "0.95"), ("85折", "0.85")]
)
def test_a_discount_is_a_factor(text: str, factor: str) -> None:
    (found,) = find_factors(text)
    assert found.value == Decimal(factor)


def _chinese(number: int) -> str:
    """The usual spelling, with a 零 for every gap."""
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        gap = "零" if 0 < low < 1000 else ""
        return _chinese(high) + "万" + gap + (_chinese(low) if low else "")
    digits = "零一二三四五六七八九"
    words = ""
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, place)
        if digit:
            words += digits[digit] + unit
        elif words and number and not words.endswith("零"):
            words += "零"
    return words or "零"


@pytest.mark.parametrize("words", ["四千四千二", "二十二十五", "三百五百"])
def test_a_number_begun_anew_is_none_that_could_be_added_up(words: str) -> None:
    assert read(words) is None
