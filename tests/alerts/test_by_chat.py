"""Alerts made by a sentence: understood, tried, published by a tap, taken back by a word."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from config.rulebook import load
from nlu.alerting import sentences
from nlu.alerting.reading import read
from nlu.senses.workers import SensePool
from storage.tables import AuditRow
from tests.alerts import shop
from tests.conftest import TestClock
from tests.language.company import lexicon
from tests.world import world

SPRING = "新增提醒：春节前30天，A类客户库存不足15天就提醒负责人"


@pytest.mark.parametrize(
    ("sentence", "when", "told", "once"),
    [
        (SPRING, 'days_to.春节 <= 30 and stock_days < 15 and customer.level in ("A")', ("owner",), "春节"),
        (
            "加个提醒，春节前一个月内，A、B类客户，可用库存天数<15且去年同期增量>20%，提醒负责人+建议量+抄送主管",
            'days_to.春节 <= 30 and growth.春节 > 20% and stock_days < 15 and customer.level in ("A", "B")',
            ("owner", "manager"),
            "春节",
        ),
        (
            "新增提醒：超过30天没拜访的A类客户，提醒负责人",
            'days_since_visit > 30 and customer.level in ("A")',
            ("owner",),
            "week",
        ),
        ("帮我加一条提醒：客户两周没下单就通知主管", "days_since_order >= 14", ("manager",), "week"),
        ("设置提醒：有客诉就马上通知主管", 'form == "complaint"', ("manager",), "ever"),
        ("新增提醒：报销金额超过1万元，提醒财务", "amount > 10000", ("finance",), "ever"),
        (
            "新增提醒：单笔订单超过500箱就提醒主管和运营",
            'unit == "箱" and quantity > 500',
            ("manager", "operations"),
            "ever",
        ),
        (
            "添加一个提醒：客户半个月没人拜访，每天提醒一次，提醒我",
            "days_since_visit >= 15",
            ("P202",),
            "day",
        ),
    ],
)
def test_a_sentence_is_understood_as_a_rule(
    sentence: str, when: str, told: tuple[str, ...], once: str
) -> None:
    asked = read(sentences.asks(sentence), "P202", load(), lexicon())
    assert asked.alert is not None, asked.problem
    assert (asked.alert.when, asked.alert.tell + asked.alert.also, asked.alert.once_per) == (when, told, once)


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("新增提醒：毛利低于10%就提醒主管", "“毛利低于10%”我没看懂，不敢猜"),
        ("新增提醒：节前30天A类客户库存不足15天就提醒负责人", "哪个节"),
        ("新增提醒：A类客户库存不足15箱就提醒负责人", "库存不足15天"),
        ("新增提醒：A类客户库存不足15天", "提醒谁"),
        ("新增提醒：A类客户库存不足15天就提醒老王头", "老王头"),
        ("新增提醒：A类客户库存不足15天或者30天没拜访，提醒负责人", "拆成两条"),
        ("新增提醒：去年同期增长超过20%，提醒负责人", "跟着节日"),
        ("新增提醒：提醒负责人", "什么情况下"),
        ("新增提醒：客户900天没拜访，提醒负责人", "1 到 366"),
    ],
)
def test_what_is_not_understood_is_said_and_never_guessed(sentence: str, words: str) -> None:
    asked = read(sentences.asks(sentence), "P202", load(), lexicon())
    assert asked.alert is None and words in asked.problem, asked


def test_a_reminder_of_ones_own_is_no_rule() -> None:
    for text in ("提醒我明天去惠民", "记得提醒他", "这家提醒过了"):
        assert sentences.asks(text) == ""


def test_an_alert_goes_from_a_sentence_to_the_rep_and_back(
    tmp_path: Path, clock: TestClock, pool: SensePool
) -> None:
    clock.at = datetime(2026, 1, 25, 10, 7, tzinfo=shop.ZONE)
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, pool=pool) as there:
        with there.house.store.write() as session:
            for days in (55, 40, 25, 10):
                day = date(2026, 1, 25) - timedelta(days=days)
                shop.record(session, "order", day, customer="C0001", product="SKU-YW", quantity=30)
            yesterday = date(2026, 1, 24)
            shop.record(session, "stock_check", yesterday, customer="C0001", product="SKU-YW", quantity=6)
        there.say("liwei", SPRING)
        assert "销售运营或管理员" in there.last("liwei")
        there.say("d-machao", SPRING)
        card = str(there.cards("d-machao")[-1])
        for part in (
            "春节前 30 天内",
            "A 类客户",
            "不够卖 15 天",
            "客户负责人",
            "会提醒 1 次，1 家：惠民超市朝阳店",
        ):
            assert part in card
        assert "还够卖" not in "".join(there.texts("liwei"))
        there.tap("d-machao", "发布")
        there.settle()
        (told,) = [words for words in there.texts("liwei") if "还够卖" in words]
        assert "「惠民超市朝阳店」离春节还有23天" in told and "原味酸奶" in told
        there.say("d-machao", "现在有哪些提醒")
        assert "A类客户库存不足15天" in there.last("d-machao")
        there.say("d-machao", "退回上一版规则")
        assert "已退回" in there.last("d-machao")
        there.say("d-machao", "有哪些提醒")
        assert "A类客户库存不足15天" not in there.last("d-machao")
        with there.house.store.read() as session:
            trail = session.scalars(select(AuditRow).where(AuditRow.subject == "rulebook")).all()
        assert [(row.who, row.old == row.new) for row in trail] == [("P202", False), ("P202", False)]
