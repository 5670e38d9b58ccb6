"""What a customer wants beyond the quote, and whether it may be given: at once, with the manager's approval, or not.

Whatever the wish is made of, in the end one number counts: what is paid for each unit that is delivered, gifts
included. It is held against the limits, which lie on the price by the rules and not on the last one: wishes that come
one after the other do not add up behind them.
"""

from decimal import Decimal
from typing import Literal

from domain.errors import Refusal
from domain.people import Product
from domain.pricing.quotes import (
    WHOLE,
    Gift,
    Prices,
    Quote,
    QuoteLine,
    fen_words,
    goods_of,
    reduced,
    up_to,
    wall_of,
)
from domain.pricing.rules import PriceRules, points
from domain.stock import StockRules, pieces_in
from domain.values import Value

How = Literal["price", "less", "off", "total", "gift", "lowest"]
Outcome = Literal["granted", "approval", "refused"]


class Wish(Value):
    """`value` is fen for `price`, `less` (for one `unit`) and `total`, basis points for `off`; `lowest` asks how low
    it may go. `product` is a code; empty where it goes without saying."""

    how: How
    value: int = 0
    unit: str = ""
    product: str = ""
    count: Decimal = Decimal(0)
    """Of a gift, in `unit`."""
    gift: str = ""
    """The product that is given; empty for the same one."""
    every: Decimal = Decimal(0)
    """Of a gift: for each so many of the bought product (满100箱送5箱); 0 for once."""
    every_unit: str = ""


class Decision(Value):
    outcome: Outcome
    quote: Quote
    """As it would be with what is wished; where that is refused, the lowest that whoever asks may give by himself."""
    words: str
    """To the rep, without a floor in it."""


def decided(
    quote: Quote,
    wishes: tuple[Wish, ...],
    own: Decimal,
    rules: PriceRules,
    prices: Prices,
    units: StockRules,
) -> Decision:
    """`own` is how many percent below the rules whoever asks may go by himself (`own_limit`). `quote` is in force.

    Raises Refusal where a wish cannot be worked out: nothing is guessed."""
    nearest = lowest(quote, own, rules, prices)
    if any(wish.how == "lowest" for wish in wishes):
        return Decision(outcome="refused", quote=nearest, words=f"底价不外报。{_may_give(nearest)}")
    wished = quote
    for wish in wishes:
        wished = _APPLIED[wish.how](wished, wish, rules, prices, units)
    wanted = "；".join(_in_words(line) for line in _changed(quote, wished)) or "这个价"
    if holds(wished, own, rules, prices):
        return Decision(outcome="granted", quote=wished, words=f"可以给：{wanted}。")
    if holds(wished, rules.limits.manager, rules, prices):
        return Decision(outcome="approval", quote=wished, words=f"{wanted}，要上级批。")
    return Decision(outcome="refused", quote=nearest, words=f"{wanted}，这个给不了。{_may_give(nearest)}")


def own_limit(role: str, rules: PriceRules) -> Decimal:
    return rules.limits.manager if role in ("manager", "director") else rules.limits.rep


def lowest(quote: Quote, own: Decimal, rules: PriceRules, prices: Prices) -> Quote:
    """Every line at the lowest price that he may give by himself, without gifts; what was approved before stands."""
    lines = []
    for line in quote.lines:
        price = limit_of(line, own, rules, prices[line.product])
        lines.append(line.model_copy(update={"price": min(line.price, price), "gifts": ()}))
    return quote.model_copy(update={"lines": tuple(lines)})


def limit_of(line: QuoteLine, limit: Decimal, rules: PriceRules, product: Product) -> int:
    return max(reduced(line.standard, points(limit), rules.round_to), wall_of(product, rules))


def holds(quote: Quote, limit: Decimal, rules: PriceRules, prices: Prices) -> bool:
    """Whether every line is paid what it must be. Of a product that is sold no more nothing is known to be enough."""
    return all(
        line.product in prices and line.pays(limit_of(line, limit, rules, prices[line.product]))
        for line in quote.lines
    )


def _changed(before: Quote, after: Quote) -> list[QuoteLine]:
    return [new for old, new in zip(before.lines, after.lines, strict=True) if old != new]


def _in_words(line: QuoteLine) -> str:
    gifts = "".join(f"，送{_count(gift, line)}" for gift in line.gifts)
    return f"「{line.name}」{fen_words(line.price)}/{line.unit}{gifts}"


def _count(gift: Gift, line: QuoteLine) -> str:
    if gift.product != line.product:
        return f"价值 {fen_words(gift.value)} 的赠品"
    whole, left = divmod(gift.pieces, line.pack)
    return f"{whole}{line.unit}" if not left else f"{gift.pieces} 个单件"


