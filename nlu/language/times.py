"""Days and times as reps say them, relative to a given now: 下周三之前, 月底, 大后天上午, 半小时后, 清明前.

Rules of reading (a week runs Monday to Sunday): “X之前” is X itself for a weekday, a day of the month or the end of a
period, and the day before for a festival. A clock time of 1 to 6 without 早/晨/凌晨 is in the afternoon. A part of the
day without a clock time is only a day: no hour is made up. Impossible days (2月30日) are kept, to be asked about.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from nlu.language import days
from nlu.language.clock import CLOCK, PART, read_clock
from nlu.language.day import Day

Kind = Literal["date", "datetime", "range", "recurring", "vague", "impossible"]

_MIDDLE = re.compile(r"(?:的|，)?")
_SUFFIX = re.compile(
    r"(?:(?P<work>下班|上班|开门|关门|打烊)(?:之|以)?前|左右|前后|(?P<before>之前|以前|前(?![台面端提期任排十几]))"
    r"|(?P<within>之内|以内|内(?![部容蒙]))|(?P<after>之后|以后|过后|后(?![勤面台仓排天]))(?:的?第(?P<nth>[一二三四五\d])(?P<what>个工作日|天))?"
    r"|当天|期间|起|开始|为止)"
)
_TO = re.compile(r"(?:到|至|-|－|~|—+|～)(?:了)?")
_NOT_A_CLOCK_BEFORE = "有这第几提哪返降让涨差快慢早晚好多少高低贵"
_NOT_A_CLOCK_AFTER = "意建要问诉原理希注"


@dataclass(frozen=True, slots=True)
class When:
    """A time that was said. `value` is None where the words are vague or impossible.

    `past` is the other reading, for something that has already happened (周五, 15号). `until` ends a range.
    """

    start: int
    end: int
    kind: Kind
    value: date | datetime | None
    until: date | datetime | None = None
    past: date | datetime | None = None
    alternatives: tuple[date | datetime, ...] = ()
    deadline: bool = False
    part: str = ""
    problem: str = ""
    rule: str = ""
    """How a recurring time recurs, as an RRULE (FREQ=WEEKLY;BYDAY=MO)."""

    def at(self, done: bool) -> date | datetime | None:
        """The reading for something done, or still to come."""
        return self.past if done and self.past is not None else self.value


def find_times(text: str, now: datetime) -> Iterator[When]:
    """Every time in the text, from left to right, without overlaps. `now` is aware and in the company's zone.

    Within a sentence an hour or a part of the day belongs to the day named before it (明天上午十点去…，下午两点去…).
    """
    at = 0
    named: When | None = None
    while at < len(text):
        match = days.START.search(text, at)
        if match is None:
            return
        if named and re.search("[。！？；]", text[named.end : match.start()]):
            named = None
        found = _time_at(text, match.start(), now, named)
        if found is None:
            at = match.start() + 1
            continue
        if found.kind in ("date", "datetime") and found.value is not None and not found.deadline:
            named = found
        yield found
        at = found.end


def iso(value: date | datetime) -> str:
    """A day as YYYY-MM-DD, a time as ISO 8601 with offset."""
    return value.isoformat()


_NAMES_SOMETHING = re.compile(
    r"的?(?:堆头|档期|活动|促销|礼盒|礼品|海报|陈列|团购|订货会|主题|大促|节目|氛围|布置|物料|政策|方案|地堆|端架|备货|量|货|套装|装饰|档|单)"
)
_OF_GOODS = re.compile(
    r"(?:下午|上午|早上)?(?:那|送|发|进|到|拿|订|买|配|来|签|提)?的?(?:那)?(?:批|箱|次|单|批货|的货|的那)"
)


def _time_at(text: str, at: int, now: datetime, named: When | None) -> When | None:
    first = _point_at(text, at, now, named=named)
    if first is None or first.kind in ("recurring", "impossible", "vague"):
        return first
    joined = _TO.match(text, first.end)
    if joined and first.kind in ("date", "datetime") and not first.deadline:
        second = _point_at(text, joined.end(), now, first)
        if second and second.value is not None:
            return _span(first, second)
    return first


def _span(first: When, second: When) -> When:
    """From the first to the second."""
    kind: Kind = "range"
    until = second.until or second.value
    assert first.value is not None and until is not None
    if isinstance(first.value, datetime) != isinstance(until, datetime):
        return replace(first, end=second.end, kind=kind, until=until)
    if until < first.value:
        return first
    return replace(first, end=second.end, kind=kind, until=until)


def _point_at(
    text: str, at: int, now: datetime, base: When | None = None, named: When | None = None
) -> When | None:
    day = days.day_at(text, at, now, _base_day(base))
    if day is None:
        return _bare_clock(text, at, now, base, named)
    if day.problem:
        return When(at, day.end, "impossible", None, problem=day.problem)
    if day.moment:
        return _with_suffix(text, When(at, day.end, "datetime", day.moment), day, now)
    if day.rule:
        return _recurring(text, at, day, now)
    end = day.end
    if (day.festival and _NAMES_SOMETHING.match(text, end)) or _OF_GOODS.match(text, end):
        # 春节堆头, 昨天那批: part of a name, not when something happened.
        return None
    middle = _MIDDLE.match(text, end)
    after = middle.end() if middle else end
    part = PART.match(text, after)
    clock = CLOCK.match(text, part.end() if part else after)
    if clock and not _is_points(text, clock, part):
        return _with_suffix(text, _clocked(at, clock, part, day, now), day, now)
    if part and day.until is None:
        found = When(at, part.end(), "date", day.value, past=day.past, part=part.group())
        return _with_suffix(text, found, day, now)
    kind: Kind = "vague" if day.value is None else "range" if day.until else "date"
    found = When(
        at, end, kind, day.value, until=day.until, past=day.past, alternatives=day.alternatives, part=day.part
    )
    return _with_suffix(text, found, day, now)


def _is_points(text: str, clock: re.Match[str], part: re.Match[str] | None) -> bool:
    """今天有三点要求: points that were made, no time."""
    return (
        part is None and not clock["tail"] and text[clock.end() : clock.end() + 1] in set(_NOT_A_CLOCK_AFTER)
    )


def _clocked(at: int, clock: re.Match[str], part: re.Match[str] | None, day: Day, now: datetime) -> When:
    words = part.group() if part else day.part
    moment = read_clock(clock, words)
    if moment is None:
        return When(at, clock.end(), "impossible", None, problem=f"没有{clock.group()}这个时间")
    if day.value is None:
        return When(at, clock.end(), "vague", None)
    later, hour, minute = moment
    return When(
        at,
        clock.end(),
        "datetime",
        _moment(day.value, later, hour, minute, now),
        past=_moment(day.past, later, hour, minute, now) if day.past else None,
    )


def _moment(day: date, later: int, hour: int, minute: int, now: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=now.tzinfo) + timedelta(days=later)


def _bare_clock(text: str, at: int, now: datetime, base: When | None, named: When | None) -> When | None:
    """A clock time without a day is today's; the second of a range takes the day and the half of the first."""
    part = PART.match(text, at)
    clock = CLOCK.match(text, part.end() if part else at)
    if clock is None:
        day_meant = _base_day(named) or (now.date() if part and part.group() in days.TODAY_PARTS else None)
        if part is None or day_meant is None or (part.end() - at < 2 and named is not None):
            return None
        found = When(at, part.end(), "date", day_meant, part=part.group())
        return _with_suffix(text, found, Day(day_meant, part.end()), now)
    if part is None and not clock["tail"] and not clock["colon"]:
        before, after = text[at - 1 : at], text[clock.end() : clock.end() + 1]
        unlikely = before in set(_NOT_A_CLOCK_BEFORE) or after in set(_NOT_A_CLOCK_AFTER)
        if unlikely or clock["hour"] in ("一", "1"):
            return None
    words = part.group() if part else (base.part if base else "")
    day = Day(_base_day(base) or _base_day(named) or now.date(), clock.end(), part=words)
    found = _clocked(at, clock, part, day, now)
    if (
        base
        and isinstance(base.value, datetime)
        and isinstance(found.value, datetime)
        and found.value <= base.value
    ):
        later = found.value + timedelta(hours=12)
        found = replace(found, value=later if later.hour >= base.value.hour else found.value)
    return _with_suffix(text, found, day, now)


