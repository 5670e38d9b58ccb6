"""Rows as the queue, on both databases."""

import threading
from datetime import datetime, timedelta

import pytest

from storage.claims import LeaseLost, claim, finish, insert_new
from storage.store import Store
from storage.tables import ConversationRow, InboxRow
from tests.conftest import TestClock

LEASE = timedelta(seconds=60)


def put(store: Store, now: datetime, *lanes: str, available_at: datetime | None = None) -> None:
    with store.write() as session:
        for number, lane in enumerate(lanes):
            insert_new(
                session,
                InboxRow,
                channel="wecom",
                tenant="t",
                key=f"{lane}{number}",
                lane=lane,
                kind="text",
                stage="turn",
                payload="{}",
                problem="",
                error="",
                state="pending",
                attempts=0,
                received_at=now,
                available_at=available_at or now,
            )


def take(
    store: Store, now: datetime, worker: str = "one", limit: int = 10, *, in_lanes: bool = True
) -> list[int]:
    with store.write() as session:
        rows = claim(session, InboxRow, worker=worker, now=now, lease=LEASE, limit=limit, in_lanes=in_lanes)
    return [row["id"] for row in rows]


def done(store: Store, row_id: int, worker: str = "one") -> None:
    with store.write() as session:
        finish(session, InboxRow, row_id, worker=worker, state="done")


def test_only_the_first_unfinished_row_of_each_lane_is_taken(store: Store, clock: TestClock) -> None:
    put(store, clock(), "wang", "wang", "li")
    assert take(store, clock()) == [1, 3]
    assert take(store, clock()) == []
    done(store, 1)
    assert take(store, clock()) == [2]


def test_a_row_that_is_not_yet_due_holds_its_lane_and_nobody_elses(store: Store, clock: TestClock) -> None:
    put(store, clock(), "wang", available_at=clock() + timedelta(seconds=5))
    put(store, clock(), "wang-later", "li")
    assert take(store, clock()) == [2, 3]
    clock.forward(seconds=6)
    assert take(store, clock()) == [1]


def test_without_lanes_rows_are_taken_side_by_side(store: Store, clock: TestClock) -> None:
    put(store, clock(), "wang", "wang")
    assert take(store, clock(), in_lanes=False) == [1, 2]


def test_a_lease_that_ran_out_is_taken_over_and_the_former_holder_cannot_finish(
    store: Store, clock: TestClock
) -> None:
    put(store, clock(), "wang")
    assert take(store, clock(), "slow") == [1]
    clock.forward(seconds=59)
    assert take(store, clock(), "quick") == []
    clock.forward(seconds=2)
    assert take(store, clock(), "quick") == [1]
    with pytest.raises(LeaseLost):
        done(store, 1, "slow")
    done(store, 1, "quick")


def test_the_same_key_is_stored_once(store: Store, clock: TestClock) -> None:
    put(store, clock(), "wang")
    put(store, clock(), "wang")
    assert take(store, clock()) == [1]
    done(store, 1)
    assert take(store, clock()) == []


def test_an_insert_tells_whether_the_key_was_new(store: Store, clock: TestClock) -> None:
    row = {"person_id": "wang", "version": 1, "state": {}, "updated_at": clock()}
    with store.write() as session:
        assert insert_new(session, ConversationRow, **row)
        assert not insert_new(session, ConversationRow, **row)


def test_many_workers_never_take_the_same_row(store: Store, clock: TestClock) -> None:
    lanes = [f"lane{n}" for n in range(60)]
    put(store, clock(), *lanes)
    taken: list[int] = []
    lock = threading.Lock()

    def work(name: str) -> None:
        while found := take(store, clock(), name, limit=3):
            with lock:
                taken.extend(found)
            for row_id in found:
                done(store, row_id, name)

    workers = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(taken) == list(range(1, 61))
