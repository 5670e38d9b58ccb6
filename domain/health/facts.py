"""What is known of one customer, from what stands on record and from the master data: facts, each with its evidence.

What nobody recorded is no fact: a condition on it does not hold, so it never counts against the customer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from statistics import median

from domain.facts import Names

STATUSES = {"closed": "closed", "competitor_exclusive": "exclusive", "contact_left": "contact_left"}
"""Status of a customer → the fact that it makes."""
NAMES: Names = {
    **dict.fromkeys(("closed", "exclusive", "contact_left", "dormant"), bool),
    **dict.fromkeys(("orders", "days_since_order", "overdue_days", "complaints"), int),
    **dict.fromkeys(("complaint_days", "days_since_seen", "receivable_days"), int),
    **dict.fromkeys(("order_interval", "overdue_amount", "receivable_amount"), Decimal),
    **dict.fromkeys(("level", "contact", "competitor"), str),
}
"""What a reason's condition may look at, and its words may hold a place for. Amounts in yuan, the rest in days."""


@dataclass(frozen=True)
class Evidence:
    """What a fact rests on."""

    on: date | None
    """None where an import does not say since when."""
    record: int | None = None
    """None: imported data."""
    source: str = ""
    """Which, where it is not the master data."""
    of_nobody: bool = False
    """About a customer without an owner, whom many see."""


@dataclass(frozen=True)
class Change:
    """A record of a new status: closed, competitor_exclusive, contact_left, contact_new, normal."""

    status: str
    evidence: Evidence
    contact: str = ""
    competitor: str = ""


@dataclass(frozen=True)
class Promised:
    """Somebody promised to pay. `made`: the day of the promise; `due`: None where no day was named."""

    evidence: Evidence
    due: date | None
    amount: Decimal | None
    said: datetime | None = None

    @property
    def made(self) -> date:
        return self.evidence.on or date.min


@dataclass(frozen=True)
class Paid:
    on: date
    amount: Decimal | None
    said: datetime | None = None

    def counts_against(self, promise: Promised) -> bool:
        """What is told in the same breath (收了五千，剩下一万周五给) is no part of what was promised."""
        if self.on != promise.made or self.said is None or promise.said is None:
            return self.on >= promise.made
        return self.said > promise.said


@dataclass(frozen=True)
class Owed:
    """A paper that is open by the books."""

    number: str
    due: date
    amount: Decimal
    """Yuan that are not paid."""


@dataclass(frozen=True)
class Seen:
    """Everything on record of one customer. Changes, promises and complaints in the order in which they were made."""

    status: str = "active"
    """As imported."""
    owner: str = ""
    level: str = ""
    changes: Sequence[Change] = ()
    orders: Sequence[tuple[date, int]] = ()
    """Day and record of each order, oldest first."""
    promises: Sequence[Promised] = ()
    payments: Sequence[Paid] = ()
    complaints: Sequence[Evidence] = ()
    """Those that nobody has seen to."""
    visited: Evidence | None = None
    """The last visit."""
    owed: Sequence[Owed] = ()
    """By the books, what was due first first."""
    books: date | None = None
    """As of which day they are; None where there are none."""


@dataclass(frozen=True)
class Known:
    facts: Mapping[str, object] = field(default_factory=dict)
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    """By fact."""
    unknown: tuple[str, ...] = ()
    """What nobody recorded, in words."""


def known_of(seen: Seen, today: date) -> Known:
    """The facts that follow from what is on record; days are counted to `today`."""
    facts: dict[str, object] = {"level": seen.level or None}
    evidence: dict[str, Evidence] = {}
    unknown: list[str] = []
    _status(seen, facts, evidence)
    _orders(seen, today, facts, evidence, unknown)
    _receivables(seen, today, facts, evidence, unknown)
    _books(seen, today, facts, evidence)
    if seen.complaints:
        first = seen.complaints[0]
        facts |= {"complaints": len(seen.complaints), "complaint_days": _days(first.on, today)}
        evidence |= dict.fromkeys(("complaints", "complaint_days"), first)
    changed = seen.changes[-1].evidence if seen.changes else None
    looked = max(
        (e for e in (seen.visited, changed) if e and e.on), key=lambda e: e.on or date.min, default=None
    )
    if looked:
        facts["days_since_seen"] = _days(looked.on, today)
        evidence["days_since_seen"] = looked
    else:
        unknown.append("没有拜访记录")
    return Known(facts, evidence, tuple(unknown))


