"""What trainers look at: talks and appeals of the people they may see, and what the field says in figures alone."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from domain.people import Person
from domain.ramp import Hire
from domain.statuses import STANDING
from storage.guarding import GuardedSession
from storage.people import person_value
from storage.practice import ENDED, PLAYED, Played
from storage.practice_tables import AppealRow, PracticeRow
from storage.tables import PersonRow, RecordRow


class Calibrated(NamedTuple):
    """What became of one appeal."""

    check_id: str
    quote: str
    state: str


def learners(session: GuardedSession) -> list[Person]:
    """Reps, by their names."""
    query = select(PersonRow).where(col(PersonRow.active).is_(True), col(PersonRow.role) == "rep")
    return [person_value(row) for row in session.scalars(query.order_by(col(PersonRow.name)))]


def talks_by_person(session: GuardedSession, since: datetime) -> dict[str, list[Played]]:
    """Talks that were scored, the newest first."""
    query = (
        select(col(PracticeRow.person_id), *PLAYED)
        .where(
            col(PracticeRow.state).in_(ENDED),
            col(PracticeRow.mode) != "drill",
            col(PracticeRow.overall).is_not(None),
            col(PracticeRow.ended_at) >= since,
        )
        .order_by(col(PracticeRow.id).desc())
    )
    found: dict[str, list[Played]] = {}
    for person, *row in session.execute(query):
        found.setdefault(person, []).append(Played(*row))
    return found


def appeals(session: Session) -> list[Calibrated]:
    """The oldest first."""
    query = select(col(AppealRow.check_id), col(AppealRow.quote), col(AppealRow.state))
    return [Calibrated(*row) for row in session.execute(query.order_by(col(AppealRow.id)))]


def objections_told(session: Session, since: datetime) -> Iterator[tuple[list[str], str]]:
    """The types and the customers' words of records that count; of nobody in particular."""
    query = select(RecordRow).where(col(RecordRow.happened_at) >= since, col(RecordRow.status).in_(STANDING))
    for row in session.scalars(query.execution_options(yield_per=500)):
        if row.data.get("objections") and not row.data.get("planned"):
            yield list(row.data["objections"]), row.sources.get("objections", "")


def hires(session: Session) -> list[Hire]:
    """Every rep whose first day is known, with the day of the first order that he himself reported and confirmed."""
    hired = select(PersonRow).where(col(PersonRow.role) == "rep", col(PersonRow.hired_on).is_not(None))
    people = {row.id: row.hired_on for row in session.scalars(hired)}
    orders = (
        select(RecordRow)
        .where(
            col(RecordRow.form) == "order",
            col(RecordRow.status).in_(STANDING),
            col(RecordRow.reporter_id).in_(people),
        )
        .order_by(col(RecordRow.happened_at))
    )
    first: dict[str, Any] = {}
    for row in session.scalars(orders.execution_options(yield_per=500)):
        if not row.data.get("planned"):
            first.setdefault(row.reporter_id, row.happened_at.date())
    return [Hire(hired_on=day, first_order=first.get(key)) for key, day in people.items() if day]
