"""Warnings before a visit, and the reasons for going all the same"""

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visit_gate",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("customer_code", sa.String(), nullable=False),
        sa.Column("proposal_id", storage.columns.BIG, nullable=True),
        sa.Column("colour", sa.String(), nullable=False),
        sa.Column("reasons", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("decided_at", storage.columns.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_visit_gate_person_customer", "visit_gate", ["person_id", "customer_code"])


def downgrade() -> None:
    op.drop_table("visit_gate")
