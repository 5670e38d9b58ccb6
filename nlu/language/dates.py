"""Dates by number and by name: 3月15号, 2026-03-15, 正月初八, 清明."""

import re
from datetime import date, datetime

from nlu.language import holidays
from nlu.language.day import (
    NEAR_YEARS,
    RELATIVE,
    Day,
    add_months,
    exact_day,
    nearest_year,
    whole_number,
    year_said,
)

LUNAR_MONTHS = {"正": 1, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
                 "冬": 11, "十一": 11, "腊": 12, "十二": 12}  # fmt: skip


def iso(match: re.Match[str], now: datetime, base: date | None) -> Day | None:
    year = int(match["y"])
    return (
        exact_day(year, int(match["m"]), int(match["d"]), match.end(), match.group())
        if 1990 < year < 2100
        else None
    )


def month_day(match: re.Match[str], now: datetime, base: date | None) -> Day | None:
    month, day = whole_number(match["m"]), whole_number(match["d"])
    if month is None or day is None or month == 0:
        return None
    year = year_said(match, now)
    if year is not None:
        return exact_day(year, month, day, match.end(), match.group())
    return nearest_year(month, day, now.date(), match)


def slash(match: re.Match[str], now: datetime, base: date | None) -> Day | None:
    month, day = int(match["m"]), int(match["d"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return nearest_year(month, day, now.date(), match)


def dotted(match: re.Match[str], now: datetime, base: date | None) -> Day | None:
    """1.8日报, 日报10.21."""
    month, day = int(match["m"] or match["m2"] or match["m3"]), int(match["d"] or match["d2"] or match["d3"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return nearest_year(month, day, now.date(), match)


def day_of_month(match: re.Match[str], now: datetime, base: date | None) -> Day | None:
    day = whole_number(match["d"])
    if day is None or day == 0:
        return None
    today = now.date()
    if base:
        return exact_day(base.year, base.month, day, match.end(), match.group())
    which = match["which"]
    if which:
        month = add_months(today.replace(day=1), RELATIVE[which])
        return exact_day(month.year, month.month, day, match.end(), match.group())
    this = exact_day(today.year, today.month, day, match.end(), match.group())
    if day > 31 or this.value is None:
        return this
    last = add_months(today.replace(day=1), -1)
    before = exact_day(last.year, last.month, day, match.end(), match.group()).value
    if this.value >= today:
        return Day(this.value, match.end(), past=before if this.value > today else None)
    following = add_months(today.replace(day=1), 1)
    coming = exact_day(following.year, following.month, day, match.end(), match.group())
    return Day(coming.value, match.end(), past=this.value, problem=coming.problem)


def lunar(match: re.Match[str], now: datetime, base: date | None) -> Day | None:
    month_words = match["lm"] or "正"
    if not match["calendar"] and month_words not in ("正", "腊", "冬"):
        return None
    month = LUNAR_MONTHS[month_words]
    day = whole_number(match["ld"].removeprefix("初")) if match["ld"] else 1
    if day is None:
        return None
    return _lunar_day(month, day, now.date(), match)


def _lunar_day(month: int, day: int, today: date, match: re.Match[str]) -> Day:
    year = holidays.lunar_year(today)
    found: list[date] = []
    for candidate in (year - 1, year, year + 1):
        try:
            found.append(holidays.lunar_day(candidate, month, day))
        except ValueError:
            continue
    coming = [d for d in found if d >= today]
    gone = [d for d in found if d < today]
    if not coming:
        return Day(None, match.end(), problem=f"农历没有{match.group()}")
    return Day(min(coming), match.end(), past=max(gone) if gone else None)


def first_days(match: re.Match[str], now: datetime, base: date | None) -> Day | None:
    """大年初三; 初八 alone only around the Spring Festival."""
    day = whole_number(match["ld"])
    today = now.date()
    if day is None or not 1 <= day <= 10:
        return None
    found = _lunar_day(1, day, today, match)
    if match["great"] or (found.value and (found.value - today).days <= 45):
        return found
    return None


def festival(match: re.Match[str], now: datetime, base: date | None) -> Day | None:
    name, today = (
        match["name"].replace("十一", "国庆") if match["name"] == "十一" else match["name"],
        now.date(),
    )
    if match["near"]:
        day = holidays.festival(name, now.year + NEAR_YEARS[match["near"]])
        return Day(day, match.end(), festival=True) if day else None
    if _is_numeral(match):
        return None
    coming = holidays.next_festival(name, today)
    gone = holidays.last_festival(name, today)
    if gone and gone <= today <= holidays.holiday_end(gone):
        coming = gone
    return Day(coming, match.end(), past=gone if gone != coming else None, festival=True)


def _is_numeral(match: re.Match[str]) -> bool:
    """四块五一瓶: 五一 between numerals or before a unit is no festival."""
    if not set(match["name"]) <= set("一二三四五六七八九十"):
        return False
    before, after = (
        match.string[match.start() - 1 : match.start()],
        match.string[match.end() : match.end() + 1],
    )
    return before in set("零一二三四五六七八九十百千万块元角毛点第") or after in set(
        "箱件瓶盒袋提包条桶杯板支罐个号日月点块元"
    )


def this_festival(match: re.Match[str], now: datetime, base: date | None) -> Day | None:
    """节前, 节后: of the public holiday that is on or comes next."""
    _, day = holidays.nearest_public(now.date())
    return Day(day, match.start() + 1, festival=True)
