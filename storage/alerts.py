"""What alerts look at, read in few statements however many customers there are, and what they have told."""

from collections.abc import Collection, Iterator
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select
from sqlmodel import Field, Session, SQLModel

from domain.facts import number
from domain.statuses import STANDING
from domain.stock_cover import Moved
from storage.claims import insert_new, table_of
from storage.columns import document, long_text, moment
from storage.tables import CustomerRow, RecordRow

CUSTOMER, RECORD = table_of(CustomerRow), table_of(RecordRow)
AT_ONCE = 500
"""Codes that are looked up by one statement."""
MANY = 5000
"""For more customers than this everybody's records are read."""


class AlertToldRow(SQLModel, table=True):
    """An alert that was told: once for each subject and period."""

    __tablename__ = "alert_told"

    alert: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    """`customer:C0001`, `record:12`."""
    period: str = Field(primary_key=True)
    told: list[str] = document(default=list)
    words: str = long_text()
    at: datetime = moment()


class Movement(NamedTuple):
    """Of which customer, from a record of which form."""

    customer: str
    form: str
    moved: Moved


def first_time(
    session: Session, alert: str, subject: str, period: str, *, told: list[str], words: str, now: datetime
) -> bool:
    """Note that it is told; False where it was told before."""
    return insert_new(
        session, AlertToldRow, alert=alert, subject=subject, period=period, told=told, words=words, at=now
    )


def customers(session: Session, codes: Collection[str] | None = None) -> Iterator[dict[str, Any]]:
    """All customers, or those of the codes: code, name, level, status, city, district, owner_id."""
    columns = ("code", "name", "level", "status", "city", "district", "owner_id")
    query = select(*(CUSTOMER.c[name] for name in columns)).order_by(CUSTOMER.c.code)
    for part in parts(query, CUSTOMER.c.code, codes):
        yield from (dict(row._mapping) for row in session.execute(part) if codes is None or row.code in codes)


def last_times(
    session: Session, forms: Collection[str], until: datetime, codes: Collection[str] | None = None
) -> dict[tuple[str, str], datetime]:
    """(customer, form) → when such a record last happened before then; plans do not count."""
    query = (
        select(RECORD.c.customer_code, RECORD.c.form, func.max(RECORD.c.happened_at))
        .where(RECORD.c.form.in_(forms), RECORD.c.status.in_(STANDING), RECORD.c.customer_code.is_not(None))
        .where(RECORD.c.happened_at < until)
        .where(RECORD.c.data["planned"].as_boolean().is_not(True))
        .group_by(RECORD.c.customer_code, RECORD.c.form)
    )
    found: dict[tuple[str, str], datetime] = {}
    for part in parts(query, RECORD.c.customer_code, codes):
        found |= {
            (code, form): at for code, form, at in session.execute(part) if codes is None or code in codes
        }
    return found


def movements(
    session: Session,
    forms: Collection[str],
    since: datetime,
    until: datetime,
    zone: tzinfo,
    codes: Collection[str] | None,
) -> Iterator[Movement]:
    """What these forms say of quantities of products in that time; plans and what has no quantity are left out."""
    told = [RECORD.c.data[name].as_string().label(name) for name in ("product", "unit", "quantity")]
    query = (
        select(RECORD.c.customer_code, RECORD.c.form, RECORD.c.happened_at, *told)
        .where(RECORD.c.form.in_(forms), RECORD.c.status.in_(STANDING), RECORD.c.happened_at >= since)
        .where(RECORD.c.happened_at < until, RECORD.c.customer_code.is_not(None))
        .where(RECORD.c.data["planned"].as_boolean().is_not(True))
    )
    for part in parts(query, RECORD.c.customer_code, codes):
        for code, form, at, product, unit, quantity in session.execute(part):
            if (codes is None or code in codes) and product and (amount := number(quantity)) is not None:
                day = at.astimezone(zone).date()
                yield Movement(code, form, Moved(product, unit or "", amount, day))


def parts(query: Select[Any], column: Any, codes: Collection[str] | None) -> Iterator[Select[Any]]:
    """The query over all customers, or in parts over those of the codes; over all for many of them, to be sifted."""
    if codes is None or len(codes) > MANY:
        yield query
        return
    ordered = sorted(codes)
    for start in range(0, len(ordered), AT_ONCE):
        yield query.where(column.in_(ordered[start : start + AT_ONCE]))