def _recurring(text: str, at: int, day: Day, now: datetime) -> When:
    part = PART.match(text, day.end)
    clock = CLOCK.match(text, part.end() if part else day.end)
    end = clock.end() if clock else part.end() if part else day.end
    return When(at, end, "recurring", day.value, rule=day.rule)


def _with_suffix(text: str, found: When, day: Day, now: datetime) -> When:
    match = _SUFFIX.match(text, found.end)
    if match is None or found.kind in ("impossible", "recurring"):
        return found
    if match["after"]:
        return _afterwards(found, day, match)
    if match["within"] and found.until is not None:
        return replace(found, end=match.end(), kind="date", value=found.until, until=None, deadline=True)
    if (
        match["before"]
        and day.festival
        and isinstance(found.value, date)
        and not isinstance(found.value, datetime)
    ):
        eve = found.value - timedelta(days=1)
        return replace(found, end=match.end(), value=eve, past=None, until=None, kind="date", deadline=True)
    if match["before"] and found.until is not None and not day.festival:
        # 下周前, 3月前: before the period begins or within it? Nobody can tell.
        return replace(
            found,
            end=match.end(),
            kind="date",
            value=None,
            until=None,
            alternatives=(found.value, found.until) if found.value else (),
            deadline=True,
        )
    deadline = bool(match["before"] or match["within"] or match["work"])
    return replace(found, end=match.end(), deadline=deadline)


def _afterwards(found: When, day: Day, match: re.Match[str]) -> When:
    """After a festival is the first day that is no holiday; after a plain day nobody can tell which."""
    until = found.until or found.value
    target = None
    if until is not None and not isinstance(until, datetime):
        target = days.after(until, day.festival, match["nth"], match["what"])
    kind: Kind = "date" if target else "vague"
    return replace(found, end=match.end(), kind=kind, value=target, until=None, past=None, alternatives=())


def _base_day(base: When | None) -> date | None:
    if base is None or base.value is None:
        return None
    return base.value.date() if isinstance(base.value, datetime) else base.value
