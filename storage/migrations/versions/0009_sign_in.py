"""Signing in on the web pages

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_link",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("made_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("used_at", storage.columns.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index(op.f("ix_sign_in_link_person_id"), "sign_in_link", ["person_id"])
    op.create_index(op.f("ix_sign_in_link_made_at"), "sign_in_link", ["made_at"])
    op.create_table(
        "web_session",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("begun_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("seen_at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index(op.f("ix_web_session_person_id"), "web_session", ["person_id"])
    op.create_index(op.f("ix_web_session_seen_at"), "web_session", ["seen_at"])


def downgrade() -> None:
    op.drop_table("web_session")
    op.drop_table("sign_in_link")
