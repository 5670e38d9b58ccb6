"""Where somebody was warned of a customer before a visit, and whether he went all the same. States: asked,
overridden (with his reason), dropped."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, select
from sqlmodel import Field, Session, col

from storage.columns import BIG, Row, document, identity, long_text, moment


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
