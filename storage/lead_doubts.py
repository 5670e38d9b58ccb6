"""Questions whether a lead is one that came before: noted where it comes in, asked one at a time, decided once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from storage.claims import insert_new, table_of
from storage.lead_tables import LeadDoubtRow

DOUBT = table_of(LeadDoubtRow)
ANSWER_WITHIN = timedelta(hours=24)
"""After so long without an answer the next question is asked all the same."""


def note(session: Session, lead_id: str, others: Sequence[str], now: datetime) -> None:
    insert_new(session, LeadDoubtRow, lead_id=lead_id, others=list(others), created_at=now)


def doubt(session: Session, lead_id: str) -> LeadDoubtRow | None:
    return session.scalars(
        select(LeadDoubtRow)
        .where(col(LeadDoubtRow.lead_id) == lead_id)
        .execution_options(populate_existing=True)
    ).first()


def asked(session: Session, now: datetime) -> LeadDoubtRow | None:
    """The question that waits for its answer."""
    query = select(LeadDoubtRow).where(
        col(LeadDoubtRow.decided_at).is_(None), col(LeadDoubtRow.asked_at) > now - ANSWER_WITHIN
    )
    return session.scalars(query.order_by(col(LeadDoubtRow.asked_at), col(LeadDoubtRow.lead_id))).first()


def next_one(session: Session) -> LeadDoubtRow | None:
    """What is to be asked next: what was never asked first, the oldest of it."""
    order = (col(LeadDoubtRow.asked_at).is_not(None), col(LeadDoubtRow.created_at), col(LeadDoubtRow.lead_id))
    return session.scalars(
        select(LeadDoubtRow).where(col(LeadDoubtRow.decided_at).is_(None)).order_by(*order)
    ).first()


def undecided(session: Session) -> int:
    return int(session.scalar(select(func.count()).where(DOUBT.c.decided_at.is_(None))) or 0)


def ask(session: Session, lead_id: str, now: datetime) -> None:
    session.execute(update(LeadDoubtRow).where(col(LeadDoubtRow.lead_id) == lead_id).values(asked_at=now))


def decide(session: Session, lead_id: str, verdict: str, who: str, now: datetime) -> bool:
    """False where it was decided before."""
    open_ = (DOUBT.c.lead_id == lead_id, DOUBT.c.decided_at.is_(None))
    ended = update(DOUBT).where(*open_).values(verdict=verdict, decided_by=who, decided_at=now)
    return session.connection().execute(ended).rowcount == 1
