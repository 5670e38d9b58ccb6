"""Handing customers over: who is meant, what he has, and the change itself, each customer audited."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import literal, select, update
from sqlmodel import Session, col

from domain.people import Person
from storage.claims import table_of
from storage.columns import Row, document, identity, moment
from storage.people import bump_master_version, person_value
from storage.policies import PERSON, Below
from storage.records import Records
from storage.tables import CustomerRow, PersonRow

AT_ONCE = 500


class TransferRow(Row, table=True):
    """Customers that are to pass from one person to another, or to nobody. States: proposed, done, dropped."""

    __tablename__ = "transfer"

    id: int | None = identity()
    from_id: str
    to_id: str | None = None
    """None: they become public."""
    codes: list[str] = document(default=list)
    """What the preview listed; nothing else is handed over."""
    state: str = "proposed"
    who: str
    created_at: datetime = moment()
    decided_at: datetime | None = moment(null=True)


def people_named(session: Session, words: str) -> list[Person]:
    """Everybody who is called so, those who left among them: their customers are what is handed over."""
    rows = session.scalars(select(PersonRow).order_by(col(PersonRow.id)))
    return [person_value(r) for r in rows if words in (r.id, r.name, *r.nicknames)]


def below(session: Session, person_id: str) -> set[str]:
    """The ids of somebody and of everybody below him."""
    inside = PERSON.c.id.op("IN", is_comparison=True)(Below(literal(person_id)))
    return set(session.connection().scalars(select(PERSON.c.id).where(inside)))


def customers_of(session: Session, person_id: str) -> list[tuple[str, str]]:
    """(code, name) of all that are his."""
    table = table_of(CustomerRow)
    owned = select(table.c.code, table.c.name).where(table.c.owner_id == person_id).order_by(table.c.code)
    return [(code, name) for code, name in session.connection().execute(owned)]


def propose(
    session: Session, giver: str, taker: str | None, codes: Sequence[str], *, who: str, now: datetime
) -> TransferRow:
    row = TransferRow(from_id=giver, to_id=taker, codes=list(codes), who=who, created_at=now)
    session.add(row)
    session.flush()
    return row


def decide(session: Session, row: TransferRow, state: str, now: datetime) -> bool:
    """Compare and set; False where somebody decided before."""
    table = table_of(TransferRow)
    decided = (
        update(table)
        .where(table.c.id == row.id, table.c.state == "proposed")
        .values(state=state, decided_at=now)
    )
    won = session.connection().execute(decided).rowcount == 1
    session.refresh(row)
    return won


def carry_out(records: Records, row: TransferRow) -> list[str]:
    """The codes that were handed over: those of the preview that still are the giver's."""
    session, table = records.session, table_of(CustomerRow)
    moved: list[str] = []
    for start in range(0, len(row.codes), AT_ONCE):
        some = row.codes[start : start + AT_ONCE]
        change = (
            update(table)
            .where(table.c.code.in_(some), table.c.owner_id == row.from_id)
            .values(owner_id=row.to_id)
            .returning(table.c.code)
        )
        moved += session.connection().scalars(change)
    session.expire_all()
    for code in sorted(moved):
        records.audit(f"customer:{code}", "owner", row.from_id, row.to_id, f"客户交接 #{row.id}")
    if moved:
        bump_master_version(session)
    return sorted(moved)
