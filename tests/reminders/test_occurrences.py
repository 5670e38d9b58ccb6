"""When reminders fall due: days off, short months, birthdays, hours after an event, and everybody's own clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.push_times import Quiet
from domain.schedules.definition import Schedule
from domain.schedules.occurrences import Anchor, Listener, Occurrence, Window, anchor_days, of_anchor, of_days
from nlu.language.holidays import birthdays_on

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOLIDAY = {date(2026, 10, day) for day in range(1, 8)}
ME = Listener("P1", SHANGHAI, Quiet())


def works_on(day: date) -> bool:
    return day not in HOLIDAY and (day.weekday() < 5 or day == date(2026, 10, 10))


def schedule(when: dict[str, object], **also: object) -> Schedule:
    given = {"key": "s", "label": "提醒", "whom": ["rep"], "says": {"text": "好"}, **also}
    return Schedule.model_validate({"when": when, **given})


def days(when: dict[str, object], first: date, last: date, who: Listener = ME) -> list[date]:
    start = datetime.combine(first, time(0, 1), who.zone) - timedelta(minutes=1)
    window = Window(start, datetime.combine(last, time(23, 59), who.zone))
    found = of_days(schedule(when, late={"skip_after": 1}), who, window, works_on)
    return [one.planned.astimezone(who.zone).date() for one in found]


def test_working_days_follow_the_calendar_with_its_shifted_saturday() -> None:
    found = days({"kind": "daily", "at": "08:05", "day_off": "skip"}, date(2026, 9, 30), date(2026, 10, 11))
    assert [day.day for day in found] == [30, 8, 9, 10]


@pytest.mark.parametrize(("day_off", "expected"), [("keep", 5), ("after", 8), ("before", 30), ("skip", None)])
def test_a_monday_without_work_moves_as_its_file_says(day_off: str, expected: int | None) -> None:
    when = {"kind": "weekly", "weekday": "周一", "at": "08:40", "day_off": day_off}
    found = days(when, date(2026, 9, 29), date(2026, 10, 9))
    assert [day.day for day in found] == ([expected] if expected else [])


def test_two_mondays_of_one_holiday_are_one_meeting_after_it() -> None:
    off = {date(2026, 2, 15) + timedelta(days=n) for n in range(9)}
    when = {"kind": "weekly", "weekday": "周一", "at": "08:40", "day_off": "after"}
    window = Window(datetime(2026, 2, 13, tzinfo=SHANGHAI), datetime(2026, 2, 28, tzinfo=SHANGHAI))
    found = list(of_days(schedule(when, late={"skip_after": 1}), ME, window, lambda day: day not in off))
    assert [one.planned.astimezone(SHANGHAI).day for one in found] == [24]


def test_the_thirty_first_of_a_short_month_is_its_last_day() -> None:
    found = days({"kind": "monthly", "day": 31, "at": "09:05"}, date(2026, 1, 1), date(2026, 4, 30))
    assert [(day.month, day.day) for day in found] == [(1, 31), (2, 28), (3, 31), (4, 30)]


def about(when: dict[str, object], anchor: Anchor, now: datetime, **also: object) -> list[Occurrence]:
    one = schedule(when, whom=["person"], **also)
    window = Window(now, now + timedelta(days=40))
    first, last = anchor_days(one, window)
    day = anchor.day or (anchor.moment.date() if anchor.moment else None)
    return list(of_anchor(one, anchor, ME, window, works_on)) if day and first <= day <= last else []


def test_some_hours_after_an_event_means_hours() -> None:
    received = datetime(2026, 3, 10, 15, 12, tzinfo=SHANGHAI)
    (one,) = about({"kind": "event", "of": "x.y", "hours": 49}, Anchor("record:1", moment=received), received)
    assert one.planned == received + timedelta(hours=49)


def test_what_is_repeated_has_a_key_for_each_time() -> None:
    now = datetime(2026, 3, 9, 9, 0, tzinfo=SHANGHAI)
    when = {"kind": "date", "of": "visit.next_date", "at": "08:10"}
    found = about(when, Anchor("record:1", day=date(2026, 3, 12)), now, repeat={"times": 2, "every_days": 3})
    assert [one.planned.astimezone(SHANGHAI).day for one in found] == [12, 15]
    assert len({one.key for one in found}) == 2


def test_what_was_noted_after_its_time_reminds_nobody() -> None:
    noted = datetime(2026, 3, 12, 9, 0, tzinfo=SHANGHAI)
    when = {"kind": "date", "of": "visit.next_date", "at": "08:10"}
    assert about(when, Anchor("record:1", day=date(2026, 3, 12), known_at=noted), noted) == []


def test_the_same_person_and_day_have_the_same_minute_and_people_are_spread() -> None:
    one = schedule({"kind": "daily", "at": "08:05"}, jitter=20)
    now = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)
    window = Window(now, now + timedelta(hours=12))
    people = [Listener(f"P{n}", SHANGHAI, Quiet()) for n in range(40)]
    first, again = ([next(of_days(one, who, window, works_on)).send_at for who in people] for _ in range(2))
    assert first == again
    assert len({at.replace(second=0) for at in first}) > 10


def test_an_hour_that_summer_time_leaves_out_and_one_that_it_repeats_are_there_once() -> None:
    paris = Listener("P1", ZoneInfo("Europe/Paris"), Quiet(start=time(0), end=time(0)))
    when = {"kind": "daily", "at": "02:40"}
    assert days(when, date(2026, 3, 28), date(2026, 3, 30), paris) == [date(2026, 3, d) for d in (28, 29, 30)]
    assert days(when, date(2026, 10, 24), date(2026, 10, 26), paris) == [
        date(2026, 10, d) for d in (24, 25, 26)
    ]


def test_what_became_known_after_the_working_day_before_is_told_on_its_own_day() -> None:
    """Noted on Friday afternoon, due on Sunday: the Friday morning is over."""
    noted = datetime(2026, 3, 13, 15, 0, tzinfo=SHANGHAI)
    when = {"kind": "date", "of": "meeting_todo.due", "at": "08:10", "day_off": "before"}
    (late,) = about(when, Anchor("record:1", day=date(2026, 3, 15), known_at=noted), noted)
    assert late.planned.astimezone(SHANGHAI) == datetime(2026, 3, 15, 8, 10, tzinfo=SHANGHAI)
    earlier = noted - timedelta(days=1)
    (one,) = about(when, Anchor("record:1", day=date(2026, 3, 15), known_at=earlier), earlier)
    assert one.planned.astimezone(SHANGHAI).day == 13


@pytest.mark.parametrize(
    ("day", "names"),
    [
        (date(2026, 9, 25), {"09-25", "农历08-15"}),
        (date(2026, 2, 28), {"02-28", "02-29", "农历01-12"}),
        (date(2025, 7, 25), {"07-25"}),  # the first of the inserted sixth month
        (date(2025, 1, 28), {"01-28", "农历12-29", "农历12-30"}),  # the last day of a short month
    ],
)
def test_a_birthday_is_kept_by_the_calendar_it_was_told_in(day: date, names: set[str]) -> None:
    assert set(birthdays_on(day)) == names
