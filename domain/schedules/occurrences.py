"""When reminders fall due. Pure: the same arguments give the same occurrences, however often they are worked out.

An occurrence has a key (schedule, person, subject, day, number); whoever writes it down first has it.
"""

import calendar
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.push_times import Quiet, push_time
from domain.schedules.definition import (
    WEEKDAYS,
    AfterEvent,
    Anchored,
    Daily,
    DayOff,
    Monthly,
    OnDate,
    Schedule,
    Weekly,
)

MOST_MOVED = 20
"""Days that a day moves at most for want of work; beyond that something is wrong with the calendar."""
MOVES: tuple[DayOff, ...] = ("before", "after")
WorksOn = Callable[[date], bool]


@dataclass(frozen=True)
class Listener:
    """Somebody who is reminded, and his clock."""

    id: str
    zone: ZoneInfo
    quiet: Quiet


@dataclass(frozen=True)
class Anchor:
    """A day or time that the data carry, and what is known about it."""

    subject: str
    """`record:12`, `customer:C001`, `contact:7`."""
    day: date | None = None
    moment: datetime | None = None
    known_at: datetime | None = None
    """When it was written down; None for master data."""
    people: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Of each of `CONCERNED`: who that is."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What texts may say: name → words."""


@dataclass(frozen=True)
class Occurrence:
    key: str
    schedule: str
    person: str
    subject: str
    """Empty where it is about nothing but the day."""
    day: date
    """In the person's own zone."""
    number: int
    planned: datetime
    """Aware, UTC: the time that the schedule names, on the person's clock."""
    send_at: datetime
    """The same with jitter, outside the quiet hours and the crowded minutes."""


@dataclass(frozen=True)
class Window:
    """From `now` on as far as `until`, and back as far as each schedule may be late."""

    now: datetime
    until: datetime


def of_days(schedule: Schedule, who: Listener, window: Window, works_on: WorksOn) -> Iterator[Occurrence]:
    """Those of a daily, weekly or monthly schedule that may still be told, or are to be told in the window.

    Of several that are late together only the last one.
    """
    when = schedule.when
    assert not isinstance(when, Anchored)
    since = window.now - timedelta(minutes=schedule.late.skip_after)
    found = [
        _occurrence(schedule, who, "", day, 1, _at(moved, when.at, who.zone))
        for day in _days(since, window.until, who.zone, MOST_MOVED if when.day_off in MOVES else 1)
        if _falls_on(when, day) and (moved := _moved(day, when.day_off, works_on)) is not None
    ]
    at_once = {one.planned: one for one in found}  # two Mondays of one holiday are one meeting after it
    found = [one for one in at_once.values() if since < one.planned <= window.until]
    late = [one for one in found if one.planned <= window.now]
    yield from late[-1:]
    yield from (one for one in found if one.planned > window.now)


def of_anchor(
    schedule: Schedule, anchor: Anchor, who: Listener, window: Window, works_on: WorksOn
) -> Iterator[Occurrence]:
    """Those about one thing. What was not known when its time came is no reminder any more."""
    since = window.now - timedelta(minutes=schedule.late.skip_after)
    for number in range(1, schedule.repeat.times + 1):
        later = timedelta(days=schedule.repeat.every_days * (number - 1))
        found = _anchored_time(schedule.when, anchor, later, who.zone, works_on)
        if found is None:
            continue
        day, planned = found
        known = anchor.known_at is None or anchor.known_at <= planned
        if not known and isinstance(schedule.when, OnDate) and schedule.when.day_off == "before":
            # what became known only after the working day before is told on its own day rather than never
            planned = _at(day + timedelta(days=schedule.when.days) + later, schedule.when.at, who.zone)
            known = anchor.known_at is not None and anchor.known_at <= planned
        if known and since < planned <= window.until:
            yield _occurrence(schedule, who, anchor.subject, day, number, planned)


