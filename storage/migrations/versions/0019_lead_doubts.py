"""Leads that may be others"""

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lead_doubt",
        sa.Column("lead_id", sa.String(), nullable=False),
        sa.Column("others", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("created_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("asked_at", storage.columns.UtcTime(), nullable=True),
        sa.Column("decided_at", storage.columns.UtcTime(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("lead_id"),
    )
    op.create_index("ix_lead_doubt_decided_at", "lead_doubt", ["decided_at"])


def downgrade() -> None:
    op.drop_table("lead_doubt")
