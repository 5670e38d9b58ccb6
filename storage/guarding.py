"""Reading on somebody's behalf: a session that adds the policies to every query, and refuses what it cannot guard.

    with read_as(store, guard, now) as session:
        session.scalars(select(RecordRow)…)     only rows that the viewer may see, masked

Refused, with `Forbidden`: tables without a policy, anything but a query of entities (tables, text and statements of
the driver would pass the policies by), and any use of a hidden column other than loading its masked row.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any, NoReturn, cast

from sqlalchemy import Column, Connection, Table, event
from sqlalchemy.orm import ORMExecuteState
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
from storage.policies import Forbidden, Guard
from storage.store import Store

RECHECKED = "words_are_looked_for_again_after_masking"
"""The execution option of a search that does so: only then words inside records may be compared."""

MOST_SHAPES = 200
"""Of statements that are remembered for one viewer."""

ENTITY = "parententity"
"""The annotation of tables and columns that come from a mapped class: criteria are put on those alone."""


class GuardedSession(Session):
    """`now`, in the company's zone, tells what is too old to be seen. The connection may be that of a turn."""

    def __init__(self, connection: Connection, guard: Guard, now: datetime) -> None:
        super().__init__(bind=connection, autoflush=False, join_transaction_mode="rollback_only")
        self.guard = guard
        self.now = now

    def connection(self, *_args: Any, **_options: Any) -> NoReturn:
        raise Forbidden("a person's session has no connection to go around it: select mapped classes")

    def flush(self, objects: Any = None) -> None:
        if self.new or self.deleted:
            raise Forbidden("a person's session only reads: write through the turn's own session")


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
    named = _named(statement, session.guard, bool(state.execution_options.get(RECHECKED)))
    if options := [option for row in named if (option := session.guard.option(row)) is not None]:
        state.statement = statement.options(*options)


event.listen(GuardedSession, "loaded_as_persistent", mask, raw=True)


def _named(statement: Any, guard: Guard, rechecked: bool) -> frozenset[type[SQLModel]]:
    """The mapped classes that a statement reads, found out once for a statement of this shape.

    The shape is that by which SQLAlchemy itself takes two statements for the same one. Which field of a document is
    read is a value to it and not part of the shape, so that what names a document is looked at every time.
    """
    shape = statement._generate_cache_key()
    known = guard.shapes.get(shape.key) if shape else None
    if known is None:
        readable = guard.open_values | (guard.open_texts if rechecked else frozenset())
        named, documents = _checked(statement, guard, readable)
        known = frozenset(named)
        if shape and not documents:
            if len(guard.shapes) >= MOST_SHAPES:
                guard.shapes.clear()
            guard.shapes[shape.key] = known
    return known


def _checked(statement: Any, guard: Guard, readable: frozenset[str]) -> tuple[set[type[SQLModel]], int]:
    """The mapped classes that a statement reads, and how many of its columns are documents. Raises Forbidden for
    whatever the criteria would not reach.

    `readable` are the fields of records that it may name.
    """
    named: set[type[SQLModel]] = set()
    documents = read_inside = stars = counted = 0
    element: Any
    for element in visitors.iterate(statement):
        match _sort_of(cast(Any, type(element))):
            case "plain":
                continue
            case "column":
                _must_be_open(element, guard)
                documents += element.name in DOCUMENTS
            case "table":
                named.add(_row_of(element.name))
            case "comparison":
                read_inside += _reads_field(element, readable)
            case "select":
                _must_name_entities(element)
                _must_take_open_values(element, guard.open_values)
            case "counting":
                counted += isinstance(element, Exists) or element.name == "count"
            case "bare column" if not element.is_literal:
                continue
            case "bare column" if element.name == "*":
                stars += 1
            case "bare table":
                raise Forbidden(f"{element.name} is no mapped class")
            case _:
                raise Forbidden("text in a statement cannot be guarded: write it with mapped classes")
    if documents > read_inside:
        raise Forbidden(
            "what holds hidden values can only be loaded as a row, or compared with one open field"
        )
    if stars > counted:
        raise Forbidden("* would show what is hidden: select the mapped class")
    return named, documents


SORTS: tuple[tuple[type[Any], str], ...] = (
    (Column, "column"),
    (Table, "table"),
    (BinaryExpression, "comparison"),
    (Select, "select"),
    (Exists, "counting"),
    (FunctionElement, "counting"),
    (ColumnClause, "bare column"),
    (TableClause, "bare table"),
    (TextClause, "text"),
    (_textual_label_reference, "text"),
)


@cache
def _sort_of(element: Any) -> str:
    return next((sort for kind, sort in SORTS if issubclass(element, kind)), "plain")


@cache
def _row_of(table: str) -> type[SQLModel]:
    for mapper in SQLModel._sa_registry.mappers:
        if cast(Table, mapper.local_table).name == table:
            return cast(type[SQLModel], mapper.class_)
    raise Forbidden(f"{table} is no mapped class")


def _must_be_open(column: Column[Any], guard: Guard) -> None:
    if isinstance(column.table, Table | Alias) and ENTITY not in column._annotations:
        raise Forbidden(f"{column} is named by its table: use the mapped class, or nothing guards it")
    if column.name in guard.masked:
        raise Forbidden(f"{column.name} is hidden from {guard.viewer.role}")


def _must_name_entities(select: Any) -> None:
    """Whole tables in FROM and JOIN come from mapped classes too."""
    joined = [target for target, *_ in select._setup_joins]
    sides = [side for j in (*select._from_obj, *joined) if isinstance(j, Join) for side in (j.left, j.right)]
    for source in (*select._raw_columns, *select._from_obj, *joined, *sides):
        bare = source.element if isinstance(source, Alias) else source
        if isinstance(bare, Table) and ENTITY not in source._annotations and ENTITY not in bare._annotations:
            raise Forbidden(f"{bare.name} is named as a table: use the mapped class, or nothing guards it")


def _must_take_open_values(select: Any, values: frozenset[str]) -> None:
    """Of documents single values may stand among the columns, words never: they may hold what is hidden elsewhere."""
    for taken in select._raw_columns:
        if isinstance(taken, FromClause) and not isinstance(taken, FunctionElement):
            continue
        elements: list[Any] = list(visitors.iterate(taken))
        documents = sum(isinstance(e, Column) and e.name in DOCUMENTS for e in elements)
        if documents > sum(isinstance(e, BinaryExpression) and _reads_field(e, values) for e in elements):
            raise Forbidden("what holds hidden values can only be loaded as a row")


def _reads_field(expression: BinaryExpression[Any], readable: frozenset[str]) -> bool:
    """Whether this is one field of a record, and one of these."""
    left, right = expression.left, expression.right
    if expression.operator not in (json_getitem_op, json_path_getitem_op) or not isinstance(left, Column):
        return False
    key = right.value if isinstance(right, BindParameter) else None
    return left.name == "data" and key in readable