def anchor_days(schedule: Schedule, window: Window) -> tuple[date, date]:
    """The first and the last day of the anchors that may matter, in any zone."""
    when = schedule.when
    reach = schedule.repeat.every_days * (schedule.repeat.times - 1)
    if isinstance(when, OnDate):
        soonest, latest = when.days, when.days + reach
    else:
        assert isinstance(when, AfterEvent)
        soonest, latest = int(when.hours // 24), int(when.hours // 24) + 1 + reach
    slack = MOST_MOVED if isinstance(when, OnDate) and when.day_off in MOVES else 1
    since = window.now - timedelta(minutes=schedule.late.skip_after)
    return (
        since.date() - timedelta(days=latest + slack),
        window.until.date() - timedelta(days=soonest - slack),
    )


def _anchored_time(
    when: object, anchor: Anchor, later: timedelta, zone: ZoneInfo, works_on: WorksOn
) -> tuple[date, datetime] | None:
    if isinstance(when, OnDate):
        day = anchor.day or (anchor.moment.astimezone(zone).date() if anchor.moment else None)
        if day is None:
            return None
        moved = _moved(day + timedelta(days=when.days) + later, when.day_off, works_on)
        return (day, _at(moved, when.at, zone)) if moved is not None else None
    assert isinstance(when, AfterEvent)
    if anchor.moment is None:
        return None
    planned = (anchor.moment + timedelta(hours=when.hours) + later).astimezone(UTC)
    return anchor.moment.astimezone(zone).date(), planned


def _occurrence(
    schedule: Schedule, who: Listener, subject: str, day: date, number: int, planned: datetime
) -> Occurrence:
    key = f"{schedule.key}:{who.id}:{subject or 'day'}:{day.isoformat()}:{number}"
    return Occurrence(
        key=key,
        schedule=schedule.key,
        person=who.id,
        subject=subject,
        day=day,
        number=number,
        planned=planned,
        send_at=_spread(schedule, who, planned, day),
    )


def _spread(schedule: Schedule, who: Listener, planned: datetime, day: date) -> datetime:
    """The same for everything of a schedule that one person has on a day, so that it falls together."""
    key = f"{schedule.key}:{who.id}:{day.isoformat()}"
    jitter = timedelta(seconds=zlib.crc32(key.encode()) % (schedule.jitter * 60 + 1))
    quiet = quiet_for(schedule, who)
    return push_time(planned + jitter, who.zone, key, scheduled=not schedule.exact, quiet=quiet)


def quiet_for(schedule: Schedule, who: Listener) -> tuple[Quiet, ...]:
    """The person's own hours, and those of the reminder."""
    return (who.quiet, schedule.quiet) if schedule.quiet else (who.quiet,)


def _days(since: datetime, until: datetime, zone: ZoneInfo, slack: int) -> Iterator[date]:
    """Every day that an occurrence between the two may belong to, `slack` days around included."""
    day = since.astimezone(zone).date() - timedelta(days=slack)
    last = until.astimezone(zone).date() + timedelta(days=slack)
    while day <= last:
        yield day
        day += timedelta(days=1)


def _falls_on(when: Daily | Weekly | Monthly, day: date) -> bool:
    if isinstance(when, Weekly):
        return WEEKDAYS[day.weekday()] == when.weekday
    if isinstance(when, Monthly):
        return day.day == min(when.day, calendar.monthrange(day.year, day.month)[1])
    return True


def _moved(day: date, day_off: DayOff, works_on: WorksOn) -> date | None:
    if day_off == "keep" or works_on(day):
        return day
    if day_off == "skip":
        return None
    step = timedelta(days=-1 if day_off == "before" else 1)
    for _ in range(MOST_MOVED):
        day += step
        if works_on(day):
            return day
    return None


def _at(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A time that the clock on the wall leaves out (summer time) is as much later."""
    return datetime.combine(day, at, zone).astimezone(UTC)
