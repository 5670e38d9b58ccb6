"""One defect for each check: a clean invoice, changed in that one respect and sound in all others."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from bot.benchmarks.invoices import WAYS, Invoice, Row, as_ofd, as_xml, capitals, tax_id
from domain.checks import CheckCode
from domain.tax_ids import ALPHABET
from domain.tax_rates import percent
from nlu.senses.checks.amounts import due

Defect = Callable[[Invoice, random.Random, date], Invoice]
CENT = Decimal("0.01")


def summed(made: Invoice, rows: tuple[Row, ...], chance: random.Random) -> Invoice:
    """The same invoice with these lines and the sums that they make."""
    net = sum((row.net for row in rows), Decimal(0))
    tax = sum((row.tax for row in rows), Decimal(0))
    return totalled(replace(made, rows=rows, net=net, tax=tax), net + tax, chance)


def totalled(made: Invoice, total: Decimal, chance: random.Random) -> Invoice:
    return replace(made, total=total, capital=capitals(total, chance))


def _some(chance: random.Random, most: int = 50_000) -> Decimal:
    """2 fen or more, up or down."""
    return chance.choice((-1, 1)) * Decimal(chance.randint(2, most)) / 100


def tax_of_a_line(made: Invoice, chance: random.Random, now: date) -> Invoice:
    first, *others = made.rows
    tax = due(first.net, percent(first.rate) or Decimal(0))
    return summed(made, (replace(first, tax=tax + _some(chance)), *others), chance)


def total(made: Invoice, chance: random.Random, now: date) -> Invoice:
    return totalled(made, made.total + abs(_some(chance)), chance)


def a_line(made: Invoice, chance: random.Random, now: date) -> Invoice:
    first, *others = made.rows
    return replace(made, rows=(replace(first, net=first.net + _some(chance)), *others))


def capital(made: Invoice, chance: random.Random, now: date) -> Invoice:
    return replace(made, capital=capitals(made.total + abs(_some(chance, 5_000_000)), chance))


def rate(made: Invoice, chance: random.Random, now: date) -> Invoice:
    words = chance.choice(("2%", "4%", "7%", "8%", "10%", "12%", "16%", "17%", "19%"))
    first, *others = made.rows
    changed = replace(first, rate=words, tax=due(first.net, percent(words) or Decimal(0)))
    return summed(made, (changed, *others), chance)


def _misspelt(number: str, chance: random.Random) -> str:
    place = chance.randrange(len(number))
    other = chance.choice([char for char in ALPHABET if char != number[place]])
    return number[:place] + other + number[place + 1 :]


def seller_id(made: Invoice, chance: random.Random, now: date) -> Invoice:
    return replace(made, seller_id=_misspelt(made.seller_id, chance))


def buyer_id(made: Invoice, chance: random.Random, now: date) -> Invoice:
    return replace(made, buyer_id=_misspelt(made.buyer_id, chance))


def another_buyer(made: Invoice, chance: random.Random, now: date) -> Invoice:
    return replace(made, buyer_id=tax_id(chance))


def title(made: Invoice, chance: random.Random, now: date) -> Invoice:
    place = chance.randrange(len(made.buyer))
    shorter = made.buyer[:place] + made.buyer[place + 1 :]
    return replace(made, buyer=chance.choice((shorter, made.buyer + "分公司", f"{made.buyer}（个人）")))


def _on(made: Invoice, day: date) -> Invoice:
    return replace(made, day=day, number=f"{day:%y}{made.number[2:]}")


def future(made: Invoice, chance: random.Random, now: date) -> Invoice:
    return _on(made, now + timedelta(days=chance.randint(1, 400)))


def stale(made: Invoice, chance: random.Random, now: date) -> Invoice:
    return _on(made, now - timedelta(days=chance.randint(181, 1500)))


def year(made: Invoice, chance: random.Random, now: date) -> Invoice:
    other = made.day.year % 100 + chance.choice((-3, -2, -1, 1, 2))
    return replace(made, number=f"{other:02d}{made.number[2:]}")


def again(made: Invoice, chance: random.Random, now: date) -> Invoice:
    return made


def split(made: Invoice, chance: random.Random, now: date) -> Invoice:
    sequence = int(made.number[5:]) + chance.choice((-1, 1)) * chance.randint(1, 20)
    return replace(made, number=f"{made.number[:5]}{sequence:015d}")


def red(made: Invoice, chance: random.Random, now: date) -> Invoice:
    rows = tuple(replace(row, net=-row.net, tax=-row.tax) for row in made.rows)
    return summed(made, rows, chance)


def coded(made: Invoice, number: str = "", amount: Decimal | None = None, day: date | None = None) -> Invoice:
    """With a QR code that says the same, but for what is given."""
    words = f"01,32,,{number or made.number},{amount or made.total:.2f},{day or made.day:%Y%m%d},,3C1A"
    return replace(made, qr=words)


def code_number(made: Invoice, chance: random.Random, now: date) -> Invoice:
    return coded(made, number=f"{made.number[:5]}{chance.randrange(10**15):015d}")


def code_amount(made: Invoice, chance: random.Random, now: date) -> Invoice:
    return coded(made, amount=made.total + made.net + abs(_some(chance)))


def code_day(made: Invoice, chance: random.Random, now: date) -> Invoice:
    return coded(made, day=made.day - timedelta(days=chance.randint(1, 300)))


DEFECTS: dict[CheckCode, Defect] = {
    "tax_arithmetic": tax_of_a_line,
    "total_arithmetic": total,
    "lines_sum": a_line,
    "capital_mismatch": capital,
    "seller_tax_id_checksum": seller_id,
    "buyer_tax_id_checksum": buyer_id,
    "buyer_title_other": title,
    "buyer_tax_id_mismatch": another_buyer,
    "future_date": future,
    "duplicate_number": again,
    "number_year_mismatch": year,
    "illegal_rate": rate,
    "split_bill": split,
    "stale_date": stale,
    "cancelled": red,
    "qr_number_mismatch": code_number,
    "qr_amount_mismatch": code_amount,
    "qr_date_mismatch": code_day,
}

AFTER_A_SOUND_ONE: frozenset[CheckCode] = frozenset({"duplicate_number", "split_bill"})
"""Defects that only show beside the invoice that was there before."""

_STRUCTURED = (as_xml, as_ofd)
READABLE_IN: dict[CheckCode, tuple[Callable[[Invoice], bytes], ...]] = {
    # The rate and tax of each line stand in the data, the text of the page is not taken apart that far.
    "tax_arithmetic": _STRUCTURED,
    "illegal_rate": _STRUCTURED,
    **dict.fromkeys(("qr_number_mismatch", "qr_amount_mismatch", "qr_date_mismatch"), (as_ofd,)),
}


def ways_for(code: CheckCode) -> tuple[Callable[[Invoice], bytes], ...]:
    return READABLE_IN.get(code, WAYS)
