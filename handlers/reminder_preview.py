"""What a person would be told by the schedules, as things stand. Nothing is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from domain.dialogue import Dialogue
from domain.forms import Rulebook
from domain.people import Person
from domain.schedules.definition import CONTENTS
from domain.schedules.occurrences import Occurrence, Window
from handlers.reminder_plan import in_force, planned
from handlers.reminders import says
from handlers.turn import Turn
from nlu.language.lexicon import Lexicon
from storage.reminders import ReminderRow
from storage.work import work_of


@dataclass(frozen=True)
class Previewed:
    at: datetime
    label: str
    words: str


def previewed(
    session: Session,
    rules: Rulebook,
    lexicon: Lexicon,
    zone: ZoneInfo,
    person: Person,
    now: datetime,
    how_long: timedelta,
) -> list[Previewed]:
    """In the order of their times. What is read from the day itself is named where nothing of it is known yet."""
    work = work_of(session, who=person.id, now=now, inbox_id=None)
    stops = work.reminders.stops(person.id)

    def each() -> Iterator[Previewed]:
        for one in planned(session, rules, zone, Window(now, now + how_long), person.id):
            if one.planned <= now or {(one.schedule, ""), (one.schedule, one.subject)} & stops:
                continue
            turn = Turn(one.send_at, zone, person, "", None, Dialogue(), rules, lexicon, work)
            schedule = in_force(rules)[one.schedule]
            words = says(_row(one), schedule, set(), turn)
            if words is not None:
                content = f"（{CONTENTS.get(schedule.says.content, '')}；现在还没有内容）"
                yield Previewed(one.send_at, schedule.label, " ".join(words.split()) or content)

    return sorted(each(), key=lambda one: one.at)


def _row(one: Occurrence) -> ReminderRow:
    """As it would be written down; never added to a session."""
    return ReminderRow(
        key=one.key,
        schedule=one.schedule,
        person_id=one.person,
        subject=one.subject,
        day=one.day,
        number=one.number,
        planned=one.planned,
        send_at=one.send_at,
    )
