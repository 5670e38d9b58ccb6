"""Budgets hold however many take from them at once, on both databases."""

import threading
from datetime import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from storage.budgets import Budgets
from storage.flow_tables import BudgetEntryRow, BudgetRow
from storage.store import Store
from tests.conftest import TestClock

PERSON, COMPANY = "person:P101|meals|2026-03", "company|meals|2026-03"


def hold(store: Store, record: int, fen: int, limits: dict[str, int], now: datetime) -> str:
    with store.write() as session:
        return Budgets(session, now).hold(record, fen, limits)


def used(store: Store, *keys: str) -> list[int]:
    with store.read() as session:
        found = session.exec(select(BudgetRow.key, BudgetRow.used)).all()
        return [dict(found).get(key, 0) for key in keys]


def test_threads_that_take_at_once_get_exactly_what_there_is(store: Store, clock: TestClock) -> None:
    start, got = threading.Barrier(8), []

    def many(first: int) -> None:
        start.wait()
        for number in range(5):
            record = first * 5 + number + 1
            limits = {f"person:{first % 2}|meals|2026-03": 1_000, COMPANY: 1_000}
            got.append(hold(store, record, 100, limits, clock()))

    threads = [threading.Thread(target=many, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(short == "" for short in got) == 10
    taken = used(store, COMPANY, "person:0|meals|2026-03", "person:1|meals|2026-03")
    assert taken[0] == 1_000 and taken[1] + taken[2] == 1_000
    with store.read() as session:
        entries = session.exec(select(BudgetEntryRow).where(BudgetEntryRow.key == COMPANY)).all()
    assert sum(entry.fen for entry in entries) == 1_000, "what could not be had left nothing behind"


def test_what_one_budget_lacks_is_taken_from_no_other(sqlite_store: Store, clock: TestClock) -> None:
    assert hold(sqlite_store, 1, 700, {PERSON: 1_000, COMPANY: 500}, clock()) == COMPANY
    assert used(sqlite_store, PERSON, COMPANY) == [0, 0]
    assert hold(sqlite_store, 1, 700, {PERSON: 500, COMPANY: 1_000}, clock()) == PERSON
    assert used(sqlite_store, PERSON, COMPANY) == [0, 0]


def test_a_record_takes_once_gives_back_once_and_spends_for_good(
    sqlite_store: Store, clock: TestClock
) -> None:
    for _ in range(2):
        assert hold(sqlite_store, 1, 300, {PERSON: 1_000}, clock()) == ""
    assert used(sqlite_store, PERSON) == [300]
    for _ in range(2):
        with sqlite_store.write() as session:
            Budgets(session, clock()).release(1)
    assert used(sqlite_store, PERSON) == [0]
    hold(sqlite_store, 1, 200, {PERSON: 1_000}, clock())
    assert used(sqlite_store, PERSON) == [200]
    with sqlite_store.write() as session:
        Budgets(session, clock()).release(1)
    hold(sqlite_store, 2, 400, {PERSON: 1_000}, clock())
    with sqlite_store.write() as session:
        Budgets(session, clock()).spend(2)
        Budgets(session, clock()).release(2)
    assert used(sqlite_store, PERSON) == [400]


@given(
    st.lists(st.tuples(st.sampled_from(["hold", "release", "spend"]), st.integers(1, 6), st.integers(1, 600)))
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_sum_of_what_is_held_and_spent_is_always_what_is_in_use(
    sqlite_store: Store, clock: TestClock, doing: list[tuple[str, int, int]]
) -> None:
    with sqlite_store.write() as session:
        for what, record, fen in doing:
            budgets = Budgets(session, clock())
            if what == "hold":
                budgets.hold(record, fen, {PERSON: 1_000, COMPANY: 1_500})
            else:
                getattr(budgets, what)(record)
        for key, limit in ((PERSON, 1_000), (COMPANY, 1_500)):
            rows = session.exec(select(BudgetEntryRow).where(BudgetEntryRow.key == key)).all()
            total = sum(r.fen for r in rows if r.state != "released")
            assert budgets_used(session, key) == total <= limit
        session.rollback()


def budgets_used(session: object, key: str) -> int:
    return Budgets(session, datetime.now()).used([key])[key]  # type: ignore[arg-type]


def test_what_goes_over_the_budget_counts_in_it_all_the_same(sqlite_store: Store, clock: TestClock) -> None:
    with sqlite_store.write() as session:
        assert not Budgets(session, clock()).hold(1, 700, {PERSON: 500}, force=True)
    assert used(sqlite_store, PERSON) == [700]
    assert hold(sqlite_store, 2, 100, {PERSON: 750}, clock()) == PERSON
