"""What is on record of customers before a visit: a few statements, however many customers there are.

Read for the house, not for a person: whether somebody is warned does not depend on what he may see. What he is shown
of it does (`handlers.health`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session

from domain.facts import moment, number
from domain.health import Evidence, Paid, Promised, Seen
from domain.health.facts import Change
from domain.statuses import STANDING
from storage import alerts
from storage.claims import table_of
from storage.tables import RecordRow

RECORD = table_of(RecordRow)
UPDATE, PAYMENT, COMPLAINT, TODO = "customer_update", "payment", "complaint", "meeting_todo"
FOLLOW_UP = "跟进客诉"
"""How the to-do begins that the flow of complaints makes."""
TOLD = ("status", "contact", "competitor_brand", "amount", "expected_date", "title")
ORDERS_SINCE = timedelta(days=730)
"""The rhythm is that of the last two years."""


def seen(
    session: Session,
    today: date,
    zone: tzinfo,
    *,
    sold: Collection[str],
    visited: Collection[str],
    complaint_days: int,
    codes: Collection[str] | None = None,
    counting: int | None = None,
    without: int | None = None,
) -> dict[str, Seen]:
    """By customer code, of all customers or of these. `sold` and `visited` are the forms that tell of orders and
    visits. The record `counting` counts although it does not stand yet, and `without` does not although it does."""
    stands = (RECORD.c.status.in_(STANDING) | (RECORD.c.id == counting)) & RECORD.c.id.is_distinct_from(
        without
    )
    orders = _orders(session, stands, sold, today, zone, codes)
    visits = _last_visits(session, stands, visited, today, zone, codes)
    said: dict[str, _Said] = defaultdict(_Said)
    for row in _rows(session, _told(stands), codes):
        if row.planned is not True or row.form == PAYMENT:
            said[row.customer_code].add(row, row.happened_at.astimezone(zone).date())
    nothing = _Said()
    return {
        customer["code"]: said.get(customer["code"], nothing).seen(
            customer,
            orders.get(customer["code"], ()),
            visits.get(customer["code"]),
            today - timedelta(days=complaint_days),
        )
        for customer in alerts.customers(session, codes)
    }


class _Said:
    """What records say of one customer, beside orders and visits; they come in the order of their ids."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.promises: list[Promised] = []
        self.payments: list[Paid] = []
        self.complaints: list[tuple[int, date]] = []
        self.follow_ups: list[tuple[int, bool]] = []
        """To-dos about complaints, and whether they are done."""

    def add(self, row: Any, day: date) -> None:
        match row.form:
            case "customer_update":
                proof = Evidence(day, row.id)
                self.changes.append(
                    Change(row.status or "", proof, row.contact or "", row.competitor_brand or "")
                )
            case "payment" if row.planned:
                due = moment(str(row.expected_date or "")[:10])
                self.promises.append(Promised(Evidence(day, row.id), due, _amount(row)))
            case "payment" if row.amount is not None:
                self.payments.append(Paid(day, _amount(row)))
            case "complaint":
                self.complaints.append((row.id, day))
            case "meeting_todo" if str(row.title or "").startswith(FOLLOW_UP):
                self.follow_ups.append((row.id, row.status == "done"))

    def seen(
        self, customer: dict[str, Any], orders: Any, visited: Evidence | None, complaints_since: date
    ) -> Seen:
        return Seen(
            status=customer["status"],
            level=customer["level"] or "",
            changes=self.changes,
            orders=orders,
            promises=self.promises,
            payments=self.payments,
            complaints=[e for e in self._open() if e.on and e.on >= complaints_since],
            visited=visited,
        )

    def _open(self) -> Iterator[Evidence]:
        """Each complaint has the first to-do after it; the complaint is seen to when that is done."""
        waiting = list(self.follow_ups)
        for record, day in self.complaints:
            mine = next((f for f in waiting if f[0] > record), None)
            if mine:
                waiting.remove(mine)
            if mine is None or not mine[1]:
                yield Evidence(day, record)


def _amount(row: Any) -> Decimal | None:
    return number(row.amount)


def _told(stands: ColumnElement[bool]) -> Select[Any]:
    told = [RECORD.c.data[name].as_string().label(name) for name in TOLD]
    planned = RECORD.c.data["planned"].as_boolean().label("planned")
    return (
        select(RECORD.c.id, RECORD.c.customer_code, RECORD.c.form, RECORD.c.happened_at, planned, *told)
        .where(RECORD.c.form.in_((UPDATE, PAYMENT, COMPLAINT, TODO)), stands)
        .where(RECORD.c.customer_code.is_not(None))
        .order_by(RECORD.c.id)
    )


def _orders(
    session: Session,
    stands: ColumnElement[bool],
    forms: Collection[str],
    today: date,
    zone: tzinfo,
    codes: Collection[str] | None,
) -> dict[str, list[tuple[date, int]]]:
    query = (
        select(RECORD.c.customer_code, RECORD.c.happened_at, RECORD.c.id)
        .where(RECORD.c.form.in_(forms), stands, RECORD.c.customer_code.is_not(None))
        .where(RECORD.c.happened_at >= _end(today, zone) - ORDERS_SINCE)
        .where(RECORD.c.happened_at < _end(today, zone))
        .where(RECORD.c.data["planned"].as_boolean().is_not(True))
        .order_by(RECORD.c.happened_at, RECORD.c.id)
    )
    found: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for code, at, record in _rows(session, query, codes):
        found[code].append((at.astimezone(zone).date(), record))
    return found


def _last_visits(
    session: Session,
    stands: ColumnElement[bool],
    forms: Collection[str],
    today: date,
    zone: tzinfo,
    codes: Collection[str] | None,
) -> dict[str, Evidence]:
    latest = func.row_number().over(
        partition_by=RECORD.c.customer_code, order_by=(RECORD.c.happened_at.desc(), RECORD.c.id.desc())
    )
    query = (
        select(RECORD.c.customer_code, RECORD.c.happened_at, RECORD.c.id, latest.label("place"))
        .where(RECORD.c.form.in_(forms), stands, RECORD.c.customer_code.is_not(None))
        .where(RECORD.c.happened_at < _end(today, zone))
        .where(RECORD.c.data["planned"].as_boolean().is_not(True))
    )
    found: dict[str, Evidence] = {}
    for part in alerts.parts(query, RECORD.c.customer_code, codes):
        ranked = part.subquery()
        first = select(ranked.c.customer_code, ranked.c.happened_at, ranked.c.id).where(ranked.c.place == 1)
        found |= {c: Evidence(at.astimezone(zone).date(), record) for c, at, record in session.execute(first)}
    return found


def _rows(session: Session, query: Select[Any], codes: Collection[str] | None) -> Iterator[Any]:
    for part in alerts.parts(query, RECORD.c.customer_code, codes):
        yield from session.execute(part)


def _end(today: date, zone: tzinfo) -> datetime:
    return datetime.combine(today + timedelta(days=1), datetime.min.time(), zone)
