"""How much of a product there is, and what its amounts are called. Amounts are counted in pieces, exactly.

A piece is what `pack_size` counts (a bottle of a box of twelve); of a product without a pack size, its own unit.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field, model_validator

from domain.errors import Refusal
from domain.people import Product
from domain.values import Value

FINEST = Decimal("0.001")
"""The finest amount that is kept."""


class LowStock(Value):
    """From how much on operations are told, in the product's own unit."""

    default: Decimal = Field(ge=0)
    products: Mapping[str, Decimal] = Field(default_factory=dict)
    """By product code, where it differs."""

    def threshold(self, product: Product) -> Decimal:
        return self.products.get(product.code, self.default) * pieces_in(product)


class StockRules(Value):
    """What sales operations decide about sample stock: `config/stock.yaml`."""

    feedback_days: int = Field(ge=1)
    """After how many days with the customer his opinion is asked for."""
    feedback_asked: int = Field(ge=1)
    """How often it is asked at most."""
    expiring_days: int = Field(ge=0)
    """How many days before a lot expires operations are told."""
    low: LowStock
    pieces: Mapping[str, tuple[str, ...]]
    """By a product's own unit: what one piece of it is called, the usual word first."""

    @model_validator(mode="before")
    @classmethod
    def _one_clock(cls, told: Any) -> Any:
        if isinstance(told, Mapping) and "hold_hours" in told:
            raise ValueError(
                "hold_hours 已经不用了：没人审批多久作废，写在 flows/sample_request.yaml 审批步骤的"
                " lapse_after（小时，休息日不算），请删掉这一行"
            )
        return told


class Lot(Value):
    """What lies together. `lot` is empty where the company keeps no lots."""

    id: int
    product: str
    lot: str = ""
    expires_on: date | None = None
    on_hand: Decimal
    reserved: Decimal

    @property
    def free(self) -> Decimal:
        return self.on_hand - self.reserved


class Balance(Value):
    """A product's stock on a day, over all lots. What has expired is on hand, but not to be had."""

    on_hand: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)
    available: Decimal = Decimal(0)


def balance_of(lots: list[Lot], today: date) -> Balance:
    good = [lot for lot in lots if lot.expires_on is None or lot.expires_on >= today]
    return Balance(
        on_hand=sum((lot.on_hand for lot in lots), Decimal(0)),
        reserved=sum((lot.reserved for lot in lots), Decimal(0)),
        available=sum((lot.free for lot in good), Decimal(0)),
    )


def shares(lots: list[Lot], amount: Decimal, today: date) -> list[tuple[Lot, Decimal]]:
    """Which lots give how much, in their order; empty where they have too little."""
    parts: list[tuple[Lot, Decimal]] = []
    for lot in lots:
        if lot.free > 0 and amount > 0 and (lot.expires_on is None or lot.expires_on >= today):
            parts.append((lot, min(lot.free, amount)))
            amount -= parts[-1][1]
    return parts if amount <= 0 else []


def pieces_in(product: Product) -> int:
    """How many pieces one unit of the product is."""
    return product.pack_size or 1


def in_pieces(quantity: Any, unit: str, product: Product, rules: StockRules) -> Decimal:
    """An amount as it was said, in pieces. Raises Refusal for a unit that the product is not kept in, a part of a
    piece, and nothing at all."""
    said = Decimal(str(quantity))
    words = f"{said.normalize():f}{unit}"
    per_unit = Decimal(pieces_in(product))
    if unit in ("", product.unit):
        amount = said * per_unit
    elif product.pack_size and unit in rules.pieces.get(product.unit, ()):
        amount = said
    else:
        units = "或".join(dict.fromkeys((product.unit, *_piece(product, rules))))
        raise Refusal(f"「{product.name}」按{units}算，“{words}”不知道是多少，请用{units}再说一次数量。")
    if amount <= 0:
        raise Refusal(f"数量要大于 0，现在是“{words}”。")
    if product.pack_size and amount != amount.to_integral_value():
        raise Refusal(
            f"「{product.name}」一{product.unit}是 {product.pack_size}{_piece_word(product, rules)}，"
            f"“{words}”合 {amount.normalize():f}{_piece_word(product, rules)}，不是整数，请换个数量。"
        )
    return amount


def in_words(amount: Decimal, product: Product, rules: StockRules) -> str:
    """An amount in whole units and the pieces left over: `3箱5瓶`."""
    if not product.pack_size or amount < 0:
        return f"{(amount / pieces_in(product)).normalize():f}{product.unit}"
    whole, left = divmod(amount, pieces_in(product))
    if not left:
        return f"{whole:f}{product.unit}"
    pieces = f"{left.normalize():f}{_piece_word(product, rules)}"
    return f"{whole:f}{product.unit}{pieces}" if whole else pieces


def whole_part(amount: Decimal, product: Product, rules: StockRules) -> str:
    """The most of it that can be asked for in one unit: `3箱` of 3 boxes and 5 bottles; empty where there is none."""
    whole = amount // pieces_in(product)
    if whole:
        return f"{whole:f}{product.unit}"
    pieces = amount // 1
    return f"{pieces:f}{_piece_word(product, rules)}" if pieces and product.pack_size else ""


def _piece(product: Product, rules: StockRules) -> tuple[str, ...]:
    return rules.pieces.get(product.unit, ())[:1] if product.pack_size else ()


def _piece_word(product: Product, rules: StockRules) -> str:
    return next(iter(_piece(product, rules)), "件")
