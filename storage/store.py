"""The database as the rest of the house sees it: `with store.write() as session` is one transaction.

SQLite and PostgreSQL run the same code. On SQLite a writing transaction takes the write lock at its start
(BEGIN IMMEDIATE), so that it never fails in the middle; WAL and synchronous=FULL are set on every connection.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, PoolProxiedConnection, event, make_url
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session, create_engine

from storage.prepared import CONNECTION, run_sql
from storage.writers import OthersWrite, Turnstile, WriteLock

PRAGMAS = {"journal_mode": "WAL", "synchronous": "FULL", "foreign_keys": "ON", "temp_store": "MEMORY"}
"""What every connection to SQLite begins with."""
IDLE = 1.0
"""Seconds after which a connection may have been closed by the server without anybody having noticed."""
PATIENCE = 3.0
"""Seconds to wait for another writer. Writers are short; past this the platform is asked to repeat."""


class Store:
    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self._bare: PoolProxiedConnection | None = None
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        turnstile = None
        if self.sqlite and self.url.database and self.url.database != ":memory:":
            file = Path(self.url.database)
            if not file.name.startswith("file:"):
                file.parent.mkdir(parents=True, exist_ok=True)
            turnstile = Turnstile.before(file)
        self._writing = WriteLock(turnstile)
        self.engine = _sqlite_engine(url, pool_size) if self.sqlite else _server_engine(url, pool_size)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed at the end of the block, rolled back when the block raises."""
        with self.transaction() as connection, _session(connection) as session:
            yield session
            session.flush()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent look at the database. Nothing written in it is kept."""
        with self.engine.connect() as connection:
            connection.begin()
            with _session(connection) as session:
                yield session
                session.expunge_all()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A writing transaction on a bare connection.

        Raises sqlalchemy's OperationalError where others write for too long.
        """
        queue = self._queue() if self.sqlite else nullcontext()
        with queue, self.engine.connect() as connection:
            if self.sqlite:
                connection = connection.execution_options(immediate=True)
            with connection.begin():
                yield connection

    @contextmanager
    def _queue(self) -> Iterator[None]:
        with ExitStack() as held:
            try:
                held.enter_context(self._writing.held(urgent=False, wait=PATIENCE))
            except OthersWrite as error:
                raise OperationalError("BEGIN IMMEDIATE", None, error) from None
            yield

    @contextmanager
    def bare_write(self, *, wait: bool = True) -> Iterator[sqlite3.Connection]:
        """An urgent writing transaction on SQLite without SQLAlchemy, for the one path where microseconds count.

        One at a time: the lock of all writers is held. Raises sqlite3.Error, OthersWrite among it; without `wait`
        that is where anybody else writes at this moment.
        """
        with self._writing.held(urgent=True, wait=PATIENCE if wait else 0):
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
        self._writing.close()


def _session(connection: Connection) -> Session:
    return Session(bind=connection, info={CONNECTION: connection})


def _server_engine(url: str, pool_size: int) -> Engine:
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, pool_size=pool_size, max_overflow=10)

    @event.listens_for(engine, "checkin")
    def left(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["left_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def greet(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        """One that lay idle is asked whether the server still knows it; a busy one would be asked at every turn."""
        if time.monotonic() - record.info.get("left_at", time.monotonic()) < IDLE:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool opens another one

    return engine


def _sqlite_engine(url: str, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=10,
        connect_args={"timeout": PATIENCE, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin on its own: see `begin` below
        for name, value in PRAGMAS.items():
            connection.execute(f"PRAGMA {name}={value}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate")
        run_sql(connection, "BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine
