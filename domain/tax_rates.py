"""Rates of value-added tax, as they stand on invoices."""

import re
from datetime import date
from decimal import Decimal

LEGAL = frozenset(Decimal(rate) for rate in ("0", "1", "3", "5", "6", "9", "13"))
UNTIL_2019 = frozenset(Decimal(rate) for rate in ("10", "11", "16", "17"))
"""In force before 1 April 2019, and on invoices of that time only."""

REFORM = date(2019, 4, 1)
WITHOUT_TAX = ("免税", "不征税", "免征", "出口零税率", "普通零税率")
HIDDEN = re.compile(r"\*{1,3}")
"""Three stars stand where the rate may not be told: differential taxation, second-hand goods."""


def percent(words: str) -> Decimal | None:
    """`6%`, `0.06` or `6` → 6; 0 for what is free of tax; None where it says no rate."""
    words = "".join(words.split())
    if words in WITHOUT_TAX:
        return Decimal(0)
    match = re.fullmatch(r"(\d{1,3}(?:\.\d{1,4})?)(%?)", words)
    if match is None:
        return None
    rate = Decimal(match[1])
    return (rate if match[2] or rate >= 1 else rate * 100).normalize()


def is_legal(rate: Decimal, issued: date | None) -> bool:
    return rate in LEGAL or (rate in UNTIL_2019 and issued is not None and issued < REFORM)