def _status(seen: Seen, facts: dict[str, object], evidence: dict[str, Evidence]) -> None:
    """A status holds from the record that says so until one says normal; the imported one until any says something.

    A new contact takes the place of the one who left.
    """
    holds: dict[str, tuple[Evidence, Change | None]] = {}
    if name := STATUSES.get(seen.status, "dormant" if seen.status == "dormant" else ""):
        holds[name] = (Evidence(None), None)
    for change in seen.changes:
        if change.status == "normal":
            holds.clear()
        elif change.status == "contact_new":
            holds.pop("contact_left", None)
        elif name := STATUSES.get(change.status, ""):
            holds[name] = (change.evidence, change)
    for name, (proof, told) in holds.items():
        facts[name], evidence[name] = True, proof
        if told and told.status == "contact_left":
            facts["contact"] = told.contact or None
        if told and told.status == "competitor_exclusive":
            facts["competitor"] = told.competitor or None


def _orders(
    seen: Seen, today: date, facts: dict[str, object], evidence: dict[str, Evidence], unknown: list[str]
) -> None:
    """The customer's own rhythm: the median interval between days with an order."""
    if not seen.orders:
        unknown.append("近两年没有订货记录")
        return
    days = sorted({day for day, _ in seen.orders})
    last, record = seen.orders[-1]
    facts["orders"] = len(days)
    facts["days_since_order"] = _days(last, today)
    if len(days) > 1:
        gaps = [(later - earlier).days for earlier, later in pairwise(days)]
        facts["order_interval"] = Decimal(str(median(gaps)))
    evidence |= dict.fromkeys(("orders", "days_since_order", "order_interval"), Evidence(last, record))


def _receivables(
    seen: Seen, today: date, facts: dict[str, object], evidence: dict[str, Evidence], unknown: list[str]
) -> None:
    """Whether the promise made last has passed unpaid. A new promise takes the place of those before it, so that one
    debt that is promised twice is no second debt. What was paid since counts against it; a payment of an unknown
    amount settles it."""
    if not seen.promises and not seen.payments and seen.books is None:
        unknown.append("没有货款记录")
        return
    promise = seen.promises[-1] if seen.promises else None
    if promise is None or promise.due is None or promise.due >= today:
        return
    if seen.books is not None and seen.books > promise.due and not any(o.due < seen.books for o in seen.owed):
        return  # the books were closed after that day, and nothing is overdue in them
    since = [paid for paid in seen.payments if paid.counts_against(promise)]
    if promise.amount is None or any(paid.amount is None for paid in since):
        left = None
        if since:
            return
    else:
        left = promise.amount - sum((paid.amount or Decimal(0) for paid in since), Decimal(0))
        if left <= 0:
            return
    facts |= {"overdue_days": _days(promise.due, today), "overdue_amount": left}
    evidence |= dict.fromkeys(("overdue_days", "overdue_amount"), promise.evidence)


def _books(seen: Seen, today: date, facts: dict[str, object], evidence: dict[str, Evidence]) -> None:
    """What is overdue by the books, less what was paid since they were closed; the oldest is paid first."""
    if seen.books is None:
        return
    paid = sum((p.amount or Decimal(0) for p in seen.payments if p.on > seen.books), Decimal(0))
    left: list[tuple[Owed, Decimal]] = []
    for one in sorted(seen.owed, key=lambda one: one.due):
        covered = min(paid, one.amount)
        paid -= covered
        if one.due < today and one.amount > covered:
            left.append((one, one.amount - covered))
    if left:
        oldest = left[0][0]
        facts |= {
            "receivable_days": _days(oldest.due, today),
            "receivable_amount": sum((amount for _, amount in left), Decimal(0)),
        }
        source = f"应收账款 {oldest.number}，截至{seen.books.month}月{seen.books.day}日"
        proof = Evidence(oldest.due, source=source, of_nobody=not seen.owner)
        evidence |= dict.fromkeys(("receivable_days", "receivable_amount"), proof)


def _days(day: date | None, today: date) -> int:
    return max((today - (day or today)).days, 0)
