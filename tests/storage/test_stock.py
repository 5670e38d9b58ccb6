"""Sample stock: nothing is given away twice, and the balances are the sums of the ledger, whatever happens when."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from bot.benchmarks.interleavings import play
from bot.benchmarks.reservations import PIECES, crowd
from storage.stock import Stock
from storage.stock_books import differences
from storage.stock_tables import StockBalanceRow, StockMovementRow
from storage.store import Store

NOW = datetime(2026, 3, 10, 2, 7, tzinfo=UTC)
TODAY = NOW.date()
SEEDS = 60


def books(session: Session) -> Stock:
    return Stock(session, who="P101", now=NOW, inbox_id=7)


def test_random_interleavings_with_crashes_and_repeats_come_out_as_the_model_says(
    sqlite_store: Store,
) -> None:
    for seed in range(SEEDS):
        play(sqlite_store, seed)
    with sqlite_store.read() as session:
        assert differences(session) == []


def test_a_crowd_gets_exactly_what_is_there(database_url: str) -> None:
    granted, wrong, _ = crowd(database_url)
    assert (granted, wrong) == (PIECES, [])


def test_what_expires_first_goes_first_and_what_has_expired_never(store: Store) -> None:
    with store.write() as session:
        stock = books(session)
        for lot, many, days in (("no date", 5, None), ("late", 5, 90), ("early", 5, 10), ("over", 5, -1)):
            expires = TODAY + timedelta(days=days) if days else None
            stock.count("A", Decimal(many), lot=lot, expires_on=expires)
        assert stock.reserve(1, "A", Decimal(7), TODAY)
        assert stock.lots_of(1) == ["early", "late"]
        assert stock.balance("A", TODAY).available == 8
        assert not stock.reserve(2, "A", Decimal(9), TODAY)
        assert stock.held(2) == 0


def test_every_movement_says_who_why_and_because_of_which_message(sqlite_store: Store) -> None:
    with sqlite_store.write() as session:
        stock = books(session)
        stock.count("A", Decimal("12.5"))
        stock.reserve(1, "A", Decimal(2), TODAY)
        stock.release(1, "超时")
        assert stock.adjust("A", Decimal("-0.5"), "破损")
        assert not stock.adjust("A", Decimal(-100), "破损")
        rows = session.exec(select(StockMovementRow).order_by(StockMovementRow.id)).all()  # type: ignore[arg-type]
        told = [(row.kind, row.on_hand, row.reserved, row.reason) for row in rows]
    assert told == [
        ("counted", Decimal("12.5"), 0, "导入的盘点数"),
        ("reserved", 0, 2, ""),
        ("released", 0, -2, "超时"),
        ("adjusted", Decimal("-0.5"), 0, "破损"),
    ]
    assert {(row.who, row.inbox_id) for row in rows} == {("P101", 7)}


def test_a_count_below_what_is_held_is_refused(sqlite_store: Store) -> None:
    with sqlite_store.write() as session:
        stock = books(session)
        stock.count("A", Decimal(10))
        stock.reserve(1, "A", Decimal(6), TODAY)
        assert stock.count("A", Decimal(5)) == "reserved"
        assert stock.count("A", Decimal(6)) == "changed"
        assert stock.balance("A", TODAY).available == 0


def test_the_database_itself_refuses_more_held_than_there_is(store: Store) -> None:
    with store.write() as session:
        books(session).count("A", Decimal(10))
    with pytest.raises(IntegrityError), store.write() as session:
        session.execute(update(StockBalanceRow).values(reserved=Decimal(11)))


def test_books_that_somebody_cooked_are_found(sqlite_store: Store) -> None:
    with sqlite_store.write() as session:
        books(session).count("A", Decimal(10))
        books(session).count("B", Decimal(10), lot="L1")
        session.execute(update(StockBalanceRow).where(StockBalanceRow.lot == "L1").values(on_hand=Decimal(9)))  # type: ignore[arg-type]
        assert differences(session) == ["B（L1）"]
