"""A company with two shops, orders before the last lunar new year and this one, and counts of stock."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from storage.people import bump_master_version
from storage.store import Store
from storage.tables import CustomerRow, PersonRow, ProductRow, RecordRow

ZONE = ZoneInfo("Asia/Shanghai")
SPRING = {2025: date(2025, 1, 29), 2026: date(2026, 2, 17), 2027: date(2027, 2, 6)}


def found(store: Store) -> None:
    with store.write() as session:
        session.add(PersonRow(id="P1", name="周建国", role="manager", dingtalk_userid="zhou"))
        session.add(PersonRow(id="P2", name="李伟", role="rep", manager_id="P1", wecom_userid="li"))
        session.add(PersonRow(id="P3", name="马超", role="operations", dingtalk_userid="ma"))
        session.add(ProductRow(code="YW", name="原味酸奶"))
        for code, name, level in (("C1", "惠民超市", "A"), ("C2", "小卖部", "C")):
            session.add(CustomerRow(code=code, name=name, level=level, owner_id="P2"))
        bump_master_version(session)


def moment(day: date) -> datetime:
    return datetime.combine(day, time(10), ZONE)


def record(session: Session, form: str, day: date, **data: Any) -> None:
    data = {"customer": "C1", "product": "YW", "unit": "箱", **data}
    at = moment(day)
    session.add(
        RecordRow(
            form=form,
            reporter_id="P2",
            customer_code=data["customer"],
            happened_at=at,
            status="confirmed",
            data=data,
            created_at=at,
            updated_at=at,
        )
    )


def seasons(store: Store, year: int, codes: tuple[str, ...] = ("C1", "C2")) -> None:
    """Before last year's festival half as much again was ordered; now 2 a day are sold and 4 were counted."""
    last, this = SPRING[year - 1], SPRING[year]
    with store.write() as session:
        for code in codes:
            for days, quantity in ((50, 40), (25, 30), (10, 30)):
                record(session, "order", last - timedelta(days=days), customer=code, quantity=quantity)
            for days in (80, 65, 50, 35, 20, 5):
                record(session, "order", this - timedelta(days=days), customer=code, quantity=30)
            record(session, "stock_check", this - timedelta(days=36), customer=code, quantity=4)
