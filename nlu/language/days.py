"""Every way of saying a day, in one table: the pattern and its reader. The longest reading counts."""

import re
from datetime import date, datetime, timedelta

from nlu.language import dates, holidays, periods
from nlu.language.day import MONTHLY, WEEK, YEAR, D, Day, N, Reader, whole_number

TODAY_PARTS = (
    "今晨",
    "上午",
    "下午",
    "中午",
    "晚上",
    "早上",
    "清早",
    "一大早",
    "大清早",
    "早晨",
    "傍晚",
    "午后",
)
_WHICH = "(?P<which>上上|下下|上|下|这|本)"
_UNITS = "天|日|周|星期|礼拜|月|年|季度|小时|钟头|分钟|刻钟|工作日"
_FESTIVAL = rf"{holidays.FESTIVAL.pattern}|十一(?=假期|长假|期间|之前|以前|前|后|之后|以后)"

_REPORT = "(?:的|号)?(?:日报|周报|小结|总结|汇报|工作|拜访|走访|跑店)"
"""What is dated 1.8 is no price."""

RULES: tuple[tuple[str, Reader], ...] = (
    (
        rf"(?:每逢|每个?|逢)(?:{WEEK}(?P<wd>[一二三四五六日天1-7])(?!\d|[十百]+[一二三四五六七八九]?[箱件瓶盒提袋板桶包])"
        rf"|月[的月]?(?:(?P<md>{D})[号日]|(?P<end>[底末初]))|(?P<every>天|日|周|星期|礼拜|月|季度|年))",
        periods.weekly,
    ),
    (r"(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})(?!\d)[日号]?", dates.iso),
    (
        rf"{YEAR}?(?P<m>{D})月(?:份(?={D}[日号]))?(?P<d>{D})(?:[日号]|(?![\d一二三四五六七八九十百千月个天家箱件瓶共]))",
        dates.month_day,
    ),
    (r"(?P<m>\d{1,2})/(?P<d>\d{1,2})(?![\d/])", dates.slash),
    (
        rf"(?:(?P<m>\d{{1,2}})[.．](?P<d>\d{{1,2}})(?={_REPORT}))"
        rf"|(?<![\d.报价卖按])(?P<m3>\d{{1,2}})[.．](?P<d3>\d{{1,2}})(?=(?:之?前|上午|下午)?[再就会]?(?:给|付|结清|打款|结账|送|到货|要货|去|拜访))"
        rf"|(?<=报|结|汇)(?P<m2>\d{{1,2}})[.．](?P<d2>\d{{1,2}})(?=[：，。\s])",
        dates.dotted,
    ),
    (
        rf"(?:{YEAR}?(?P<m>{D})月份?|{MONTHLY})(?P<part>底|末|初|中旬|中(?![心午])|上旬|下旬)",
        periods.part_of_month,
    ),
    (
        rf"(?:(?P<which>上上|下下|上|下|这|本|当)个?月的?)?(?P<d>{D})"
        r"(?:号(?![楼店线柜院门])|日(?![子常期志报程化本元用均]))",
        dates.day_of_month,
    ),
    (
        rf"(?:{YEAR}?(?P<m>{D})月(?:份|(?!饼))|{_WHICH}个?月份?)"
        rf"(?:的?第(?P<nth>[一二三四1-4])(?P<kind>个工作日|个?{WEEK}[一二三四五六日天]))?",
        periods.whole_month,
    ),
    (rf"{_WHICH}?个?{WEEK}(?P<day>[一二三四五六日天末]|[1-7](?!\d))", periods.weekday),
    (rf"{_WHICH}个?{WEEK}(?![一二三四五六日天末])(?P<part>初)?", periods.week),
    (
        r"(?P<near_day>大前|大后|前|昨|今|明|后|次|当)"
        r"(?:[天日儿](?!气|后天|数)(?P<part>早(?!上|晨)|晚(?!上|间))?)",
        periods.near_day,
    ),
    (r"(?P<near_day>昨|今|明|当)(?P<part>早|晚|晨)(?:[上晨])?(?!点|市)", periods.near_day),
    (
        rf"(?P<over>再?过|再等)?(?P<n>半|{N})(?:个)?(?P<half>半)?(?P<unit>{_UNITS})"
        r"(?P<side>之后|以后|后(?![天面勤])|之内|以内|内|之前|以前|前)?",
        periods.offset,
    ),
    (
        rf"(?:{YEAR}?第?(?P<q>[一二三四1-4])个?季度?|(?P<which>本|这|下|上)?个?季度?)(?P<part>末|底|初)?",
        periods.quarter,
    ),
    (rf"(?:{YEAR})?[qQ](?P<q>[1-4])(?P<part>末|底|初)?", periods.latin_quarter),
    (r"(?P<near>今年|明年|去年|前年|后年)?年?(?P<part>上半年|下半年)", periods.part_of_year),
    (r"(?P<near>今|明|去)?年(?P<part>底|末|初|中|前|后)(?![货勤])", periods.part_of_year),
    (
        r"(?P<calendar>农历|阴历|旧历)?(?P<lm>正|腊|冬|十一|十二|[一二三四五六七八九十])月"
        rf"(?P<ld>初[一二三四五六七八九十]|{D})[日号]?",
        dates.lunar,
    ),
    (r"(?P<great>大年|年)?初(?P<ld>[一二三四五六七八九十])(?![次步期中])", dates.first_days),
    (
        rf"(?P<near>今年|明年|去年)?的?(?P<name>{_FESTIVAL})(?:节)?(?:假期|长假|放假|小长假)?",
        dates.festival,
    ),
    (r"(?<![季环细过情])节(?=(?:之|以)?[前后](?!约))", dates.this_festival),
)

_READERS = tuple((re.compile(pattern), reader) for pattern, reader in RULES)
_ANY = re.compile("|".join(re.sub(r"\(\?P<\w+>", "(?:", pattern) for pattern, _ in RULES))
"""Whether any of them can begin here: most numerals begin an amount, and no day."""
START = re.compile(
    r"[\d零〇一二两三四五六七八九十廿卅每逢今明昨前后大去当次上下这本周星礼月年季第半过再农阴旧正腊冬初节"
    r"元春清端国中圣双除重教情妇劳儿植平立夏七Qq早晚凌傍午夜晨]"
)
"""With what a time may begin."""


def day_at(text: str, at: int, now: datetime, base: date | None = None) -> Day | None:
    """The longest day or period that begins exactly at `at`; None where there is none."""
    if not _ANY.match(text, at):
        return None
    best: Day | None = None
    for pattern, reader in _READERS:
        match = pattern.match(text, at)
        if match is None or (best and match.end() <= best.end):
            continue
        try:
            found = reader(match, now, base)
        except (ValueError, OverflowError):
            continue
        if found and (best is None or found.end > best.end):
            best = found
    return best


def after(until: date, festival: bool, nth_words: str | None, what: str | None) -> date | None:
    """What X之后 and X后第一个工作日 mean; None where nobody can tell (周五以后)."""
    last = holidays.holiday_end(until) if festival else until
    nth = whole_number(nth_words) if nth_words else None
    if nth and what == "个工作日":
        for _ in range(nth):
            last = holidays.next_workday(last)
        return last
    if nth:
        return last + timedelta(days=nth)
    return last + timedelta(days=1) if festival else None
