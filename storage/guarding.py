"""Reading on somebody's behalf: a session that adds the policies to every query, and refuses what it cannot guard.

    with read_as(store, guard, now) as session:
        session.scalars(select(RecordRow)…)     only rows that the viewer may see, masked

Refused, with `Forbidden`: tables without a policy, anything but a query of entities (tables, text and statements of
the driver would pass the policies by), and any use of a hidden column other than loading its masked row.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import Column, Connection, Table, event
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import (
    BinaryExpression,
    BindParameter,
    ColumnClause,
    TextClause,
    _textual_label_reference,
)
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import json_getitem_op, json_path_getitem_op
from sqlalchemy.sql.selectable import Alias, CompoundSelect, Exists, FromClause, Join, Select, TableClause
from sqlmodel import Session, SQLModel

from storage.masking import DOCUMENTS, mask
from storage.policies import Guard
from storage.store import Store

ENTITY = "parententity"
"""The annotation of tables and columns that come from a mapped class: criteria are put on those alone."""


class Forbidden(Exception):
    """A query that cannot be answered for this viewer. A bug of whoever wrote it, never a person's fault."""


class GuardedSession(Session):
    """`now`, in the company's zone, tells what is too old to be seen. The connection may be that of a turn."""

    def __init__(self, connection: Connection, guard: Guard, now: datetime) -> None:
        super().__init__(bind=connection, autoflush=False, join_transaction_mode="rollback_only")
        self.guard = guard
        self.now = now
        self._options: dict[type[SQLModel], Any] = {}

    def connection(self, *_args: Any, **_options: Any) -> NoReturn:
        raise Forbidden("a person's session has no connection to go around it: select mapped classes")

    def flush(self, objects: Any = None) -> None:
        if self.new or self.deleted:
            raise Forbidden("a person's session only reads: write through the turn's own session")

    def option(self, row: type[SQLModel]) -> Any:
        if row not in self._options:
            criterion = self.guard.criterion(row)
            if criterion is None:
                raise Forbidden(f"{row.__tablename__} is not declared in storage.policies.ROWS")
            self._options[row] = with_loader_criteria(row, criterion, include_aliases=True)
        return self._options[row]


@contextmanager
def read_as(store: Store, guard: Guard, now: datetime) -> Iterator[GuardedSession]:
    """A consistent look at the database through one person's eyes; `now` in the company's zone."""
    with store.engine.connect() as connection, GuardedSession(connection, guard, now) as session:
        yield session
        session.expunge_all()


@event.listens_for(GuardedSession, "do_orm_execute")
def _guard(state: ORMExecuteState) -> None:
    session, statement = state.session, state.statement
    assert isinstance(session, GuardedSession)
    if not (state.is_orm_statement and isinstance(statement, Select | CompoundSelect)):
        raise Forbidden(f"only queries of mapped classes can be guarded, not {type(statement).__name__}")
    named = _checked(statement, session.guard)
    state.statement = statement.options(*(session.option(row) for row in named))


@event.listens_for(GuardedSession, "loaded_as_persistent")
def _mask(session: Session, instance: Any) -> None:
    assert isinstance(session, GuardedSession)
    mask(instance, session)


def _checked(statement: Any, guard: Guard) -> set[type[SQLModel]]:
    """The mapped classes that a statement reads. Raises Forbidden for whatever the criteria would not reach."""
    named: set[type[SQLModel]] = set()
    documents = read_inside = stars = counted = 0
    for element in visitors.iterate(statement):
        if isinstance(element, Table):
            named.add(_row_of(element))
        elif isinstance(element, Column) and isinstance(element.table, Table | Alias):
            _must_be_open(element, guard)
            documents += element.name in DOCUMENTS
        elif isinstance(element, BinaryExpression):
            read_inside += _reads_open_field(element, guard)
        elif isinstance(element, Select):
            _must_name_entities(element)
        elif isinstance(element, Exists) or (
            isinstance(element, FunctionElement) and element.name == "count"
        ):
            counted += 1
        elif _is_star(element):
            stars += 1
        elif isinstance(element, TextClause | _textual_label_reference) or _is_literal(element):
            raise Forbidden("text in a statement cannot be guarded: write it with mapped classes")
        elif isinstance(element, TableClause):
            raise Forbidden(f"{element.name} is no mapped class")
    if documents > read_inside:
        raise Forbidden(
            "what holds hidden values can only be loaded as a row, or compared with one open field"
        )
    if stars > counted:
        raise Forbidden("* would show what is hidden: select the mapped class")
    return named


def _row_of(table: Table) -> type[SQLModel]:
    for mapper in SQLModel._sa_registry.mappers:  # type: ignore[attr-defined]
        if mapper.local_table is table or mapper.local_table.name == table.name:
            return mapper.class_  # type: ignore[no-any-return]
    raise Forbidden(f"{table.name} is no mapped class")


def _must_be_open(column: Column[Any], guard: Guard) -> None:
    if ENTITY not in column._annotations:
        raise Forbidden(f"{column} is named by its table: use the mapped class, or nothing guards it")
    if column.name in guard.masked:
        raise Forbidden(f"{column.name} is hidden from {guard.viewer.role}")


def _must_name_entities(select: Any) -> None:
    """Whole tables in FROM and JOIN come from mapped classes too; documents are compared, never taken out."""
    joined = [target for target, *_ in select._setup_joins]
    sides = [side for j in (*select._from_obj, *joined) if isinstance(j, Join) for side in (j.left, j.right)]
    for source in (*select._raw_columns, *select._from_obj, *joined, *sides):
        bare = source.element if isinstance(source, Alias) else source
        if isinstance(bare, Table) and ENTITY not in source._annotations and ENTITY not in bare._annotations:
            raise Forbidden(f"{bare.name} is named as a table: use the mapped class, or nothing guards it")
    for taken in select._raw_columns:
        if not isinstance(taken, FromClause) and any(
            isinstance(e, Column) and e.name in DOCUMENTS for e in visitors.iterate(taken)
        ):
            raise Forbidden("what holds hidden values can only be loaded as a row")


def _is_star(element: Any) -> bool:
    return _is_literal(element) and element.name == "*"


def _is_literal(element: Any) -> bool:
    return isinstance(element, ColumnClause) and not isinstance(element, Column) and element.is_literal


def _reads_open_field(expression: BinaryExpression[Any], guard: Guard) -> bool:
    """Whether this is one field of a document, and not a hidden one."""
    left, right = expression.left, expression.right
    if expression.operator not in (json_getitem_op, json_path_getitem_op) or not isinstance(left, Column):
        return False
    key = right.value if isinstance(right, BindParameter) else None
    return left.name == "data" and key in guard.open_fields
