"""From the words of a meeting to the calendar and back, through the whole bot and both platforms."""

from pathlib import Path
from typing import Any

from nlu.senses.workers import SensePool
from tests.conftest import TestClock
from tests.world import World, world


def agenda(there: World, who: str) -> dict[str, list[dict[str, Any]]]:
    return there.dingtalk.agenda(who)


def test_minutes_reach_the_calendar_and_what_is_changed_there_comes_back(
    tmp_path: Path, clock: TestClock, pool: SensePool
) -> None:
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, pool=pool) as there:
        there.say("zhoujianguo", "会议待办：李伟周五前把报价发给永旺；张敏下周三前给华联送样")
        assert agenda(there, "d-liwei") == {"events": [], "todos": []}, "nothing before it is confirmed"
        there.tap("zhoujianguo", "确认")
        (event,), (todo,) = agenda(there, "d-liwei").values()
        assert (event["title"], event["date"], todo["title"]) == (
            "把报价发给永旺",
            "2026-03-13",
            "把报价发给永旺",
        )
        there.dingtalk.move_event(event["id"], "2026-03-16")
        there.settle()
        assert "在钉钉里改到 3月16日" in there.last("liwei")
        there.say("liwei", "那个发报价的待办改到下周三")
        assert [one["date"] for one in agenda(there, "d-liwei")["events"]] == ["2026-03-18"]
        there.dingtalk.tick_off(todo["id"])
        there.settle()
        assert "标成了已完成" in there.last("liwei")
        there.say("liwei", "我的待办")
        assert "没有未完成" in there.last("liwei")
        there.say("zhoujianguo", "取消给华联送样的待办")
        assert agenda(there, "d-zhangmin") == {"events": [], "todos": []}


def test_a_bot_that_is_ended_in_between_goes_on_where_it_was(
    tmp_path: Path, clock: TestClock, pool: SensePool
) -> None:
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, pool=pool) as there:
        for path in ("POST calendars/primary/events", "POST /tasks"):
            there.dingtalk.fail_next(path, times=2, drop=True)
        there.say("zhoujianguo", "会议待办：李伟周五前把报价发给永旺")
        there.tap("zhoujianguo", "确认")
        there.restart()
        there.forward(minutes=5)
        assert len(there.dingtalk.events) == len(there.dingtalk.todos) == 1
