"""What customers owe by the books; copies of to-dos that were given up are tried again"""

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "receivable",
        sa.Column("customer_code", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("amount", storage.columns.BIG, nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("customer_code", "number"),
    )
    op.create_table(
        "books",
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("imported_at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("what"),
    )
    op.execute("UPDATE todo_copy SET state = 'pending', attempts = 0 WHERE state IN ('unknown', 'failed')")


def downgrade() -> None:
    op.drop_table("books")
    op.drop_table("receivable")
