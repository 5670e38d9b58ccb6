"""What reps say of objection cards

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "card_feedback",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("occasion", storage.columns.BIG, nullable=False),
        sa.Column("card_id", sa.String(), nullable=False),
        sa.Column("useful", sa.Boolean(), nullable=False),
        sa.Column("at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "occasion"),
    )
    op.create_index(op.f("ix_card_feedback_card_id"), "card_feedback", ["card_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_card_feedback_card_id"), table_name="card_feedback")
    op.drop_table("card_feedback")
