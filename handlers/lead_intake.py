"""Leads come in here, whatever way they came: normalised, found again, merged or added, and handed on.

Repeatable: a lead of an id that is known already adds what it tells anew and nothing else. Whoever calls commits.
"""

import hashlib
import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from domain.leads.lead import OPEN, Lead
from domain.leads.merging import merged_values
from domain.leads.normalising import phone_of, tax_id_of
from nlu.companies import Company, CompanyIndex
from storage.companies import KnownCompany, known_customers, known_leads
from storage.people import master_version, one_at_a_time
from storage.work import Work

DISPATCH = "lead_dispatch"
OVERLAP = timedelta(minutes=10)
"""No transaction that adds leads is open for as long."""
DOUBTFUL = "maybe_same"
"""Key of details: who it may be, where that is not sure."""
Outcome = Literal["new", "customer", "merged", "repeated", "changed"]


@dataclass(frozen=True)
class Taken:
    outcome: Outcome
    lead: Lead
    """As it now is; the survivor, where it was merged."""
    maybe: tuple[str, ...] = ()
    """`lead:…` and `customer:…` that it may be the same as."""


@dataclass
class KnownCompanies:
    """The index of all companies, kept over turns: what came since is added, new master data build it anew."""

    _index: CompanyIndex | None = None
    _version: int = -1
    _until: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def matches(self, asked: Company, work: Work, now: datetime) -> list[tuple[str, Company]]:
        with self._lock:
            session = work.session
            version = master_version(session)
            if self._index is None or version != self._version:
                self._index = CompanyIndex(_companies(known_customers(session)))
                self._version, self._until = version, None
            for company in _companies(known_leads(session, self._until and self._until - OVERLAP)):
                if company.ref not in self._index:
                    self._index.add(company)
            for lead in work.leads.known_by(next(iter(asked.phones), ""), asked.tax_id):
                self._index.add(_company(lead))  # what was filled in since
            self._until = now
            return list(self._index.matches(asked))


def _companies(known: Iterable[KnownCompany]) -> list[Company]:
    """A customer is known by each of his names; the refs of further names end in their number."""
    found: list[Company] = []
    for one in known:
        phones = frozenset(filter(None, map(phone_of, one.phones)))
        for number, name in enumerate(one.names):
            ref = f"{one.ref}#{number}" if number else one.ref
            found.append(Company(ref, name, phones, one.tax_id, one.city, one.district))
    return found


def _company(lead: Lead) -> Company:
    phones = frozenset(filter(None, [lead.phone]))
    return Company(f"lead:{lead.id}", lead.company, phones, lead.tax_id, lead.city, lead.district)


def id_of(way: str, told: object) -> str:
    """An id made of the content, for leads whose source gives none."""
    plain = json.dumps(told, ensure_ascii=False, sort_keys=True, default=str)
    return f"{way}-{hashlib.sha256(plain.encode()).hexdigest()[:16]}"


def normalised(lead: Lead) -> Lead:
    """Phone and tax id in their one form; what is neither is kept in the details as it was told."""
    phone, tax_id = phone_of(lead.phone), tax_id_of(lead.tax_id)
    details = dict(lead.details)
    for name, told, kept in (("phone_as_told", lead.phone, phone), ("tax_id_as_told", lead.tax_id, tax_id)):
        if told.strip() and not kept:
            details[name] = told
    texts = {
        name: " ".join(getattr(lead, name).split())
        for name in ("company", "contact", "city", "district", "address", "source")
    }
    return lead.model_copy(update={**texts, "phone": phone, "tax_id": tax_id, "details": details})


def take_in(lead: Lead, work: Work, known: KnownCompanies, now: datetime, *, way: str) -> Taken:
    """Add a lead, or what it tells to the one that is known.

    A lead that surely is one of ours goes to that customer's owner, with his code; one that surely came before is
    merged into it; where it is not sure it is a lead of its own, and says whom it may be.
    """
    one_at_a_time(work.session)  # or two who tell of the same company at once would not see one another
    lead = normalised(lead)
    there = work.leads.survivor(lead.id)
    if there is not None:
        return _told_again(there, lead, work)
    asked = _company(lead)
    found = known.matches(asked, work, now)
    for verdict, company in found:
        before = _lead_of(company, work) if verdict == "same" else None
        if before and before.state in OPEN:
            work.leads.add(lead, way=way)
            kept = work.leads.merge(lead, before, merged_values(before, lead), reason="同一家公司，合并")
            if kept is not None:
                return Taken("merged", kept)
    maybe = tuple(company.ref.partition("#")[0] for verdict, company in found if verdict == "ask")
    customer = next((c for v, c in found if v == "same" and c.ref.startswith("customer:")), None)
    code = customer.ref.removeprefix("customer:").partition("#")[0] if customer else None
    owner = work.customers.get(code) if code else None
    if maybe and code is None:
        lead = lead.model_copy(update={"details": {**lead.details, DOUBTFUL: list(dict.fromkeys(maybe))}})
    lead = lead.model_copy(
        update={"customer_code": code, "owner_id": owner.owner_id if owner else lead.owner_id}
    )
    work.leads.add(lead, "已是客户，交给客户的负责人" if code else "", way=way)
    lead_arrived(lead, work, now)
    return Taken("customer" if code else "new", lead, tuple(dict.fromkeys(maybe)))


def lead_arrived(lead: Lead, work: Work, now: datetime) -> None:
    """Hand a new lead on to whoever gives it out: a due time at this moment, in the turn of who looks after leads."""
    people = work.people.with_role("operations") or work.people.with_role("admin", "director", "manager")
    if people:
        work.schedule.at(now, DISPATCH, f"lead:{lead.id}", people[0].id)


def _told_again(there: Lead, lead: Lead, work: Work) -> Taken:
    values = merged_values(there, lead)
    if not values:
        return Taken("repeated", there)
    changed = work.leads.change(there, "received", values, reason="同一条线索又发来，补充了内容")
    return Taken("changed", changed) if changed else Taken("repeated", there)


def _lead_of(company: Company, work: Work) -> Lead | None:
    kind, _, key = company.ref.partition(":")
    return work.leads.survivor(key) if kind == "lead" else None
