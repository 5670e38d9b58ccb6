"""How the queues stand: figures for /readyz, /metrics and doctor."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, SQLModel, col

from storage.claims import table_of
from storage.tables import ChannelRow, DueRow, InboxRow, OutboxRow

QUEUES: dict[str, type[SQLModel]] = {"inbox": InboxRow, "outbox": OutboxRow, "due": DueRow}


def depths(session: Session, now: datetime) -> dict[str, dict[str, Any]]:
    """For each queue: rows by state, and the age in seconds of the oldest one that could be done now."""
    found = {}
    for name, row in QUEUES.items():
        table = table_of(row)
        states = session.execute(select(table.c.state, func.count()).group_by(table.c.state)).all()
        due = (table.c.state == "pending") & (table.c.available_at <= now)
        oldest = session.execute(select(func.min(table.c.available_at)).where(due)).scalar()
        age = (now - oldest).total_seconds() if oldest else 0.0
        found[name] = {"states": dict(states), "oldest_seconds": round(age, 1)}
    return found


def channel_states(session: Session, channels: list[str]) -> dict[str, dict[str, Any]]:
    """For each channel: when the last verified message came, and what pauses it."""
    found: dict[str, dict[str, Any]] = {}
    for name in channels:
        last = session.execute(
            select(col(InboxRow.received_at))
            .where(col(InboxRow.channel) == name)
            .order_by(col(InboxRow.id).desc())
            .limit(1)
        ).scalar()
        found[name] = {"last_verified_inbound": last.isoformat(timespec="seconds") if last else None}
        row = session.get(ChannelRow, name)
        if row and row.paused_until:
            found[name]["paused_until"] = row.paused_until.isoformat(timespec="seconds")
            found[name]["because"] = row.pause_reason
    return found


def waiting_notes(session: Session) -> dict[str, Any] | None:
    """The voice notes that wait for a speech model: how many, since when, and why the last one does; None for none."""
    waiting = col(InboxRow.state) == "waiting"
    count, since = session.execute(
        select(func.count(), func.min(col(InboxRow.received_at))).where(waiting)
    ).one()
    if not count:
        return None
    why = session.execute(
        select(col(InboxRow.error)).where(waiting).order_by(col(InboxRow.id).desc()).limit(1)
    ).scalar()
    return {"count": count, "since": since.isoformat(timespec="seconds"), "why": why}
