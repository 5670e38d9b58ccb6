"""Writers of one SQLite file queue, over threads and over processes."""

import multiprocessing
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from storage import store as stores
from storage.store import Store
from storage.writers import OthersWrite, Turnstile

TURNS = 150
HOLDS = 0.02


def _hog(url: str, written: "Synchronized[int]") -> None:
    """Writes without a pause, as a worker does whose disk is slow."""
    store = Store(url)
    for _ in range(TURNS):
        with store.transaction() as connection:
            connection.exec_driver_sql("INSERT INTO note VALUES ('hog')")
            time.sleep(HOLDS)
        written.value += 1


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    with sqlite3.connect(tmp_path / "x.db") as connection:
        connection.execute("CREATE TABLE note (words TEXT)")
    connection.close()
    return url


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store(url)
    yield store
    store.close()


def test_a_process_that_writes_all_the_time_leaves_others_their_turn(url: str, store: Store) -> None:
    context = multiprocessing.get_context("spawn")
    written = context.Value("i", 0)
    hog = context.Process(target=_hog, args=(url, written))
    hog.start()
    try:
        while not written.value:
            time.sleep(0.01)
        waited = []
        for _ in range(5):
            before = written.value
            with store.bare_write() as connection:
                connection.execute("INSERT INTO note VALUES ('callback')")
            waited.append(written.value - before)
    finally:
        hog.kill()
        hog.join()
    assert max(waited) <= 3, f"transactions of the other process while one waited: {waited}"
    with store.transaction() as connection:  # what a dead process held is free again
        connection.exec_driver_sql("INSERT INTO note VALUES ('after')")


def test_who_does_not_want_to_wait_is_told_at_once(url: str, store: Store) -> None:
    other = Store(url)
    with (
        other.transaction(),
        pytest.raises(OthersWrite),
        store.bare_write(wait=False),
    ):
        pass
    with store.bare_write(wait=False) as connection:
        connection.execute("INSERT INTO note VALUES ('then')")
    other.close()


def test_waiting_for_others_ends(url: str, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "PATIENCE", 0.05)
    other = Store(url)
    with other.transaction():
        with pytest.raises(OperationalError, match="too long"), store.transaction():
            pass
        with pytest.raises(OthersWrite), store.bare_write():
            pass
    other.close()


def test_the_urgent_go_first(store: Store) -> None:
    order: list[str] = []

    def write(name: str) -> None:
        if name == "urgent":
            with store.bare_write():
                order.append(name)
        else:
            with store.transaction():
                order.append(name)

    with store.transaction():
        threads = [threading.Thread(target=write, args=(name,)) for name in ("turn", "turn", "urgent")]
        for thread in threads:
            thread.start()
            time.sleep(0.05)
    for thread in threads:
        thread.join()
    assert order == ["urgent", "turn", "turn"]


def test_a_transaction_inside_another_is_a_bug_and_told_at_once(store: Store) -> None:
    with store.transaction(), pytest.raises(RuntimeError, match="inside another"), store.bare_write():
        pass


def test_a_callback_does_not_wait_for_ever_for_its_own_process(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "PATIENCE", 0.05)
    began, over = threading.Event(), threading.Event()

    def write_long() -> None:
        with store.transaction():
            began.set()
            over.wait(10)

    writer = threading.Thread(target=write_long)
    writer.start()
    began.wait(10)
    with pytest.raises(OthersWrite), store.bare_write():
        pass
    over.set()
    writer.join()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_leaves_behind_belongs_to_the_owner_of_the_database(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, 65534)
    Store(f"sqlite:///{tmp_path / 'x.db'}").close()
    assert {file.stat().st_uid for file in tmp_path.glob("x.db-*")} == {65534}


def test_without_a_place_for_the_locks_sqlite_waits_by_itself(tmp_path: Path) -> None:
    assert Turnstile.before(tmp_path / "missing" / "x.db") is None
