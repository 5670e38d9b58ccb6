"""Prices for tests: two yoghurts by the box of twelve, and rules that are easy to count with."""

from datetime import date
from decimal import Decimal
from typing import Any

from bot.benchmarks.quotes import PRODUCTS, SHIPPED
from domain.pricing.quotes import Quote, goods_of, quoted
from domain.pricing.rules import PriceRules
from domain.pricing.wishes import Decision, Wish, decided

TODAY = date(2026, 3, 10)
PLAIN = PriceRules.model_validate(
    {
        "tiers": [{"least": 50, "cut": 2}, {"least": 100, "cut": 4}],
        "levels": {"A": 1},
        "limits": {"rep": 3, "manager": 8},
    }
)


def quote(*asked: tuple[str, float, str], rules: PriceRules = PLAIN, level: str = "", **given: Any) -> Quote:
    """Of (product, amount, unit)."""
    prices = given.get("prices", PRODUCTS)
    goods = [goods_of(Decimal(str(n)), unit, prices[code], SHIPPED.stock) for code, n, unit in asked]
    return quoted(goods, level=level, rules=rules, prices=prices, today=given.get("today", TODAY))


def wished(base: Quote, *wishes: Wish, rules: PriceRules = PLAIN, own: Decimal | None = None) -> Decision:
    limit = rules.limits.rep if own is None else own
    return decided(base, wishes, limit, rules, PRODUCTS, SHIPPED.stock)
