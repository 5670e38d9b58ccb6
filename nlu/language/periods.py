"""Days and periods relative to today: 下周三, 月底, 三天后, 本季度末, 每周一."""

import re
from datetime import date, datetime, timedelta

from nlu.language import holidays
from nlu.language.day import (
    NEAR_DAYS,
    NEAR_YEARS,
    ORDINALS,
    RELATIVE,
    WEEKDAYS,
    Day,
    add_months,
    month_end,
    whole_number,
    year_said,
)
from nlu.language.numbers import read


def part_of_month(match: re.Match[str], now: datetime, base: date | None) -> Day | None:
    today = now.date()
    if match["m"]:
        month = whole_number(match["m"])
        if month is None or not 1 <= month <= 12:
            return None
        year = year_said(match, now)
        if year is None:
            year = today.year + (1 if today.month - month > 6 else 0)
        first = date(year, month, 1)
    else:
        first = add_months(today.replace(day=1), RELATIVE[match["which"] or "本"])
    last = month_end(first.year, first.month)
    part = match["part"]
    if part in ("底", "末"):
        return Day(last, match.end())
    if part == "初":
        return Day(first, match.end())
    if part == "中":
        return Day(first.replace(day=15), match.end())
    ranges = {"上旬": (1, 10), "中旬": (11, 20), "下旬": (21, last.day)}
    start, end = ranges[part]
    return Day(first.replace(day=start), match.end(), until=first.replace(day=end))


def whole_month(match: re.Match[str], now: datetime, base: date | None) -> Day | None:
    today = now.date()
    if match["m"]:
        month = whole_number(match["m"])
        if month is None or not 1 <= month <= 12:
            return None
        year = year_said(match, now)
        if year is None:
            year = today.year + (1 if today.month - month > 6 else 0)
        first = date(year, month, 1)
    else:
        first = add_months(today.replace(day=1), RELATIVE[match["which"]])
    nth = match["nth"]
    if nth:
        return _nth_in_month(first, ORDINALS[nth], match["kind"], match.end())
    return Day(first, match.end(), until=month_end(first.year, first.month))


def _nth_in_month(first: date, nth: int, kind: str, end: int) -> Day | None:
    """下个月第一个周一, 下个月第一个工作日."""
    if kind == "个工作日":
        day = first - timedelta(days=1)
        for _ in range(nth):
            day = holidays.next_workday(day)
        return Day(day, end)
    weekday = WEEKDAYS[kind[-1]]
    day = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    return Day(day, end) if day.month == first.month else None


def weekday(match: re.Match[str], now: datetime, base: date | None) -> Day | None:
    today = now.date()
    monday = today - timedelta(days=today.weekday())
    which, sign = match["which"], match["day"]
    if sign == "末":
        saturday = monday + timedelta(days=5 + 7 * RELATIVE[which or "本"])
        # Saturday or Sunday: which one, only the speaker knows.
        sunday = saturday + timedelta(days=1)
        return Day(None, match.end(), alternatives=(saturday, sunday))
    index = WEEKDAYS[sign]
    if base and not which:
        return Day(base + timedelta(days=(index - base.weekday()) % 7), match.end())
    day = monday + timedelta(days=index + 7 * RELATIVE[which or "本"])
    if which:
        return Day(day, match.end())
    if day < today:
        return Day(day + timedelta(days=7), match.end(), past=day)
    return Day(day, match.end(), past=day - timedelta(days=7) if day > today else None)


def week(match: re.Match[str], now: datetime, base: date | None) -> Day | None:
    today = now.date()
    monday = today - timedelta(days=today.weekday()) + timedelta(days=7 * RELATIVE[match["which"]])
    if match["part"] == "初":
        return Day(monday, match.end())
    return Day(monday, match.end(), until=monday + timedelta(days=6))


def near_day(match: re.Match[str], now: datetime, base: date | None) -> Day | None:
    part = {"早": "早上", "晚": "晚上", "晨": "早晨"}.get(match["part"] or "", "")
    return Day(now.date() + timedelta(days=NEAR_DAYS[match["near_day"]]), match.end(), part=part)


def offset(match: re.Match[str], now: datetime, base: date | None) -> Day | None:
    words, unit, side = match["n"], match["unit"], match["side"] or ""
    if match["over"] and words == "两" and unit == "天" and not side:
        return Day(None, match.end())  # 过两天 is some day soon
    if not side and not match["over"]:
        return None
    if words == "半":
        count = 0.5
    else:
        number = whole_number(words)
        if number is None:
            return _vague_offset(match, now)
        count = float(number)
    count += 0.5 if match["half"] else 0
    back = side.endswith("前")
    within = side.endswith("内")
    if unit in ("小时", "钟头", "分钟", "刻钟", "分"):
        minutes = {"小时": 60, "钟头": 60, "分钟": 1, "分": 1, "刻钟": 15}[unit] * count
        moment = now.replace(second=0, microsecond=0) + timedelta(minutes=-minutes if back else minutes)
        return Day(moment.date(), match.end(), moment=moment)
    if unit == "工作日":
        return Day(_workdays(now.date(), int(count), back), match.end())
    day = _shifted(now.date(), unit, -count if back else count)
    if within and day:
        return Day(day, match.end())
    return Day(day, match.end()) if day else None


