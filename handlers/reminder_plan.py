"""Which reminders fall due in a stretch of time: the schedules in force laid over people and data."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from domain.flows.definition import Flow
from domain.flows.working_time import WorkingTime
from domain.forms import Rulebook
from domain.people import Person
from domain.schedules.definition import Daily, Late, Says, Schedule
from domain.schedules.occurrences import (
    Anchor,
    Listener,
    Occurrence,
    Window,
    anchor_days,
    of_anchor,
    of_days,
)
from handlers.turn import Turn
from nlu.language.holidays import birthdays_on, is_workday
from storage.people import all_people
from storage.reminders import Reminders, of_record
from storage.tables import RecordRow

SOON = timedelta(hours=2)
"""As far as the clocks write down ahead."""
FLOW_LATE = Late(mark_after=120, skip_after=120)
"""What could not begin in time, since nothing ran, is left out after so many minutes."""


def in_force(rules: Rulebook) -> dict[str, Schedule]:
    """The schedules, and the flows that begin by the clock, which are schedules that say what their steps do."""
    begun = (flow for flow in rules.flows.values() if flow.begins.event == "schedule")
    routines = {f"flow:{flow.key}": _routine(flow) for flow in begun}
    return {**rules.schedules, **routines}


def _routine(flow: Flow) -> Schedule:
    at, role = flow.begins.at, flow.begins.role
    assert at is not None and role is not None, "a flow that begins by the clock says when and for whom"
    return Schedule(
        key=f"flow:{flow.key}",
        label=flow.label,
        when=Daily(kind="daily", at=at, day_off="skip" if flow.begins.workdays else "keep"),
        whom=(role,),
        says=Says(flow=flow.key),
        late=FLOW_LATE,
    )


def listener(person: Person, company: ZoneInfo) -> Listener:
    return Listener(person.id, person.zone(company), person.quiet)


def planned(
    session: Session, rules: Rulebook, company: ZoneInfo, window: Window, only: str = ""
) -> Iterator[Occurrence]:
    """Everything in the window, of everybody or of one person, without what they stopped being looked at."""
    people = {one.id: one for one in all_people(session) if only in ("", one.id)}
    works_on = WorkingTime(rules.office, company, is_workday).works_on
    for schedule in in_force(rules).values():
        if schedule.off:
            continue
        if schedule.anchored:
            first, last = anchor_days(schedule, window)
            for anchor in Reminders(session).anchors(schedule, first, last, window.now, birthdays_on):
                for person in concerned(schedule, anchor, people):
                    who = listener(person, company)
                    yield from of_anchor(schedule, anchor, who, window, works_on)
        else:
            for person in people.values():
                if person.role in schedule.whom:
                    yield from of_days(schedule, listener(person, company), window, works_on)


def fall_due(row: RecordRow, schedule: Schedule, turn: Turn) -> None:
    """What this record, just written, makes fall due soon, at once rather than at the next look through the data."""
    of, window = str(getattr(schedule.when, "of", "")).partition(".")[2], Window(turn.now, turn.now + SOON)
    works_on = WorkingTime(turn.rulebook.office, turn.zone, is_workday).works_on
    anchor = of_record(row, of, turn.work.people)
    found = of_anchor(schedule, anchor, listener(turn.person, turn.zone), window, works_on)
    turn.work.reminders.write_down(found)


def concerned(schedule: Schedule, anchor: Anchor, people: Mapping[str, Person]) -> list[Person]:
    """Whom it is told to, each once."""
    ids = dict.fromkeys(one for who in schedule.whom for one in anchor.people.get(who, ()))
    return [people[one] for one in ids if one in people]
