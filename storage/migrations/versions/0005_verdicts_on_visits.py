"""Verdicts on visits, learned places, and what check-ins know of their clocks"""

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("check_in", schema=None) as batch_op:
        batch_op.add_column(sa.Column("chosen", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("sent_at", storage.columns.UtcTime(), nullable=True))
        batch_op.add_column(sa.Column("left_at", storage.columns.UtcTime(), nullable=True))
        batch_op.add_column(sa.Column("device", sa.String(), nullable=False, server_default=""))
        batch_op.create_index(batch_op.f("ix_check_in_latitude"), ["latitude"], unique=False)

    op.create_table(
        "learned_place",
        sa.Column("customer_code", sa.String(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("datum", sa.String(), nullable=False),
        sa.Column("spread", sa.Float(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("taught_by", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("updated_at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("customer_code"),
    )
    op.create_table(
        "visit_verdict",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("record_id", storage.columns.BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("check_in_id", storage.columns.BIG, nullable=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("reasons", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("rulebook", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reviewer_id", sa.String(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", storage.columns.UtcTime(), nullable=True),
        sa.Column("overruled_by", sa.String(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("decided_at", storage.columns.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("record_id", "version"),
    )
    with op.batch_alter_table("visit_verdict", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_verdict_record_id"), ["record_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_verdict_reviewer_id"), ["reviewer_id"], unique=False)


def downgrade() -> None:
    op.drop_table("visit_verdict")
    op.drop_table("learned_place")
    with op.batch_alter_table("check_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_check_in_latitude"))
        for name in ("device", "left_at", "sent_at", "chosen"):
            batch_op.drop_column(name)
