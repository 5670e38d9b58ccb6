"""The rows of the copies of to-dos, on both databases."""

from datetime import timedelta
from typing import Any

import pytest

from storage.claims import LeaseLost, claim
from storage.store import Store
from storage.todo_copies import TodoCopies, TodoCopyRow, note, settle, wake
from tests.conftest import TestClock


def claimed(store: Store, clock: TestClock, worker: str = "w") -> list[dict[str, Any]]:
    with store.write() as session:
        lease = timedelta(minutes=1)
        return claim(session, TodoCopyRow, worker=worker, now=clock(), lease=lease, limit=9, in_lanes=False)


def test_what_is_wished_while_it_is_worked_on_is_worked_on_again(store: Store, clock: TestClock) -> None:
    with store.write() as session:
        TodoCopies(session, clock()).want(1)
        TodoCopies(session, clock()).want(1)
    event, task = claimed(store, clock)
    with store.write() as session:
        note(session, event, "w", remote_id="ev1")
        assert TodoCopies(session, clock()).look_again(["ev1", "nobody's"]) == 1
    for row in (event, task):
        with store.write() as session:
            settle(session, row, "w", state="done", done_at=clock())
    with store.read() as session:
        copies = {row.kind: row for row in TodoCopies(session, clock()).of(1)}
    assert {kind: row.state for kind, row in copies.items()} == {"event": "pending", "task": "done"}
    with store.write() as session:
        wake(session, 1, clock())
    assert [row["kind"] for row in claimed(store, clock)] == ["event", "task"]


def test_whoever_lost_his_lease_writes_nothing(store: Store, clock: TestClock) -> None:
    with store.write() as session:
        TodoCopies(session, clock()).want(1)
    event, _ = claimed(store, clock)
    clock.forward(minutes=2)
    assert claimed(store, clock, "other")[0]["taken_over"]
    with pytest.raises(LeaseLost), store.write() as session:
        settle(session, event, "w", state="done")
