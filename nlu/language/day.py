"""What a day is when it has been read, and the small arithmetic that all readers of days share."""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from nlu.language.numbers import exact

N = r"(?:\d{1,3}|[零〇一二两三四五六七八九十廿卅百]{1,4})"
D = r"(?:\d{1,2}|[一二三四五六七八九十廿卅]{1,3})"
YEAR = r"(?:(?P<year>\d{4}|\d{2}|[二一][零〇九][零〇一二三四五六七八九]{2})年|(?P<near>今年|明年|去年|前年|后年)的?)"
MONTHLY = r"(?P<which>上上|下下|上|下|这|本|当)?(?:个)?月"
WEEK = r"(?:周|星期|礼拜)"
RELATIVE = {"上上": -2, "上": -1, "这": 0, "本": 0, "当": 0, "下": 1, "下下": 2}
WEEKDAYS = {**{c: i for i, c in enumerate("一二三四五六日")}, "天": 6, **{str(i + 1): i for i in range(7)}}
NEAR_YEARS = {"前年": -2, "去年": -1, "今年": 0, "明年": 1, "后年": 2}
NEAR_DAYS = {"大前": -3, "前": -2, "昨": -1, "今": 0, "当": 0, "明": 1, "次": 1, "后": 2, "大后": 3}
ORDINALS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}


@dataclass(frozen=True, slots=True)
class Day:
    """A day or a period as read. `past` is the reading for something already done."""

    value: date | None
    end: int
    until: date | None = None
    past: date | None = None
    alternatives: tuple[date, ...] = ()
    part: str = ""
    problem: str = ""
    rule: str = ""
    festival: bool = False
    moment: datetime | None = None
    """Where the words give a moment (半小时后)."""


Reader = Callable[[re.Match[str], datetime, date | None], Day | None]
"""(match, now, the day that a range began with) → the day."""


def month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def add_months(day: date, months: int) -> date:
    """The same day so many months later, the last day of that month where it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def whole_number(words: str) -> int | None:
    value = exact(words)
    return int(value) if value is not None else None


def year_said(match: re.Match[str], now: datetime) -> int | None:
    words = match["year"]
    if words:
        number = whole_number(words)
        return number + 2000 if number is not None and number < 100 else number
    near = match["near"]
    return now.year + NEAR_YEARS[near] if near else None


def exact_day(year: int, month: int, day: int, end: int, words: str) -> Day:
    if not 1 <= month <= 12:
        return Day(None, end, problem=f"没有{month}月")
    if not 1 <= day <= monthrange(year, month)[1]:
        return Day(None, end, problem=f"{year}年{month}月没有{day}日")
    return Day(date(year, month, day), end)


def nearest_year(month: int, day: int, today: date, match: re.Match[str]) -> Day:
    """A day of the year without its year: this year's, unless it lies more than half a year back."""
    # 29 February is possible somewhere in the next four years, so the year decides.
    this = exact_day(today.year, month, day, match.end(), match.group())
    if this.problem or this.value is None:
        return this
    if (today - this.value).days > 183:
        later = exact_day(today.year + 1, month, day, match.end(), match.group())
        return Day(later.value, match.end(), past=this.value, problem=later.problem)
    if this.value > today:
        before = exact_day(today.year - 1, month, day, match.end(), match.group())
        close = before.value if (this.value - today).days > 183 else None
        return Day(this.value, match.end(), past=close)
    return this
