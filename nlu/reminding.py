"""What people say to the reminders that they get: later, never again, again after all, not at these hours. Pure.

Whole messages alone are taken, so that no sentence that tells of a visit is.
"""

import re
from collections.abc import Collection
from datetime import datetime, time, timedelta

from domain.intents import Intent
from domain.intents.reminders import QuietHours, ReminderList, ResumeReminder, Snooze, StopReminder
from nlu.language.times import find_times

A_WHILE = timedelta(minutes=30)
"""What 等会儿 means."""

_END = r"(?:吧|啊|呀|哈|哦|了|一下|一次|一遍)*[。.！!～~\s]*$"
_N = r"(?P<n>\d{1,3}|半|[一二两三四五六七八九十]{1,3})"
_AGAIN = r"(?:再(?:提醒|叫|喊|通知)(?:我)?|(?:提醒|叫|喊)我)"
_KNOWN = r"^(?:(?:知道|收到|明白|好)(?:了|的|啦)?[，,。\s]*)?"
_IN = re.compile(
    rf"^(?:请|麻烦)?(?:过|等|隔)?{_N}(?P<half>个半)?个?(?P<unit>分钟|小时|钟头|刻钟)(?:之后|以后|后)?"
    rf"(?:{_AGAIN}|再说){_END}"
)
_SOON = re.compile(
    rf"^(?:过|等)?(?:一会儿?|会儿?|一下|晚点|晚一点|稍后|待会儿?|回头)(?:之后|后)?{_AGAIN}{_END}"
)
_TOMORROW = re.compile(rf"^(?:明天|明早|明日)(?:早上)?(?:{_AGAIN}|再说){_END}")
_AT = re.compile(rf"^(?P<when>.{{2,14}}?)(?:的时候|时)?(?:之后|以后)?{_AGAIN}{_END}")
_PUT_OFF = re.compile(
    rf"^(?:提醒)?(?:再|先)?(?:推迟|延后|往后推|推后|晚){_N}(?P<half>个半)?个?(?P<unit>分钟|小时|钟头|刻钟)(?:{_AGAIN}|提醒|再说)?{_END}"
)
_PUT_OFF_TO = re.compile(
    rf"^(?:提醒)?(?:推迟|延后|改|挪|推)到(?P<when>.{{2,14}}?)(?:{_AGAIN}|提醒|再说)?{_END}"
)
_NOT_TODAY = re.compile(
    _KNOWN + r"(?:先|今天)(?:就)?(?:先)?(?:别|不要|不用|甭|不必)(?:再)?(?:提醒|通知)(?:我)?" + _END
)
_STOP = re.compile(
    _KNOWN
    + r"(?:这个|这条|这件事?)?(?:就)?(?:别|不要|不用|甭|不必)(?:再)?(?:提醒|通知)(?:我)?(?:这个|这条|这件事?|这家)?"
    + _END
)
_STOP_NAMED = re.compile(
    r"^(?:(?:以后)?(?:别|不要|不用|不想)(?:再)?(?:给我)?(?:发|推|提醒|看|收)(?:我)?|停掉?|停止|停发|停用|关掉|关闭|取消|暂停)(?:我的)?[“「]?(?P<name>[^”」，。]{2,10}?)[”」]?"
    + _END
)
_STOP_AFTER = re.compile(
    r"^(?:以后)?(?:把)?[“「]?(?P<name>[^”」，。]{2,10}?)[”」]?(?:以后)?(?:(?:就)?(?:别|不要|不用|不想)(?:再)?(?:给我)?(?:发|推|提醒|看|收)(?:我)?"
    r"|给我(?:关|停)掉?|关掉|停掉|关|停|取消)" + _END
)
_RESUME = re.compile(
    r"^(?:恢复|继续|重新|打开|开启|接着)(?:给我)?(?:发|推)?(?:我的)?[“「]?(?P<name>[^”」，。]{2,10}?)[”」]?"
    + _END
)
_LIST = re.compile(
    r"^(?:看看|查看|看一下|查一下|列出)?我的(?:定时)?提醒(?:有哪些|列表)?[？?。]*$|^我(?:都)?有(?:哪些|什么)提醒[？?。]*$"
)
_NIGHT = re.compile(
    r"^(?:以后)?(?P<when>.{0,3}?[\d一二两三四五六七八九十]+点半?)(?:钟)?(?:以后|之后|过后|后)(?:都|就)?(?:别|不要|不用)"
    r"(?:再)?(?:给我|跟我)?(?:发|提醒|打扰|推送?|吵)(?:我)?(?:消息|提醒|东西)?" + _END
)
_MORNING = re.compile(
    r"^(?:以后)?(?P<when>.{0,3}?[\d一二两三四五六七八九十]+点半?)(?:钟)?(?:以前|之前|前)(?:都|就)?(?:别|不要|不用)"
    r"(?:再)?(?:给我|跟我)?(?:发|提醒|打扰|推送?|吵)(?:我)?(?:消息|提醒|东西)?" + _END
)
_MORNING_FROM = re.compile(
    rf"^(?:以后)?(?P<when>(?:早上|早晨|上午)[\d一二两三四五六七八九十]+点半?)(?:钟)?(?:以后|之后)?再(?:提醒|发|打扰)(?:我)?{_END}"
)
_USUAL = re.compile(
    r"^(?:恢复|用回)?(?:默认|原来)的?(?:提醒时间|免打扰时间)" + _END + r"|^(?:提醒|免打扰)时间恢复默认" + _END
)
TOMORROW = ("明天", "明早", "明日")
_DIGITS = dict(zip("一二三四五六七八九", range(1, 10), strict=True)) | {"两": 2}


