"""The minutes of tests/language/todos, and what holds for any text at all."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.people import Person
from nlu.language.lexicon import Lexicon
from nlu.todos.reading import todos_in
from tests.language.company import lexicon, own, rulebook
from tests.language.todos.scoring import MORNING, cases, everything, found_in

WORDS = """
    会议待办： 行动项 小李 李伟： @张敏 老周 由王磊 负责 我 大家 销售部 客户王经理 王芳 下周三前 周五 2月30日 月底前
    整理客户清单 把报价发给华联 （张敏，周五前） ， 。 ； 1. 2、 - [x] 已完成 取消 不做了 要不要 ？ | 责任人：孙会计
    截止：明天 以上都在周五前完成 你
"""
MINUTES = st.lists(st.sampled_from([*WORDS.split(), "\n"]), min_size=1, max_size=16).map("".join)


def todos(text: str, names: Lexicon | None = None, speaker: str | None = "P101"):  # type: ignore[no-untyped-def]
    return todos_in(
        text, now=MORNING, lexicon=names or lexicon(), rulebook=rulebook(), speaker=speaker, own=own()
    )


def test_there_are_enough_minutes_of_every_manner() -> None:
    assert sum(len(case["todos"]) for case in cases()) >= 160
    assert {case["file"] for case in cases()} == {
        "lists",
        "none",
        "prose",
        "spoken",
        "tables",
        "transcripts",
        "unseen",
        "varied",
    }


def test_the_scores_stay_where_they_are() -> None:
    total = everything()
    assert total.f1 >= 0.98, total.words
    assert total.owners[0] / total.owners[1] >= 0.98, total.words
    assert total.dues[0] / total.dues[1] >= 0.98, total.words
    assert total.wrong_owners == 0, total.words


@pytest.mark.parametrize("case", [c for c in cases() if c["file"] == "none"], ids=lambda c: c["text"][:20])
def test_what_is_done_dropped_or_only_talked_about_is_no_todo(case: dict[str, object]) -> None:
    assert found_in(case) == []


@given(st.text(max_size=200))
@settings(max_examples=80, deadline=None)
def test_any_text_is_read_without_an_error(text: str) -> None:
    todos(text)


@given(MINUTES)
@settings(max_examples=200, deadline=None)
def test_an_owner_is_in_the_roster_and_every_value_carries_words_of_the_text(text: str) -> None:
    for record in todos(text):
        assert record.form == "meeting_todo"
        title, owner, due = (record.fields.get(name) for name in ("title", "owner", "due"))
        assert title is not None and len(title.value) >= 2
        assert owner is None or owner.value is None or owner.value in lexicon().people
        assert due is None or due.value is None or re.fullmatch(r"\d{4}-\d\d-\d\d", due.value)
        for said in (title, owner, due):
            assert said is None or all(part in text for part in said.words.split("\n"))


@given(MINUTES)
@settings(max_examples=60, deadline=None)
def test_nobody_is_taken_where_the_roster_is_empty(text: str) -> None:
    for record in todos(text, Lexicon.build(()), speaker=None):
        assert "owner" not in record.fields or record.fields["owner"].value is None


def test_two_colleagues_of_one_nickname_are_both_offered() -> None:
    names = Lexicon.build(
        (),
        (),
        (),
        (),
        [Person(id="A", name="张敏"), Person(id="B", name="张磊"), Person(id="C", name="李伟")],
    )
    (record,) = todos("会议待办：小张周五前整理样品台账", names)
    assert record.fields["owner"].value is None
    assert record.fields["owner"].alternatives == ("A", "B")
    assert record.fields["owner"].words == "小张"


def test_a_nickname_that_somebody_has_goes_before_one_that_is_made_of_a_surname() -> None:
    names = Lexicon.build(
        (), (), (), (), [Person(id="A", name="张敏", nicknames=("小张",)), Person(id="B", name="张磊")]
    )
    (record,) = todos("会议待办：小张周五前整理样品台账", names)
    assert record.fields["owner"].value == "A"


def test_a_name_heard_wrongly_is_the_only_colleague_who_sounds_so() -> None:
    (record,) = todos("会议待办：由李玮负责样品入库，周五前完成")
    assert record.fields["owner"].value == "P101"
    assert record.fields["owner"].words == "李玮"


def test_a_due_day_that_does_not_exist_is_asked_about() -> None:
    (record,) = todos("会议待办：李伟2月30日前交总结")
    assert record.fields["due"].value is None
    assert record.fields["due"].alternatives


def test_the_day_of_the_meeting_is_the_day_that_times_are_counted_from() -> None:
    (record,) = todos("会议时间：3月6日\n行动项\n1. 李伟下周三前交报价")
    assert record.fields["due"].value == "2026-03-11"
