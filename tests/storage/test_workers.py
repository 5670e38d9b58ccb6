"""Claims of processes that are gone."""

import subprocess
import sys
from datetime import timedelta

from storage.claims import claim
from storage.store import Store
from storage.tables import InboxRow
from storage.workers import free_claims_of_the_dead, machine, worker_name
from tests.conftest import TestClock
from tests.storage.test_claims import put

LEASE = timedelta(seconds=60)


def claim_as(store: Store, clock: TestClock, worker: str) -> list[str]:
    with store.write() as session:
        rows = claim(session, InboxRow, worker=worker, now=clock(), lease=LEASE, limit=5)
    return [row["lane"] for row in rows]


def free(store: Store, clock: TestClock) -> int:
    with store.write() as session:
        return free_claims_of_the_dead(session, clock())


def test_claims_of_a_killed_process_are_free_at_once(store: Store, clock: TestClock) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    put(store, clock(), "wang")
    assert claim_as(store, clock, f"{machine()}:{process.pid}:aaaaaa") == ["wang"]
    assert free(store, clock) == 0, "it still lives"
    process.kill()
    process.wait()
    assert free(store, clock) == 1
    assert claim_as(store, clock, worker_name()) == ["wang"]


def test_claims_of_other_machines_and_of_this_process_are_left_alone(store: Store, clock: TestClock) -> None:
    put(store, clock(), "wang", "li")
    with store.write() as session:
        claim(session, InboxRow, worker="elsewhere/1/2:1:aaaaaa", now=clock(), lease=LEASE, limit=1)
        claim(session, InboxRow, worker=worker_name(), now=clock(), lease=LEASE, limit=1)
    # An older process had our number: whoever runs under it now is not that one.
    assert free(store, clock) == 1
    assert claim_as(store, clock, "new") == ["li"]
