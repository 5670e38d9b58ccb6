"""What customers owe by the books of accounts: one row for each paper that is open, as of the last import."""

from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Field, Session

from storage.by_customer import ByCustomer
from storage.claims import table_of
from storage.columns import BIG, Row, moment
from storage.prepared import Prepared

BOOKS = "receivables"


class ReceivableRow(Row, table=True):
    __tablename__ = "receivable"

    customer_code: str = Field(primary_key=True)
    number: str = Field(primary_key=True)
    """Of the invoice or delivery note."""
    amount: int = Field(sa_type=BIG)
    """Fen that are still open."""
    due: date
    as_of: date
    """The day of the list that it stands on."""


class BooksRow(Row, table=True):
    """As of which day what was imported holds."""

    __tablename__ = "books"

    what: str = Field(primary_key=True)
    as_of: date
    imported_at: datetime = moment()


BOOK, RECEIVABLE = table_of(BooksRow), table_of(ReceivableRow)
AS_OF = Prepared(select(BOOK.c.as_of).where(BOOK.c.what == BOOKS))


def as_of(session: Session) -> date | None:
    """None where the books were never imported."""
    row = AS_OF.fetch_one(session)
    return row.as_of if row else None


def balanced(session: Session, keys: Collection[tuple[str, str]], day: date, now: datetime) -> int:
    """The import is the whole list of what is open on that day: what is not among the keys was paid. Returns how many
    papers that were."""
    known = session.execute(select(RECEIVABLE.c.customer_code, RECEIVABLE.c.number)).tuples()
    paid = [key for key in known if key not in keys]
    for code, number in paid:
        session.execute(
            delete(RECEIVABLE).where(RECEIVABLE.c.customer_code == code, RECEIVABLE.c.number == number)
        )
    session.merge(BooksRow(what=BOOKS, as_of=day, imported_at=now))
    return len(paid)


def of_customers(session: Session, codes: Collection[str] | None) -> Iterator[Any]:
    """Rows of what is open, of all customers or of these, what was due first first."""
    return OPEN.rows(session, codes)


OPEN = ByCustomer(
    RECEIVABLE.c.customer_code,
    "customer_code",
    lambda which: (
        select(*(RECEIVABLE.c[name] for name in ("customer_code", "number", "amount", "due")))
        .where(which)
        .order_by(RECEIVABLE.c.due, RECEIVABLE.c.number)
    ),
)
