from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.capital_amounts import amount_of, canonical, in_capitals, same

AMOUNTS = st.decimals("-99999999.99", "999999999999.99", places=2)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "零元整"),
        ("0.5", "伍角整"),
        ("0.05", "伍分"),
        ("1", "壹元整"),
        ("10", "壹拾元整"),
        ("231", "贰佰叁拾壹元整"),
        ("230.5", "贰佰叁拾元伍角整"),
        ("1005.03", "壹仟零伍元零叁分"),
        ("100300.05", "壹拾万零叁佰元零伍分"),
        ("10000000", "壹仟万元整"),
        ("100000001", "壹亿零壹元整"),
        ("1000200030.40", "壹拾亿零贰拾万零叁拾元肆角整"),
        ("-46.5", "负肆拾陆元伍角整"),
    ],
)
def test_amounts_as_they_are_written_on_invoices(amount: str, words: str) -> None:
    assert in_capitals(Decimal(amount)) == words
    assert amount_of(words) == Decimal(amount)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0.5", "伍角"),
        ("0.5", "零元伍角整"),
        ("100300.05", "壹拾万叁佰元零角伍分"),
        ("100300.05", "⊗壹拾万零叁佰圆零伍分"),
        ("231", "贰佰叁拾壹圆正"),
        ("231", "人民币 贰佰叁拾壹 圆 整"),
        ("231", "贰佰叁拾壹元零角零分"),
        ("12.30", "拾贰元叁角"),
        ("-231", "（负数）贰佰叁拾壹圆整"),
        ("2600", "贰仟陆佰圆整"),
    ],
)
def test_other_ways_of_writing_the_same(amount: str, words: str) -> None:
    assert same(words, Decimal(amount))
    assert amount_of(words) == Decimal(amount)


@given(AMOUNTS)
def test_every_amount_is_read_back(amount: Decimal) -> None:
    assert amount_of(in_capitals(amount)) == amount


@given(AMOUNTS, AMOUNTS)
def test_different_amounts_never_look_alike(one: Decimal, other: Decimal) -> None:
    assert (canonical(in_capitals(one)) == canonical(in_capitals(other))) == (one == other)


@given(AMOUNTS, st.data())
def test_a_missing_character_is_another_amount_or_none(amount: Decimal, data: st.DataObject) -> None:
    words = canonical(in_capitals(amount))
    place = data.draw(st.integers(0, max(0, len(words) - 1)))
    cut = words[:place] + words[place + 1 :]
    assert amount_of(cut) != amount or canonical(cut) == words


@pytest.mark.parametrize("words", ["贰佰叁拾壹", "壹贰元整", "佰元", "叁分伍角", "合计", "元整贰佰"])
def test_words_out_of_order_are_no_amount(words: str) -> None:
    assert amount_of(words) is None


@pytest.mark.parametrize("amount", ["0.005", "1E+12"])
def test_what_has_no_capitals_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="no amount in yuan"):
        in_capitals(Decimal(amount))
