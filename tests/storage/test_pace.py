"""The platforms' frequency limits, kept on our side."""

from datetime import timedelta

from sqlmodel import select

from domain.cards import Text
from storage import pace
from storage.claims import finish
from storage.delivery import enqueue
from storage.pace import Limits, claim_deliveries
from storage.store import Store
from storage.tables import OutboxRow
from tests.conftest import TestClock

LEASE = timedelta(seconds=90)
WECOM = Limits(member_minute=30, member_hour=1000)


def put(store: Store, clock: TestClock, recipient: str, count: int) -> None:
    with store.write() as session:
        for number in range(count):
            enqueue(
                session,
                Text(text=str(number)),
                key=f"{recipient}{number}",
                person_id=recipient,
                channel="wecom",
                recipient=recipient,
                now=clock(),
            )


def send_one(store: Store, clock: TestClock, limits: Limits = WECOM, takes: float = 0.1) -> int:
    """Claim what may go out, have the platform take it after `takes` seconds, and write that down."""
    with store.write() as session:
        rows = claim_deliveries(session, "wecom", limits, worker="w", now=clock(), lease=LEASE, limit=10)
    clock.forward(seconds=takes if rows else 0)
    for row in rows:
        with store.write() as session:
            pace.sent(session, row["id"], clock())
            finish(session, OutboxRow, row["id"], worker="w", state="sent")
    return len(rows)


def test_a_member_gets_at_most_thirty_in_any_sixty_seconds(store: Store, clock: TestClock) -> None:
    put(store, clock, "wang", 70)
    sent_at = []
    for _ in range(4000):
        if send_one(store, clock):
            sent_at.append(clock())
        else:
            clock.forward(seconds=3)
        if len(sent_at) == 70:
            break
    assert len(sent_at) == 70
    for first, thirty_first in zip(sent_at, sent_at[30:], strict=False):
        assert (thirty_first - first).total_seconds() > 60


def test_a_busy_member_does_not_hold_up_another(store: Store, clock: TestClock) -> None:
    put(store, clock, "wang", 31)
    while send_one(store, clock, takes=0.01):
        pass
    put(store, clock, "li", 1)
    assert send_one(store, clock) == 1


def test_an_hour_holds_no_more_than_its_limit(store: Store, clock: TestClock) -> None:
    put(store, clock, "wang", 6)
    limits = Limits(member_minute=3, member_hour=5)
    start = clock()
    while sum(1 for _ in sent(store)) < 6:
        if not send_one(store, clock, limits):
            clock.forward(seconds=60)
    assert clock() - start > timedelta(hours=1)


def sent(store: Store) -> list[OutboxRow]:
    with store.read() as session:
        return list(session.exec(select(OutboxRow).where(OutboxRow.state == "sent")))


def test_a_long_text_counts_as_the_messages_that_it_becomes(store: Store, clock: TestClock) -> None:
    put(store, clock, "wang", 3)
    limits = Limits(member_minute=5)
    taken = []
    for _ in range(3):
        with store.write() as session:
            rows = claim_deliveries(
                session, "wecom", limits, worker="w", now=clock(), lease=LEASE, limit=10, weigh=lambda row: 2
            )
        taken.append(len(rows))
        for row in rows:
            with store.write() as session:
                pace.sent(session, row["id"], clock())
                finish(session, OutboxRow, row["id"], worker="w", state="sent")
    assert taken == [1, 1, 0], "a third pair would be the fifth and sixth message"


def test_an_app_sends_no_more_than_its_limit_a_second(store: Store, clock: TestClock) -> None:
    for number in range(8):
        put(store, clock, f"member{number}", 1)
    limits = Limits(app_second=5)
    assert send_one(store, clock, limits, takes=0.0) == 5
    assert send_one(store, clock, limits, takes=0.0) == 0
    clock.forward(seconds=1.1)
    assert send_one(store, clock, limits, takes=0.0) == 3


def test_nothing_goes_out_while_the_channel_is_paused(store: Store, clock: TestClock) -> None:
    put(store, clock, "wang", 1)
    with store.write() as session:
        until = pace.pause(session, "wecom", "60020", lambda times: clock() + timedelta(minutes=times))
    assert until == clock() + timedelta(minutes=1)
    assert send_one(store, clock) == 0
    clock.forward(minutes=2)
    assert send_one(store, clock) == 1
    with store.write() as session:
        pace.works(session, "wecom")
        until = pace.pause(session, "wecom", "60020", lambda times: clock() + timedelta(minutes=times))
    assert until == clock() + timedelta(minutes=1), "a delivery that went through begins the count anew"
