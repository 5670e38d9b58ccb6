"""Calls of another system, against a real server on this machine: signed, repeated, given up."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest

from bot.webhooks import Webhooks, signature
from storage.flow_tables import WebhookRow
from storage.flows import Flows
from storage.records import Records
from storage.store import Store
from tests.conftest import TestClock

SECRET = "a-shared-secret-of-both"


@dataclass
class Receiver:
    url: str = ""
    answers: list[int] = field(default_factory=list)
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    there = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            there.calls.append((dict(self.headers), body))
            self.send_response(there.answers.pop(0) if there.answers else 200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    there.url = f"http://127.0.0.1:{server.server_port}"
    yield there
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def calling(sqlite_store: Store, clock: TestClock, receiver: Receiver) -> Iterator[Webhooks]:
    with httpx.Client() as client:
        yield Webhooks("w", sqlite_store, receiver.url, SECRET, clock, client)


def wanted(store: Store, clock: TestClock, key: str = "paid:record:1:2") -> None:
    with store.write() as session:
        flows = Flows(session, Records(session, who="clock", now=clock(), inbox_id=None))
        flows.call(key, "expense_paid", json.dumps({"event": "expense_paid", "record": {"id": 1}}))


def row(store: Store) -> WebhookRow:
    with store.read() as session:
        found = session.get(WebhookRow, 1)
        assert found is not None
        return found


def test_a_call_is_signed_over_its_time_and_body(
    calling: Webhooks, clock: TestClock, receiver: Receiver
) -> None:
    wanted(calling.store, clock)
    assert calling.run_once() == 1
    ((headers, body),) = receiver.calls
    stamp = int(clock().timestamp())
    assert headers["Xiaofang-Signature"] == f"t={stamp},v1={signature(SECRET, stamp, body)}"
    assert headers["Idempotency-Key"] == "paid:record:1:2"
    assert json.loads(body)["event"] == "expense_paid"
    assert row(calling.store).state == "done"


def test_a_call_that_failed_is_made_again_with_the_same_key(
    calling: Webhooks, clock: TestClock, receiver: Receiver
) -> None:
    receiver.answers = [503, 429, 200]
    wanted(calling.store, clock)
    for _ in range(3):
        assert calling.run_once() == 1
        assert calling.run_once() == 0, "not before its time"
        clock.forward(minutes=1)
    assert len({headers["Idempotency-Key"] for headers, _ in receiver.calls}) == 1
    assert row(calling.store).state == "done"


def test_what_will_never_be_taken_is_given_up_at_once_and_the_rest_after_a_day(
    calling: Webhooks, clock: TestClock, receiver: Receiver
) -> None:
    receiver.answers = [400]
    wanted(calling.store, clock)
    calling.run_once()
    assert (row(calling.store).state, row(calling.store).error) == ("failed", "HTTP 400")


def test_silence_is_given_up_after_a_day(calling: Webhooks, clock: TestClock, receiver: Receiver) -> None:
    receiver.answers = [500] * 40
    wanted(calling.store, clock)
    for _ in range(30):
        calling.run_once()
        clock.forward(hours=1)
    assert row(calling.store).state == "failed"
    assert len(receiver.calls) == 26


def test_the_same_call_is_asked_for_once(calling: Webhooks, clock: TestClock, receiver: Receiver) -> None:
    wanted(calling.store, clock)
    wanted(calling.store, clock)
    calling.run_once()
    assert len(receiver.calls) == 1
