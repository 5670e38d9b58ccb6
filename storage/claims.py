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
    Integer,
    Select,
    Table,
    and_,
    bindparam,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from storage.prepared import Prepared
from storage.store import Store

Where = tuple[ColumnElement[bool], ...]
UNFINISHED = ("pending", "claimed")


class LeaseLost(Exception):
    """Somebody else took the row over after its lease ran out. The transaction must not be committed."""


def table_of(row: type[SQLModel]) -> Table:
    return cast(Table, row.__table__)  # type: ignore[attr-defined]


def insert_new(session: Session, row: type[SQLModel], **values: Any) -> bool:
    """Insert unless a unique key is there already; whether it was inserted."""
    statement = _insert_unless_there(table_of(row), session.get_bind().dialect.name)
    return statement.write(session, **values) == 1


@cache
def _insert_unless_there(table: Table, dialect: str) -> Prepared:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return Prepared(insert(table).on_conflict_do_nothing())


def claim(
    session: Session,
    row: type[SQLModel],
    *,
    worker: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    where: Where = (),
    in_lanes: bool = True,
    **values: Any,
) -> list[dict[str, Any]]:
    """Take up to `limit` rows, oldest first; with `in_lanes`, only the first unfinished row of each lane.

    `where` is made once by the caller and kept: it may use `now`, and `values`, as bound parameters.
    Returns the rows as dicts, with `attempts` already counting this one, and `taken_over` true where another
    worker held the row before and let its lease run out.
    """
    table = table_of(row)
    free = _free(table, where, in_lanes).fetch(session, now=now, limit=limit, **values)
    if not free:
        return []
    found = [r._asdict() for r in free]
    ids = [r["id"] for r in found]
    _hold(table).write(session, ids=ids, worker=worker, lease_until=now + lease)
    for r in found:
        r["taken_over"] = r["state"] == "claimed"
        r["attempts"] += 1
    return found


def take(
    store: Store, row: type[SQLModel], *, where: Where = (), in_lanes: bool = True, **values: Any
) -> list[dict[str, Any]]:
    """`claim` in a transaction of its own, which is begun only where a look without any lock finds something."""
    looking = {name: value for name, value in values.items() if name not in ("worker", "lease", "limit")}
    with store.read() as session:
        if not waits(session, row, where=where, in_lanes=in_lanes, **looking):
            return []
    with store.write() as session:
        return claim(session, row, where=where, in_lanes=in_lanes, **values)


def waits(
    session: Session, row: type[SQLModel], *, where: Where = (), in_lanes: bool = True, **values: Any
) -> bool:
    """Whether there is anything that `claim` would take."""
    return bool(_free_ids(table_of(row), where, in_lanes).fetch(session, limit=1, **values))


def _which(query: Select[Any], table: Table, where: Where, in_lanes: bool) -> Select[Any]:
    now = bindparam("now", type_=table.c.available_at.type)
    free = or_(
        and_(table.c.state == "pending", table.c.available_at <= now),
        and_(table.c.state == "claimed", table.c.lease_until <= now),
    )
    query = query.where(table.c.state.in_(UNFINISHED), free, *where)
    if in_lanes:
        before = table.alias("before")
        query = query.where(
            ~exists().where(
                before.c.lane == table.c.lane, before.c.id < table.c.id, before.c.state.in_(UNFINISHED)
            )
        )
    return query.order_by(table.c.id).limit(bindparam("limit", type_=Integer))


@cache
def _free(table: Table, where: Where, in_lanes: bool) -> Prepared:
    query = _which(select(table), table, where, in_lanes)
    return Prepared(query.with_for_update(skip_locked=True, of=table))


@cache
def _free_ids(table: Table, where: Where, in_lanes: bool) -> Prepared:
    return Prepared(_which(select(table.c.id), table, where, in_lanes))


@cache
def _hold(table: Table) -> Prepared:
    which = table.c.id.in_(bindparam("ids", expanding=True))
    return Prepared(update(table).where(which).values(state="claimed", attempts=table.c.attempts + 1))


def finish(session: Session, row: type[SQLModel], row_id: int, *, worker: str, **values: Any) -> None:
    """Write the outcome of a claimed row; give it back by `state="pending", available_at=…`.

    Raises LeaseLost where the row is no longer ours.
    """
    which = {"the_row": row_id, "the_worker": worker}
    ended = {"worker": None, "lease_until": None, **values}
    if _end_of_claim(table_of(row)).write(session, **which, **ended) != 1:
        raise LeaseLost(f"{row.__tablename__} {row_id} was taken over after its lease ran out")


@cache
def _end_of_claim(table: Table) -> Prepared:
    held = (table.c.id == bindparam("the_row")) & (table.c.worker == bindparam("the_worker"))
    return Prepared(update(table).where(held, table.c.state == "claimed"))
