"""Copies of to-dos in another calendar"""

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

UNFINISHED = sa.text("state IN ('pending', 'claimed')")


def upgrade() -> None:
    op.create_table(
        "todo_copy",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("record_id", storage.columns.BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("wishes", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("told", storage.columns.JSON_TYPE, nullable=True),
        sa.Column("begun_at", storage.columns.UtcTime(), nullable=True),
        sa.Column("wanted_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("created_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("done_at", storage.columns.UtcTime(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("available_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("lease_until", storage.columns.UtcTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("record_id", "kind"),
    )
    op.create_index("ix_todo_copy_remote_id", "todo_copy", ["remote_id"])
    op.create_index(
        "ix_todo_copy_open", "todo_copy", ["id"], sqlite_where=UNFINISHED, postgresql_where=UNFINISHED
    )


def downgrade() -> None:
    op.drop_table("todo_copy")
