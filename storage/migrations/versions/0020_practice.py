"""Practice talks, cards that come back, cases told in the chat, appeals, and when somebody was hired"""

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "practice",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("scene_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("scene", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("play", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("turns", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("score", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("overall", sa.Integer(), nullable=True),
        sa.Column("breach", sa.Boolean(), nullable=False),
        sa.Column("started_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("updated_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("ended_at", storage.columns.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_practice_person", "practice", ["person_id", "id"])
    op.create_table(
        "skill_card",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("memory", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("due_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("reviews", sa.Integer(), nullable=False),
        sa.Column("updated_at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "subject"),
    )
    op.create_index("ix_skill_card_due", "skill_card", ["person_id", "due_at"])
    op.create_table(
        "taught_case",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answers", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("case", storage.columns.JSON_TYPE, nullable=False),
        sa.Column("created_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("decided_at", storage.columns.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_taught_case_state", "taught_case", ["state"])
    op.create_table(
        "practice_appeal",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("practice_id", storage.columns.BIG, nullable=False),
        sa.Column("check_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("created_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("decided_at", storage.columns.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("practice_id", "check_id"),
    )
    op.create_index("ix_practice_appeal_state", "practice_appeal", ["state"])
    op.add_column("person", sa.Column("hired_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("person", "hired_on")
    for table in ("practice_appeal", "taught_case", "skill_card", "practice"):
        op.drop_table(table)
