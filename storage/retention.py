"""Personal data past their days: which they are, and how they go. What was decided and noted from them stays.

Files of voice notes and photos go with what was heard or read in them; papers (receipts, invoices) are the company's
books and stay. Of positions the coordinates go, of check-ins and of the messages that brought them. A picture's
fingerprint stays, so that an old photo sent again is still known.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, insert, select, update
from sqlmodel import Session

from storage.claims import table_of
from storage.flow_tables import WebhookRow
from storage.reminders import ReminderRow, SweptRow
from storage.tables import (
    AuditRow,
    CheckInRow,
    DueRow,
    EvidenceRow,
    InboxRow,
    InvoiceRow,
    MediaRow,
    MessageMediaRow,
    PerceptionRow,
)
from storage.visits import FORGOTTEN

AT_ONCE = 500
WHO = "clock"
MEDIA, SENT, INBOX, EVIDENCE, CHECK_IN = (
    table_of(row) for row in (MediaRow, MessageMediaRow, InboxRow, EvidenceRow, CheckInRow)
)
DUE, WEBHOOK, REMINDER = (table_of(row) for row in (DueRow, WebhookRow, ReminderRow))
MESSAGES = {"voice": "voice", "photo": "image"}
"""Personal data → the kind of message that brings it."""


def old_files(session: Session, kind: str, before: datetime) -> list[str]:
    """The sha256 of files of a kind that nobody sent since then, and that are no paper of the company's."""
    sent = exists().where(SENT.c.sha256 == MEDIA.c.sha256, SENT.c.inbox_id == INBOX.c.id)
    paper = exists().where(EVIDENCE.c.sha256 == MEDIA.c.sha256, EVIDENCE.c.kind == "receipt")
    invoice = table_of(InvoiceRow)
    query = (
        select(MEDIA.c.sha256)
        .where(
            MEDIA.c.created_at < before,
            sent.where(INBOX.c.kind == MESSAGES[kind]),
            ~sent.where((INBOX.c.kind != MESSAGES[kind]) | (INBOX.c.received_at >= before)),
            ~paper,
            ~exists().where(invoice.c.sha256 == MEDIA.c.sha256),
        )
        .limit(AT_ONCE)
    )
    return list(session.connection().scalars(query))


def forget_files(session: Session, files: Sequence[str], kind: str, why: str, now: datetime) -> None:
    perception = table_of(PerceptionRow)
    for table in (MEDIA, SENT, perception):
        session.connection().execute(delete(table).where(table.c.sha256.in_(files)))
    _audit(session, [f"media:{sha256}" for sha256 in files], kind, why, now)


def forget_positions(session: Session, before: datetime, why: str, now: datetime) -> int:
    """Returns how many check-ins lost their coordinates; to be called again as long as there are any."""
    old = [CHECK_IN.c.at < before, CHECK_IN.c.state != FORGOTTEN]
    check_ins = list(session.connection().scalars(select(CHECK_IN.c.id).where(*old).limit(AT_ONCE)))
    gone = {"latitude": 0, "longitude": 0, "accuracy": None, "label": "", "device": "", "state": FORGOTTEN}
    _change(session, CHECK_IN, CHECK_IN.c.id.in_(check_ins), gone)
    _audit(session, [f"check_in:{number}" for number in check_ins], "position", why, now)
    located = (INBOX.c.kind == "location") & (INBOX.c.received_at < before) & (INBOX.c.payload != "{}")
    _change(session, INBOX, located & INBOX.c.state.in_(("done", "failed")), {"payload": "{}"})
    messages = select(INBOX.c.id).where(INBOX.c.kind == "location", INBOX.c.received_at < before)
    shown = (EVIDENCE.c.kind == "position") & EVIDENCE.c.inbox_id.in_(messages) & (EVIDENCE.c.words != "")
    _change(session, EVIDENCE, shown, {"words": "", "details": {}})
    return len(check_ins)


FINISHED: dict[str, tuple[Any, Any]] = {
    "due": (DUE, DUE.c.due_at),
    "webhook": (WEBHOOK, WEBHOOK.c.done_at),
    "reminder": (REMINDER, REMINDER.c.planned),
}
"""Rows that say what was done and need not be kept: the table, and when a row of it was over."""
UNFINISHED = ("pending", "claimed", "waiting", "failed")


def sweep(session: Session, what: str, before: datetime) -> int:
    """Delete what was finished before then; to be called again as long as there is any. Failures stay for people.

    `swept` keeps how far back that went, so that what is older is never written down again: no further than the last
    row that is gone, since a clock that was wrong for a moment must not keep back what is still to come. The newest
    row always stays: SQLite would give its number to the next one, and outbox keys are made of it.
    """
    table, over = FINISHED[what]
    newest = select(func.max(table.c.id)).scalar_subquery()
    query = (
        select(table.c.id, over)
        .where(over < before, table.c.state.not_in(UNFINISHED), table.c.id < newest)
        .limit(AT_ONCE)
    )
    old: dict[int, datetime] = dict(session.connection().execute(query).all())
    if not old:
        return 0
    back = max(old.values()) + timedelta(microseconds=1)
    swept = session.get(SweptRow, what) or SweptRow(what=what, before=back)
    swept.before = max(swept.before, back)
    session.add(swept)
    session.connection().execute(delete(table).where(table.c.id.in_(list(old))))
    return len(old)


def _change(session: Session, table: Any, which: ColumnElement[bool], values: dict[str, Any]) -> None:
    session.connection().execute(update(table).where(which).values(**values))


def _audit(session: Session, subjects: Sequence[str], what: str, why: str, now: datetime) -> None:
    rows = [
        {"subject": s, "field": what, "old": "kept", "new": "deleted", "who": WHO, "why": why, "at": now}
        for s in subjects
    ]
    if rows:
        session.connection().execute(insert(table_of(AuditRow)), rows)
