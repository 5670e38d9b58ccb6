"""What people say to their reminders, and what is no word about them."""

import json
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from domain.intents import Intent, QuietHours, ReminderList, ResumeReminder, Snooze, StopReminder
from nlu.reminding import about_reminders

NOW = datetime(2026, 3, 10, 10, 7, tzinfo=ZoneInfo("Asia/Shanghai"))
NAMES = {"晨报", "早报", "跟进提醒", "补记提醒"}


def meant(text: str, *, busy: bool = False) -> Intent | None:
    return about_reminders(text, NOW, NAMES, busy=busy)


@pytest.mark.parametrize(
    ("text", "later"),
    [
        ("半小时后再提醒", timedelta(minutes=30)),
        ("半个小时后再提醒我", timedelta(minutes=30)),
        ("过20分钟再提醒我一下", timedelta(minutes=20)),
        ("两个小时后再说", timedelta(hours=2)),
        ("一个半小时后再提醒", timedelta(minutes=90)),
        ("十五分钟后再提醒我", timedelta(minutes=15)),
        ("等会儿再提醒我", timedelta(minutes=30)),
        ("下午3点再提醒我", timedelta(hours=4, minutes=53)),
        ("明天上午9点再提醒我", timedelta(hours=22, minutes=53)),
    ],
)
def test_later_is_a_time(text: str, later: timedelta) -> None:
    assert meant(text) == Snooze(until=NOW + later, words=text)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("明天再说", Snooze(words="明天再说")),
        ("明天再提醒我吧", Snooze(words="明天再提醒我吧")),
        ("别再提醒这个了", StopReminder()),
        ("这个不用再提醒我了", StopReminder()),
        ("别再发晨报了", StopReminder(words="晨报")),
        ("停掉早报", StopReminder(words="早报")),
        ("恢复晨报", ResumeReminder(words="晨报")),
        ("晚上8点以后别发", QuietHours(start=time(20))),
        ("8点半以后别给我发消息了", QuietHours(start=time(20, 30))),
        ("早上8点半再提醒我", QuietHours(end=time(8, 30))),
        ("早上8点之前不要打扰我", QuietHours(end=time(8))),
        ("提醒时间恢复默认", QuietHours()),
        ("我的提醒", ReminderList()),
    ],
)
def test_the_words_about_reminders_are_known(text: str, intent: Intent) -> None:
    assert meant(text) == intent


@pytest.mark.parametrize(
    "text",
    [
        "提醒我明天去惠民超市",
        "明天再去一趟惠民",
        "王经理说明天再说",
        "恢复供货了",
        "停掉样品",
        "取消订单",
        "不用送货了",
        "别再送了，货架满了",
        "半小时后再去好邻居",
        "客户说晚上8点以后别送货",
        "明天再说价格的事，先签到",
    ],
)
def test_what_tells_of_work_is_left_to_others(text: str) -> None:
    assert meant(text) is None


def test_while_something_waits_for_an_answer_only_words_of_reminders_are_taken() -> None:
    assert meant("明天再说", busy=True) is None
    assert meant("明天再提醒我", busy=True) == Snooze(words="明天再提醒我")


def test_no_sentence_of_the_language_tests_is_taken() -> None:
    folder = Path(__file__).parents[1] / "language"
    cases: list[Any] = [yaml.load(f.read_text(), yaml.CSafeLoader) for f in folder.glob("cases/*.yaml")]
    cases += [json.loads(line) for f in folder.glob("held/*.jsonl") for line in f.read_text().splitlines()]
    said = [words for case in cases for words in texts(case)]
    assert len(said) > 5000
    assert [words for words in said if meant(words)] == []


def texts(case: Any) -> Iterator[str]:
    if isinstance(case, str):
        yield case
    elif isinstance(case, dict | list):
        for part in case.values() if isinstance(case, dict) else case:
            yield from texts(part)
