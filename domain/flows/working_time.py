"""Working time: what an hour is where reminders and escalations wait for people rather than for clocks."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import model_validator

from domain.values import Value

IsWorkday = Callable[[date], bool]
MOST_DAYS = 400
"""Beyond that many days without work something is wrong with the calendar."""


class Hours(Value):
    """From and until when people work, on one stretch of a working day."""

    start: time
    end: time

    @model_validator(mode="after")
    def _in_order(self) -> "Hours":
        if self.start >= self.end:
            raise ValueError("开始时间要早于结束时间")
        return self


class OfficeHours(Value):
    """When the company works. Public holidays and shifted working days (调休) come from the announced calendar;
    what the company does differently is named here and wins."""

    hours: tuple[Hours, ...] = (
        Hours(start=time(9), end=time(12)),
        Hours(start=time(13), end=time(18)),
    )
    days_off: tuple[date, ...] = ()
    extra_days: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _apart(self) -> "OfficeHours":
        if not self.hours:
            raise ValueError("至少要有一段上班时间")
        if any(one.end > other.start for one, other in zip(self.hours, self.hours[1:], strict=False)):
            raise ValueError("几段上班时间要按先后写，不能重叠")
        return self


class WorkingTime:
    """The company's working minutes in its own zone. `announced` says which days people work in this country."""

    def __init__(self, office: OfficeHours, zone: ZoneInfo, announced: IsWorkday) -> None:
        self.office, self.zone, self._announced = office, zone, announced

    def works_on(self, day: date) -> bool:
        if day in self.office.days_off:
            return False
        return day in self.office.extra_days or self._announced(day)

    def after(self, start: datetime, working: timedelta) -> datetime:
        """When so much working time has passed since `start`; at the end of a stretch rather than at the beginning of
        the next. Nothing to wait for: the first working moment at or after `start`. Aware in, aware out."""
        left = working
        for opens, closes in self._stretches(start.astimezone(self.zone)):
            if left <= closes - opens:
                return (opens + left).astimezone(start.tzinfo)
            left -= closes - opens
        raise ValueError(f"no {working} of work within {MOST_DAYS} days of {start:%Y-%m-%d}")

    def on_workdays(self, start: datetime, span: timedelta) -> datetime:
        """When so much time has passed by the clock, days without work left out: from Friday 16:00, 24 hours are
        over on Monday at 16:00. Aware in, aware out."""
        at = start.astimezone(self.zone)
        for number in range(MOST_DAYS):
            day = at.date() + timedelta(days=number)
            if not self.works_on(day):
                continue
            opens = max(at, datetime.combine(day, time(), self.zone))
            closes = datetime.combine(day + timedelta(days=1), time(), self.zone)
            if span <= closes - opens:
                return (opens + span).astimezone(start.tzinfo)
            span -= closes - opens
        raise ValueError(f"no {span} on working days within {MOST_DAYS} days of {start:%Y-%m-%d}")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between the two."""
        until = end.astimezone(self.zone)
        passed = timedelta()
        for opens, closes in self._stretches(start.astimezone(self.zone)):
            if opens >= until:
                break
            passed += min(closes, until) - opens
        return passed

    def _stretches(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Stretches of work from `start` on, the one under way cut at its beginning."""
        for number in range(MOST_DAYS):
            day = start.date() + timedelta(days=number)
            if not self.works_on(day):
                continue
            for one in self.office.hours:
                opens = datetime.combine(day, one.start, self.zone)
                closes = datetime.combine(day, one.end, self.zone)
                if closes > start:
                    yield max(opens, start), closes
