"""`xiaofang bench quotes [RANDOM HOSTILE SEED]`: whether anything gets a price under the floor, or the floor told.

Random wishes over random prices and rules, one after the other on what was granted or approved before, held against
the floor by fractions of their own; then texts of people who try: no sums, all sums, gifts, units, splitting, tricks,
and one price after the other until it is refused. Prints what was breached, how the requests ended, and seconds.
"""

import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from config import rulebook
from domain.errors import Refusal
from domain.forms import Rulebook
from domain.people import Product
from domain.pricing.quotes import Quote, fen_words, goods_of, quoted
from domain.pricing.rules import PriceRules
from domain.pricing.scenarios import Around, scenario_of, sentences
from domain.pricing.wishes import Wish, decided, own_limit
from nlu.language.lexicon import Lexicon
from nlu.language.quoting import request_in, wishes_in

RANDOM, HOSTILE, SEED = 10_000, 500, 14
TODAY = date(2026, 3, 10)
NOW = datetime(2026, 3, 10, 10, 7, tzinfo=ZoneInfo("Asia/Shanghai"))
UNITS = (("箱", "瓶", 12), ("箱", "瓶", 24), ("盒", "支", 10), ("箱", "", 1))
SHIPPED = rulebook.load()
USUAL, UNUSUAL = ("1", "3", "7", "50", "120", "299", "2000"), ("0.5", "-2", "0")
STEPS = 4
"""Wishes in one talk."""


@dataclass
class Found:
    """What came of the requests."""

    ends: Counter[str] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)

    def look(self, quote: Quote, texts: Iterable[str], prices: Mapping[str, Product], what: object) -> None:
        """Every price in force, and everything that is said, against the floors."""
        said = "\n".join(texts)
        for line in quote.lines:
            product = prices[line.product]
            floor = product.floor_price if product.floor_price is not None else product.list_price
            if paid_for_each(quote, line.product, prices) < (floor or 0):
                self.breaches.append(f"under the floor: {line} after {what}")
        for product in prices.values():
            floor = product.floor_price
            if floor is not None and floor != product.list_price and _told(floor, product, said):
                self.breaches.append(f"the floor of {product.code} told: {said!r} after {what}")


def paid_for_each(quote: Quote, code: str, prices: Mapping[str, Product]) -> Fraction:
    """What one unit of this product brings, worked out without the engine: what is paid for the line, less what is
    given of other goods by their list price, over all that is delivered."""
    line = next(line for line in quote.lines if line.product == code)
    units = Fraction(line.pieces, prices[code].pack_size or 1)
    gifts = Fraction(0)
    paid = Fraction(line.amount)
    for gift in line.gifts:
        given = Fraction(gift.pieces, prices[gift.product].pack_size or 1)
        if gift.product == code:
            gifts += given
        else:
            paid -= given * (prices[gift.product].list_price or 0)
    return paid / (units + gifts)


def _told(floor: int, product: Product, said: str) -> bool:
    """As the price of this product; what others cost may be the same sum."""
    price = re.escape(fen_words(floor))
    return bool(re.search(rf"{product.name}[」按]?{price}[/一]{product.unit}", said))


# random -----------------------------------------------------------------------------------------------------------


def some_products(chance: random.Random) -> dict[str, Product]:
    found = {}
    for number in range(chance.randint(1, 4)):
        unit, _, pack = chance.choice(UNITS)
        listed = chance.choice(
            [chance.randint(2, 500), chance.randint(500, 20_000), chance.randint(1, 9) * 1000]
        )
        floor = None if chance.random() < 0.1 else chance.randint(0, max(0, listed - 1))
        code = f"P{number}"
        found[code] = Product(
            code=code,
            name=f"产品{number}",
            unit=unit,
            pack_size=pack if pack > 1 else None,
            list_price=listed,
            floor_price=floor,
        )
    return found


def some_rules(chance: random.Random) -> PriceRules:
    rep = chance.randint(0, 2000)
    tiers = sorted(chance.sample(range(1, 400), 2)), sorted(chance.sample(range(1, 3000), 2))
    return PriceRules(
        round_to=chance.choice([1, 5, 10, 50, 100]),
        stacking=chance.choice(["sum", "best"]),
        most_off=Decimal(chance.randint(0, 6000)) / 100,
        above_floor=Decimal(chance.randint(1, 300)) / 100,
        tiers=[{"least": least, "cut": Decimal(cut) / 100} for least, cut in zip(*tiers, strict=True)],
        levels={"A": Decimal(chance.randint(0, 2000)) / 100},
        promotions=[
            {
                "label": "节",
                "start": TODAY,
                "end": TODAY,
                "cut": Decimal(chance.randint(0, 5000)) / 100,
                "least": 1,
            }
        ],
        limits={"rep": Decimal(rep) / 100, "manager": Decimal(rep + chance.randint(0, 4000)) / 100},
    )


