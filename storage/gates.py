"""Where somebody was warned of a customer before a visit, and whether he went all the same. States: asked,
overridden (with his reason), dropped."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Index, and_, select
from sqlmodel import Field, Session, col

from domain.statuses import STANDING
from storage.columns import BIG, Row, document, identity, long_text, moment
from storage.tables import RecordRow

PLANS = ("visit", "visit_plan")
PROMISED_WITHIN = timedelta(days=60)
"""How far back a promise was made that falls on a day."""
OVERDUE_WITHIN = timedelta(days=14)
"""After that nobody is sent after it any more."""


class VisitGateRow(Row, table=True):
    __tablename__ = "visit_gate"
    __table_args__ = (Index("ix_visit_gate_person_customer", "person_id", "customer_code"),)

    id: int | None = identity()
    person_id: str
    customer_code: str
    proposal_id: int | None = Field(default=None, sa_type=BIG)
    """The plan that waits for the reason; None where somebody only said where he is going."""
    colour: str
    reasons: list[dict[str, Any]] = document(default=list)
    """`{key, record, on}`: what he was warned of. Never its words, which not everybody may read."""
    state: str = "asked"
    reason: str = long_text()
    """His own words."""
    asked_at: datetime = moment()
    decided_at: datetime | None = moment(null=True)


def ask(session: Session, row: VisitGateRow) -> VisitGateRow:
    session.add(row)
    session.flush()
    return row


def gate(session: Session, gate_id: int) -> VisitGateRow | None:
    return session.get(VisitGateRow, gate_id)


def overridden(session: Session, person: str, customer: str, since: datetime) -> VisitGateRow | None:
    """His reason for going there all the same, given since then."""
    query = (
        select(VisitGateRow)
        .where(
            col(VisitGateRow.person_id) == person,
            col(VisitGateRow.customer_code) == customer,
            col(VisitGateRow.state) == "overridden",
            col(VisitGateRow.decided_at) >= since,
        )
        .order_by(col(VisitGateRow.id).desc())
    )
    return session.scalars(query).first()


def plans_at(session: Session, customer: str, since: datetime) -> list[RecordRow]:
    """Visits to this customer that are still to come: planned, from this day on."""
    query = (
        select(RecordRow)
        .where(
            col(RecordRow.customer_code) == customer,
            col(RecordRow.form).in_(PLANS),
            col(RecordRow.status).in_(STANDING),
            col(RecordRow.happened_at) >= since,
        )
        .order_by(col(RecordRow.id))
    )
    return [row for row in session.scalars(query) if is_plan(row)]


def plans_of(session: Session, person: str, day: date, start: datetime, end: datetime) -> list[RecordRow]:
    """What this person plans for the day from `start` to `end`, in the order in which he said it; with what he
    promised a customer for that day or the days before, unless he recorded something of him since."""
    own = and_(col(RecordRow.reporter_id) == person, col(RecordRow.happened_at) >= start - PROMISED_WITHIN)
    given = and_(
        col(RecordRow.form) == "visit_plan",
        col(RecordRow.happened_at) >= start,
        RecordRow.data["owner"].as_string() == person,
    )
    found: dict[int, RecordRow] = {}
    for which in (own, given):
        query = select(RecordRow).where(
            which,
            col(RecordRow.happened_at) < end,
            col(RecordRow.status).in_(STANDING),
            col(RecordRow.customer_code).is_not(None),
        )
        found |= {row.id or 0: row for row in session.scalars(query)}
    rows = [row for _, row in sorted(found.items())]
    latest = {row.customer_code: row.id for row in rows if not is_plan(row)}
    return [
        row
        for row in rows
        if whose(row) == person
        and (
            row.happened_at >= start
            if is_plan(row)
            else latest[row.customer_code] == row.id and _due(row, day)
        )
    ]


def _due(row: RecordRow, day: date) -> bool:
    since = (day - OVERDUE_WITHIN).isoformat()
    return since <= str(row.data.get("next_date", ""))[:10] <= day.isoformat()


def is_plan(row: RecordRow) -> bool:
    return row.form == "visit_plan" or (row.form == "visit" and bool(row.data.get("planned")))


def whose(row: RecordRow) -> str:
    """Who is to go."""
    return str(row.data.get("owner") or row.reporter_id) if row.form == "visit_plan" else row.reporter_id
