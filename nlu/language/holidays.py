"""Chinese festivals and working days.

Public holidays and shifted working days are those announced by the State Council (chinesecalendar). For years not
yet announced, weekdays count as working days and festivals last one day.
"""

import re
from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar
from lunar_python import Lunar, Solar

from domain.people import LUNAR_BIRTHDAY

SOLAR = {
    "元旦": (1, 1), "情人节": (2, 14), "妇女节": (3, 8), "三八节": (3, 8), "三八妇女节": (3, 8), "植树节": (3, 12),
    "劳动节": (5, 1), "五一劳动节": (5, 1), "五一": (5, 1), "六一": (6, 1), "六一儿童节": (6, 1), "儿童节": (6, 1),
    "教师节": (9, 10), "国庆节": (10, 1), "国庆": (10, 1), "十一国庆": (10, 1), "双十一": (11, 11), "双11": (11, 11),
    "双十二": (12, 12), "双12": (12, 12), "平安夜": (12, 24), "圣诞节": (12, 25), "圣诞": (12, 25), "六一八": (6, 18),
    "618": (6, 18),
}  # fmt: skip
LUNAR = {
    "春节": (1, 1), "过年": (1, 1), "大年初一": (1, 1), "元宵节": (1, 15), "元宵": (1, 15),
    "端午节": (5, 5), "端午": (5, 5),
    "七夕": (7, 7), "中秋节": (8, 15), "中秋": (8, 15), "重阳节": (9, 9), "重阳": (9, 9), "腊八": (12, 8),
}  # fmt: skip
TERMS = {"清明节": "清明", "清明": "清明", "冬至": "冬至", "立春": "立春", "立夏": "立夏", "夏至": "夏至"}
LAST_DAY_OF_YEAR = ("除夕", "年三十", "大年三十", "年夜")
PUBLIC = ("元旦", "春节", "清明", "五一", "端午", "中秋", "国庆")
"""What 节前 and 节后 may mean."""

NAMES = tuple(sorted((*SOLAR, *LUNAR, *TERMS, *LAST_DAY_OF_YEAR), key=len, reverse=True))
FESTIVAL = re.compile("|".join(map(re.escape, NAMES)))


@lru_cache(maxsize=512)
def festival(name: str, year: int) -> date | None:
    """The day of the festival in a Gregorian year; the lunar new year's eve belongs to the new year it precedes."""
    if name in SOLAR:
        month, day = SOLAR[name]
        return date(year, month, day)
    if name in LAST_DAY_OF_YEAR:
        return lunar_day(year, 1, 1) - timedelta(days=1)
    if name in LUNAR:
        month, day = LUNAR[name]
        # The twelfth lunar month mostly falls into January of the next year.
        return lunar_day(year if month < 12 else year - 1, month, day)
    if name in TERMS:
        found = Lunar.fromYmd(year, 6, 1).getJieQiTable()[TERMS[name]]
        day_found = date(found.getYear(), found.getMonth(), found.getDay())
        if day_found.year != year and TERMS[name] == "冬至":
            return _winter_solstice(year)
        return day_found
    return None


def _winter_solstice(year: int) -> date:
    table = Solar.fromYmd(year, 12, 15).getLunar().getJieQiTable()
    days = (table[key] for key in ("冬至", "DONG_ZHI"))
    return next(date(d.getYear(), d.getMonth(), d.getDay()) for d in days if d.getYear() == year)


def lunar_day(year: int, month: int, day: int) -> date:
    """The Gregorian day of a day in the lunar year. Raises ValueError where that month has no such day."""
    try:
        solar = Lunar.fromYmd(year, month, day).getSolar()
    except Exception as error:  # lunar_python raises bare Exception for days that do not exist
        raise ValueError(f"lunar {year}-{month}-{day} does not exist") from error
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


def lunar_year(today: date) -> int:
    return int(Solar.fromYmd(today.year, today.month, today.day).getLunar().getYear())


def birthdays_on(day: date) -> tuple[str, ...]:
    """How birthdays that are kept on this day are written down: 03-11 and 农历01-23.

    29 February is kept on the 28th in the years between, the thirtieth of a short lunar month on its last day, and
    nobody's birthday comes twice where a month is inserted.
    """
    solar = [f"{day:%m-%d}"]
    if (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month == 3:
        solar.append("02-29")
    month, date_ = _lunar(day)
    if month < 0:
        return tuple(solar)
    last = date_ == 29 and _lunar(day + timedelta(days=1))[1] == 1
    return (*solar, *(f"{LUNAR_BIRTHDAY}{month:02}-{n:02}" for n in ((29, 30) if last else (date_,))))


def _lunar(day: date) -> tuple[int, int]:
    """Month, negative for an inserted one, and day."""
    found = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    return int(found.getMonth()), int(found.getDay())


def next_festival(name: str, today: date) -> date | None:
    """The festival's next occurrence, today included."""
    for year in (today.year, today.year + 1):
        day = festival(name, year)
        if day and day >= today:
            return day
    return None


def last_festival(name: str, today: date) -> date | None:
    """The festival's last occurrence, today included."""
    for year in (today.year, today.year - 1):
        day = festival(name, year)
        if day and day <= today:
            return day
    return None


def nearest_public(today: date) -> tuple[str, date]:
    """The public holiday that 节前/节后 means today: the one running, else the next."""
    for name in PUBLIC:
        for year in (today.year - 1, today.year):
            day = festival(name, year)
            if day and day <= today <= holiday_end(day):
                return name, day
    coming = ((day, name) for name in PUBLIC for day in (next_festival(name, today),) if day)
    day, name = min(coming)
    return name, day


def is_workday(day: date) -> bool:
    """Also where the State Council has not announced the year yet: then a plain weekday."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def holiday_end(day: date) -> date:
    """The last day of the time off around the festival on `day`."""
    end = day
    while not is_workday(end + timedelta(days=1)):
        end += timedelta(days=1)
    return end


def next_workday(day: date) -> date:
    """The first working day after `day`."""
    day += timedelta(days=1)
    while not is_workday(day):
        day += timedelta(days=1)
    return day


def last_workday(day: date) -> date:
    """The last working day before `day`."""
    day -= timedelta(days=1)
    while not is_workday(day):
        day -= timedelta(days=1)
    return day
