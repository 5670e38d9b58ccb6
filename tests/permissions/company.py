"""A company full of secrets: every value that somebody might not see is a token that stands nowhere else.

`Plain` rows are what the oracle reasons about; `store_company` writes the same into a database.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session

from storage.lead_tables import LeadRow
from storage.people import bump_master_version
from storage.store import Store
from storage.tables import (
    ApprovalRow,
    AuditRow,
    CheckInRow,
    ContactRow,
    CustomerRow,
    DealerRow,
    EvidenceRow,
    PersonRow,
    ProductRow,
    RecordRow,
)

NOW = datetime(2026, 3, 10, 2, 7, tzinfo=UTC)
FORMS = ("visit", "order", "quote", "expense", "sample_request", "complaint", "meeting_todo")
STATUSES = ("proposed", "confirmed", "submitted", "approved", "rejected", "undone", "dropped")
MONEY = ("floor_price", "cost", "rebate_rate", "lifetime_value", "discount")
"""`discount` is hidden by the form's own declaration (see `tests.permissions.probing`), the others by the policy."""
KINDS = ("text", "voice", "photo", "position", "receipt")
REGIONS = ("北京东区", "北京西区", "")


@dataclass
class PlainRecord:
    id: int
    form: str
    reporter: str
    customer: str | None
    status: str
    at: datetime
    open: str
    money: dict[str, str]
    evidence: list[tuple[str, str]]
    """(kind, token)"""
    approvers: dict[str, str] = field(default_factory=dict)
    """Who is asked → the state of his approval."""


@dataclass
class Company:
    people: dict[str, dict[str, Any]]
    customers: dict[str, str | None]
    """Code → owner."""
    mobiles: dict[str, str]
    """Customer → the mobile of its contact."""
    records: list[PlainRecord]
    check_ins: list[tuple[str, datetime, str]]
    """(person, when, latitude)"""
    products: dict[str, str]
    """Code → floor price."""
    dealers: tuple[str, ...] = ("D1", "D2", "D3")


