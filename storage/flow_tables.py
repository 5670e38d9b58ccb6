"""The tables of flows: what runs, by which definition, who stands in for whom, budgets, and calls of other systems."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from storage.columns import BIG, Claimable, Row, document, identity, long_text, moment

UNFINISHED = text("state IN ('pending', 'claimed')")


class FlowRunRow(Row, table=True):
    """One record on its way through a flow. States: running, done, rejected, withdrawn, lapsed, stopped."""

    __tablename__ = "flow_run"

    id: int | None = identity()
    flow: str
    digest: str
    """With `flow`, the definition that it keeps to its end, whatever becomes of the rulebook."""
    record_id: int = Field(sa_type=BIG, index=True)
    applicant_id: str
    state: str = "running"
    step: int = 0
    started_at: datetime = moment()
    ended_at: datetime | None = moment(null=True)


class FlowDefinitionRow(Row, table=True):
    """A flow as it was when something began by it. Never changed, never deleted."""

    __tablename__ = "flow_definition"

    flow: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    definition: dict[str, Any] = document()
    """JSON of domain.flows.definition.Flow."""


class LeaveRow(Row, table=True):
    """Somebody is away, and who decides for him meanwhile."""

    __tablename__ = "leave"

    id: int | None = identity()
    person_id: str = Field(index=True)
    deputy_id: str = ""
    """Empty: nobody was named, his superior decides."""
    start: datetime = moment()
    until: datetime = moment()
    """The first moment at which he is back."""
    cancelled: bool = False
    created_at: datetime = moment()


class BudgetRow(Row, table=True):
    """How much of a budget is in use: held by claims under way, or spent. Its limit stands in the rulebook."""

    __tablename__ = "budget"

    key: str = Field(primary_key=True)
    """domain.expenses.Budget.key: `person:P101|entertainment|2026-03`."""
    used: int = Field(default=0, sa_type=BIG)
    """Fen."""


class BudgetEntryRow(Row, table=True):
    """What a record took from a budget. States: held, spent, released."""

    __tablename__ = "budget_entry"
    __table_args__ = (UniqueConstraint("record_id", "key"),)

    id: int | None = identity()
    record_id: int = Field(sa_type=BIG)
    key: str = Field(index=True)
    fen: int = Field(sa_type=BIG)
    state: str = "held"
    at: datetime = moment()


class WebhookRow(Claimable, table=True):
    """A call of another system that is to be made. States: pending, claimed, done, failed."""

    __tablename__ = "webhook"
    __table_args__ = (Index("ix_webhook_open", "id", sqlite_where=UNFINISHED, postgresql_where=UNFINISHED),)

    id: int | None = identity()
    key: str = Field(unique=True)
    """The same for every attempt: the receiver knows a repetition by it."""
    event: str
    body: str = long_text()
    created_at: datetime = moment()
    done_at: datetime | None = moment(null=True)
