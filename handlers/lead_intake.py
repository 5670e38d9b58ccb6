"""Leads come in here, whatever way they came: normalised, found again, merged or added. Who is free gets
them within a second (`bot/lead_rounds.py`).

Repeatable: a lead of an id that is known already adds what it tells anew and nothing else. Whoever calls commits.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from domain.leads.lead import OPEN, Lead
from domain.leads.merging import merged_values, told_anew
from domain.leads.normalising import phone_of, tax_id_of
from handlers.flows import CARETAKERS
from handlers.known_companies import KnownCompanies, company_of
from nlu.companies import Company, Verdict
from storage import lead_doubts
from storage.people import one_at_a_time
from storage.work import Work

AGAIN, ASK_SAME = "lead_again", "lead_same"
"""Due times: whoever has a lead is told what came anew; whoever may decide is asked whether two are one."""
EARLIER = "earlier"
"""Key of details: the leads of the same company that are over."""
Outcome = Literal["new", "customer", "merged", "repeated", "changed"]


@dataclass(frozen=True)
class Taken:
    outcome: Outcome
    lead: Lead
    """As it now is; the survivor, where it was merged."""
    maybe: tuple[str, ...] = ()
    """`lead:…` and `customer:…` that it may be the same as."""


def id_of(way: str, told: object) -> str:
    """An id made of the content, for leads whose source gives none."""
    plain = json.dumps(told, ensure_ascii=False, sort_keys=True, default=str)
    return f"{way}-{hashlib.sha256(plain.encode(errors='surrogatepass')).hexdigest()[:16]}"


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
    merged into it; where it is not sure it is a lead of its own, and whoever may decide is asked.
    """
    one_at_a_time(work.session)  # or two who tell of the same company at once would not see one another
    lead = normalised(lead)
    there = work.leads.survivor(lead.id, hold=True)
    if there is not None:
        return _told_again(there, lead, work, known)
    found = known.matches(company_of(lead), work)
    for before in _leads_among(found, "same", work):
        if before.state in OPEN:
            return _merged(lead, before, work, known, way)
    code = next((c for verdict, company in found if verdict == "same" and (c := customer_of(company))), None)
    lead = _as_known(lead, code, found, work)
    doubts = () if code else _doubts(found, work)
    work.leads.add(lead, "已是客户，交给客户的负责人" if code else "", way=way)
    known.add(lead, work)
    if doubts:
        lead_doubts.note(work.session, lead.id, doubts, now)
        _have_it_asked(work)
    return Taken("customer" if code else "new", lead, doubts)


def _as_known(lead: Lead, code: str | None, found: Iterable[tuple[Verdict, Company]], work: Work) -> Lead:
    """With the customer that it is, whose it is, and what became of leads of the same company before."""
    over = [before for before in _leads_among(found, "same", work) if before.state not in OPEN]
    customer = work.customers.get(code) if code else None
    won = next((before.owner_id for before in over if before.state == "won"), None)
    details = {**lead.details, EARLIER: [before.id for before in over]} if over else lead.details
    owner = customer.owner_id if customer else won or lead.owner_id
    return lead.model_copy(update={"customer_code": code, "owner_id": owner, "details": details})


def _merged(lead: Lead, before: Lead, work: Work, known: KnownCompanies, way: str) -> Taken:
    work.leads.add(lead, way=way)
    values = merged_values(before, lead) | _revived(before)
    kept = work.leads.merge(lead, before, values, reason="同一家公司，合并")
    assert kept is not None, "both are held"
    known.add(lead, work)
    return _told(before, kept, work, known, "merged")


def _told_again(there: Lead, lead: Lead, work: Work, known: KnownCompanies) -> Taken:
    values = merged_values(there, lead)
    if not values:
        return Taken("repeated", there)
    values |= _revived(there)
    changed = work.leads.change(there, "received", values, reason="同一条线索又发来，补充了内容")
    assert changed is not None, "it is held"
    return _told(there, changed, work, known, "changed")


def _told(before: Lead, now: Lead, work: Work, known: KnownCompanies, outcome: Outcome) -> Taken:
    known.add(now, work)
    tell_owner(before, now, work)
    return Taken(outcome, now)


def tell_owner(before: Lead, now: Lead, work: Work) -> None:
    """Whoever has it is told, in a turn of his own, what was told of it anew."""
    if now.owner_id and now.state != "new" and now.owner_id != work.leads.who:
        subject, anew = f"lead:{now.id}:{now.round}", list(told_anew(before, now))
        work.schedule.at(work.leads.now, AGAIN, subject, now.owner_id, anew=anew)


def _revived(lead: Lead) -> dict[str, Any]:
    """What lies with everybody is given to somebody again, where the customer turns to us once more."""
    return {"state": "new"} if lead.state == "pool" else {}


def _doubts(found: Iterable[tuple[Verdict, Company]], work: Work) -> tuple[str, ...]:
    """Open leads and customers that it may be, the likeliest first."""
    likely = [(verdict, company) for verdict, company in found if verdict == "ask"]
    refs = []
    for verdict, company in likely:
        code = customer_of(company)
        lead = next(iter(_leads_among([(verdict, company)], "ask", work)), None)
        refs += [f"customer:{code}"] if code else [f"lead:{lead.id}"] if lead and lead.state in OPEN else []
    return tuple(dict.fromkeys(refs))


def _have_it_asked(work: Work) -> None:
    asked = next(iter(work.people.with_role(*CARETAKERS)), None)
    if asked:
        work.schedule.at(work.leads.now, ASK_SAME, "leads", asked.id)


def customer_of(company: Company) -> str | None:
    """The code, where it is a customer."""
    kind, _, key = company.ref.partition(":")
    return key.partition("#")[0] if kind == "customer" else None


def _leads_among(found: Iterable[tuple[Verdict, Company]], wanted: Verdict, work: Work) -> Iterable[Lead]:
    """Those that survived, held from now on."""
    for verdict, company in found:
        kind, _, key = company.ref.partition(":")
        lead = work.leads.survivor(key, hold=True) if kind == "lead" and verdict == wanted else None
        if lead is not None:
            yield lead
