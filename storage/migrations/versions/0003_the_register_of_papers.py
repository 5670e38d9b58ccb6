"""The register of papers"""

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invoice",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("seller", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("total", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("record_id", storage.columns.BIG, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("shown_at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_invoice_seller_day", "invoice", ["seller", "day"])
    op.create_index(op.f("ix_invoice_record_id"), "invoice", ["record_id"])
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("checks", storage.columns.JSON_TYPE, nullable=False, server_default="[]")
        )


def downgrade() -> None:
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.drop_column("checks")
    op.drop_index(op.f("ix_invoice_record_id"), table_name="invoice")
    op.drop_index("ix_invoice_seller_day", table_name="invoice")
    op.drop_table("invoice")
