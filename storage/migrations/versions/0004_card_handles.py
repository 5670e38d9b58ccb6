"""Keep every unused one-time code of a card, not the newest alone.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOVE = """
INSERT INTO card_handle (channel, card, handle, at)
SELECT channel, card, handle, handle_at FROM shown_card WHERE handle <> '' AND handle_at IS NOT NULL
"""


def upgrade() -> None:
    op.create_table(
        "card_handle",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("card", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel", "card", "handle"),
    )
    op.execute(MOVE)
    with op.batch_alter_table("shown_card") as shown_card:
        shown_card.drop_column("handle")
        shown_card.drop_column("handle_at")


def downgrade() -> None:
    with op.batch_alter_table("shown_card") as shown_card:
        shown_card.add_column(sa.Column("handle", sa.String(), nullable=False, server_default=""))
        shown_card.add_column(sa.Column("handle_at", storage.columns.UtcTime(), nullable=True))
    op.drop_table("card_handle")
