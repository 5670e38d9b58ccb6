"""What is known of customers, as facts for alerts: read for all of them in a few statements."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlmodel import Session

from domain.alerts import FESTIVALS
from domain.forms import Rulebook
from domain.stock_cover import SALES_DAYS, SEASON_DAYS, Moved, cover, growth, suggested
from nlu.language.holidays import festival, next_festival
from storage import alerts
from storage.alerts import Movement

CUSTOMER = (
    "customer",
    "customer.code",
    "customer.level",
    "customer.status",
    "customer.city",
    "customer.district",
)
CHEAP = frozenset({*CUSTOMER, "customer.owner", "today", *(f"days_to.{name}" for name in FESTIVALS)})
"""The facts that cost no look at records."""
STOCK = frozenset({"stock_days", "stock", "daily_sales", "stock_product", "stock_unit", "stock_age"})
SINCE = {"days_since_visit": "visited", "days_since_order": "sold", "days_since_stock_check": "counted"}
COUNTED_WITHIN = 90
"""Days after which a count says nothing any more."""

Facts = dict[str, Any]


@dataclass(frozen=True)
class Day:
    """A day in the company's zone, and the festivals around it."""

    today: date
    zone: tzinfo

    def facts(self) -> Facts:
        coming = {name: next_festival(name, self.today) for name in FESTIVALS}
        return {"today": self.today} | {f"days_to.{n}": (d - self.today).days for n, d in coming.items() if d}

    def last_year(self, name: str) -> date | None:
        """The festival before the coming one: that of the lunar year before, for a lunar one."""
        coming = next_festival(name, self.today)
        return festival(name, coming.year - 1) if coming else None

    def start(self, days_ago: int) -> datetime:
        return self.at(self.today - timedelta(days=days_ago))

    @property
    def end(self) -> datetime:
        """What happened after it is not known yet."""
        return self.at(self.today + timedelta(days=1))

    def at(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)


def of_customers(
    session: Session,
    rules: Rulebook,
    day: Day,
    needs: Collection[str],
    *,
    codes: Collection[str] | None = None,
    worth: Callable[[Facts], bool] = lambda facts: True,
) -> list[Facts]:
    """Facts of all customers, or those of the codes, as far as they are needed.

    `worth` is asked with the `CHEAP` facts first; nothing more is read of customers that are not.
    """
    common = day.facts()
    found = [facts for row in alerts.customers(session, codes) if worth(facts := common | _own(row))]
    wanted = {facts["customer.code"] for facts in found}
    if not found:
        return []
    if set(needs) & SINCE.keys():
        _add_times(session, rules, day, found, wanted)
    seasons = [name for name in FESTIVALS if {f"growth.{name}", f"suggested.{name}"} & set(needs)]
    if set(needs) & STOCK or seasons:
        _add_stock(session, rules, day, found, wanted, seasons)
    return found


def _own(row: Mapping[str, Any]) -> Facts:
    return {
        "customer": row["name"],
        "customer.code": row["code"],
        "customer.level": row["level"] or None,
        "customer.status": row["status"],
        "customer.city": row["city"] or None,
        "customer.district": row["district"] or None,
        "customer.owner": row["owner_id"],
    }


def _telling(rules: Rulebook, what: str) -> list[str]:
    return [form.key for form in rules.forms.values() if form.tells == what]


def _add_times(
    session: Session, rules: Rulebook, day: Day, found: list[Facts], codes: Collection[str] | None
) -> None:
    forms = {name: _telling(rules, what) for name, what in SINCE.items()}
    wanted = {key for keys in forms.values() for key in keys}
    last = alerts.last_times(session, wanted, day.end, codes)
    for facts in found:
        for name, keys in forms.items():
            times = [
                last[(facts["customer.code"], key)] for key in keys if (facts["customer.code"], key) in last
            ]
            if times:
                facts[name] = max((day.today - max(times).astimezone(day.zone).date()).days, 0)


def _add_stock(
    session: Session,
    rules: Rulebook,
    day: Day,
    found: list[Facts],
    codes: Collection[str] | None,
    seasons: list[str],
) -> None:
    """How long stock lasts, and what festivals of last year did to sales of what runs out first."""
    sold, counted = _telling(rules, "sold"), _telling(rules, "counted")
    since = day.start(max(SALES_DAYS, COUNTED_WITHIN))
    moved = alerts.movements(session, [*sold, *counted], since, day.end, day.zone, codes)
    orders, counts = _by_customer(moved, counted)
    for facts in found:
        code = facts["customer.code"]
        left = cover(counts.get(code, ()), orders.get(code, ()), day.today)
        if left is None:
            continue
        facts |= {
            "stock_days": left.days,
            "stock": left.stock,
            "daily_sales": left.daily,
            "stock_product": left.product,
            "stock_unit": left.unit,
            "stock_age": (day.today - left.counted).days,
        }
        facts["cover"] = left
    for name in seasons:
        _add_season(session, day, found, name, sold, codes)


def _add_season(
    session: Session, day: Day, found: list[Facts], name: str, sold: list[str], codes: Collection[str] | None
) -> None:
    last = day.last_year(name)
    if last is None:
        return
    since = day.at(last - timedelta(days=2 * SEASON_DAYS))
    then = alerts.movements(session, sold, since, day.at(last), day.zone, codes)
    orders, _ = _by_customer(then, ())
    for facts in found:
        if left := facts.get("cover"):
            more = growth(orders.get(facts["customer.code"], ()), left.product, left.unit, last)
            facts[f"growth.{name}"] = more
            facts[f"suggested.{name}"] = suggested(left, more, facts[f"days_to.{name}"])


def _by_customer(
    found: Iterator[Movement], counted: Collection[str]
) -> tuple[dict[str, list[Moved]], dict[str, list[Moved]]]:
    """(orders, counts) of each customer."""
    orders: dict[str, list[Moved]] = defaultdict(list)
    counts: dict[str, list[Moved]] = defaultdict(list)
    for one in found:
        (counts if one.form in counted else orders)[one.customer].append(one.moved)
    return orders, counts
