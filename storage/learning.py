"""Words that people teach, messages to try them on, and misunderstandings kept as cases."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import CursorResult, func, or_, select, update
from sqlmodel import Session, col

from domain.learning import LearnedWord, WordKind
from storage.claims import insert_new
from storage.guarding import GuardedSession
from storage.learning_tables import LearnedWordRow, LessonRow
from storage.people import bump_master_version
from storage.seeing import SHOWN
from storage.tables import AuditRow, InboxRow, RecordRow

MOST_TRIED = 200
"""Messages that a new word is tried on."""


def active_words(session: Session) -> list[LearnedWord]:
    """What everybody's words are understood with, in the order in which it was taught."""
    rows = session.scalars(
        select(LearnedWordRow).where(col(LearnedWordRow.state) == "active").order_by(col(LearnedWordRow.id))
    )
    return [LearnedWord(kind=cast(WordKind, r.kind), target=r.target, words=r.words) for r in rows]


def listed(session: Session) -> list[LearnedWordRow]:
    """The words in use and those that wait for a decision, oldest first."""
    query = (
        select(LearnedWordRow)
        .where(col(LearnedWordRow.state).in_(("active", "proposed")))
        .order_by(col(LearnedWordRow.id))
    )
    return list(session.scalars(query))


def propose(
    session: Session, word: LearnedWord, *, who: str, now: datetime, inbox_id: int | None
) -> LearnedWordRow:
    row = LearnedWordRow(
        kind=word.kind, target=word.target, words=word.words, who=who, created_at=now, inbox_id=inbox_id
    )
    session.add(row)
    session.flush()
    return row


def decide(session: Session, row: LearnedWordRow, state: str, *, who: str, now: datetime) -> bool:
    """Compare and set; False where somebody decided before. What understanding is built from is built anew."""
    statement = (
        update(LearnedWordRow)
        .where(col(LearnedWordRow.id) == row.id, col(LearnedWordRow.state) == row.state)
        .values(state=state, decided_by=who, decided_at=now)
    )
    won = cast(CursorResult[Any], session.execute(statement)).rowcount == 1
    if won:
        session.refresh(row)
        bump_master_version(session)
    return won


def texts_since(session: Session, words: Sequence[str], since: datetime) -> tuple[int, tuple[str, ...]]:
    """(how many text messages people wrote since then, the newest of those that contain one of the words)."""
    written = (col(InboxRow.kind) == "text", col(InboxRow.received_at) >= since)
    total = session.scalar(select(func.count()).select_from(InboxRow).where(*written)) or 0
    query = (
        select(InboxRow.payload)  # type: ignore[call-overload]
        .where(*written, or_(*(col(InboxRow.payload).contains(w, autoescape=True) for w in words)))
        .order_by(col(InboxRow.id).desc())
        .limit(MOST_TRIED)
    )
    texts = [str(json.loads(payload).get("text") or "") for payload in session.scalars(query)]
    return int(total), tuple(text for text in texts if any(w in text for w in words))


def changes_of(session: Session, record_ids: list[int]) -> list[AuditRow]:
    """Every change of these records' fields, oldest first."""
    query = (
        select(AuditRow)
        .where(
            col(AuditRow.subject).in_([f"record:{i}" for i in record_ids]), col(AuditRow.field) != "status"
        )
        .order_by(col(AuditRow.id))
    )
    return list(session.scalars(query))


def all_of_proposal(session: Session, proposal_id: int) -> list[RecordRow]:
    """The records of a proposal together with those that were taken off its card."""
    query = select(RecordRow).where(col(RecordRow.proposal_id) == proposal_id).order_by(col(RecordRow.id))
    return list(session.scalars(query))


def keep_lesson(session: Session, **values: Any) -> None:
    """One lesson a proposal: confirming again after an undo changes nothing."""
    insert_new(session, LessonRow, **values)


def lessons(session: Session) -> list[LessonRow]:
    return list(session.scalars(select(LessonRow).order_by(col(LessonRow.id))))


class Written(NamedTuple):
    """A text message: its number in the inbox, who sent it by which channel's id, and what it says."""

    id: int
    channel: str
    sender: str
    text: str


def lately_written(session: Session, since: datetime, limit: int) -> list[Written]:
    """Different texts that people wrote since then, newest first, whoever may see them: for counting."""
    query = (
        select(InboxRow.id, InboxRow.channel, InboxRow.payload)  # type: ignore[call-overload]
        .where(col(InboxRow.kind) == "text", col(InboxRow.received_at) >= since)
        .order_by(col(InboxRow.id).desc())
        .limit(limit)
    )
    found: dict[str, Written] = {}
    for number, channel, payload in session.execute(query):
        message = json.loads(payload)
        if text := str(message.get("text") or ""):
            found.setdefault(text, Written(number, channel, str(message.get("sender") or ""), text))
    return list(found.values())


def openly_recorded(seen: GuardedSession, messages: Sequence[int]) -> set[int]:
    """Of these messages of the inbox, those that became a record of which this viewer is hidden nothing."""
    query = select(RecordRow).where(col(RecordRow.inbox_id).in_(messages), col(RecordRow.status).in_(SHOWN))
    rows = list(seen.scalars(query))
    partly = {row.inbox_id for row in rows if row.id in seen.info.get("hidden_words", {})}
    return {row.inbox_id for row in rows if row.inbox_id is not None} - partly
