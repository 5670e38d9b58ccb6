"""What alerts look at, read in few statements however many customers there are, and what they have told."""

from collections.abc import Collection, Iterator
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, select
from sqlmodel import Field, Session, SQLModel

from domain.facts import number
from domain.statuses import STANDING
from domain.stock_cover import Moved
from storage.by_customer import ByCustomer
from storage.claims import insert_new, table_of
from storage.columns import document, long_text, moment
from storage.tables import CustomerRow, RecordRow

CUSTOMER, RECORD = table_of(CustomerRow), table_of(RecordRow)
TOLD_OF_CUSTOMERS = ("code", "name", "level", "status", "city", "district", "owner_id")


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
    return (row._asdict() for row in CUSTOMERS.rows(session, codes))


def last_times(
    session: Session, forms: Collection[str], until: datetime, codes: Collection[str] | None = None
) -> dict[tuple[str, str], datetime]:
    """(customer, form) → when such a record last happened before then; plans do not count."""
    rows = LAST_TIMES.rows(session, codes, forms=list(forms), until=until)
    return {(row.customer_code, row.form): row.at for row in rows}


def movements(
    session: Session,
    forms: Collection[str],
    since: datetime,
    until: datetime,
    zone: tzinfo,
    codes: Collection[str] | None,
) -> Iterator[Movement]:
    """What these forms say of quantities of products in that time; plans and what has no quantity are left out."""
    for row in MOVEMENTS.rows(session, codes, forms=list(forms), since=since, until=until):
        if row.product and (amount := number(row.quantity)) is not None:
            day = row.happened_at.astimezone(zone).date()
            yield Movement(row.customer_code, row.form, Moved(row.product, row.unit or "", amount, day))


def that_happened(*columns: Any) -> Select[Any]:
    """These columns of what stands in records of some `forms` before `until`; plans have not happened."""
    return select(*columns).where(
        RECORD.c.form.in_(bindparam("forms", expanding=True)),
        RECORD.c.status.in_(STANDING),
        RECORD.c.happened_at < bindparam("until"),
        RECORD.c.data["planned"].as_boolean().is_not(True),
    )


CUSTOMERS = ByCustomer(
    CUSTOMER.c.code,
    "code",
    lambda which: (
        select(*(CUSTOMER.c[name] for name in TOLD_OF_CUSTOMERS)).where(which).order_by(CUSTOMER.c.code)
    ),
)
LAST_TIMES = ByCustomer(
    RECORD.c.customer_code,
    "customer_code",
    lambda which: (
        that_happened(RECORD.c.customer_code, RECORD.c.form, func.max(RECORD.c.happened_at).label("at"))
        .where(which)
        .group_by(RECORD.c.customer_code, RECORD.c.form)
    ),
)
MOVEMENTS = ByCustomer(
    RECORD.c.customer_code,
    "customer_code",
    lambda which: that_happened(
        *(RECORD.c[name] for name in ("customer_code", "form", "happened_at")),
        *(RECORD.c.data[name].as_string().label(name) for name in ("product", "unit", "quantity")),
    ).where(which, RECORD.c.happened_at >= bindparam("since")),
)