def about_reminders(text: str, now: datetime, names: Collection[str], *, busy: bool = False) -> Intent | None:
    """`names` are those of the schedules. `busy`: something waits for this person's word, so that only what speaks of
    reminders is meant for them. `now` aware, by the person's own clock."""
    words = text.strip()
    if len(words) > 30:
        return None
    if busy and "提醒" not in words:
        return None
    if _LIST.match(words):
        return ReminderList()
    return _hours(words, now) or _later(words, now) or _which(words, names)


def _hours(words: str, now: datetime) -> QuietHours | None:
    if _USUAL.match(words):
        return QuietHours()
    if (found := _NIGHT.match(words)) and (at := _clock(found["when"], now, evening=True)):
        return QuietHours(start=at)
    if (found := _MORNING.match(words) or _MORNING_FROM.match(words)) and (at := _clock(found["when"], now)):
        return QuietHours(end=at)
    return None


def _clock(words: str, now: datetime, *, evening: bool = False) -> time | None:
    """An hour of the day; in the evening where only 8点以后 is said about the end of the day."""
    at = next((w.value for w in find_times(words, now) if w.kind == "datetime"), None)
    if not isinstance(at, datetime):
        return None
    hour = (
        at.hour + 12
        if evening and 5 <= at.hour < 12 and "早" not in words and "上午" not in words
        else at.hour
    )
    return time(hour, at.minute)


def _later(words: str, now: datetime) -> Snooze | None:
    if found := _IN.match(words) or _PUT_OFF.match(words):
        return Snooze(until=now + _span(found), words=words)
    if _NOT_TODAY.match(words):
        return Snooze(words=words)
    if _SOON.match(words):
        return Snooze(until=now + A_WHILE, words=words)
    if _TOMORROW.match(words):
        return Snooze(words=words)
    if found := _AT.match(words) or _PUT_OFF_TO.match(words):
        if found["when"] in TOMORROW:
            return Snooze(words=words)
        at = list(find_times(found["when"], now))
        whole = len(at) == 1 and at[0].end - at[0].start == len(found["when"])
        if whole and isinstance(at[0].value, datetime) and at[0].kind == "datetime":
            until = at[0].value
            return Snooze(until=until if until > now else until + timedelta(days=1), words=words)
    return None


def _span(found: re.Match[str]) -> timedelta:
    unit = {"分钟": 1, "刻钟": 15}.get(found["unit"], 60)
    if found["n"] == "半":
        return timedelta(minutes=unit / 2)
    minutes = _number(found["n"]) * unit + (unit / 2 if found["half"] else 0)
    return timedelta(minutes=minutes)


def _number(words: str) -> int:
    if words.isdecimal():
        return int(words)
    tens, ten, ones = words.rpartition("十")
    return (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0)


def _which(words: str, names: Collection[str]) -> StopReminder | ResumeReminder | None:
    if _STOP.match(words):
        return StopReminder()
    for pattern in (_STOP_NAMED, _STOP_AFTER):
        if (found := pattern.match(words)) and (name := _named(found["name"], names)):
            return StopReminder(words=name)
    if (found := _RESUME.match(words)) and (name := _named(found["name"], names)):
        return ResumeReminder(words=name)
    return None


def _named(words: str, names: Collection[str]) -> str:
    """The reminder that is called so, with 提醒 behind it or without; empty where there is none."""
    return next((name for name in (words, f"{words}提醒", words.removesuffix("提醒")) if name in names), "")
