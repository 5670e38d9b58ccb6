"""How long a customer's stock lasts, and how much more was sold before a festival last year.

Sales to a shop are known from its orders, its stock from counts. Quantities are compared only in one unit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

SALES_DAYS = 60
"""Days over which daily sales are taken."""
SEASON_DAYS = 30
"""Days before a festival that are compared with as many days before them."""
LEAST_ORDERS = 2
"""Fewer orders tell no daily sales."""


class Moved(NamedTuple):
    """Some of a product ordered, or counted on the shelf, on a day."""

    product: str
    unit: str
    quantity: Decimal
    day: date


@dataclass(frozen=True)
class Cover:
    """What is left of one product at one customer's."""

    product: str
    unit: str
    stock: Decimal
    """As last counted."""
    counted: date
    daily: Decimal
    days: Decimal
    """That the stock lasts from today on; sold and delivered since the count is reckoned in."""


def cover(counts: Iterable[Moved], orders: Iterable[Moved], today: date) -> Cover | None:
    """The product of which the stock lasts shortest, None where no product has both a count and enough orders."""
    latest: dict[str, Moved] = {}
    for count in counts:
        if count.product not in latest or count.day >= latest[count.product].day:
            latest[count.product] = count
    ordered = [order for order in orders if order.day <= today]
    found = [one for count in latest.values() if (one := _cover(count, ordered, today))]
    return min(found, key=lambda one: (one.days, one.product), default=None)


def _cover(count: Moved, orders: list[Moved], today: date) -> Cover | None:
    since = today - timedelta(days=SALES_DAYS)
    own = [o for o in orders if o.product == count.product and o.unit == count.unit]
    late = [o for o in own if o.day > since]
    sold = sum((o.quantity for o in late), Decimal(0))
    if len(late) < LEAST_ORDERS or sold <= 0:
        return None
    daily = sold / SALES_DAYS
    delivered = sum((o.quantity for o in own if o.day > count.day), Decimal(0))
    left = count.quantity + delivered - daily * (today - count.day).days
    days = max(left, Decimal(0)) / daily
    return Cover(count.product, count.unit, count.quantity, count.day, daily, days)


def growth(orders: Iterable[Moved], product: str, unit: str, festival: date) -> Decimal | None:
    """How much more of the product was ordered in the days before `festival` than in as many days before them:
    0.25 for a quarter more. None where nothing was ordered in either."""
    season, before = festival - timedelta(days=SEASON_DAYS), festival - timedelta(days=2 * SEASON_DAYS)
    own = [o for o in orders if o.product == product and o.unit == unit]
    in_season = sum((o.quantity for o in own if season <= o.day < festival), Decimal(0))
    usual = sum((o.quantity for o in own if before <= o.day < season), Decimal(0))
    return in_season / usual - 1 if in_season and usual else None


def suggested(found: Cover, more: Decimal | None, days: int) -> Decimal:
    """What would have to be ordered for the stock to last until the festival at last year's pace; never negative."""
    wanted = found.daily * (1 + max(more or Decimal(0), Decimal(0))) * days
    return max(wanted - found.days * found.daily, Decimal(0))
