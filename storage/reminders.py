"""Reminders: each occurrence is a row, written down once by whichever clock comes first, told once by whose turn
changes its state. Also what people stopped, and the dates in the data that schedules wait for."""

from collections.abc import Callable, Iterable, Iterator
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
from storage.promises import overtakes
from storage.schedule import Schedule
from storage.tables import CheckInRow, ContactRow, CustomerRow, RecordRow

CONTRACT, BIRTHDAY = "customer.contract_end", "contact.birthday"
HAPPENED = "happened_at"
CONTACTS = select(ContactRow, CustomerRow).join(
    CustomerRow, col(CustomerRow.code) == col(ContactRow.customer_code)
)
BirthdaysOn = Callable[[date], tuple[str, ...]]
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

    def ever_told(self, person: str) -> bool:
        told = select(col(ReminderRow.id)).where(
            col(ReminderRow.person_id) == person, col(ReminderRow.state) == "told"
        )
        return self.session.execute(told.limit(1)).first() is not None

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

    def anchors(
        self, schedule: Definition, first: date, last: date, now: datetime, birthdays: BirthdaysOn
    ) -> Iterator[Anchor]:
        """Everything whose date, as `schedule` means it, lies between the two days, both included. `birthdays` are
        the ways in which one is written down that is kept on a day."""
        of, people = _of(schedule), People(self.session)
        if of == CONTRACT:
            ends = col(CustomerRow.contract_end)
            query = select(CustomerRow).where(ends >= first, ends <= last)
            yield from (_of_contract(row, people) for row in self.session.scalars(query))
        elif of == BIRTHDAY:
            days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
            wanted = {name: day for day in days for name in birthdays(day)}
            born = CONTACTS.where(col(ContactRow.birthday).in_(list(wanted)))
            for contact, customer in self.session.execute(born):
                yield _of_birthday(contact, customer, wanted[contact.birthday], people)
        else:
            form, _, field = of.partition(".")
            yield from self._records(form, field, first, last, now)

    def anchor(self, schedule: Definition, subject: str, day: date, birthdays: BirthdaysOn) -> Anchor | None:
        """The one thing as it is now; None where it is gone or does not count any more. A birthday is looked for on
        this day."""
        of, people = _of(schedule), People(self.session)
        kind, _, name = subject.partition(":")
        if of == CONTRACT and kind == "customer":
            customer = self.session.get(CustomerRow, name)
            return _of_contract(customer, people) if customer else None
        if of == BIRTHDAY and kind == "contact":
            found = self.session.execute(CONTACTS.where(col(ContactRow.id) == int(name))).first()
            kept = found is not None and found[0].birthday in birthdays(day)
            return _of_birthday(found[0], found[1], day, people) if found and kept else None
        row = self.session.get(RecordRow, int(name)) if kind == "record" and "." in of else None
        form, _, field = of.partition(".")
        if row is None or row.form != form or row.status not in STANDING:
            return None
        owner = self.session.get(CustomerRow, row.customer_code or "")
        return of_record(row, field, people, owner.owner_id if owner else None)

    def _records(self, form: str, field: str, first: date, last: date, now: datetime) -> Iterator[Anchor]:
        query = select(RecordRow).where(
            col(RecordRow.form) == form,
            col(RecordRow.status).in_(STANDING),
            col(RecordRow.created_at) >= now - OLDEST,
        )
        if field == HAPPENED:
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
            yield of_record(row, field, people, owners.get(row.customer_code))

    def acted(self, row: RecordRow, since: datetime) -> bool:
        """Whether its reporter was at the customer's or wrote about him since, or agreed on another date after it."""
        same = (
            col(RecordRow.customer_code) == row.customer_code,
            col(RecordRow.reporter_id) == row.reporter_id,
        )
        others = self.session.scalars(
            select(RecordRow).where(
                *same, col(RecordRow.status).in_(STANDING), col(RecordRow.created_at) >= row.created_at
            )
        )
        seen = select(col(CheckInRow.id)).where(
            col(CheckInRow.customer_code) == row.customer_code,
            col(CheckInRow.person_id) == row.reporter_id,
            col(CheckInRow.at) >= since,
        )
        return any(overtakes(other, row, since) for other in others) or (
            self.session.execute(seen.limit(1)).first() is not None
        )


def _moment(said: datetime | str) -> datetime | None:
    if isinstance(said, datetime):
        return said
    return datetime.fromisoformat(said) if len(said) > 10 else None


def _of(schedule: Definition) -> str:
    return str(schedule.when.of)  # type: ignore[union-attr]


def _of_contract(row: CustomerRow, people: People) -> Anchor:
    facts = {"客户": row.name, "customer": row.code}
    concerned = _concerned(row.owner_id, None, people)
    return Anchor(f"customer:{row.code}", day=row.contract_end, people=concerned, facts=facts)


def _of_birthday(contact: ContactRow, customer: CustomerRow, day: date, people: People) -> Anchor:
    facts = {
        "客户": customer.name,
        "联系人": contact.name,
        "职务": contact.title,
        "customer": customer.code,
    }
    concerned = _concerned(customer.owner_id, None, people)
    return Anchor(f"contact:{contact.id}", day=day, people=concerned, facts=facts)


def of_record(row: RecordRow, field: str, people: People, owner: str | None = None) -> Anchor:
    """A record with a date or time in a field. `owner`: whose customer it is about."""
    said = row.happened_at if field == HAPPENED else str(row.data.get(field) or "")
    return Anchor(
        f"record:{row.id}",
        day=date.fromisoformat(said) if isinstance(said, str) and len(said) == 10 else None,
        moment=_moment(said),
        known_at=row.created_at,
        people=_concerned(owner, str(row.data.get("owner") or row.reporter_id), people),
        facts={"record": row, "customer": row.customer_code},
    )


def _concerned(owner: str | None, person: str | None, people: People) -> dict[str, tuple[str, ...]]:
    """Without people who have left."""
    there = {
        who: one for who, one in (("person", person), ("owner", owner)) if one and people.get(one) is not None
    }
    first = person or owner
    above = people.superior(first) if first else None
    return {**{who: (one,) for who, one in there.items()}, **({"manager": (above,)} if above else {})}
