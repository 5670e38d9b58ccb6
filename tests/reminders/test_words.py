"""What people say to their reminders, and what is no word about them."""

import json
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from domain.intents import Intent
from domain.intents.reminders import QuietHours, ReminderList, ResumeReminder, Snooze, StopReminder
from nlu.asked_reminders import asked_reminder
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
        ("推迟半小时", timedelta(minutes=30)),
        ("晚20分钟再提醒我", timedelta(minutes=20)),
        ("半小时后提醒我", timedelta(minutes=30)),
        ("晚点提醒我", timedelta(minutes=30)),
        ("推迟到下午3点", timedelta(hours=4, minutes=53)),
    ],
)
def test_later_is_a_time(text: str, later: timedelta) -> None:
    assert meant(text) == Snooze(until=NOW + later, words=text)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("明天再说", Snooze(words="明天再说")),
        ("明天再提醒我吧", Snooze(words="明天再提醒我吧")),
        ("推迟到明天", Snooze(words="推迟到明天")),
        ("明天提醒我", Snooze(words="明天提醒我")),
        ("今天别提醒了", Snooze(words="今天别提醒了")),
        ("别再提醒这个了", StopReminder()),
        ("知道了，别提醒了", StopReminder()),
        ("别提醒我了", StopReminder()),
        ("别再提醒我跟进了", StopReminder(words="跟进提醒")),
        ("晨报不用发了", StopReminder(words="晨报")),
        ("把早报关了", StopReminder(words="早报")),
        ("不想看晨报了", StopReminder(words="晨报")),
        ("恢复跟进", ResumeReminder(words="跟进提醒")),
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
        "半小时后提醒我给王总打电话",
        "推迟到下周三送货",
        "订单取消",
        "客户说先别提醒他付款",
    ],
)
def test_what_tells_of_work_is_left_to_others(text: str) -> None:
    assert meant(text) is None


def test_while_something_waits_for_an_answer_only_words_of_reminders_are_taken() -> None:
    assert meant("明天再说", busy=True) is None
    assert meant("明天再提醒我", busy=True) == Snooze(words="明天再提醒我")


@pytest.mark.parametrize(
    ("text", "when", "what"),
    [
        ("提醒我明天下午三点给王总回电话", "03-11 15:00", "给王总回电话"),
        ("明天上午9点提醒我给王总打电话", "03-11 09:00", "给王总打电话"),
        ("下午三点提醒我去华联超市", "03-10 15:00", "去华联超市"),
        ("提醒我周五交周报", "03-13 08:30", "交周报"),
        ("半小时后提醒我给王总打电话", "03-10 10:37", "给王总打电话"),
        ("别忘了提醒我明天带样品", "03-11 08:30", "带样品"),
        ("小访，提醒一下我后天下午给华联送样", "03-12 14:00", "给华联送样"),
        ("明晚提醒我，要准备报价单。", "03-11 19:00", "准备报价单"),
        ("提醒我给王总回电话，明天下午三点", "03-11 15:00", "给王总回电话"),
        ("下午三点提醒我明天要去华联收款", "03-10 15:00", "明天要去华联收款"),
        ("提醒我带样品", None, "带样品"),
        ("今天提醒我带样品", None, "带样品"),
    ],
)
def test_what_somebody_wants_to_be_reminded_of(text: str, when: str | None, what: str) -> None:
    found = asked_reminder(text, NOW)
    assert found is not None and found.what == what and not found.often
    assert (found.at.strftime("%m-%d %H:%M") if found.at else None) == when


def test_what_is_to_be_said_again_and_again_is_known_as_that() -> None:
    found = asked_reminder("每天早上8点提醒我看库存", NOW)
    assert found is not None and found.often and found.what == "看库存"


@pytest.mark.parametrize(
    "text",
    ["王经理提醒我明天送货", "华联的老板下午3点提醒我补货", "提醒他明天付款", "明天提醒我", "谢谢提醒我了"],
)
def test_who_was_reminded_by_others_wants_no_reminder(text: str) -> None:
    assert asked_reminder(text, NOW) is None


def test_no_sentence_of_the_language_tests_is_taken() -> None:
    folder = Path(__file__).parents[1] / "language"
    cases: list[Any] = [yaml.load(f.read_text(), yaml.CSafeLoader) for f in folder.glob("cases/*.yaml")]
    cases += [json.loads(line) for f in folder.glob("held/*.jsonl") for line in f.read_text().splitlines()]
    said = [words for case in cases for words in texts(case)]
    assert len(said) > 5000
    taken = [words for words in said if meant(words) or asked_reminder(words, NOW)]
    assert taken == ["提醒我下周三上午十点去拜访万家福超市"]  # a plan, and left to be one


def texts(case: Any) -> Iterator[str]:
    if isinstance(case, str):
        yield case
    elif isinstance(case, dict | list):
        for part in case.values() if isinstance(case, dict) else case:
            yield from texts(part)
