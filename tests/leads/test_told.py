"""Leads told in the chat: announced as such, every value from the words, asked for when there is too little."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.language.new_leads import is_enough, lead_in
from nlu.senses.workers import SensePool
from storage.leads import Leads
from tests.conftest import TestClock
from tests.world import world


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (
            "新线索：喜乐汇超市钱店长 13900000001，朝阳区，想要酸奶进货价",
            {
                "company": "喜乐汇超市",
                "person": "钱店长",
                "mobile": "13900000001",
                "district": "朝阳区",
                "need": "想要酸奶进货价",
            },
        ),
        (
            "来了个客户，悦来酒店韩经理，电话 139 0000 0004，要早餐鲜奶",
            {"company": "悦来酒店", "person": "韩经理", "mobile": "13900000004", "need": "要早餐鲜奶"},
        ),
        (
            "有条新线索，晨光食堂，北京市丰台区，月结",
            {"company": "晨光食堂", "city": "北京", "district": "丰台区", "need": "月结"},
        ),
    ],
)
def test_every_value_of_an_announced_lead_is_found(text: str, values: dict[str, str]) -> None:
    found = lead_in(text)
    assert found is not None and is_enough(found)
    assert {name: said.value for name, said in found.items()} == values


@pytest.mark.parametrize(
    "text",
    [
        "有新线索吗",
        "我的线索",
        "今天来了个客户，看了看就走了",
        "拜访了喜乐汇超市，见了钱店长 13900000001",
        "新开了一家店，老板姓钱",
    ],
)
def test_what_is_not_said_as_a_lead_is_none(text: str) -> None:
    assert lead_in(text) is None


@given(st.text(max_size=40))
def test_no_value_is_invented(rest: str) -> None:
    found = lead_in(f"新线索：{rest}") or {}
    for said in found.values():
        assert said.words in rest


def test_a_told_lead_comes_in_once_confirmed_and_goes_when_taken_back(
    tmp_path: Path, clock: TestClock, pool: SensePool
) -> None:
    clock.forward(hours=10)  # nobody is given leads in the evening
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, pool=pool) as there:
        there.say("liwei", "新线索：喜乐汇超市钱店长 13900000001，朝阳区，想要酸奶进货价")
        assert there.buttons("liwei") == ["确认", "修改", "放弃"]
        there.say("liwei", "新线索：喜乐汇超市")
        assert "至少要有电话" in there.last("liwei")
        there.say("liwei", "确认")
        with there.house.store.read() as session:
            (lead,) = Leads(session, who="x", now=clock()).in_state("new")
        assert (lead.company, lead.contact, lead.phone) == ("喜乐汇超市", "钱店长", "13900000001")
        there.say("liwei", "撤销")
        with there.house.store.read() as session:
            assert [one.id for one in Leads(session, who="x", now=clock()).in_state("lost")] == [lead.id]


def test_a_lead_that_he_is_in_touch_with_stands_in_his_morning_plan(
    tmp_path: Path, clock: TestClock, pool: SensePool
) -> None:
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, pool=pool) as there:
        there.say("liwei", "新线索：喜乐汇超市钱店长 13900000001，朝阳区，想要酸奶进货价")
        there.say("liwei", "确认")
        there.settle()
        there.say("zhangmin", "喜乐汇超市联系上了")
        there.forward(hours=22, minutes=10)  # 08:17 the next day
        told = "\n".join(there.texts("zhangmin"))
        assert "手上的线索（1）" in told
        assert "喜乐汇超市 钱店长 13900000001：跟进中，已 22 小时" in told
