"""The platforms' frequency limits, kept on our side over all couriers, because a platform drops the excess silently.

Every claim of deliveries of a channel holds that channel's row, so that couriers on several machines count together.
A send counts from the moment its outcome is known (until then from the end of its lease), which is never earlier than
the platform saw it: so any window of the platform's clock holds no more than ours.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, bindparam, delete, func, insert, select, update
from sqlmodel import Session

from storage.claims import claim, insert_new, table_of, waits
from storage.prepared import Prepared
from storage.tables import ChannelRow, OutboxRow, PaceRow

MINUTE = timedelta(seconds=60)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)

CHANNEL, OUTBOX, PACE = table_of(ChannelRow), table_of(OutboxRow), table_of(PaceRow)
OF_CHANNEL = (OUTBOX.c.channel == bindparam("channel"),)
COUNT_IN = Prepared(insert(PACE))
SENT = Prepared(
    update(PACE)
    .where(PACE.c.outbox_id == bindparam("outbox"), PACE.c.at > bindparam("now"))
    .values(at=bindparam("now"))
)
FORGET = Prepared(delete(PACE).where(PACE.c.channel == bindparam("channel"), PACE.c.at < bindparam("before")))
SENT_SINCE = Prepared(
    select(func.count())
    .select_from(PACE)
    .where(PACE.c.channel == bindparam("channel"), PACE.c.at > bindparam("since"))
)
OF_MEMBER = Prepared(
    select(PACE.c.at)
    .where(PACE.c.lane == bindparam("lane"), PACE.c.at > bindparam("since"))
    .order_by(PACE.c.at.desc())
    .offset(bindparam("past", type_=Integer))
    .limit(1)
)
WORKS = Prepared(
    update(CHANNEL)
    .where(CHANNEL.c.name == bindparam("channel"), CHANNEL.c.pauses > 0)
    .values(paused_until=None, pause_reason="", pauses=0)
)
PUT_BACK = Prepared(update(OUTBOX).where(OUTBOX.c.id == bindparam("which")))


@dataclass(frozen=True)
class Limits:
    """0 = no limit."""

    member_minute: int = 0
    member_hour: int = 0
    app_second: int = 0


def claim_deliveries(
    session: Session,
    channel: str,
    limits: Limits,
    *,
    worker: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    weigh: Callable[[dict[str, Any]], int] = lambda row: 1,
) -> list[dict[str, Any]]:
    """Take what may be sent now, at most one delivery a recipient, and count it. Empty while the channel is paused.

    `weigh` tells how many messages a delivery becomes on the platform.
    """
    room = min(limit, _room(session, channel, limits, now))
    if not room:
        return []
    rows = claim(
        session,
        OutboxRow,
        worker=worker,
        now=now,
        lease=lease,
        limit=room,
        where=OF_CHANNEL,
        channel=channel,
    )
    allowed = []
    for row in rows:
        wait_until = None if row["closes"] else _member_free_at(session, row["lane"], limits, now, weigh(row))
        if wait_until:
            _put_back(session, row, wait_until)
        else:
            allowed.append(row)
    if allowed:
        _forget_old(session, channel, now)
        _count_in(session, channel, [(row, weigh(row)) for row in allowed], until=now + lease)
    return allowed


def any_due(session: Session, channel: str, now: datetime) -> bool:
    """A look without any lock, so that a courier with nothing to do holds nobody up."""
    return waits(session, OutboxRow, now=now, where=OF_CHANNEL, channel=channel)


def sent(session: Session, outbox_id: int, now: datetime) -> None:
    """The outcome of a claimed delivery is known: from now on it counts as sent at this time."""
    SENT.write(session, outbox=outbox_id, now=now)


def _forget_old(session: Session, channel: str, now: datetime) -> None:
    FORGET.write(session, channel=channel, before=now - HOUR - MINUTE)


def pause(session: Session, channel: str, reason: str, until: Callable[[int], datetime]) -> datetime:
    """Nothing more of this channel goes out for a while; `until` says how long for the n-th pause in a row."""
    row = _locked(session, channel)
    row.pauses += 1
    row.paused_until, row.pause_reason = until(row.pauses), reason
    session.add(row)
    return row.paused_until


def works(session: Session, channel: str) -> None:
    """A delivery went through: whatever paused the channel is over."""
    WORKS.write(session, channel=channel)


def _room(session: Session, channel: str, limits: Limits, now: datetime) -> int:
    """How many deliveries the channel takes now; holds the channel's row until the end of the transaction."""
    state = _locked(session, channel)
    if state.paused_until and state.paused_until > now:
        return 0
    if not limits.app_second:
        return sys.maxsize
    sent_lately: int = SENT_SINCE.fetch(session, channel=channel, since=now - SECOND)[0][0]
    return max(0, limits.app_second - sent_lately)


def _count_in(
    session: Session, channel: str, weighed: list[tuple[dict[str, Any], int]], *, until: datetime
) -> None:
    """Count each delivery as so many messages, at the end of its lease until the outcome is known."""
    counted = (
        {
            "channel": channel,
            "lane": "" if row["closes"] else row["lane"],
            "outbox_id": row["id"],
            "at": until,
        }
        for row, messages in weighed
        for _ in range(messages)
    )
    COUNT_IN.write_all(session, counted)


def _locked(session: Session, channel: str) -> ChannelRow:
    row = session.get(ChannelRow, channel, with_for_update=True, populate_existing=True)
    if row is None:
        insert_new(session, ChannelRow, name=channel, pause_reason="", pauses=0)
        row = session.get_one(ChannelRow, channel, with_for_update=True, populate_existing=True)
    return row


def _member_free_at(
    session: Session, lane: str, limits: Limits, now: datetime, weight: int
) -> datetime | None:
    """When the next `weight` messages to this member are allowed; None = now."""
    free_at = []
    for allowed, window in ((limits.member_minute, MINUTE), (limits.member_hour, HOUR)):
        if not allowed:
            continue
        past = max(0, allowed - weight)
        if oldest := OF_MEMBER.fetch_one(session, lane=lane, since=now - window, past=past):
            free_at.append(oldest.at + window + timedelta(milliseconds=1))
    return max(free_at, default=None)


def _put_back(session: Session, row: dict[str, Any], until: datetime) -> None:
    values = {"state": "pending", "worker": None, "lease_until": None}
    PUT_BACK.write(session, which=row["id"], available_at=until, attempts=row["attempts"] - 1, **values)