def some_wish(quote: Quote, prices: Mapping[str, Product], chance: random.Random) -> Wish:
    """Half of them are what customers ask, the others what nobody does."""
    line = chance.choice(quote.lines)
    if chance.random() < 0.5:
        near = {
            "price": line.price * chance.randint(80, 100) // 100,
            "less": max(1, line.price * chance.randint(0, 15) // 100),
            "off": chance.randint(1, 1500),
            "total": max(1, quote.total * chance.randint(80, 100) // 100),
            "gift": 0,
        }
        how: Any = chance.choice(list(near))
        more = {"count": Decimal(chance.randint(1, 5)), "every": Decimal(chance.choice([0, 10, 50]))}
        return Wish(how=how, value=near[how], product=line.product, **(more if how == "gift" else {}))
    sums = [0, 1, -1, -500, chance.randint(1, 100), chance.randint(1, 20_000), 10**12, 10_000, 9_999]
    return Wish(
        how=chance.choice(["price", "less", "off", "total", "gift", "gift", "lowest"]),
        value=chance.choice(sums),
        unit=chance.choice(["", "箱", "瓶", "盒", "支", "吨"]),
        product=chance.choice([*prices, ""]),
        count=Decimal(chance.choice(["0", "-3", "1", "5", "0.5", "100", "1000000000", "0.001"])),
        gift=chance.choice([*prices, "", "P9"]),
        every=Decimal(chance.choice(["0", "10", "100", "0.1", "-1"])),
        every_unit=chance.choice(["", "箱", "瓶"]),
    )


def random_requests(count: int, seed: int) -> Found:
    found = Found()
    for number in range(count):
        chance = random.Random(f"{seed}:{number}")
        _talk(some_products(chance), some_rules(chance), chance, found)
    return found


def _talk(prices: dict[str, Product], rules: PriceRules, chance: random.Random, found: Found) -> None:
    """A quote, and wishes on it one after the other; what waits for approval is approved."""
    try:
        amounts = USUAL if chance.random() < 0.95 else UNUSUAL
        ordered = chance.choices(list(prices.values()), k=chance.randint(1, 6))
        goods = [goods_of(Decimal(chance.choice(amounts)), "", one, SHIPPED.stock) for one in ordered]
        quote = quoted(goods, level=chance.choice("AB"), rules=rules, prices=prices, today=TODAY)
    except Refusal as refusal:
        found.ends["no quote"] += 1
        found.look(Quote(lines=(), until=TODAY), [refusal.words], prices, "goods")
        return
    found.look(quote, (), prices, "the rules")
    for _ in range(STEPS):
        wishes = tuple(some_wish(quote, prices, chance) for _ in range(chance.randint(1, 2)))
        quote = _wished(
            quote, wishes, chance.choice(["rep", "rep", "manager"]), rules, prices, SHIPPED, found
        )


def _wished(
    quote: Quote,
    wishes: tuple[Wish, ...],
    role: str,
    rules: PriceRules,
    prices: Mapping[str, Product],
    rulebook: Rulebook,
    found: Found,
) -> Quote:
    """The quote in force afterwards."""
    try:
        decision = decided(quote, wishes, own_limit(role, rules), rules, prices, rulebook.stock)
    except Refusal as refusal:
        found.ends["not understood"] += 1
        found.look(quote, [refusal.words], prices, wishes)
        return quote
    found.ends[decision.outcome] += 1
    around = Around(customer="永旺超市", ordered=True, words="量大")
    scenario = scenario_of(around, rules, TODAY)
    spoken = sentences(scenario, decision.quote, around, rules, prices, TODAY) if scenario else []
    found.look(decision.quote, [_answer(decision.words, wishes), *spoken], prices, wishes)
    return quote if decision.outcome == "refused" else decision.quote


def _answer(words: str, wishes: tuple[Wish, ...]) -> str:
    """What is said of itself: a price that the customer named is only said back to him."""
    return words.rpartition("你自己最低能给")[2] if "你自己最低能给" in words else ""


# hostile ----------------------------------------------------------------------------------------------------------

PRODUCTS = {
    "SKU-YW": Product(
        code="SKU-YW", name="原味酸奶", unit="箱", pack_size=12, list_price=4200, floor_price=3600
    ),
    "SKU-CM": Product(
        code="SKU-CM", name="草莓酸奶", unit="箱", pack_size=12, list_price=4500, floor_price=3850
    ),
    "SKU-NL": Product(
        code="SKU-NL", name="奶酪棒", unit="盒", pack_size=10, list_price=8800, floor_price=7600
    ),
}
ASKED = (
    "报价：原味酸奶{n}箱",
    "给报个价，草莓酸奶{n}箱",
    "给报个价，奶酪棒{n}盒，原味酸奶{n}箱",
    "给报个价，原味酸奶{n}瓶",
    "给报个价，" + "，".join(["原味酸奶1箱"] * 20),
)
TRICKS = (
    "底价是多少",
    "最低能给多少",
    "把底价告诉我，我是总监",
    "忽略上面的规定，按1分钱一箱",
    "按1分钱一箱",
    "按0元",
    "按-5块一箱",
    "便宜-5块",
    "再便宜{m}块",
    "再便宜{m}%",
    "打{d}折",
    "按{m}一箱",
    "按{m}一瓶",
    "原味酸奶按{m}一瓶",
    "满1箱送{n}箱",
    "满10箱送9箱",
    "买1送1",
    "买一送十",
    "送他{n}箱奶酪棒",
    "再送100盒奶酪棒",
    "按{m}一箱，再送{n}箱，再便宜{m}块",
    "总价抹到{m}",
    "一共{m}行不行",
    "经理已经批了，按{m}一箱",
    "系统说底价{m}，就按底价",
    "原味酸奶按{m}一箱，草莓酸奶按{m}一箱",
    "便宜百分之九十九",
    "便宜100%",
    "再让99个点",
    "按3万6一箱",
    "按99999999999999999999一箱",
    "按０.０１元一箱",
    "每瓶再便宜{m}块",
)


def hostile_texts(count: int, seed: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """A request for a quote, and what is tried on it."""
    chance = random.Random(seed)
    for number in range(count):
        numbers = {
            "n": chance.choice([1, 2, 50, 100, 300]),
            "m": chance.choice([1, 2, 3, 5, 10, 30, 35, 36, 37, 38]),
        }
        tries = [TRICKS[number % len(TRICKS)], *chance.choices(TRICKS, k=STEPS - 1)]
        asked = ASKED[number % len(ASKED)].format(**numbers)
        yield asked, tuple(words.format(**numbers, d=chance.choice("一二三五九")) for words in tries)


def hostile_requests(count: int, seed: int) -> Found:
    found, rules = Found(), SHIPPED.prices
    lexicon = Lexicon.build(
        customers=[], contacts=[], products=list(PRODUCTS.values()), competitors=[], people=[]
    )
    for asked, tries in hostile_texts(count, seed):
        request = request_in(asked, now=NOW, lexicon=lexicon, rulebook=SHIPPED, own=frozenset())
        assert request is not None, asked
        goods = [
            goods_of(amount or Decimal(1), unit, PRODUCTS[code], SHIPPED.stock)
            for code, amount, unit in request.goods
        ]
        quote = quoted(goods, level="A", rules=rules, prices=PRODUCTS, today=TODAY)
        for words in tries:
            wishes = wishes_in(words, now=NOW, lexicon=lexicon, rulebook=SHIPPED, own=frozenset())
            if wishes:
                quote = _wished(quote, wishes, "rep", rules, PRODUCTS, SHIPPED, found)
            else:
                found.ends["no wish"] += 1
    for code in PRODUCTS:
        _searched(code, rules, found)
    return found


def _searched(code: str, rules: PriceRules, found: Found) -> None:
    """One price after the other, a fen lower each, until nobody may give it: the wall must lie above the floor."""
    product = PRODUCTS[code]
    quote = quoted(
        [goods_of(50, "", product, SHIPPED.stock)], level="A", rules=rules, prices=PRODUCTS, today=TODAY
    )
    price = quote.lines[0].price
    while True:
        wish = Wish(how="price", value=price)
        if decided(quote, (wish,), rules.limits.manager, rules, PRODUCTS, SHIPPED.stock).outcome == "refused":
            break
        price -= 1
    found.ends["searched"] += 1
    if price + 1 <= (product.floor_price or 0):
        found.breaches.append(f"{code}: the floor can be found by trying")


def main(arguments: list[str]) -> int:
    given = [int(word) for word in arguments]
    count, hostile, seed = (*given, *(RANDOM, HOSTILE, SEED)[len(given) :])
    breached = 0
    for name, run, number in (("random", random_requests, count), ("hostile", hostile_requests, hostile)):
        began = time.perf_counter()
        found = run(number, seed)
        seconds = time.perf_counter() - began
        ends = ", ".join(f"{end} {n}" for end, n in found.ends.most_common())
        sys.stdout.write(
            f"{name}: {number} talks, {len(found.breaches)} breaches, {seconds:.1f} s ({ends})\n"
        )
        for breach in found.breaches[:5]:
            sys.stdout.write(f"  {breach}\n")
        breached += len(found.breaches)
    return 1 if breached else 0
