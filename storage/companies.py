"""What is known of customers and leads as companies, for finding out that one came before."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session

from storage.claims import table_of
from storage.lead_tables import LeadRow
from storage.tables import ContactRow, CustomerRow

CUSTOMER, CONTACT, LEAD = table_of(CustomerRow), table_of(ContactRow), table_of(LeadRow)


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


def known_leads(session: Session, since: datetime | None = None) -> Iterator[KnownCompany]:
    """Merged ones too: what was told of them still tells who is meant. `since`: created then or later."""
    columns = [LEAD.c[name] for name in ("id", "company", "phone", "tax_id", "city", "district")]
    query = select(*columns)
    if since is not None:
        query = query.where(LEAD.c.created_at >= since)
    for key, name, phone, tax_id, city, district in session.connection().execute(query.order_by(LEAD.c.id)):
        yield KnownCompany(f"lead:{key}", (name,), (phone,) if phone else (), tax_id, city, district)
