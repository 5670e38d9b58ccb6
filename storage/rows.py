"""Mapped rows by way of prepared statements: new ones, and those of which there mostly are none."""

from functools import cache
from typing import Any, TypeVar

from sqlalchemy import insert
from sqlalchemy.orm import make_transient_to_detached
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
    values: dict[str, Any] = {name: getattr(row, name) for name in table.c.keys() if name != "id"}
    row.id = _insert(type(row)).fetch_one(session, **values).id  # type: ignore[attr-defined]
    make_transient_to_detached(row)
    session.add(row)
    return row


@cache
def _insert(row: type[SQLModel]) -> Prepared:
    table = table_of(row)
    return Prepared(insert(table).returning(table.c.id))
