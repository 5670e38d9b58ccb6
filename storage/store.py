"""The database as the rest of the house sees it: `with store.write() as session` is one transaction.

SQLite and PostgreSQL run the same code. On SQLite a writing transaction takes the write lock at its start
(BEGIN IMMEDIATE), so that it never fails in the middle; WAL and synchronous=FULL are set on every connection.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, PoolProxiedConnection, event, make_url
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

    @property
    def free(self) -> bool:
        return not self._held and not self._urgent

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
        self._bare: PoolProxiedConnection | None = None
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        if self.sqlite and self.url.database and self.url.database != ":memory:":
            Path(self.url.database).expanduser().parent.mkdir(parents=True, exist_ok=True)
        self.engine = _sqlite_engine(url, pool_size) if self.sqlite else _server_engine(url, pool_size)

    def nobody_writes(self) -> bool:
        """Whether a write would begin at once, as far as this process knows; never on a database server."""
        return self.sqlite and self._writing.free

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
    def transaction(self) -> Iterator[Connection]:
        """A writing transaction on a bare connection."""
        queue = self._writing.held(urgent=False) if self.sqlite else nullcontext()
        with queue, self.engine.connect() as connection:
            if self.sqlite:
                connection = connection.execution_options(immediate=True)
            with connection.begin():
                yield connection

    @contextmanager
    def bare_write(self) -> Iterator[sqlite3.Connection]:
        """An urgent writing transaction on SQLite without SQLAlchemy, for the one path where microseconds count.

        Raises sqlite3.Error. One at a time: the lock of all writers is held.
        """
        with self._writing.held(urgent=True):
            if self._bare is None:
                self._bare = self.engine.raw_connection()
            connection: sqlite3.Connection = self._bare.driver_connection  # type: ignore[assignment]
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        if self._bare is not None:
            self._bare.close()
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