def _vague_offset(match: re.Match[str], now: datetime) -> Day | None:
    """两三天后 is one of two days."""
    number = read(match["n"])
    sign = -1 if (match["side"] or "").endswith("前") else 1
    if (
        number is None
        or number.low is None
        or number.high is None
        or match["unit"] not in ("天", "日", "周", "星期", "礼拜", "月")
    ):
        return None
    found = [_shifted(now.date(), match["unit"], sign * float(n)) for n in (number.low, number.high)]
    return Day(None, match.end(), alternatives=tuple(d for d in found if d))


def _workdays(day: date, count: int, back: bool) -> date:
    for _ in range(min(count, 400)):
        day = holidays.last_workday(day) if back else holidays.next_workday(day)
    return day


def _shifted(today: date, unit: str, count: float) -> date | None:
    if unit in ("天", "日"):
        return today + timedelta(days=int(count)) if count == int(count) else None
    if unit in ("周", "星期", "礼拜"):
        return today + timedelta(days=round(count * 7)) if count == int(count) else None
    if unit in ("月", "季度"):
        months = count * (3 if unit == "季度" else 1)
        # Half a month is fifteen days, as everybody counts it.
        whole = add_months(today, int(months))
        return whole + timedelta(days=15 if months > 0 else -15) if months != int(months) else whole
    months = count * 12
    return add_months(today, int(months)) if -1200 < months < 1200 else None


def quarter(match: re.Match[str], now: datetime, base: date | None) -> Day | None:
    today = now.date()
    index = today.year * 4 + (today.month - 1) // 3
    if match["q"]:
        index = today.year * 4 + ORDINALS[match["q"]] - 1
        year = year_said(match, now)
        if year is not None:
            index = year * 4 + ORDINALS[match["q"]] - 1
    else:
        index += RELATIVE[match["which"] or "本"]
    first = date(index // 4, index % 4 * 3 + 1, 1)
    last = month_end(first.year, first.month + 2)
    if match["part"] in ("末", "底"):
        return Day(last, match.end())
    if match["part"] == "初":
        return Day(first, match.end())
    if not match["which"] and not match["q"]:
        return None
    return Day(first, match.end(), until=last)


def latin_quarter(match: re.Match[str], now: datetime, base: date | None) -> Day | None:
    index = (_year_or(match, now)) * 4 + int(match["q"]) - 1
    first = date(index // 4, index % 4 * 3 + 1, 1)
    last = month_end(first.year, first.month + 2)
    part = match["part"]
    if part == "初":
        return Day(first, match.end())
    return Day(last, match.end()) if part else Day(first, match.end(), until=last)


def _year_or(match: re.Match[str], now: datetime) -> int:
    year = year_said(match, now)
    return now.year if year is None else year


def part_of_year(match: re.Match[str], now: datetime, base: date | None) -> Day | None:
    year = now.year + NEAR_YEARS[match["near"] or "今年"]
    part = match["part"]
    if part in ("前", "后"):
        new_year = holidays.next_festival("春节", now.date())
        assert new_year is not None
        eve = new_year - timedelta(days=1)
        return Day(eve, match.end()) if part == "前" else Day(None, match.end())
    spans = {
        "上半年": (date(year, 1, 1), date(year, 6, 30)),
        "下半年": (date(year, 7, 1), date(year, 12, 31)),
    }
    if part in spans:
        return Day(spans[part][0], match.end(), until=spans[part][1])
    return Day(
        {"底": date(year, 12, 31), "末": date(year, 12, 31), "初": date(year, 1, 1), "中": date(year, 6, 30)}[
            part
        ],
        match.end(),
    )


def weekly(match: re.Match[str], now: datetime, base: date | None) -> Day | None:
    names = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
    today = now.date()
    if match["wd"]:
        index = WEEKDAYS[match["wd"]]
        return Day(
            today + timedelta(days=(index - today.weekday()) % 7),
            match.end(),
            rule=f"FREQ=WEEKLY;BYDAY={names[index]}",
        )
    if match["md"]:
        day = whole_number(match["md"])
        if day is None or not 1 <= day <= 31:
            return Day(None, match.end(), problem=f"每个月没有{match['md']}号")
        return Day(None, match.end(), rule=f"FREQ=MONTHLY;BYMONTHDAY={day}")
    if match["end"]:
        return Day(
            None,
            match.end(),
            rule="FREQ=MONTHLY;BYMONTHDAY=-1" if match["end"] in "底末" else "FREQ=MONTHLY;BYMONTHDAY=1",
        )
    every = {
        "天": "DAILY",
        "日": "DAILY",
        "周": "WEEKLY",
        "星期": "WEEKLY",
        "礼拜": "WEEKLY",
        "月": "MONTHLY",
    }
    other = {"季度": "FREQ=MONTHLY;INTERVAL=3", "年": "FREQ=YEARLY"}
    unit = match["every"]
    return Day(None, match.end(), rule=other.get(unit) or f"FREQ={every[unit]}")
