"""Words that people teach, and misunderstandings that they put right"""

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "learned_word",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("created_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("decided_at", storage.columns.UtcTime(), nullable=True),
        sa.Column("inbox_id", storage.columns.BIG, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_learned_word_words", "learned_word", ["words"])
    op.create_index("ix_learned_word_state", "learned_word", ["state"])
    op.create_table(
        "lesson",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("proposal_id", storage.columns.BIG, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("told_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("proposed", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("corrected", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("created_at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("proposal_id"),
    )


def downgrade() -> None:
    op.drop_table("lesson")
    op.drop_table("learned_word")
