"""A quote by the rules: every line with its price, what it is and why.

A unit is the product's own (箱), a piece what its pack counts (瓶). The floor is looked at here and stands in no value
that leaves this package.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from domain.errors import Refusal
from domain.people import Product
from domain.pricing.rules import PriceRules, points
from domain.stock import StockRules, in_pieces, in_words, pieces_in
from domain.values import Value

WHOLE = 10_000
"""Basis points."""
MOST_UNITS = 1_000_000
"""More of one product than anybody sells at once: a slip of the tongue."""
Prices = Mapping[str, Product]


class Goods(Value):
    product: str
    pieces: int


class Gift(Value):
    product: str
    pieces: int
    value: int
    """Fen, by the list price."""


class QuoteLine(Value):
    """`price`, `standard` and `list_price` are fen for one unit, `amount` is fen for all of it."""

    product: str
    name: str
    unit: str
    pack: int
    pieces: int
    list_price: int
    standard: int
    """By the rules alone."""
    price: int
    why: tuple[str, ...] = ()
    gifts: tuple[Gift, ...] = ()

    @property
    def amount(self) -> int:
        """Rounded up: a fen less would be under the price."""
        return -(-self.price * self.pieces // self.pack)

    @property
    def effective(self) -> tuple[int, int]:
        """What is paid for what is delivered, gifts counted, as (fen times pack, pieces): exact."""
        same = sum(gift.pieces for gift in self.gifts if gift.product == self.product)
        others = sum(gift.value for gift in self.gifts if gift.product != self.product)
        return (self.amount - others) * self.pack, self.pieces + same

    def pays(self, price: int) -> bool:
        """Whether not less than this price is paid for each unit that is delivered."""
        paid, pieces = self.effective
        return paid >= price * pieces

    @property
    def below_standard(self) -> Decimal:
        """In percent, by the effective price, rounded up to a tenth."""
        paid, pieces = self.effective
        missing = self.standard * pieces - paid
        return Decimal(-(-1000 * missing // (self.standard * pieces))) / 10 if missing > 0 else Decimal(0)


class Quote(Value):
    lines: tuple[QuoteLine, ...]
    until: date
    """The last day on which it holds."""

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)


def fen_words(fen: int) -> str:
    """4030 → 40.3元"""
    return f"{Decimal(fen) / 100:f}元" if fen % 10 else f"{Decimal(fen) / 100:.1f}元".replace(".0元", "元")


def goods_of(said: Decimal | float, unit: str, product: Product, units: StockRules) -> Goods:
    """Raises Refusal for a unit that the product is not sold in, what is no whole number of pieces, and amounts that
    nobody means."""
    pieces = in_pieces(said, unit, product, units)
    if pieces != pieces.to_integral_value():
        raise Refusal(f"「{product.name}」要按整{product.unit}报价，请换个数量。")
    if pieces > MOST_UNITS * pieces_in(product):
        raise Refusal(f"「{product.name}」的数量太大了，请核对一下是不是说错了。")
    return Goods(product=product.code, pieces=int(pieces))


def quoted(goods: Iterable[Goods], *, level: str, rules: PriceRules, prices: Prices, today: date) -> Quote:
    """The price of each product by the rules. The same product in several lines is one line.

    Raises Refusal where a product has no price that can be quoted.
    """
    together: dict[str, int] = {}
    for one in goods:
        together[one.product] = together.get(one.product, 0) + one.pieces
    if not together:
        raise Refusal("要报什么产品、多少？比如“给永旺望京店报个价，原味酸奶50箱”。")
    lines = tuple(_line(prices[code], pieces, level, rules, today) for code, pieces in together.items())
    return Quote(lines=lines, until=today + timedelta(days=rules.valid_days))


def _line(product: Product, pieces: int, level: str, rules: PriceRules, today: date) -> QuoteLine:
    wall, listed, pack = wall_of(product, rules), product.list_price or 0, pieces_in(product)
    found = _reductions(product, pieces // pack, level, rules, today)
    off = sum(points(off) for _, off in found)
    standard = max(reduced(listed, min(off, points(rules.most_off)), rules.round_to), wall)
    return QuoteLine(
        product=product.code,
        name=product.name,
        unit=product.unit,
        pack=pack,
        pieces=pieces,
        list_price=listed,
        standard=standard,
        price=standard,
        why=tuple(why for why, _ in found) if standard < listed else (),
    )


def _reductions(
    product: Product, units: int, level: str, rules: PriceRules, today: date
) -> list[tuple[str, Decimal]]:
    """Everything by which this is cheaper than the list, and by how many percent."""
    found: list[tuple[str, Decimal]] = []
    reached = [tier for tier in rules.tiers_of(product.code) if units >= tier.least]
    if reached:
        found.append((f"满{reached[-1].least}{product.unit}优惠", reached[-1].cut))
    if off := rules.levels.get(level):
        found.append((f"{level}级客户优惠", off))
    running = [p for p in rules.promotions if p.holds(product.code, units, today)]
    if running:
        best = max(running, key=lambda p: p.cut)
        found.append((f"{best.label}（到{best.end.month}月{best.end.day}日）", best.cut))
    found = [(why, off) for why, off in found if off]
    return found if rules.stacking == "sum" else sorted(found, key=lambda one: -one[1])[:1]


def reduced(price: int, off: int, step: int) -> int:
    """So many basis points less, rounded up to a multiple of `step`, and never more than it was."""
    less = -(-price * (WHOLE - off) // WHOLE)
    return min(price, up_to(less, step))


def up_to(price: int, step: int) -> int:
    return -(-price // step) * step


def wall_of(product: Product, rules: PriceRules) -> int:
    """The lowest price that anybody may give, a little above the floor. Of a product without a floor nothing is known
    to be safe but the list price.

    Raises Refusal where there is no list price, or one that cannot be right.
    """
    listed, floor = product.list_price, product.floor_price
    if not listed:
        raise Refusal(f"「{product.name}」还没有标价，报不了。请运营在产品资料里补上。")
    if floor is None:
        return listed
    if floor > listed:
        raise Refusal(f"「{product.name}」的价格资料不对，先别报价，请运营核对产品资料。")
    return min(listed, up_to(-(-floor * (WHOLE + points(rules.above_floor)) // WHOLE), rules.round_to))


def amount_words(line: QuoteLine, product: Product, units: StockRules) -> str:
    return in_words(Decimal(line.pieces), product, units)
