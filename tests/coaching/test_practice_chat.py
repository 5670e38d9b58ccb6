"""Practice talks through the whole bot, as a rep has them in the chat."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from storage.practice_tables import PracticeRow
from tests.coaching.strategies import BAD, GOOD
from tests.conftest import TestClock
from tests.world import World, world


@pytest.fixture
def there(tmp_path: Path) -> Iterator[World]:
    clock = TestClock(datetime(2026, 3, 10, 2, 7, tzinfo=UTC))
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock) as found:
        yield found


def talks(there: World) -> list[PracticeRow]:
    with there.house.store.read() as session:
        return list(session.exec(select(PracticeRow).order_by(PracticeRow.id)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "scene"),
    [
        ("陪我练一下价格异议，便利店嫌贵的", "price_corner_shop"),
        ("陪我练一局食堂信不过新牌子", "trust_canteen"),
        ("来一局，店长做不了主的", "timing_store_manager"),
    ],
)
def test_each_type_is_won_by_a_good_talk_and_lost_by_a_bad_one(there: World, asked: str, scene: str) -> None:
    there.say("liwei", f"{asked}，简单点")
    for line in GOOD[scene]:
        if talks(there)[-1].state == "open":
            there.say("liwei", line)
    there.say("liwei", f"{asked}，考试，简单点")
    for line in BAD:
        if talks(there)[-1].state == "open":
            there.say("liwei", line)
    good, bad = talks(there)
    assert (good.scene_id, good.state, good.mode) == (scene, "won", "train")
    assert (bad.scene_id, bad.state, bad.mode) == (scene, "lost", "exam")
    assert (good.overall or 0) >= 60 > 40 > (bad.overall or 0)
    told = [text for text in there.texts("liwei") if "得分" in text]
    assert len(told) == 2 and "谈成了" in told[0] and "没谈成" in told[1]
    assert any(line[:8] in told[0] for line in GOOD[scene])  # his own words stand beside the points
    assert told[1].count("先改") <= 2


def test_a_talk_waits_through_a_pause_work_and_a_restart(there: World) -> None:
    there.say("liwei", "陪我练一下价格异议，便利店嫌贵的")
    there.say("liwei", "陈姐，您店里酸奶平时一周大概走几箱？")
    there.say(
        "liwei", "见了惠民超市朝阳店王经理，订50箱原味酸奶"
    )  # work is work, also in the middle of a talk
    assert "惠民超市朝阳店" in there.last("liwei") and len(talks(there)[0].turns) == 3
    there.tap("liwei", "放弃")
    there.say("liwei", "暂停")
    assert talks(there)[0].state == "paused"
    there.restart()
    there.forward(hours=20)
    there.say("liwei", "继续练")
    assert "三箱出头" in there.last("liwei")
    there.say("liwei", "您觉得贵很正常，换我也得算一算。您是跟哪家的货比的？")
    assert "杯装" in there.last("liwei")
    there.forward(hours=1)  # nobody said anything for an hour: words are for work again
    there.say("liwei", "你好")
    assert len(talks(there)[0].turns) == 5


def test_the_morning_after_a_lost_negotiation_brings_its_card(there: World) -> None:
    there.say("liwei", "拜访了惠民超市朝阳店，见了王经理，他嫌一箱才赚几块没啥赚头，没谈拢")
    there.tap("liwei", "确认")
    there.clock.at = datetime(2026, 3, 10, 22, 0, tzinfo=UTC)  # six in the morning
    there.house.reminder_rounds.run_once()
    there.forward(hours=2, minutes=35)
    pushed = [text for text in there.texts("liwei") if "今天的十分钟" in text]
    assert len(pushed) == 1 and "没谈成" in pushed[0] and "昨天「惠民超市朝阳店」" in pushed[0]
    there.say("liwei", "开始今天的练习")
    assert "【话术】" in there.last("liwei")
