"""Leads with a state, an owner and a history

What was imported before keeps its further columns; those that have a column of their own now move there.

Revision ID: 0015
Revises: 0013
"""

import re
import unicodedata
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TEXTS = (
    *("contact", "phone", "tax_id", "city", "district", "address", "need", "source", "level"),
    *("stage", "lost_reason"),
)
TIMES = ("offered_at", "due_at", "touched_at", "last_follow_up_at")
NAMES = ("owner_id", "touched_by", "touch", "customer_code", "merged_into")
FROM_DETAILS = {
    **{name: name for name in ("contact", "tax_id", "city", "district", "address", "source", "level")},
    "mobile": "phone",
    "phone": "phone",
    "note": "need",
}
INDEXED = ("phone", "tax_id", "created_at", "owner_id", "customer_code", "merged_into")
MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")


def upgrade() -> None:
    with op.batch_alter_table("lead") as table:
        for name in TEXTS:
            kind = sa.Text() if name in ("need", "lost_reason") else sa.String()
            table.add_column(sa.Column(name, kind, nullable=False, server_default=""))
        for name in NAMES:
            table.add_column(sa.Column(name, sa.String(), nullable=True))
        for name in TIMES:
            table.add_column(sa.Column(name, storage.columns.UtcTime(), nullable=True))
        table.add_column(
            sa.Column("products", storage.columns.JSON_TYPE, nullable=False, server_default="[]")
        )
        table.add_column(sa.Column("value", storage.columns.BIG, nullable=True))
        table.add_column(sa.Column("received_at", storage.columns.UtcTime(), nullable=True))
        table.add_column(sa.Column("state", sa.String(), nullable=False, server_default="new"))
        for name in ("round", "follow_ups"):
            table.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "lead_event",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("lead_id", sa.String(), nullable=False),
        sa.Column("at", storage.columns.UtcTime(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("details", storage.columns.JSON_TYPE, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_lead_event_lead_id", "lead_event", ["lead_id"])
    op.create_index("ix_lead_event_person_id", "lead_event", ["person_id"])
    op.create_index("ix_lead_event_kind_at", "lead_event", ["kind", "at"])
    _spread_details()
    with op.batch_alter_table("lead") as table:
        table.alter_column("received_at", existing_type=storage.columns.UtcTime(), nullable=False)
    for name in INDEXED:
        op.create_index(f"ix_lead_{name}", "lead", [name])
    op.create_index("ix_lead_state_due_at", "lead", ["state", "due_at"])


def _spread_details() -> None:
    """Each lead gets its columns and the first entry of its history."""
    lead = sa.table(
        "lead",
        *(sa.column(name) for name in ("id", *dict.fromkeys(FROM_DETAILS.values()))),
        *(sa.column(name, storage.columns.JSON_TYPE) for name in ("products", "details")),
        *(sa.column(name, storage.columns.UtcTime()) for name in ("received_at", "created_at")),
    )
    event = sa.table(
        "lead_event",
        *(sa.column(name) for name in ("lead_id", "kind", "who", "reason")),
        sa.column("at", storage.columns.UtcTime()),
        sa.column("details", storage.columns.JSON_TYPE),
    )
    connection = op.get_bind()
    for key, details, created in connection.execute(
        sa.select(lead.c.id, lead.c.details, lead.c.created_at)
    ).all():
        values = _columns_of(dict(details or {}), created)
        connection.execute(sa.update(lead).where(lead.c.id == key).values(**values))
        connection.execute(
            sa.insert(event).values(
                lead_id=key, at=created, kind="received", who="import", reason="", details={}
            )
        )


def _columns_of(details: dict[str, Any], created: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {"received_at": created}
    for name, column in FROM_DETAILS.items():
        if details.get(name) and column not in values:
            values[column] = str(details.pop(name)).strip()
    if found := MOBILE.fullmatch(
        re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", values.get("phone", "")))
    ):
        values["phone"] = found[1]
    if product := details.pop("product", ""):
        values["products"] = [p.strip() for p in re.split(r"[|｜]", str(product)) if p.strip()]
    try:
        told = datetime.fromisoformat(str(details["received_at"]))
        values["received_at"] = told if told.tzinfo else told.replace(tzinfo=UTC)
        del details["received_at"]
    except (KeyError, ValueError):
        pass  # stays as it was told
    return {**values, "details": details}


def downgrade() -> None:
    op.drop_table("lead_event")
    op.drop_index("ix_lead_state_due_at", "lead")
    for name in INDEXED:
        op.drop_index(f"ix_lead_{name}", "lead")
    with op.batch_alter_table("lead") as table:
        for name in (
            *TEXTS,
            *NAMES,
            *TIMES,
            *("products", "value", "received_at", "state", "round", "follow_ups"),
        ):
            table.drop_column(name)
