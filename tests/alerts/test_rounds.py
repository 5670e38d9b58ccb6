"""The daily round: who is told what, once, and in which days of which year."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from bot.alert_rounds import AlertRounds
from bot.knowledge import Knowledge
from storage.store import Store
from storage.tables import OutboxRow
from tests.alerts import shop
from tests.conftest import TestClock


def rounds(store: Store, clock: TestClock, directory: Path | None = None) -> AlertRounds:
    return AlertRounds(store, Knowledge(directory), clock, shop.ZONE, lambda: None)


def told(store: Store) -> list[tuple[str, str]]:
    with store.read() as session:
        return [
            (row.person_id, row.content) for row in session.scalars(select(OutboxRow).order_by(OutboxRow.id))
        ]


def at(clock: TestClock, day: date) -> None:
    clock.at = datetime.combine(day, datetime.min.time(), shop.ZONE) + timedelta(hours=9)


@pytest.fixture
def company(sqlite_store: Store) -> Store:
    shop.found(sqlite_store)
    return sqlite_store


def test_the_owner_and_his_manager_are_told_once_a_season_however_many_rounds_are_made(
    company: Store, clock: TestClock
) -> None:
    shop.seasons(company, 2026)
    at(clock, date(2026, 1, 25))
    first = rounds(company, clock)
    assert (first.run_once(), first.run_once()) == (2, 0)
    at(clock, date(2026, 1, 26))
    assert first.run_once() == rounds(company, clock).run_once() == 0
    assert [who for who, _ in told(company)] == ["P2", "P1"]
    words = told(company)[0][1]
    for part in ("离春节还有23天", "「惠民超市」", "原味酸奶", "多订了50%"):
        assert part in words


@pytest.mark.parametrize("year", [2026, 2027])
@pytest.mark.parametrize(("days", "count"), [(31, 0), (30, 2), (1, 2), (-1, 0)])
def test_the_window_follows_the_moon(
    company: Store, clock: TestClock, year: int, days: int, count: int
) -> None:
    shop.seasons(company, year)
    at(clock, shop.SPRING[year] - timedelta(days=days))
    assert rounds(company, clock).run_once() == count


def test_no_round_is_made_before_the_day_begins(company: Store, clock: TestClock) -> None:
    shop.seasons(company, 2026)
    at(clock, date(2026, 1, 25))
    clock.at -= timedelta(hours=1)
    assert rounds(company, clock).run_once() == 0


def test_a_customer_without_a_count_is_never_alerted_about(company: Store, clock: TestClock) -> None:
    with company.write() as session:
        for days in (80, 65, 50, 20, 10):
            shop.record(session, "order", shop.SPRING[2026] - timedelta(days=days), quantity=60)
    at(clock, date(2026, 1, 25))
    assert rounds(company, clock).run_once() == 0
