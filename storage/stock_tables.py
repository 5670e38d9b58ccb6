"""The tables of sample stock: what there is, who holds how much of it, and every movement that led there."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Dialect, Index, TypeDecorator, UniqueConstraint, text
from sqlmodel import Field

from storage.columns import BIG, Row, identity, long_text, moment

THOUSAND = 1000
HELD = text("state = 'held'")


class Amount(TypeDecorator[Decimal]):
    """A number of pieces, exact to the thousandth: SQLite has no decimals, so that thousandths are counted."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        thousandths = value * THOUSAND
        if thousandths != thousandths.to_integral_value():
            raise ValueError(f"an amount of {value} pieces cannot be stored: it is finer than a thousandth")
        return int(thousandths)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value) / THOUSAND


def amount() -> Any:
    return Field(sa_type=Amount, nullable=False)


class StockBalanceRow(Row, table=True):
    """A lot of a product in pieces, as the sum of its movements. Changed by conditional updates alone."""

    __tablename__ = "stock_balance"
    __table_args__ = (
        UniqueConstraint("product_code", "lot"),
        CheckConstraint("reserved >= 0 AND reserved <= on_hand", name="ck_stock_balance_reserved"),
    )

    id: int | None = identity()
    product_code: str
    lot: str = ""
    expires_on: date | None = None
    on_hand: Decimal = amount()
    reserved: Decimal = amount()
    counted_at: datetime = moment()


class StockHoldRow(Row, table=True):
    """A part of a lot that a record holds. States: held, released; issued, received, returned."""

    __tablename__ = "stock_hold"
    __table_args__ = (
        Index(
            "ux_stock_hold_held",
            "record_id",
            "balance_id",
            unique=True,
            sqlite_where=HELD,
            postgresql_where=HELD,
        ),
    )

    id: int | None = identity()
    record_id: int = Field(sa_type=BIG, index=True)
    balance_id: int = Field(sa_type=BIG, index=True)
    amount: Decimal = amount()
    state: str = Field(default="held", index=True)
    created_at: datetime = moment()
    changed_at: datetime = moment()


class StockMovementRow(Row, table=True):
    """Append-only: what changed a balance. Kinds: counted, reserved, released, issued, returned, adjusted.

    The sums of `on_hand` and `reserved` over a balance's movements are the balance, always.
    """

    __tablename__ = "stock_movement"
    __table_args__ = (UniqueConstraint("hold_id", "kind"),)

    id: int | None = identity()
    balance_id: int = Field(sa_type=BIG, index=True)
    kind: str
    on_hand: Decimal = amount()
    reserved: Decimal = amount()
    hold_id: int | None = Field(default=None, sa_type=BIG)
    reason: str = long_text()
    who: str
    at: datetime = moment()
    inbox_id: int | None = Field(default=None, sa_type=BIG)


class StockAlertRow(Row, table=True):
    """What operations were told and still holds: `low:SKU-CM`, `expiring:12` (a balance). Gone once it is over."""

    __tablename__ = "stock_alert"

    key: str = Field(primary_key=True)
    at: datetime = moment()