def found(seed: int, *, people: int = 40, customers: int = 120, records: int = 900) -> Company:
    draw = random.Random(seed)
    numbers = iter(range(10_000_000))
    token = lambda kind: f"{kind}{next(numbers):06d}Z"  # noqa: E731
    staff = _staff(draw, people)
    shops = {f"C{n:04d}": draw.choice([None, *staff, *staff]) for n in range(customers)}
    papers = [_record(draw, n + 1, list(staff), list(shops), token, numbers, staff) for n in range(records)]
    return Company(
        people=staff,
        customers=shops,
        mobiles={code: f"139{next(numbers):08d}" for code in shops},
        records=papers,
        check_ins=[
            (draw.choice(list(staff)), _moment(draw), f"31.{next(numbers):06d}") for _ in range(records // 3)
        ],
        products={f"P{n:02d}": f"7{next(numbers):06d}" for n in range(12)},
    )


def _staff(draw: random.Random, count: int) -> dict[str, dict[str, Any]]:
    """A tree of people, with some who left, one that stands alone, and two who are each other's boss."""
    staff: dict[str, dict[str, Any]] = {}
    roles = ("director", *["manager"] * 6, "finance", "operations", "trainer", "admin", *["rep"] * 9)
    for n in range(count):
        role = roles[n] if n < len(roles) else draw.choice(("rep", "rep", "rep", "manager"))
        bosses = [p for p, known in staff.items() if known["role"] in ("manager", "director")]
        staff[f"p{n:03d}"] = {
            "role": role,
            "manager": draw.choice(bosses) if bosses and draw.random() < 0.95 else None,
            "region": draw.choice(REGIONS),
            "active": draw.random() < 0.92,
        }
    staff["p001"]["manager"], staff["p002"]["manager"] = "p002", "p001"
    return staff


def _moment(draw: random.Random) -> datetime:
    return NOW - timedelta(days=draw.choice((0, 1, 5, 80, 100, 170, 200, 380)), minutes=draw.randrange(1440))


def _record(
    draw: random.Random,
    number: int,
    staff: list[str],
    shops: list[str],
    token: Any,
    numbers: Any,
    people: Any,
) -> PlainRecord:
    reporter = draw.choice(staff)
    money = {key: f"7{next(numbers):06d}" for key in MONEY if draw.random() < 0.3}
    if money.get("discount") and draw.random() < 0.5:
        money.pop("discount")
    asked = draw.sample([p for p in staff if p != reporter], k=draw.choice((0, 0, 0, 1, 2)))
    return PlainRecord(
        id=number,
        form=draw.choice(FORMS),
        reporter=reporter,
        customer=draw.choice([None, *shops, *shops]),
        status=draw.choice(STATUSES),
        at=_moment(draw),
        open=token("OP"),
        money=money,
        evidence=[(kind, token("EV")) for kind in draw.sample(KINDS, k=draw.choice((0, 1, 2, 3)))],
        approvers={p: draw.choice(("pending", "approved", "cancelled")) for p in asked},
    )


def store_company(company: Company, store: Store) -> None:
    with store.write() as session:
        for key, known in company.people.items():
            session.add(
                PersonRow(
                    id=key,
                    name=f"员工{key}",
                    role=known["role"],
                    region=known["region"],
                    manager_id=known["manager"],
                    active=known["active"],
                    wecom_userid=f"w{key}",
                )
            )
        for code, owner in company.customers.items():
            session.add(CustomerRow(code=code, name=f"店{code}", owner_id=owner))
            session.add(ContactRow(customer_code=code, name="王经理", mobile=company.mobiles[code]))
        for code, price in company.products.items():
            session.add(ProductRow(code=code, name=f"货{code}", floor_price=int(price)))
        session.add_all(DealerRow(code=code, name=f"经销商{code}") for code in company.dealers)
        session.add(LeadRow(id="L1", company="秘密线索", received_at=NOW, created_at=NOW))
        for record in company.records:
            _store_record(session, record)
        for person, at, latitude in company.check_ins:
            session.add(
                CheckInRow(person_id=person, latitude=float(latitude), longitude=121, datum="GCJ-02", at=at)
            )
        bump_master_version(session)


def _store_record(session: Session, record: PlainRecord) -> None:
    said = "，".join(f"{key}是{value}" for key, value in record.money.items())
    session.add(
        RecordRow(
            id=record.id,
            form=record.form,
            reporter_id=record.reporter,
            customer_code=record.customer,
            happened_at=record.at,
            created_at=record.at,
            updated_at=record.at,
            status=record.status,
            data={"result": f"{record.open} {said}", **{k: int(v) for k, v in record.money.items()}},
            sources={"result": record.open, **{k: f"{k}是{v}" for k, v in record.money.items()}},
        )
    )
    for kind, token in record.evidence:
        session.add(
            EvidenceRow(
                record_id=record.id,
                kind=kind,
                words=f"原话{token} {said}",
                sha256=f"文件{token}" if kind in ("voice", "photo", "receipt") else None,
                details={"at": token},
            )
        )
    for key, value in {"status": "confirmed", **record.money}.items():
        session.add(
            AuditRow(subject=f"record:{record.id}", field=key, new=value, who=record.reporter, at=record.at)
        )
    for approver, state in record.approvers.items():
        session.add(ApprovalRow(record_id=record.id, approver_id=approver, state=state, created_at=record.at))


def some_records(store: Store, reporter: str, count: int, *, now: datetime) -> None:
    """Plain visits of one person, a minute apart."""
    with store.write() as session:
        session.add_all(
            RecordRow(
                form="visit",
                reporter_id=reporter,
                happened_at=now - timedelta(minutes=number),
                status="confirmed",
                data={"result": f"第{number}次"},
                created_at=now,
                updated_at=now,
            )
            for number in range(count)
        )
