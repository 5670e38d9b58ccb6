"""The tables of leads: what is known of each, where it stands, everything that happened to it, and whom it may be."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field

from storage.columns import BIG, Row, document, identity, long_text, moment

HELD_STATES = ("offered", "accepted", "following")
HELD = text(f"state IN {HELD_STATES}")
"""Somebody has it and it is not over. Literal, so that the index on these is taken for it."""


class LeadRow(Row, table=True):
    """`domain.leads.lead.Lead`. Its state changes by an update on (id, state, round) alone: `storage.leads`."""

    __tablename__ = "lead"
    __table_args__ = (
        Index("ix_lead_state_due_at", "state", "due_at"),
        Index("ix_lead_held", "owner_id", "state", sqlite_where=HELD, postgresql_where=HELD),
    )

    id: str = Field(primary_key=True)
    company: str = ""
    contact: str = ""
    phone: str = Field(default="", index=True)
    tax_id: str = Field(default="", index=True)
    city: str = ""
    district: str = ""
    address: str = ""
    products: list[str] = document(default=list)
    need: str = long_text()
    source: str = ""
    value: int | None = Field(default=None, sa_type=BIG)
    level: str = ""
    received_at: datetime = moment()
    created_at: datetime = moment(index=True)
    state: str = "new"
    stage: str = ""
    owner_id: str | None = Field(default=None, index=True)
    offered_at: datetime | None = moment(null=True)
    round: int = 0
    due_at: datetime | None = moment(null=True)
    touched_at: datetime | None = moment(null=True)
    touched_by: str | None = None
    touch: str | None = None
    customer_code: str | None = Field(default=None, index=True)
    merged_into: str | None = Field(default=None, index=True)
    lost_reason: str = long_text()
    follow_ups: int = 0
    last_follow_up_at: datetime | None = moment(null=True)
    details: dict[str, Any] = document()


class LeadEventRow(Row, table=True):
    """Append-only: what happened to a lead, written in the same transaction as the change itself."""

    __tablename__ = "lead_event"
    __table_args__ = (Index("ix_lead_event_kind_at", "kind", "at", "person_id"),)

    id: int | None = identity()
    lead_id: str = Field(index=True)
    at: datetime = moment()
    kind: str
    person_id: str | None = Field(default=None, index=True)
    who: str
    reason: str = long_text()
    details: dict[str, Any] = document()


class LeadDoubtRow(Row, table=True):
    """A lead that may be another one, or a customer: a question for whoever may decide, asked one at a time."""

    __tablename__ = "lead_doubt"

    lead_id: str = Field(primary_key=True)
    others: list[str] = document(default=list)
    """`lead:…` and `customer:…` that it may be, the likeliest first."""
    created_at: datetime = moment()
    asked_at: datetime | None = moment(null=True)
    decided_at: datetime | None = moment(null=True, index=True)
    decided_by: str | None = None
    verdict: str = ""
    """Which of `others` it is; `apart` where it is none of them, `over` where there was nothing left to decide."""
