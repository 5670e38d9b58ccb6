"""Corrections of a proposal and answers to its question."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.intents.records import Question, RecordIntent
from nlu.dialogue.corrections import Correction, Reader
from nlu.dialogue.replies import rejection_reason, reply_word
from nlu.language.normalise import normalise
from tests.language.company import TUESDAY_EVENING, lexicon, own, rulebook, understood

SEED = "今天下午两点拜访了惠民超市朝阳店的王经理，铺了两箱原味酸奶样品，意向订五十箱，明天再来"


def _records(text: str) -> tuple[tuple[RecordIntent, ...], Question | None]:
    meaning = understood(text)
    return tuple(i for i in meaning.intents if isinstance(i, RecordIntent)), meaning.question


def _correct(words: str, said: str) -> Correction | None:
    records, question = _records(said)
    return Reader(records, question, TUESDAY_EVENING, lexicon(), rulebook(), own()).correct(words)


def _changes(words: str, said: str) -> list[tuple[str, str, Any]]:
    records, _ = _records(said)
    found = _correct(words, said)
    assert found is not None
    return [(records[c.index].form, c.field, c.said.value) for c in found.changes]


ORDER = "惠民超市朝阳店订了50箱原味酸奶，周五送货"


@pytest.mark.parametrize(
    ("words", "said", "changes"),
    [
        ("改成60箱", ORDER, [("order", "quantity", 60)]),
        ("不对，是60箱", ORDER, [("order", "quantity", 60)]),
        ("数量改成60", ORDER, [("order", "quantity", 60)]),
        ("60箱", ORDER, [("order", "quantity", 60)]),
        ("改成6件", ORDER, [("order", "quantity", 6), ("order", "unit", "件")]),
        ("客户是永旺超市望京店", ORDER, [("order", "customer", "C0003")]),
        ("日期改到下周五", ORDER, [("order", "expected_date", "2026-03-20")]),
        ("产品改成草莓酸奶", ORDER, [("order", "product", "SKU-CM")]),
        ("样品改成3箱", SEED, [("sample", "quantity", 3)]),
        ("意向改成六十箱", SEED, [("order_intent", "quantity", 60)]),
        ("50箱改成80箱", SEED, [("order_intent", "quantity", 80)]),
        ("不是两箱，是三箱", SEED, [("sample", "quantity", 3)]),
        ("联系人是李经理", SEED, [("visit", "contact", "李经理")]),
        (
            "时间改成三点",
            "今天下午两点拜访了万家福超市",
            [("visit", "happened_at", "2026-03-10T15:00:00+08:00")],
        ),
        ("金额改成三千六", "佳美便利店收到货款三千五百块", [("payment", "amount", 3600)]),
    ],
)
def test_a_correction_changes_the_one_value_it_means(
    words: str, said: str, changes: list[tuple[str, str, Any]]
) -> None:
    assert _changes(words, said) == changes


def test_a_new_customer_counts_for_everything_in_the_message() -> None:
    records, _ = _records(SEED)
    assert {(c[1], c[2]) for c in _changes("客户是永旺超市望京店", SEED)} == {("customer", "C0003")}
    assert len(_changes("客户是永旺超市望京店", SEED)) == len(records)


def test_where_two_amounts_fit_nothing_is_changed_and_it_is_asked() -> None:
    found = _correct("改成60箱", SEED)
    assert found is not None
    assert found.changes == ()
    assert found.question is not None
    assert [label for _, label in found.question.choices] == ["样品发放的数量", "订单意向的数量"]


@pytest.mark.parametrize(
    ("words", "said", "changes"),
    [
        ("永旺超市望京店", "拜访了王经理", [("visit", "customer", "C0003")]),
        ("永旺", "拜访了王经理", [("visit", "customer", "C0003")]),
        ("五箱", "惠民超市朝阳店订三五箱原味酸奶", [("order", "quantity", 5)]),
        ("3500", "佳美便利店收到货款了", [("payment", "amount", 3500)]),
        ("原味酸奶", "惠民超市朝阳店订了20箱酸奶", [("order", "product", "SKU-YW")]),
        ("第一个", "惠民超市朝阳店订三五箱原味酸奶", [("order", "quantity", 3)]),
    ],
)
def test_an_answer_fills_what_was_asked(words: str, said: str, changes: list[tuple[str, str, Any]]) -> None:
    assert _changes(words, said) == changes


@pytest.mark.parametrize(
    "words", ["明天去拜访佳美便利店", "我今天有什么安排", "你好", "好邻居便利店订了10箱纯牛奶"]
)
def test_something_new_is_no_correction(words: str) -> None:
    assert _correct(words, ORDER) is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("确认", "confirm"),
        ("好的。", "confirm"),
        ("嗯，对", "confirm"),
        ("OK", "confirm"),
        ("算了", "drop"),
        ("改一下", "modify"),
        ("同意", "approve"),
        ("驳回", "reject"),
        ("驳回，发票抬头不对", "reject"),
        ("确认一下明天的行程", None),
        ("好邻居便利店", None),
        ("", None),
    ],
)
def test_a_word_alone_answers_a_card(text: str, word: str | None) -> None:
    assert reply_word(text) == word


def test_a_rejection_may_carry_its_reason() -> None:
    assert rejection_reason("驳回：发票抬头不对") == "发票抬头不对"
    assert rejection_reason("驳回") == ""


ANYTHING = st.text(
    alphabet="改成是不对去掉要了第一个箱件点号下周三五十百千万半两0123456789，。样品订单意向客户数量原味酸奶惠民",
    max_size=24,
)


@settings(max_examples=150, deadline=None)
@given(ANYTHING)
def test_whatever_is_said_no_value_comes_from_elsewhere(words: str) -> None:
    """Every new value carries words of the very text, and nothing raises."""
    records, question = _records(SEED)
    found = Reader(records, question, TUESDAY_EVENING, lexicon(), rulebook(), own()).correct(words)
    for change in found.changes if found else ():
        assert (
            change.said.value is None
            or change.said.words in normalise(words).text
            or change.said.words in words
        )


@settings(max_examples=100, deadline=None)
@given(ANYTHING)
def test_no_answer_to_an_open_question_invents_a_value(words: str) -> None:
    records, question = _records("惠民超市朝阳店订了原味酸奶")
    assert question is not None
    found = Reader(records, question, TUESDAY_EVENING, lexicon(), rulebook(), own()).correct(words)
    for change in found.changes if found else ():
        assert isinstance(change.said.value, int | float | str)
        assert change.said.words
        assert change.said.words in words or change.said.words in normalise(words).text
