"""Flows with several steps, who stands in for whom, budgets, and calls of other systems

A claim that waits for its manager goes on by the single step under which it was submitted.
"""

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SINGLE = {
    "key": "expense",
    "label": "费用报销审批",
    "version": 0,
    "begins": {"event": "submitted", "form": "expense"},
    "steps": [
        {"do": "approve", "id": "manager", "label": "上级审批", "who": {"superior": 1}},
        {"do": "status", "to": "approved"},
    ],
}
UNFINISHED = sa.text("state IN ('pending', 'claimed')")


def upgrade() -> None:
    op.create_table(
        "flow_run",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("record_id", storage.columns.BIG, nullable=False),
        sa.Column("applicant_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("started_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("ended_at", storage.columns.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_flow_run_record_id", "flow_run", ["record_id"])
    op.create_table(
        "flow_definition",
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("definition", storage.columns.JSON_TYPE, nullable=False),
        sa.PrimaryKeyConstraint("flow", "digest"),
    )
    op.create_table(
        "leave",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("deputy_id", sa.String(), nullable=False),
        sa.Column("start", storage.columns.UtcTime(), nullable=False),
        sa.Column("until", storage.columns.UtcTime(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("created_at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_leave_person_id", "leave", ["person_id"])
    _budgets()
    _webhooks()
    _approvals()


def _budgets() -> None:
    op.create_table(
        "budget",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("used", storage.columns.BIG, nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "budget_entry",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("record_id", storage.columns.BIG, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fen", storage.columns.BIG, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("record_id", "key"),
    )
    op.create_index("ix_budget_entry_key", "budget_entry", ["key"])


def _webhooks() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("done_at", storage.columns.UtcTime(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("available_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("lease_until", storage.columns.UtcTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index(
        "ix_webhook_open", "webhook", ["id"], sqlite_where=UNFINISHED, postgresql_where=UNFINISHED
    )


def _approvals() -> None:
    """Give every approval its run; those that are decided have runs that are over."""
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.add_column(sa.Column("flow_id", storage.columns.BIG, nullable=True))
        batch_op.add_column(sa.Column("behalf", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("added_by", sa.String(), nullable=False, server_default=""))
        batch_op.create_index("ix_approval_flow_id", ["flow_id"], unique=False)
    definitions = sa.table(
        "flow_definition",
        sa.column("flow"),
        sa.column("digest"),
        sa.column("definition", storage.columns.JSON_TYPE),
    )
    op.bulk_insert(definitions, [{"flow": "expense", "digest": "single", "definition": SINGLE}])
    ended = "CASE a.state WHEN 'pending' THEN 'running' WHEN 'approved' THEN 'done' "
    ended += "WHEN 'cancelled' THEN 'withdrawn' ELSE a.state END"
    op.execute(
        "INSERT INTO flow_run (flow, digest, record_id, applicant_id, state, step, started_at, ended_at) "
        f"SELECT 'expense', 'single', a.record_id, r.reporter_id, {ended}, 0, a.created_at, a.decided_at "
        "FROM approval a JOIN record r ON r.id = a.record_id"
    )
    op.execute(
        "UPDATE approval SET flow_id = "
        "(SELECT max(f.id) FROM flow_run f WHERE f.record_id = approval.record_id)"
    )


def downgrade() -> None:
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.drop_index("ix_approval_flow_id")
        for name in ("flow_id", "behalf", "added_by"):
            batch_op.drop_column(name)
    for table in ("webhook", "budget_entry", "budget", "leave", "flow_definition", "flow_run"):
        op.drop_table(table)
