"""What is on record of customers before a visit: a few statements, however many customers there are.

Read for the house, not for a person: whether somebody is warned does not depend on what he may see. What he is shown
of it does (`handlers.health`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlmodel import Session

from domain.facts import moment, number
from domain.health import Evidence, Paid, Promised, Seen
from domain.health.facts import Change, Owed
from domain.statuses import STANDING
from storage import alerts, receivables
from storage.by_customer import ByCustomer
from storage.claims import table_of
from storage.tables import RecordRow

RECORD = table_of(RecordRow)
UPDATE, PAYMENT, COMPLAINT, TODO = "customer_update", "payment", "complaint", "meeting_todo"
FOLLOW_UP = "跟进客诉"
"""How the to-do begins that the flow of complaints makes."""
FIELDS = ("status", "contact", "competitor_brand", "amount", "expected_date", "title", "of_record")
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
    which = {"counting": counting or 0, "without": without or 0}
    until = _end(today, zone)
    orders: dict[str, list[tuple[date, int]]] = defaultdict(list)
    if sold:
        since = until - ORDERS_SINCE
        for row in ORDERS.rows(session, codes, forms=list(sold), since=since, until=until, **which):
            orders[row.customer_code].append((row.happened_at.astimezone(zone).date(), row.id))
    visits: dict[str, Evidence] = {}
    if visited:
        for row in LAST_VISITS.rows(session, codes, forms=list(visited), until=until, **which):
            visits[row.customer_code] = Evidence(row.happened_at.astimezone(zone).date(), row.id)
    said: dict[str, _Said] = defaultdict(_Said)
    for row in TOLD.rows(session, codes, **which):
        if row.planned is not True or row.form == PAYMENT:
            said[row.customer_code].add(row, row.happened_at.astimezone(zone).date())
    owed: dict[str, list[Owed]] = defaultdict(list)
    for paper in receivables.of_customers(session, codes):
        owed[paper.customer_code].append(Owed(paper.number, paper.due, Decimal(paper.amount) / 100))
    books, nothing = receivables.as_of(session), _Said()
    return {
        customer["code"]: said.get(customer["code"], nothing).seen(
            customer,
            orders.get(customer["code"], ()),
            visits.get(customer["code"]),
            today - timedelta(days=complaint_days),
            owed.get(customer["code"], ()),
            books,
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
        self.follow_ups: list[tuple[int, str, bool]] = []
        """To-dos about complaints, which complaint it is as far as that is on record, and whether they are done."""

    def add(self, row: Any, day: date) -> None:
        match row.form:
            case "customer_update":
                proof = Evidence(day, row.id)
                self.changes.append(
                    Change(row.status or "", proof, row.contact or "", row.competitor_brand or "")
                )
            case "payment" if row.planned:
                due = moment(str(row.expected_date or "")[:10])
                self.promises.append(Promised(Evidence(day, row.id), due, _amount(row), row.created_at))
            case "payment" if row.amount is not None:
                self.payments.append(Paid(day, _amount(row), row.created_at))
            case "complaint":
                self.complaints.append((row.id, day))
            case "meeting_todo" if str(row.title or "").startswith(FOLLOW_UP):
                self.follow_ups.append((row.id, row.of_record or "", row.status == "done"))

    def seen(
        self,
        customer: dict[str, Any],
        orders: Any,
        visited: Evidence | None,
        complaints_since: date,
        owed: Sequence[Owed],
        books: date | None,
    ) -> Seen:
        return Seen(
            status=customer["status"],
            owner=customer["owner_id"] or "",
            level=customer["level"] or "",
            changes=self.changes,
            orders=orders,
            promises=self.promises,
            payments=self.payments,
            complaints=[e for e in self._open() if e.on and e.on >= complaints_since],
            visited=visited,
            owed=owed,
            books=books,
        )

    def _open(self) -> Iterator[Evidence]:
        """A complaint is seen to when its to-do is done: the one that names it, else the first after it that names
        none."""
        waiting = list(self.follow_ups)
        for record, day in self.complaints:
            mine = next((f for f in waiting if f[1] == str(record)), None)
            mine = mine or next((f for f in waiting if not f[1] and f[0] > record), None)
            if mine:
                waiting.remove(mine)
            if mine is None or not mine[2]:
                yield Evidence(day, record)


def _amount(row: Any) -> Decimal | None:
    return number(row.amount)


def _stands(*columns: Any) -> Select[Any]:
    """These columns of what stands of customers, with `counting`, and without `without`; 0 is none."""
    return select(*columns).where(
        RECORD.c.status.in_(STANDING) | (RECORD.c.id == bindparam("counting")),
        RECORD.c.id != bindparam("without"),
        RECORD.c.customer_code.is_not(None),
    )


def _happened(*columns: Any) -> Select[Any]:
    """The same of some `forms` before `until`; plans have not happened."""
    return _stands(*columns).where(
        RECORD.c.form.in_(bindparam("forms", expanding=True)),
        RECORD.c.happened_at < bindparam("until"),
        RECORD.c.data["planned"].as_boolean().is_not(True),
    )


def _told(which: ColumnElement[bool]) -> Select[Any]:
    told = [RECORD.c.data[name].as_string().label(name) for name in FIELDS]
    planned = RECORD.c.data["planned"].as_boolean().label("planned")
    columns = (RECORD.c[name] for name in ("id", "customer_code", "form", "happened_at", "created_at"))
    forms = RECORD.c.form.in_((UPDATE, PAYMENT, COMPLAINT, TODO))
    return _stands(*columns, planned, *told).where(which, forms).order_by(RECORD.c.id)


def _ordered(which: ColumnElement[bool]) -> Select[Any]:
    found = _happened(RECORD.c.customer_code, RECORD.c.happened_at, RECORD.c.id)
    since = RECORD.c.happened_at >= bindparam("since")
    return found.where(which, since).order_by(RECORD.c.happened_at, RECORD.c.id)


def _visited(which: ColumnElement[bool]) -> Select[Any]:
    latest = func.row_number().over(
        partition_by=RECORD.c.customer_code, order_by=(RECORD.c.happened_at.desc(), RECORD.c.id.desc())
    )
    place = latest.label("place")
    ranked = (
        _happened(RECORD.c.customer_code, RECORD.c.happened_at, RECORD.c.id, place).where(which).subquery()
    )
    return select(ranked.c.customer_code, ranked.c.happened_at, ranked.c.id).where(ranked.c.place == 1)


TOLD = ByCustomer(RECORD.c.customer_code, "customer_code", _told)
ORDERS = ByCustomer(RECORD.c.customer_code, "customer_code", _ordered)
LAST_VISITS = ByCustomer(RECORD.c.customer_code, "customer_code", _visited)


def _end(today: date, zone: tzinfo) -> datetime:
    return datetime.combine(today + timedelta(days=1), datetime.min.time(), zone)
