"""The database as the rest of the house sees it: `with store.write() as session` is one transaction.

SQLite and PostgreSQL run the same code. On SQLite a writing transaction takes the write lock at its start
(BEGIN IMMEDIATE), so that it never fails in the middle; WAL and synchronous=FULL are set on every connection.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, make_url
from sqlmodel import Session, create_engine

BUSY_MILLISECONDS = 3000
"""How long SQLite waits for another writer. Writers are short; past this the platform is asked to repeat."""


class WriteLock:
    """One writer at a time within this process, in SQLite's stead.

    SQLite makes waiting writers poll, so that a busy one starves the others. Here they queue, and whoever is urgent
    (the callback path) goes before all who are not.
    """

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._held = False
        self._urgent = 0

    @contextmanager
    def held(self, *, urgent: bool) -> Iterator[None]:
        with self._free:
            self._urgent += urgent
            self._free.wait_for(lambda: not self._held and (urgent or not self._urgent))
            self._urgent -= urgent
            self._held = True
        try:
            yield
        finally:
            with self._free:
                self._held = False
                self._free.notify_all()


class Store:
    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self._writing = WriteLock()
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        if self.sqlite and self.url.database and self.url.database != ":memory:":
            Path(self.url.database).expanduser().parent.mkdir(parents=True, exist_ok=True)
        self.engine = _sqlite_engine(url, pool_size) if self.sqlite else _server_engine(url, pool_size)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed at the end of the block, rolled back when the block raises."""
        with self.transaction() as connection, Session(bind=connection) as session:
            yield session
            session.flush()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent look at the database. Nothing written in it is kept."""
        with self.engine.connect() as connection, Session(bind=connection) as session:
            yield session
            session.expunge_all()

    @contextmanager
    def transaction(self, *, urgent: bool = False) -> Iterator[Connection]:
        """A writing transaction on a bare connection. `urgent` ones go before others that wait on SQLite."""
        queue = self._writing.held(urgent=urgent) if self.sqlite else nullcontext()
        with queue, self.engine.connect() as connection:
            if self.sqlite:
                connection = connection.execution_options(immediate=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        self.engine.dispose()


def _server_engine(url: str, pool_size: int) -> Engine:
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    return create_engine(url, pool_size=pool_size, max_overflow=10, pool_pre_ping=True)


def _sqlite_engine(url: str, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=10,
        connect_args={"timeout": BUSY_MILLISECONDS / 1000, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin on its own: see `begin` below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine
