"""Days and times, said on Tuesday 10 March 2026 at ten in the morning."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.language.times import When, find_times, iso
from tests.language.company import SHANGHAI

NOW = datetime(2026, 3, 10, 10, 0, tzinfo=SHANGHAI)


def _one(text: str, now: datetime = NOW) -> When:
    (found,) = find_times(text, now)
    return found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("今天", "2026-03-10"),
        ("大后天上午", "2026-03-13"),
        ("下周三之前", "2026-03-18"),
        ("本周五下班前", "2026-03-13"),
        ("这周日", "2026-03-15"),
        ("上周四", "2026-03-05"),
        ("下下周一", "2026-03-23"),
        ("下个月15号", "2026-04-15"),
        ("15号之前", "2026-03-15"),
        ("月底", "2026-03-31"),
        ("月底前", "2026-03-31"),
        ("月中", "2026-03-15"),
        ("下个月初", "2026-04-01"),
        ("三月底", "2026-03-31"),
        ("本季度末", "2026-03-31"),
        ("第三季度末", "2026-09-30"),
        ("年底", "2026-12-31"),
        ("三天后", "2026-03-13"),
        ("两周内", "2026-03-24"),
        ("一周之内", "2026-03-17"),
        ("半个月后", "2026-03-25"),
        ("三个工作日内", "2026-03-13"),
        ("10天前", "2026-02-28"),
        ("清明前", "2026-04-04"),
        ("国庆前", "2026-09-30"),
        ("端午节前", "2026-06-18"),
        ("中秋节", "2026-09-25"),
        ("五一之后", "2026-05-06"),
        ("节后第一个工作日", "2026-04-07"),
        ("正月初八", "2027-02-13"),
        ("腊月二十三", "2027-01-30"),
        ("农历八月十五", "2026-09-25"),
        ("二零二六年三月十五日", "2026-03-15"),
        ("2026-03-05", "2026-03-05"),
        ("3/15", "2026-03-15"),
        ("下个月第一个周一", "2026-04-06"),
        ("明天下午三点半", "2026-03-11T15:30:00+08:00"),
        ("明早九点", "2026-03-11T09:00:00+08:00"),
        ("昨晚八点", "2026-03-09T20:00:00+08:00"),
        ("今晨5点", "2026-03-10T05:00:00+08:00"),
        ("中午十二点半", "2026-03-10T12:30:00+08:00"),
        ("星期四下午两点一刻", "2026-03-12T14:15:00+08:00"),
        ("下周一上午9点半", "2026-03-16T09:30:00+08:00"),
        ("晚上12点", "2026-03-11T00:00:00+08:00"),
        ("两点", "2026-03-10T14:00:00+08:00"),
        ("10:30", "2026-03-10T10:30:00+08:00"),
        ("半小时后", "2026-03-10T10:30:00+08:00"),
        ("两个半小时后", "2026-03-10T12:30:00+08:00"),
    ],
)
def test_a_time_is_read_from_now(text: str, value: str) -> None:
    found = _one(text)
    assert found.value is not None
    assert (iso(found.value), text[found.start : found.end]) == (value, text)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("3月5日到8日", date(2026, 3, 5), date(2026, 3, 8)),
        ("下周", date(2026, 3, 16), date(2026, 3, 22)),
        ("3月中旬", date(2026, 3, 11), date(2026, 3, 20)),
        ("Q2", date(2026, 4, 1), date(2026, 6, 30)),
        (
            "下午两点到四点",
            datetime(2026, 3, 10, 14, tzinfo=SHANGHAI),
            datetime(2026, 3, 10, 16, tzinfo=SHANGHAI),
        ),
    ],
)
def test_a_span_of_time_has_two_ends(text: str, start: date, end: date) -> None:
    found = _one(text)
    assert (found.kind, found.value, found.until) == ("range", start, end)


@pytest.mark.parametrize("text", ["2月30日", "13月5日", "25点", "2026年2月29日"])
def test_an_impossible_time_is_kept_as_impossible(text: str) -> None:
    found = _one(text)
    assert (found.kind, found.value) == ("impossible", None)
    assert found.problem


@pytest.mark.parametrize(
    "text", ["便宜一点", "有三点要求", "早点", "三天", "一个月", "四块五一瓶", "后面", "前台", "日子"]
)
def test_what_only_looks_like_a_time_is_none(text: str) -> None:
    assert list(find_times(text, NOW)) == []


def test_a_weekday_alone_has_two_readings() -> None:
    found = _one("周五")
    assert (found.at(done=False), found.at(done=True)) == (date(2026, 3, 13), date(2026, 3, 6))


def test_the_weekend_is_one_of_two_days() -> None:
    assert _one("周末").alternatives == (date(2026, 3, 14), date(2026, 3, 15))


@pytest.mark.parametrize(
    ("text", "rule"),
    [("每周三", "FREQ=WEEKLY;BYDAY=WE"), ("每月15号", "FREQ=MONTHLY;BYMONTHDAY=15"), ("每天", "FREQ=DAILY")],
)
def test_what_recurs_is_a_rule(text: str, rule: str) -> None:
    assert _one(text).rule == rule


def test_years_that_are_not_announced_yet_count_weekdays() -> None:
    assert _one("节后第一个工作日", datetime(2027, 9, 28, 9, 0, tzinfo=SHANGHAI)).value == date(2027, 10, 4)


@given(
    st.dates(date(2020, 1, 1), date(2026, 12, 31)),
    st.integers(0, 6),
    st.sampled_from([("这", 0), ("下", 7), ("上", -7)]),
)
def test_a_weekday_of_a_week_lies_in_that_week(day: date, weekday: int, week: tuple[str, int]) -> None:
    now = datetime(day.year, day.month, day.day, 9, 0, tzinfo=SHANGHAI)
    monday = day - timedelta(days=day.weekday())
    assert _one(f"{week[0]}周{'一二三四五六日'[weekday]}", now).value == monday + timedelta(
        days=weekday + week[1]
    )


@given(st.dates(date(2000, 1, 1), date(2099, 12, 28)))
def test_a_full_date_is_itself_whenever_it_is_said(day: date) -> None:
    assert _one(f"{day.year}年{day.month}月{day.day}日").value == day


@given(
    st.text(
        alphabet="今明后大昨天周星期一二三四五六日下上个月底初年节前后点半分号之内0123456789:/-到第季度末农历正初国庆工作",
        max_size=16,
    )
)
def test_no_row_of_time_words_raises(text: str) -> None:
    list(find_times(text, NOW))
