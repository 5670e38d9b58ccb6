"""Databases for tests. Each is a copy of one that was brought to the newest version once in the process."""

import itertools
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import psycopg

from storage import migrate
from storage.store import Store

_numbers = itertools.count(1)
_kept = tempfile.TemporaryDirectory(prefix="xiaofang-db-")
KEPT = Path(_kept.name)
"""For as long as the process of the tests lives."""


def new_file(path: Path) -> str:
    """An SQLite file without a row in it; returns its URL."""
    shutil.copyfile(_file_to_copy(), path)
    return f"sqlite:///{path}"


def new_postgres_database(server_url: str, *, empty: bool = False, like: str = "") -> str:
    """A database without a row in it, or, if `empty`, without a table, or a copy of the one at the URL `like`; returns
    its URL."""
    name = f"x{os.getpid()}_{next(_numbers)}"
    source = "template0" if empty else _name_of(like) if like else _database_to_copy(server_url)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {source}")  # type: ignore[arg-type]
    head, _, tail = server_url.partition("/postgres?")
    return f"{head}/{name}?{tail}"


@cache
def _file_to_copy() -> Path:
    path = KEPT / "newest.db"
    _bring_up_to_date(f"sqlite:///{path}")
    return path


@cache
def _database_to_copy(server_url: str) -> str:
    url = new_postgres_database(server_url, empty=True)
    _bring_up_to_date(url)
    return _name_of(url)


def _name_of(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def _bring_up_to_date(url: str) -> None:
    store = Store(url)
    migrate.upgrade(store)
    store.close()