def _may_give(nearest: Quote) -> str:
    prices = "；".join(f"「{line.name}」{fen_words(line.price)}/{line.unit}" for line in nearest.lines)
    return f"你自己最低能给：{prices}。"


# how each kind of wish changes a quote ----------------------------------------------------------------------------


def _meant(quote: Quote, product: str) -> tuple[QuoteLine, ...]:
    """The lines that a wish is about."""
    found = tuple(line for line in quote.lines if not product or line.product == product)
    if not found:
        raise Refusal("这个产品不在这份报价里，先把它报进来再谈价。")
    return found


def _only(quote: Quote, product: str) -> QuoteLine:
    found = _meant(quote, product)
    if len(found) > 1:
        names = "、".join(f"「{line.name}」" for line in found)
        raise Refusal(f"这份报价有 {len(found)} 个产品：{names}，说一下是哪一个的价。")
    return found[0]


def _with(quote: Quote, *lines: QuoteLine) -> Quote:
    new = {line.product: line for line in lines}
    return quote.model_copy(update={"lines": tuple(new.get(line.product, line) for line in quote.lines)})


def _priced(line: QuoteLine, price: int) -> QuoteLine:
    """Raises Refusal for what is no price of this product at all."""
    if price <= 0:
        raise Refusal("价格要大于 0，没有改。")
    if price > line.list_price:
        raise Refusal(
            f"{fen_words(price)}/{line.unit}比「{line.name}」的标价还高，没有改。"
            "说一下是按什么单位的价，比如“按38一箱”。"
        )
    return line.model_copy(update={"price": price})


def _each(value: int, unit: str, line: QuoteLine, product: Product, units: StockRules) -> int:
    """A sum for one of `unit` as fen for one of the product's own unit. Raises Refusal for other units."""
    if unit in ("", product.unit):
        return value
    pieces = goods_of(1, unit, product, units).pieces
    return value * line.pack // pieces


def _at_price(quote: Quote, wish: Wish, rules: PriceRules, prices: Prices, units: StockRules) -> Quote:
    line = _only(quote, wish.product)
    return _with(quote, _priced(line, _each(wish.value, wish.unit, line, prices[line.product], units)))


def _less(quote: Quote, wish: Wish, rules: PriceRules, prices: Prices, units: StockRules) -> Quote:
    if wish.value <= 0:
        raise Refusal("便宜多少没有听清，请说一个大于 0 的数。")
    line = _only(quote, wish.product)
    less = _each(wish.value, wish.unit, line, prices[line.product], units)
    return _with(quote, _priced(line, line.price - less))


def _off(quote: Quote, wish: Wish, rules: PriceRules, prices: Prices, units: StockRules) -> Quote:
    if not 0 < wish.value < WHOLE:
        raise Refusal("折扣要在 0 和 100% 之间，没有改。")
    lines = _meant(quote, wish.product)
    return _with(quote, *(_priced(line, reduced(line.price, wish.value, rules.round_to)) for line in lines))


def _at_total(quote: Quote, wish: Wish, rules: PriceRules, prices: Prices, units: StockRules) -> Quote:
    """Every line gives the same part; the sum is not under what was said."""
    if wish.value <= 0:
        raise Refusal("总价要大于 0，没有改。")
    if wish.value > quote.total:
        raise Refusal(f"现在的总价是 {fen_words(quote.total)}，比你说的还低，没有改。")
    return _with(quote, *(_priced(line, -(-line.price * wish.value // quote.total)) for line in quote.lines))


def _given(quote: Quote, wish: Wish, rules: PriceRules, prices: Prices, units: StockRules) -> Quote:
    line = _only(quote, wish.product)
    bought = prices[line.product]
    given = prices.get(wish.gift or line.product)
    if given is None or not given.list_price:
        raise Refusal("赠品没有标价，算不了，请运营在产品资料里补上。")
    pieces = goods_of(wish.count, wish.unit, given, units).pieces
    if wish.every:
        each = goods_of(wish.every, wish.every_unit, bought, units).pieces
        times = line.pieces // each
        if not times:
            raise Refusal(f"现在报的是 {line.pieces // line.pack}{line.unit}，还不到满赠的数量。")
        pieces *= times
    value = up_to(given.list_price * pieces, pieces_in(given)) // pieces_in(given)
    gift = Gift(product=given.code, pieces=pieces, value=value)
    return _with(quote, line.model_copy(update={"gifts": (*line.gifts, gift)}))


_APPLIED = {"price": _at_price, "less": _less, "off": _off, "total": _at_total, "gift": _given}
