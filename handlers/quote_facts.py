"""What is known around a quote: the customer, whether he ever ordered, whose goods he uses. As the asker may see it."""

from datetime import timedelta

from domain.leads.lead import Lead
from domain.people import Customer
from domain.pricing.quotes import Quote, QuoteLine
from domain.pricing.rules import Scenario
from domain.pricing.scenarios import Around, scenario_of, sentences
from handlers.turn import Turn
from storage.seeing import Seen, Wanted
from storage.tables import RecordRow


def quote_of(row: RecordRow) -> Quote:
    lines = tuple(QuoteLine.model_validate(line) for line in row.data["lines"])
    return Quote.model_validate({"lines": lines, "until": row.data["valid_until"]})


def around_of(row: RecordRow, words: str, turn: Turn) -> Around:
    """What is known around a quote that was given before."""
    customer = turn.seen().customer(row.customer_code) if row.customer_code else None
    lead = turn.work.leads.get(str(row.data["lead"])) if row.data.get("lead") else None
    named = customer.name if customer else str(row.data.get("customer_name") or "")
    return around(words, "", named, customer, lead, turn)


def around(
    words: str, competitor: str, named: str, customer: Customer | None, lead: Lead | None, turn: Turn
) -> Around:
    seen = turn.seen()
    competitor = competitor or (_competitor_at(customer.code, seen, turn) if customer else "")
    contact = lead.contact if lead else ""
    if customer and not contact:
        contact = next((row.name for row in seen.contacts(customer.code)), "")
    return Around(
        words=words,
        customer=named,
        contact=contact,
        level=customer.level if customer else lead.level if lead else "",
        ordered=customer is not None and _ordered(customer.code, seen, turn),
        contract_end=customer.contract_end if customer else None,
        competitor=competitor,
    )


def spoken(quote: Quote, known: Around, turn: Turn) -> tuple[Scenario | None, list[str]]:
    """The situation, and what to say in it."""
    today, rules = turn.local_now.date(), turn.rulebook.prices
    scenario = scenario_of(known, rules, today)
    if scenario is None:
        return None, []
    return scenario, sentences(scenario, quote, known, rules, turn.lexicon.products, today)


def _ordered(code: str, seen: Seen, turn: Turn) -> bool:
    sold = [key for key, form in turn.rulebook.forms.items() if form.tells == "sold"]
    return any(seen.records(Wanted(form=key, customer=code), limit=1) for key in sold)


def _competitor_at(code: str, seen: Seen, turn: Turn) -> str:
    since = turn.now - timedelta(days=turn.rulebook.prices.competitor_days)
    found = seen.records(Wanted(form="competitor", customer=code, since=since), limit=1)
    return str(found[0].data.get("competitor_brand") or "") if found else ""
