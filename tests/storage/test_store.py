"""What holds on every connection, whoever opens it."""

from pathlib import Path

import pytest

from storage import store as stores
from storage.store import Store
from tests.conftest import SHIPPED_PRAGMAS


def test_a_commit_on_sqlite_is_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "PRAGMAS", SHIPPED_PRAGMAS)
    store = Store(f"sqlite:///{tmp_path / 'x.db'}")
    with store.read() as session:
        held = {
            name: session.connection().exec_driver_sql(f"PRAGMA {name}").scalar() for name in SHIPPED_PRAGMAS
        }
    assert held == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "temp_store": 2}
    store.close()
