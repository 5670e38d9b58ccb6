"""What is known of customers and leads as companies, for finding out that one came before."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session

from storage.claims import table_of
from storage.lead_tables import LeadEventRow, LeadRow
from storage.tables import ContactRow, CustomerRow

CUSTOMER, CONTACT = table_of(CustomerRow), table_of(ContactRow)
LEAD, EVENT = table_of(LeadRow), table_of(LeadEventRow)
TELLING = ("received", "merged")
"""Events after which more is known of a lead. They are written one transaction after the other
(`storage.people.one_at_a_time`), so that their ids grow as they are committed."""


class KnownCompany(NamedTuple):
    ref: str
    names: tuple[str, ...]
    phones: tuple[str, ...]
    tax_id: str
    city: str
    district: str


def known_customers(session: Session) -> Iterator[KnownCompany]:
    connection = session.connection()
    phones: dict[str, list[str]] = {}
    query = select(CONTACT.c.customer_code, CONTACT.c.mobile).where(CONTACT.c.mobile != "")
    for code, mobile in connection.execute(query):
        phones.setdefault(code, []).append(mobile)
    columns = [CUSTOMER.c[name] for name in ("code", "name", "aliases", "city", "district")]
    for code, name, aliases, city, district in connection.execute(select(*columns).order_by(CUSTOMER.c.code)):
        ref = f"customer:{code}"
        yield KnownCompany(ref, (name, *aliases), tuple(phones.get(code, ())), "", city, district)


def known_leads(session: Session, after: int = 0) -> Iterator[KnownCompany]:
    """Merged ones too: what was told of them still tells who is meant. `after`: an event of `last_told`; only the leads
    of which more was told since."""
    columns = [LEAD.c[name] for name in ("id", "company", "phone", "tax_id", "city", "district")]
    query = select(*columns).order_by(LEAD.c.id)
    if after:
        since = select(EVENT.c.lead_id).where(EVENT.c.id > after, EVENT.c.kind.in_(TELLING))
        query = query.where(LEAD.c.id.in_(since))
    for key, name, phone, tax_id, city, district in session.connection().execute(query):
        yield KnownCompany(f"lead:{key}", (name,), (phone,) if phone else (), tax_id, city, district)


def last_told(session: Session) -> int:
    """The newest of the events after which more is known of a lead; 0 where there is none."""
    query = select(EVENT.c.id).where(EVENT.c.kind.in_(TELLING)).order_by(EVENT.c.id.desc()).limit(1)
    return session.connection().scalar(query) or 0
