"""A trainer tells a lost deal in the chat, and everybody can practise it at once."""

import pytest

from coaching.case_questions import QUESTIONS, Unclear, case_of, next_question
from coaching.coach import Coach
from storage.store import Store
from tests.coaching.apprentice import Apprentice

TOLD = [
    "社区水果店，想上纯牛奶，第二次谈",
    "就是嫌贵",
    "老梅，老板，急脾气，他能定",
    "隔壁批发部",
    "我：梅老板，纯牛奶来几箱？\n客户：你家比批发部贵两块呢\n我：我们质量好\n客户：质量好有啥用，卖不动",
    "我：那给您便宜一块\n客户：便宜一块也比人家贵\n我：再便宜我没钱赚了\n客户：那算了，我从批发部拿",
    "第5句",
    "没问跟谁比；一说贵就降价",
    "先问批发部的规格；用单盒算账",
    "走货：一周两箱\n真顾虑：上次送晚了三天",
]


def test_a_lost_deal_is_asked_for_and_practised_at_once(sqlite_store: Store, coach: Coach) -> None:
    trainer = Apprentice(sqlite_store, coach, None, role="trainer")
    assert "背景" in trainer.say("加个丢单案例")
    assert "真实客户名" in trainer.say("在惠民超市朝阳店谈酸奶")  # nobody's deal is told by its name
    answers = [trainer.say(words) for words in TOLD]
    assert "至少 8 句" in answers[4] and answers[-1] == "丢单案例"  # the card
    assert "撤下案例 1" in trainer.say("确认")
    assert "水果店" in trainer.say("陪我练案例1")
    assert "一周两箱" in trainer.say("梅老板，您店里纯牛奶一周走多少箱？")
    assert "贵两块" in trainer.say("我们家的纯牛奶您看看。")
    trainer.say("不练了")
    trainer.say("撤下案例1")
    assert "水果店" not in trainer.say("陪我练案例1")


def test_what_was_said_wrongly_is_said_again(sqlite_store: Store, coach: Coach) -> None:
    trainer = Apprentice(sqlite_store, coach, None, role="trainer")
    trainer.say("加个丢单案例")
    trainer.say(TOLD[0])
    trainer.say("嫌贵")
    assert "哪一类" in trainer.say("重说")
    assert "怎么称呼" in trainer.say("质量信不过")
    assert "不加了" in trainer.say("算了")


def test_only_who_trains_adds_cases(sqlite_store: Store, coach: Coach) -> None:
    assert "培训" in Apprentice(sqlite_store, coach, None).say("加个丢单案例")


def test_persona_is_read_from_a_sentence() -> None:
    persona = next(q for q in QUESTIONS if q.key == "persona")
    assert persona.read("小许，店长，挺好说话，做不了主", {}) == {
        "name": "小许", "role": "店长", "mood": 1, "patience": 5, "decides": False,
    }  # fmt: skip
    with pytest.raises(Unclear, match="身份"):
        persona.read("一个人", {})


def test_a_case_is_complete_when_nothing_is_left_to_ask() -> None:
    told: dict[str, object] = {}
    for words in TOLD:
        question = next_question(told)
        assert question
        told[question.key] = question.read(words, told)
    assert next_question(told) is None
    case = case_of(told, 7)
    assert (case.id, case.turning_point, case.lost_to) == ("taught_7", 5, "隔壁批发部")
