"""Alerts: what has to be the case, who is told then, in which words, and once per what. Data, written as YAML."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Literal

from domain.expressions import Expression, ExpressionError, compile
from domain.facts import Names, names_of
from domain.values import Value

if TYPE_CHECKING:
    from domain.forms import Form

FESTIVALS = ("元旦", "春节", "清明", "五一", "端午", "中秋", "国庆")
DAILY = "daily"
PEOPLE = ("owner", "reporter", "manager", "director", "operations", "finance", "admin")
"""Who can be told: the customer's owner, the record's reporter, the manager of whichever of the two it is, a role."""

CUSTOMER_NAMES: Names = {
    **dict.fromkeys(
        (
            "customer",
            "customer.code",
            "customer.level",
            "customer.status",
            "customer.city",
            "customer.district",
        ),
        str,
    ),
    "customer.owner": str,
    "today": date,
    **{f"days_to.{festival}": int for festival in FESTIVALS},
    **{f"growth.{festival}": Decimal for festival in FESTIVALS},
    **dict.fromkeys(("stock_days", "stock", "daily_sales"), Decimal),
    **dict.fromkeys(("stock_product", "stock_unit"), str),
    "stock_age": int,
    **dict.fromkeys(("days_since_visit", "days_since_order", "days_since_stock_check"), int),
    **{f"suggested.{festival}": Decimal for festival in FESTIVALS},
}
"""What an alert about customers may look at. See `domain.stock_cover` for stock and growth."""
RECORD_NAMES: Names = {
    **{
        name: type_
        for name, type_ in CUSTOMER_NAMES.items()
        if name.startswith("customer") or name == "today"
    },
    **dict.fromkeys(("form", "reporter"), str),
}
"""What an alert about records may look at beside the fields of its forms."""

Period = Literal[
    "day", "week", "month", "year", "ever", "元旦", "春节", "清明", "五一", "端午", "中秋", "国庆"
]

_PLACE = re.compile(r"\{([^{}]+)\}")


class Alert(Value):
    key: str
    label: str
    about: Literal["customer", "record"] = "customer"
    triggers: tuple[str, ...] = (DAILY,)
    """`daily`, and the forms whose records set it off as they are saved. About a record: forms alone."""
    when: str
    """A condition (`domain.expressions`) over `CUSTOMER_NAMES`, or over the record's fields and `RECORD_NAMES`."""
    tell: tuple[str, ...] = ("owner",)
    """Of `PEOPLE`, or ids of people."""
    also: tuple[str, ...] = ()
    """Who gets a copy."""
    once_per: Period = "day"
    """A customer is not alerted about twice in that time; a festival counts from one to the next. Of a record: once."""
    words: str
    """With `{name}` for any of the names."""
    off: bool = False

    def names(self, forms: Mapping[str, "Form"]) -> Names:
        if self.about == "customer":
            return CUSTOMER_NAMES
        own = [names_of(forms[key]) for key in self.triggers if key in forms]
        shared = {n: t for n, t in own[0].items() if all(n in names for names in own)} if own else {}
        return {**RECORD_NAMES, **shared}

    def condition(self, forms: Mapping[str, "Form"]) -> Expression:
        """Raises ExpressionError."""
        return compile(self.when, self.names(forms))

    def places(self) -> list[str]:
        """The names that its words hold a place for."""
        return _PLACE.findall(self.words)

    def said(self, facts: Mapping[str, object]) -> str:
        """Its words about these facts; what is not known is said to be."""
        return _PLACE.sub(lambda match: shown(match[1], facts.get(match[1])), self.words)

    def period(self, facts: Mapping[str, object], today: date) -> str:
        """What it is alerted about once for: another value means again."""
        if self.about == "record" or self.once_per == "ever":
            return ""
        if self.once_per in FESTIVALS:
            days = facts.get(f"days_to.{self.once_per}")
            coming = today + timedelta(days=days if isinstance(days, int) else 0)
            return f"{self.once_per}{coming.year}"
        week = today.isocalendar()
        return {
            "day": today.isoformat(),
            "week": f"{week.year}-W{week.week:02}",
            "month": f"{today:%Y-%m}",
            "year": f"{today:%Y}",
        }[self.once_per]


def shown(name: str, value: object) -> str:
    """A fact in words: shares as per cent, numbers without needless places."""
    if value is None:
        return "（未知）"
    if isinstance(value, Decimal):
        if name.startswith("growth."):
            return f"{value * 100:.0f}%"
        if name.startswith("suggested."):
            value = value.to_integral_value(ROUND_CEILING)
        return f"{value.quantize(Decimal('0.1')).normalize():f}"
    return f"{value.month}月{value.day}日" if isinstance(value, date) else str(value)


@dataclass(frozen=True)
class Watch:
    """An alert that is on, with its condition compiled."""

    alert: Alert
    condition: Expression


class Watches:
    """All alerts that are on, found by what sets them off and by the values that they wait for.

    Alerts that cannot be compiled against these forms are left out: `config` has refused them before.
    """

    def __init__(self, alerts: Mapping[str, Alert], forms: Mapping[str, "Form"]) -> None:
        self.all = tuple(_watches(alerts, forms))
        self._open: dict[str, list[Watch]] = defaultdict(list)
        self._waiting: dict[str, dict[str, dict[object, list[Watch]]]] = defaultdict(dict)
        for watch in self.all:
            for trigger in watch.alert.triggers:
                self._put(trigger, watch)

    def _put(self, trigger: str, watch: Watch) -> None:
        if not watch.condition.guards:
            self._open[trigger].append(watch)
            return
        name, values = min(watch.condition.guards, key=lambda guard: len(guard[1]))
        by_value = self._waiting[trigger].setdefault(name, {})
        for value in values:
            by_value.setdefault(value, []).append(watch)

    def needs(self, trigger: str) -> frozenset[str]:
        """The facts that the alerts set off by this look at or speak of."""
        return frozenset(
            name
            for watch in self.all
            if trigger in watch.alert.triggers
            for name in (*watch.condition.names, *watch.alert.places())
        )

    def met(self, trigger: str, facts: Mapping[str, object]) -> Iterator[Alert]:
        """The alerts whose condition holds; one that cannot be worked out over these facts does not."""
        for watch in self._candidates(trigger, facts):
            try:
                if watch.condition(facts):
                    yield watch.alert
            except ExpressionError:
                continue

    def may_meet(self, trigger: str, facts: Mapping[str, object], known: Collection[str]) -> bool:
        """False where none of them can hold, whatever the facts are that are not `known` yet."""
        return any(
            watch.condition.may_hold(facts, known) for watch in self._candidates(trigger, facts, known)
        )

    def _candidates(
        self, trigger: str, facts: Mapping[str, object], known: Collection[str] | None = None
    ) -> Iterator[Watch]:
        """Without those that wait for another value of a known fact."""
        yield from self._open.get(trigger, ())
        for name, by_value in self._waiting.get(trigger, {}).items():
            if known is not None and name not in known:
                yield from {id(watch): watch for watches in by_value.values() for watch in watches}.values()
            elif (value := facts.get(name)) is not None:
                yield from by_value.get(value, ())


def _watches(alerts: Mapping[str, Alert], forms: Mapping[str, "Form"]) -> Iterator[Watch]:
    for alert in alerts.values():
        try:
            if not alert.off:
                yield Watch(alert, alert.condition(forms))
        except ExpressionError:
            continue
