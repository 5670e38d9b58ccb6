"""Versions of the rulebook, and what alerts have told"""

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rulebook_file",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_table(
        "rulebook_version",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("files", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("own", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("carried", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("base", storage.columns.BIG, nullable=True),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("created_at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_rulebook_version_version", "rulebook_version", ["version"])
    op.create_table(
        "rulebook_change",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("version_id", storage.columns.BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "alert_told",
        sa.Column("alert", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("told", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("alert", "subject", "period"),
    )


def downgrade() -> None:
    for table in ("alert_told", "rulebook_change", "rulebook_version", "rulebook_file"):
        op.drop_table(table)
