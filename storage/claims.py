"""Rows as the queue: how workers on any number of machines share what there is to do.

A row is claimed with the worker's name and a deadline (the lease). Whoever holds the lease finishes the row in the
same transaction as the effects of the work; a lease that ran out may be taken by anyone, and then the former
holder's `finish` changes no row and its transaction is rolled back. So work may be repeated, its effects not.

On PostgreSQL rows are taken with FOR UPDATE SKIP LOCKED, on SQLite under the write lock.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Insert,
    Table,
    Update,
    and_,
    bindparam,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

UNFINISHED = ("pending", "claimed")


class LeaseLost(Exception):
    """Somebody else took the row over after its lease ran out. The transaction must not be committed."""


def table_of(row: type[SQLModel]) -> Table:
    return cast(Table, row.__table__)  # type: ignore[attr-defined]


def insert_new(session: Session, row: type[SQLModel], **values: Any) -> bool:
    """Insert unless a unique key is there already; whether it was inserted."""
    statement = _insert_unless_there(table_of(row), session.get_bind().dialect.name)
    counted = session.connection().execute(statement, values, execution_options={"preserve_rowcount": True})
    return counted.rowcount == 1


@cache
def _insert_unless_there(table: Table, dialect: str) -> Insert:
    """Made once a table: building a statement costs more than running it."""
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing()


def claim(
    session: Session,
    row: type[SQLModel],
    *,
    worker: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    where: tuple[ColumnElement[bool], ...] = (),
    in_lanes: bool = True,
) -> list[dict[str, Any]]:
    """Take up to `limit` rows, oldest first; with `in_lanes`, only the first unfinished row of each lane.

    Returns the rows as dicts, with `attempts` already counting this one, and `taken_over` true where another
    worker held the row before and let its lease run out.
    """
    table = table_of(row)
    free = or_(
        and_(table.c.state == "pending", table.c.available_at <= now),
        and_(table.c.state == "claimed", table.c.lease_until <= now),
    )
    query = select(table).where(table.c.state.in_(UNFINISHED), free, *where)
    if in_lanes:
        before = table.alias("before")
        query = query.where(
            ~exists().where(
                before.c.lane == table.c.lane, before.c.id < table.c.id, before.c.state.in_(UNFINISHED)
            )
        )
    query = query.order_by(table.c.id).limit(limit).with_for_update(skip_locked=True, of=table)
    found = [dict(r._mapping) for r in session.execute(query)]
    if found:
        session.execute(
            update(table)
            .where(table.c.id.in_([r["id"] for r in found]))
            .values(state="claimed", worker=worker, lease_until=now + lease, attempts=table.c.attempts + 1)
        )
    for r in found:
        r["taken_over"] = r["state"] == "claimed"
        r["attempts"] += 1
    return found


def finish(session: Session, row: type[SQLModel], row_id: int, *, worker: str, **values: Any) -> None:
    """Write the outcome of a claimed row; give it back by `state="pending", available_at=…`.

    Raises LeaseLost where the row is no longer ours.
    """
    found = {"the_row": row_id, "the_worker": worker}
    ended = {"worker": None, "lease_until": None, **values}
    result = session.connection().execute(_end_of_claim(table_of(row)), {**found, **ended})
    if result.rowcount != 1:
        raise LeaseLost(f"{row.__tablename__} {row_id} was taken over after its lease ran out")


@cache
def _end_of_claim(table: Table) -> Update:
    held = (table.c.id == bindparam("the_row")) & (table.c.worker == bindparam("the_worker"))
    return update(table).where(held, table.c.state == "claimed")
