"""Mapped rows by way of prepared statements: new ones, and those of which there mostly are none."""

from functools import cache
from typing import Any, TypeVar

from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, SQLModel

from storage.claims import table_of
from storage.prepared import Prepared

New = TypeVar("New", bound=SQLModel)


class Rare:
    """A query of a mapped class that mostly finds nothing: its rows are only loaded where there are any."""

    def __init__(self, statement: Any) -> None:
        self.statement, self.looking = statement, Prepared(statement)

    def rows(self, session: Session, **values: Any) -> list[Any]:
        if not self.looking.fetch(session, **values):
            return []
        return list(session.scalars(self.statement, values))


def insert_row(session: Session, row: New) -> New:
    """The same row with its id, from now on the session's own: changes of it are written like those of any other.

    For tables that count their ids up.
    """
    table = table_of(type(row))
    values = {column.key: getattr(row, column.key) for column in table.c if column.key != "id"}
    found: Any = _insert(type(row)).fetch_one(session, **values)
    row.id = found.id
    make_transient_to_detached(row)
    session.add(row)
    return row


def update_row(session: Session, row: SQLModel, **values: Any) -> None:
    """Give a row that was read these values, at once; what else of it was changed is written as usual.

    For tables that count their ids up.
    """
    _update(type(row)).write(session, the_id=row.id, **values)  # type: ignore[attr-defined]
    for name, value in values.items():
        set_committed_value(row, name, value)


@cache
def _update(row: type[SQLModel]) -> Prepared:
    table = table_of(row)
    return Prepared(update(table).where(table.c.id == bindparam("the_id")))


@cache
def _insert(row: type[SQLModel]) -> Prepared:
    table = table_of(row)
    return Prepared(insert(table).returning(table.c.id))
