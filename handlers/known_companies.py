"""All companies that are known, leads and customers, as an index that is kept over turns."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlmodel import Session

from domain.leads.lead import Lead
from domain.leads.normalising import phone_of
from nlu.companies import Company, CompanyIndex, Verdict, ordered
from storage.companies import KnownCompany, known_customers, known_leads, last_told
from storage.people import master_version
from storage.work import Work

BESIDE = "companies_beside"
"""Where a session keeps the companies that the index does not know yet."""


@dataclass
class KnownCompanies:
    """The index holds what is committed; what a transaction adds itself, or finds that came since, stays with its
    session, and is gone with it.

    Building it takes seconds with 100,000 companies: whoever is about to take in leads calls `refresh` outside of his
    transaction. Without that everything is read inside it, which is as right and slow.
    """

    _index: CompanyIndex | None = None
    _customers: dict[str, Company] = field(default_factory=dict)
    _version: int = -1
    _told: int = 0
    _using: threading.Lock = field(default_factory=threading.Lock)
    _reading: threading.Lock = field(default_factory=threading.Lock)

    def refresh(self, session: Session) -> None:
        """Bring the index up to date from what is committed; `session` writes nothing."""
        with self._reading:
            version, told = master_version(session), last_told(session)
            customers = self._customers
            if version != self._version:
                customers = {company.ref: company for company in companies_of(known_customers(session))}
            if self._index is None:
                self._index = CompanyIndex((*customers.values(), *companies_of(known_leads(session))))
            else:
                new = [company for ref, company in customers.items() if self._customers.get(ref) != company]
                if told != self._told:
                    new += companies_of(known_leads(session, self._told))
                with self._using:
                    for ref in self._customers.keys() - customers.keys():
                        self._index.drop(ref)
                    for company in new:
                        self._index.add(company)
                    self._index.settle()
            self._customers, self._version, self._told = customers, version, told

    def matches(self, asked: Company, work: Work) -> list[tuple[Verdict, Company]]:
        """Who it may be: the same ones first. Leads that came meanwhile are known, customers as of `refresh`."""
        beside = self._beside(work.session)
        found = {company.ref: (verdict, company) for verdict, company in beside.matches(asked)}
        if self._index is not None:
            with self._using:
                found = {c.ref: (verdict, c) for verdict, c in self._index.matches(asked)} | found
        return ordered(asked, found.values())

    def add(self, lead: Lead, work: Work) -> None:
        """What this transaction tells of a lead."""
        self._beside(work.session).add(company_of(lead))

    def _beside(self, session: Session) -> CompanyIndex:
        if BESIDE not in session.info:
            later = companies_of(known_leads(session, self._told))
            if self._index is None:
                later += companies_of(known_customers(session))
            session.info[BESIDE] = CompanyIndex(later)
        found: CompanyIndex = session.info[BESIDE]
        return found


def companies_of(known: Iterable[KnownCompany]) -> list[Company]:
    """A customer is known by each of his names; the refs of further names end in their number."""
    found: list[Company] = []
    for one in known:
        phones = frozenset(filter(None, map(phone_of, one.phones)))
        for number, name in enumerate(one.names):
            ref = f"{one.ref}#{number}" if number else one.ref
            found.append(Company(ref, name, phones, one.tax_id, one.city, one.district))
    return found


def company_of(lead: Lead) -> Company:
    phones = frozenset(filter(None, [lead.phone]))
    return Company(f"lead:{lead.id}", lead.company, phones, lead.tax_id, lead.city, lead.district)
