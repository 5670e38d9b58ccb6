"""Statements that are made once and then only filled in: their SQL is written at the first use.

SQLAlchemy works out anew at every execution what a statement needs, which costs ten times as much as a look-up by
key. A `Prepared` keeps what it found out, once for each database and each length of its lists, and hands SQL and
values to the driver. It belongs to a turn's own session: one that reads for a person refuses it
(`storage.guarding`), since it would pass the policies by.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine
from sqlmodel import Session

CONNECTION = "connection"
"""Where a session of the store keeps the connection that it stands on (`Session.info`)."""

Process = Callable[[Any], Any] | None
"""Turns a value into what the driver takes, or back; None where it stays as it is."""


class Prepared:
    """One statement of SQLAlchemy Core.

    What changes from use to use are `bindparam`s, lists among them `bindparam(…, expanding=True)`; inserts and updates
    also take values by the names of their columns.
    """

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self._ready: dict[tuple[Any, ...], _Ready] = {}

    def fetch(self, session: Session, **values: Any) -> list[Any]:
        """The rows, as named tuples. What the session holds is written before, as with its own queries."""
        session.flush()
        connection = connection_of(session)
        ready = self._readied(connection.dialect, values)
        return ready.rows(run_sql(connection, ready.sql, ready.filled(values)))

    def fetch_one(self, session: Session, **values: Any) -> Any | None:
        """The first row, None where there is none."""
        found = self.fetch(session, **values)
        return found[0] if found else None

    def write(self, session: Session, **values: Any) -> int:
        """How many rows it wrote. What the session holds is not written: flush where the order matters."""
        connection = connection_of(session)
        ready = self._readied(connection.dialect, values)
        return int(run_sql(connection, ready.sql, ready.filled(values)).rowcount)

    def write_all(self, session: Session, rows: Iterable[dict[str, Any]]) -> None:
        """Once with each of these values, which have the same names."""
        every = list(rows)
        if every:
            connection = connection_of(session)
            ready = self._readied(connection.dialect, every[0])
            run_sql(connection, ready.sql, [ready.filled(values) for values in every], many=True)

    def _readied(self, dialect: Dialect, values: dict[str, Any]) -> "_Ready":
        shape = (dialect.name, *values, *(len(v) for v in values.values() if type(v) is list))
        ready = self._ready.get(shape)
        if ready is None:
            ready = self._ready[shape] = _ready(self.statement, dialect, values)
        return ready


def connection_of(session: Session) -> Connection:
    """Raises Forbidden for a person's session, which has none."""
    return session.info.get(CONNECTION) or session.connection()


def run_sql(connection: Connection, sql: str, values: Any = (), *, many: bool = False) -> Any:
    """A cursor of the driver, after one execution, or one for each of the values. Raises DBAPIError as SQLAlchemy
    does."""
    cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
    try:
        (cursor.executemany if many else cursor.execute)(sql, values)
        return cursor
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError.instance(
            sql, None, error, connection.dialect.loaded_dbapi.Error, dialect=connection.dialect
        ) from error


@dataclass
class _Ready:
    sql: str
    fixed: dict[str, Any]
    """Values that are part of the statement."""
    defaults: tuple[tuple[str, Any], ...]
    """Of columns that an insert leaves out."""
    processes: tuple[tuple[str, Callable[[Any], Any]], ...]
    """By the names in the SQL, of what is given."""
    lists: tuple[tuple[str, list[str]], ...]
    """The names in the SQL of each place of a list."""
    order: Callable[[dict[str, Any]], Any]
    """What the driver takes, of all values by name."""
    row: Callable[[Iterable[Any]], Any]
    process_back: Callable[[Any], list[Process]]
    """Of each column, by what the driver says of it (its `description`)."""
    back: list[tuple[int, Callable[[Any], Any]]] | None = None
    """Of the columns whose values do not come from the driver as they are wanted; known after the first answer."""

    def filled(self, values: Mapping[str, Any]) -> Any:
        filled = {**self.fixed, **values}
        for name, default in self.defaults:
            filled[name] = _made(default)
        for name, places in self.lists:
            filled.update(zip(places, filled[name], strict=True))
        for name, process in self.processes:
            filled[name] = process(filled[name])
        return self.order(filled)

    def rows(self, cursor: Any) -> list[Any]:
        if self.back is None:
            processes = self.process_back(cursor.description)
            self.back = [(index, process) for index, process in enumerate(processes) if process]
        found = cursor.fetchall()
        return (
            [self.row(_processed(row, self.back)) for row in found] if self.back else [*map(self.row, found)]
        )


def _processed(row: Any, back: list[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
    values = list(row)
    for index, process in back:
        values[index] = process(values[index])
    return values


def _ready(statement: Any, dialect: Dialect, values: dict[str, Any]) -> _Ready:
    names = list(values) if statement.is_dml else None
    compiled = statement.compile(dialect=dialect, column_keys=names)
    defaults = {column.key: column.default for column in getattr(compiled, "insert_prefetch", ())}
    values = {**values, **{name: _made(default) for name, default in defaults.items()}}
    expanded = compiled.construct_expanded_state(values)
    lists = expanded.parameter_expansion
    processes = {name: _towards(bound.type, dialect) for bound, name in compiled.bind_names.items()}
    fixed = {
        place: process(expanded.parameters[place])
        if (process := processes[name])
        else expanded.parameters[place]
        for name in processes.keys() - values.keys()
        for place in lists.get(name, (name,))
    }
    columns = list(statement.exported_columns) if statement.is_select or compiled.effective_returning else []

    def process_back(description: Any) -> list[Process]:
        return [
            column.type.dialect_impl(dialect).result_processor(dialect, told[1])
            for column, told in zip(columns, description, strict=True)
        ]

    return _Ready(
        expanded.statement,
        fixed,
        tuple(defaults.items()),
        tuple(
            (place, process)
            for name, process in processes.items()
            if process and name in values
            for place in lists.get(name, (name,))
        ),
        tuple((name, places) for name, places in lists.items() if name in values),
        _order(expanded.positiontup),
        _row_of([column.key for column in columns]),
        process_back,
    )


def _row_of(names: list[str]) -> Callable[[Iterable[Any]], Any]:
    row: Any = namedtuple("Found", names, rename=True)  # type: ignore[misc]  # whatever columns there are
    return cast(Callable[[Iterable[Any]], Any], row._make)


def _made(default: Any) -> Any:
    return default.arg(None) if default.is_callable else default.arg


def _towards(type_: TypeEngine[Any], dialect: Dialect) -> Process:
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _order(names: list[str] | None) -> Callable[[dict[str, Any]], Any]:
    """Names in the SQL are filled from a dict, places one after another."""
    if names is None:
        return lambda filled: filled
    return lambda filled: [filled[name] for name in names]
