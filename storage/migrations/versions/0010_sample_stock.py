"""Sample stock as a ledger: balances in pieces, holds and movements in place of a bare number

Revision ID: 0010
Revises: 0009
"""

from decimal import Decimal, InvalidOperation

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BALANCE = sa.table(
    "stock_balance",
    *map(sa.column, ("id", "product_code", "lot", "on_hand", "reserved")),
    sa.column("counted_at", storage.columns.UtcTime()),
)
MOVEMENT = sa.table(
    "stock_movement",
    *map(sa.column, ("balance_id", "kind", "on_hand", "reserved", "reason", "who")),
    sa.column("at", storage.columns.UtcTime()),
)
OLD = sa.table(
    "stock", *map(sa.column, ("product_code", "on_hand")), sa.column("counted_at", storage.columns.UtcTime())
)
PRODUCT = sa.table("product", sa.column("code"), sa.column("pack_size"))


def upgrade() -> None:
    op.create_table(
        "stock_balance",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("product_code", sa.String(), nullable=False),
        sa.Column("lot", sa.String(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", storage.columns.UtcTime(), nullable=False),
        sa.CheckConstraint("reserved >= 0 AND reserved <= on_hand", name="ck_stock_balance_reserved"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("product_code", "lot"),
    )
    op.create_table(
        "stock_hold",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("record_id", storage.columns.BIG, nullable=False),
        sa.Column("balance_id", storage.columns.BIG, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", storage.columns.UtcTime(), nullable=False),
        sa.Column("changed_at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    held = sa.text("state = 'held'")
    op.create_index("ix_stock_hold_record_id", "stock_hold", ["record_id"])
    op.create_index("ix_stock_hold_balance_id", "stock_hold", ["balance_id"])
    op.create_index("ix_stock_hold_state", "stock_hold", ["state"])
    op.create_index(
        "ux_stock_hold_held",
        "stock_hold",
        ["record_id", "balance_id"],
        unique=True,
        sqlite_where=held,
        postgresql_where=held,
    )
    op.create_table(
        "stock_movement",
        sa.Column("id", storage.columns.BIG, nullable=False),
        sa.Column("balance_id", storage.columns.BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("hold_id", storage.columns.BIG, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", storage.columns.UtcTime(), nullable=False),
        sa.Column("inbox_id", storage.columns.BIG, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hold_id", "kind"),
    )
    op.create_index("ix_stock_movement_balance_id", "stock_movement", ["balance_id"])
    op.create_table(
        "stock_alert",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    _take_over(op.get_bind())
    op.drop_table("stock")


def _take_over(connection: sa.Connection) -> None:
    """What was counted in units becomes the first movement of the ledger, in thousandths of a piece."""
    counted = sa.select(OLD, PRODUCT.c.pack_size).outerjoin(PRODUCT, PRODUCT.c.code == OLD.c.product_code)
    for number, row in enumerate(connection.execute(counted.order_by(OLD.c.product_code)).all(), 1):
        try:
            thousandths = int(Decimal(row.on_hand) * (row.pack_size or 1) * 1000)
        except InvalidOperation:
            thousandths = 0
        balance = {"id": number, "product_code": row.product_code, "lot": "", "counted_at": row.counted_at}
        connection.execute(sa.insert(BALANCE).values(**balance, on_hand=thousandths, reserved=0))
        moved = {"kind": "counted", "reason": "", "who": "import", "at": row.counted_at}
        connection.execute(
            sa.insert(MOVEMENT).values(balance_id=number, **moved, on_hand=thousandths, reserved=0)
        )
    if connection.dialect.name == "postgresql":
        connection.execute(
            sa.text(
                "SELECT setval(pg_get_serial_sequence('stock_balance', 'id'),"
                " (SELECT coalesce(max(id), 1) FROM stock_balance), EXISTS (SELECT 1 FROM stock_balance))"
            )
        )


def downgrade() -> None:
    op.create_table(
        "stock",
        sa.Column("product_code", sa.String(), nullable=False),
        sa.Column("on_hand", sa.String(), nullable=False),
        sa.Column("counted_at", storage.columns.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("product_code"),
    )
    for table in ("stock_alert", "stock_movement", "stock_hold", "stock_balance"):
        op.drop_table(table)
