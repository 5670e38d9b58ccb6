"""Reminders: each occurrence is a row, written down once by whichever clock comes first, told once by whose turn
changes its state. Also what people stopped, and the dates in the data that schedules wait for."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Index, delete, select, update
from sqlmodel import Field, Session, col

from domain.schedules.definition import Schedule as Definition
from domain.schedules.occurrences import Anchor, Occurrence
from domain.statuses import STANDING
from storage.claims import insert_new
from storage.columns import Row, identity, moment
from storage.people import People
from storage.schedule import Schedule
from storage.tables import CheckInRow, ContactRow, CustomerRow, RecordRow

DUE = "reminder"
"""The name of its due time."""
OLDEST = timedelta(days=400)
"""Records older than that remind nobody of their dates."""


class ReminderRow(Row, table=True):
    """States: waiting, told, begun (a flow by the clock), nothing (there was nothing to say), done (somebody acted
    before), late, stopped."""

    __tablename__ = "reminder"
    __table_args__ = (Index("ix_reminder_person_state", "person_id", "state"),)

    id: int | None = identity()
    key: str = Field(unique=True)
    schedule: str
    person_id: str
    subject: str
    day: date
    number: int
    planned: datetime = moment(index=True)
    send_at: datetime = moment()
    state: str = "waiting"
    snoozed: bool = False
    """Its present time is the one that the person asked for."""
    told_at: datetime | None = moment(null=True)


class ReminderStopRow(Row, table=True):
    """What somebody does not want to hear of any more: a schedule, or, with a subject, one thing of it."""

    __tablename__ = "reminder_stop"

    person_id: str = Field(primary_key=True)
    schedule: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    at: datetime = moment()


class SweptRow(Row, table=True):
    """How far back rows of a table were deleted: what is older is not to be written down again."""

    __tablename__ = "swept"

    what: str = Field(primary_key=True)
    before: datetime = moment()


def swept_before(session: Session, what: str) -> datetime | None:
    """What of this table is older may have been deleted."""
    row = session.get(SweptRow, what)
    return row.before if row else None


class Reminders:
    def __init__(self, session: Session) -> None:
        self.session = session

    def write_down(self, found: Iterable[Occurrence]) -> int:
        """Those that nobody has written down yet, each with its due time. Returns how many."""
        swept, count = swept_before(self.session, DUE), 0
        for one in found:
            if swept is not None and one.planned < swept:
                continue
            row = {
                "key": one.key,
                "schedule": one.schedule,
                "person_id": one.person,
                "subject": one.subject,
                "day": one.day,
                "number": one.number,
                "planned": one.planned,
                "send_at": one.send_at,
                "state": "waiting",
                "snoozed": False,
            }
            if insert_new(self.session, ReminderRow, **row):
                written = self.session.scalars(
                    select(ReminderRow).where(col(ReminderRow.key) == one.key)
                ).one()
                self._have_told(written)
                count += 1
        return count

    def _have_told(self, row: ReminderRow) -> None:
        Schedule(self.session).at(row.send_at, DUE, f"reminder:{row.id}", row.person_id)

    def waiting(self, person: str, until: datetime) -> list[ReminderRow]:
        """What is to be told to this person until then, in the order of its times."""
        query = (
            select(ReminderRow)
            .where(
                col(ReminderRow.person_id) == person,
                col(ReminderRow.state) == "waiting",
                col(ReminderRow.send_at) <= until,
            )
            .order_by(col(ReminderRow.send_at), col(ReminderRow.id))
        )
        return list(self.session.scalars(query))

    def get(self, reminder: int) -> ReminderRow | None:
        return self.session.get(ReminderRow, reminder)

    def end(self, row: ReminderRow, state: str, now: datetime) -> bool:
        """Compare and set; False where another turn has it: nobody is told twice."""
        self.session.flush()
        statement = (
            update(ReminderRow)
            .where(col(ReminderRow.id) == row.id, col(ReminderRow.state) == "waiting")
            .values(state=state, told_at=now)
        )
        won = cast(CursorResult[Any], self.session.execute(statement)).rowcount == 1
        self.session.refresh(row)
        return won

    def postpone(self, row: ReminderRow, send_at: datetime, *, asked: bool) -> None:
        """Another time for it; `asked` where the person wants it so."""
        row.state, row.send_at, row.snoozed = "waiting", send_at, row.snoozed or asked
        self.session.add(row)
        self.session.flush()
        self._have_told(row)

    def last_told(self, person: str, since: datetime) -> list[ReminderRow]:
        """The reminders of the last message that he got since then."""
        query = (
            select(ReminderRow)
            .where(
                col(ReminderRow.person_id) == person,
                col(ReminderRow.state) == "told",
                col(ReminderRow.told_at) >= since,
            )
            .order_by(col(ReminderRow.told_at).desc(), col(ReminderRow.id))
        )
        rows = list(self.session.scalars(query))
        return [row for row in rows if row.told_at == rows[0].told_at]

    def overtaken(self, row: ReminderRow, now: datetime) -> bool:
        """Whether its schedule has come round again since."""
        query = select(col(ReminderRow.id)).where(
            col(ReminderRow.person_id) == row.person_id,
            col(ReminderRow.schedule) == row.schedule,
            col(ReminderRow.planned) > row.planned,
            col(ReminderRow.planned) <= now,
        )
        return self.session.execute(query.limit(1)).first() is not None

    # what is stopped ----------------------------------------------------------------------------------------

    def stops(self, person: str) -> set[tuple[str, str]]:
        query = select(ReminderStopRow).where(col(ReminderStopRow.person_id) == person)
        return {(row.schedule, row.subject) for row in self.session.scalars(query)}

    def stop(self, person: str, schedule: str, subject: str, now: datetime) -> None:
        insert_new(
            self.session, ReminderStopRow, person_id=person, schedule=schedule, subject=subject, at=now
        )

    def resume(self, person: str, schedule: str) -> bool:
        """Of the schedule itself and of everything that it is about; whether anything was stopped."""
        statement = delete(ReminderStopRow).where(
            col(ReminderStopRow.person_id) == person, col(ReminderStopRow.schedule) == schedule
        )
        return cast(CursorResult[Any], self.session.execute(statement)).rowcount > 0

    # what schedules wait for --------------------------------------------------------------------------------

    def anchors(self, schedule: Definition, first: date, last: date, now: datetime) -> Iterator[Anchor]:
        """Everything whose date, as `schedule` means it, lies between the two days, both included."""
        of = schedule.when.of  # type: ignore[union-attr]
        if of == "customer.contract_end":
            yield from self._contracts(first, last)
        elif of == "contact.birthday":
            yield from self._birthdays(first, last)
        else:
            form, field = of.split(".")
            yield from self._records(form, field, first, last, now)

    def _contracts(self, first: date, last: date) -> Iterator[Anchor]:
        query = select(CustomerRow).where(
            col(CustomerRow.contract_end) >= first, col(CustomerRow.contract_end) <= last
        )
        people = People(self.session)
        for row in self.session.scalars(query):
            facts = {"客户": row.name, "customer": row.code}
            yield Anchor(
                f"customer:{row.code}",
                day=row.contract_end,
                people=_concerned(row.owner_id, None, people),
                facts=facts,
            )

    def _birthdays(self, first: date, last: date) -> Iterator[Anchor]:
        """29 February is kept on the 28th in the years between."""
        days = {first + timedelta(days=n) for n in range((last - first).days + 1)}
        wanted = {f"{day:%m-%d}": day for day in sorted(days)}
        for day in days:
            if (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month == 3:
                wanted["02-29"] = day
        query = (
            select(ContactRow, CustomerRow)
            .join(CustomerRow, col(CustomerRow.code) == col(ContactRow.customer_code))
            .where(col(ContactRow.birthday).in_(list(wanted)))
        )
        people = People(self.session)
        for contact, customer in self.session.execute(query):
            facts = {"客户": customer.name, "联系人": contact.name, "职务": contact.title}
            yield Anchor(
                f"contact:{contact.id}",
                day=wanted[contact.birthday],
                people=_concerned(customer.owner_id, None, people),
                facts={**facts, "customer": customer.code},
            )

    def _records(self, form: str, field: str, first: date, last: date, now: datetime) -> Iterator[Anchor]:
        query = select(RecordRow).where(
            col(RecordRow.form) == form,
            col(RecordRow.status).in_(STANDING),
            col(RecordRow.created_at) >= now - OLDEST,
        )
        if field == "happened_at":
            start = datetime.combine(first, datetime.min.time(), now.tzinfo)
            end = datetime.combine(last + timedelta(days=1), datetime.min.time(), now.tzinfo)
            query = query.where(col(RecordRow.happened_at) >= start, col(RecordRow.happened_at) < end)
        else:
            said = RecordRow.data[field].as_string()
            query = query.where(said >= first.isoformat(), said < (last + timedelta(days=1)).isoformat())
        people = People(self.session)
        owners = dict(
            self.session.execute(
                select(col(CustomerRow.code), col(CustomerRow.owner_id)).where(
                    col(CustomerRow.code).in_(query.with_only_columns(col(RecordRow.customer_code)))
                )
            ).all()
        )
        for row in self.session.scalars(query.order_by(col(RecordRow.id))):
            said_at = row.happened_at if field == "happened_at" else str(row.data[field])
            person = str(row.data.get("owner") or row.reporter_id)
            yield Anchor(
                f"record:{row.id}",
                day=date.fromisoformat(said_at) if isinstance(said_at, str) and len(said_at) == 10 else None,
                moment=_moment(said_at),
                known_at=row.created_at,
                people=_concerned(owners.get(row.customer_code), person, people),
                facts={"record": row, "customer": row.customer_code},
            )

    def acted(self, row: RecordRow, since: datetime) -> bool:
        """Whether its reporter was at the customer's or wrote about him since, or agreed on another date after it."""
        mine = (col(RecordRow.customer_code) == row.customer_code, col(RecordRow.status).in_(STANDING))
        records = self.session.scalars(
            select(RecordRow).where(
                *mine, col(RecordRow.reporter_id) == row.reporter_id, col(RecordRow.id) != row.id
            )
        )
        for other in records:
            newer = (other.created_at, other.id or 0) > (row.created_at, row.id or 0)
            if (other.happened_at >= since and not other.data.get("planned") and newer) or (
                newer and other.data.get("next_date")
            ):
                return True
        seen = select(col(CheckInRow.id)).where(
            col(CheckInRow.customer_code) == row.customer_code,
            col(CheckInRow.person_id) == row.reporter_id,
            col(CheckInRow.at) >= since,
        )
        return self.session.execute(seen.limit(1)).first() is not None


def _moment(said: datetime | str) -> datetime | None:
    if isinstance(said, datetime):
        return said
    return datetime.fromisoformat(said) if len(said) > 10 else None


def _concerned(owner: str | None, person: str | None, people: People) -> dict[str, tuple[str, ...]]:
    """Without people who have left."""
    there = {
        who: one for who, one in (("person", person), ("owner", owner)) if one and people.get(one) is not None
    }
    first = person or owner
    above = people.superior(first) if first else None
    return {**{who: (one,) for who, one in there.items()}, **({"manager": (above,)} if above else {})}
