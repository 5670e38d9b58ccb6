"""Which reminders fall due in a stretch of time: the schedules in force laid over people and data."""

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from sqlmodel import Session

from domain.flows.working_time import WorkingTime
from domain.forms import Rulebook
from domain.people import Person
from domain.schedules.definition import Schedule
from domain.schedules.occurrences import (
    Anchor,
    Listener,
    Occurrence,
    Window,
    anchor_days,
    of_anchor,
    of_days,
)
from nlu.language.holidays import is_workday
from storage.people import all_people
from storage.reminders import Reminders


def listener(person: Person, company: ZoneInfo) -> Listener:
    return Listener(person.id, person.zone(company), person.quiet)


def planned(
    session: Session, rules: Rulebook, company: ZoneInfo, window: Window, only: str = ""
) -> Iterator[Occurrence]:
    """Everything in the window, of everybody or of one person, without what they stopped being looked at."""
    people = {one.id: one for one in all_people(session) if only in ("", one.id)}
    works_on = WorkingTime(rules.office, company, is_workday).works_on
    for schedule in rules.schedules.values():
        if schedule.off:
            continue
        if schedule.anchored:
            first, last = anchor_days(schedule, window)
            for anchor in Reminders(session).anchors(schedule, first, last, window.now):
                for person in concerned(schedule, anchor, people):
                    who = listener(person, company)
                    yield from of_anchor(schedule, anchor, who, window, works_on)
        else:
            for person in people.values():
                if person.role in schedule.whom:
                    yield from of_days(schedule, listener(person, company), window, works_on)


def concerned(schedule: Schedule, anchor: Anchor, people: Mapping[str, Person]) -> list[Person]:
    """Whom it is told to, each once."""
    ids = dict.fromkeys(one for who in schedule.whom for one in anchor.people.get(who, ()))
    return [people[one] for one in ids if one in people]
