"""给永旺望京店报个价，原味酸奶50箱: what it costs by the rules, why, and how to say it. No other prices.

Each quote is a record of the form `quotation`, which nobody can type or correct; another price is another quote.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.dialogue import Dialogue
from domain.errors import Refusal
from domain.intents import Intent
from domain.intents.quotes import AskQuote, WishQuote
from domain.leads.lead import Lead
from domain.messages import Action
from domain.people import Customer, Product
from domain.pricing.quotes import Goods, Quote, goods_of, quoted
from domain.pricing.scenarios import Around
from handlers import lead_follow_ups, objection_taps
from handlers.quote_cards import goods_words, quote_card, said
from handlers.quote_facts import around, spoken
from handlers.turn import Reply, Turn, View, say, show
from nlu.language.quoting import request_in, wishes_in
from storage.lead_tables import HELD_STATES
from storage.quotations import FORM
from storage.tables import RecordRow

TABLE_LASTS = timedelta(hours=4)
"""How long the next words may be about a quote."""
NO_GOODS = "要报什么产品、多少？连着说一句，比如“给永旺望京店报个价，原味酸奶50箱”。"


def heard(text: str, view: View) -> tuple[Intent, ...]:
    """A quote that is asked for, or something wanted beyond the one that was just given. Pure."""
    if view.person is None or FORM not in view.rulebook.forms:
        return ()
    known: dict[str, Any] = {
        "now": view.now,
        "lexicon": view.lexicon,
        "rulebook": view.rulebook,
        "own": view.own,
    }
    on_table = _on_table(view.dialogue, view.now)
    if asked := request_in(text, again=bool(on_table), **known):
        return (asked,)
    if on_table and (wishes := wishes_in(text, **known)):
        return (WishQuote(quotation=on_table, wishes=wishes, words=text.strip()),)
    return ()


def _on_table(dialogue: Dialogue, now: datetime) -> int:
    """The quote that words may be about; 0 where there is none, or it is too long ago."""
    matter = next((m for m in dialogue.matters if m.kind == "quote"), None)
    fresh = matter and now - datetime.fromisoformat(matter.of) <= TABLE_LASTS
    return matter.id if matter and fresh else 0


def ask(intent: AskQuote, turn: Turn) -> Reply:
    """Raises Refusal where it is unclear for whom or for what: a price is nothing to guess about."""
    before = _before(turn)
    customer, lead = _whom(intent, before, turn)
    goods = _goods(intent, before, lead, turn)
    level = customer.level if customer else lead.level if lead else ""
    quote = quoted(
        goods,
        level=level,
        rules=turn.rulebook.prices,
        prices=turn.lexicon.products,
        today=turn.local_now.date(),
    )
    named = customer.name if customer else lead.name if lead else intent.named
    known = around(intent.words, intent.competitor, named, customer, lead, turn)
    row = keep(quote, turn, whom=_keys(customer, lead, named))
    return given(row, quote, known, turn)


def keep(
    quote: Quote, turn: Turn, whom: Mapping[str, Any], over_limit: bool = False, **more: Any
) -> RecordRow:
    """The quote as a record that counts. `over_limit`: it goes further than he may by himself."""
    data = {
        **whom,
        "lines": [line.model_dump(mode="json") for line in quote.lines],
        "product": quote.lines[0].product if len(quote.lines) == 1 else None,
        "goods": goods_words(quote, turn),
        "total": float(Decimal(quote.total) / 100),
        "valid_until": quote.until.isoformat(),
        "over_limit": over_limit,
        **more,
    }
    row = RecordRow(
        form=FORM,
        form_version=turn.rulebook.forms[FORM].version,
        reporter_id=turn.person.id,
        customer_code=whom.get("customer"),
        happened_at=turn.now,
        data={name: value for name, value in data.items() if value is not None},
    )
    turn.work.records.add([row])
    turn.work.records.set_status(row, "confirmed", "报价引擎")
    return row


def given(row: RecordRow, quote: Quote, known: Around, turn: Turn) -> Reply:
    """The quote in words and as a card; it lies on the table, and counts as a step of the lead."""
    scenario, sentences = spoken(quote, known, turn)
    if scenario:
        turn.work.records.change(row, "scenario", scenario.label, "", "按客户情况选的")
    turn.dialogue = turn.dialogue.beneath("quote", row.id or 0, turn.now.isoformat())
    if row.customer_code:
        turn.dialogue = turn.dialogue.at(row.customer_code, turn.now)
    told = say(turn, said(quote, known, scenario, sentences, turn))
    return (
        told
        + show(turn, quote_card(row, quote, known, scenario, turn))
        + lead_follow_ups.recorded([row], turn)
    )


def objection(action: Action, quotation: int, turn: Turn) -> Reply:
    """A tap on what the customer objects to: the cards of that library, about this customer."""
    row = turn.work.records.get(quotation)
    if row is None or row.reporter_id != turn.person.id:
        raise Refusal("这张报价卡已经失效了，直接说“他嫌贵怎么回”就行。")
    if row.customer_code:
        turn.dialogue = turn.dialogue.at(row.customer_code, turn.now)
    return objection_taps.tapped(action, quotation, turn)


# for whom ---------------------------------------------------------------------------------------------------------


def _before(turn: Turn) -> RecordRow | None:
    """The quote that lies on the table."""
    found = _on_table(turn.dialogue, turn.now)
    return turn.work.records.get(found) if found else None


def _whom(intent: AskQuote, before: RecordRow | None, turn: Turn) -> tuple[Customer | None, Lead | None]:
    """A customer, a lead of his, or neither: then it is quoted without a level."""
    lead = _lead(intent, turn)
    code = intent.customer or _likely(intent, turn)
    if not code and not intent.named and lead is None:
        code = before.customer_code if before else turn.dialogue.current_customer(turn.now)
        if before and before.data.get("lead"):
            lead = turn.work.leads.get(str(before.data["lead"]))
    if not code and intent.doubtful and lead is None:
        names = "、".join(f"「{turn.lexicon.customers[c].name}」" for c in intent.doubtful[:5])
        raise Refusal(f"“{intent.named}”是{names}吗？请说全名再问一次，我按那家的级别报。")
    if not code:
        return None, lead
    customer = turn.seen().customer(code)
    if customer is None:
        raise Refusal(f"「{turn.lexicon.customers[code].name}」不在你名下，报价要找它的负责人。")
    return customer, lead


def _likely(intent: AskQuote, turn: Turn) -> str | None:
    """Of the customers that it may be the only one, his own before all others."""
    own = turn.lexicon.owned_by(turn.person.id)
    found = [code for code in intent.doubtful if code in own]
    found = found or list(intent.doubtful)
    return found[0] if len(found) == 1 else None


def _lead(intent: AskQuote, turn: Turn) -> Lead | None:
    """His lead of that name, or that became that customer."""
    mine = turn.work.leads.of(turn.person.id, HELD_STATES) if intent.named or intent.customer else []
    found = [
        lead
        for lead in mine
        if (intent.customer and lead.customer_code == intent.customer)
        or (intent.named and lead_follow_ups.is_named(lead, intent.named))
    ]
    return found[0] if len(found) == 1 else None


def _keys(customer: Customer | None, lead: Lead | None, named: str) -> dict[str, Any]:
    return {
        "customer": customer.code if customer else None,
        "customer_name": None if customer else named or None,
        "lead": lead.id if lead else None,
    }


# for what ---------------------------------------------------------------------------------------------------------


def _goods(intent: AskQuote, before: RecordRow | None, lead: Lead | None, turn: Turn) -> list[Goods]:
    if intent.unclear:
        words, codes = intent.unclear[0]
        names = "、".join(f"「{turn.lexicon.products[code].name}」" for code in codes[:5])
        raise Refusal(f"“{words}”有 {len(codes)} 种：{names}。说全产品名再问一次。")
    if not intent.goods:
        raise Refusal(NO_GOODS)
    return [_one(code or _unsaid(before, lead), amount, unit, turn) for code, amount, unit in intent.goods]


def _unsaid(before: RecordRow | None, lead: Lead | None) -> str:
    """The product that goes without saying: that of the quote on the table, or the only one that the lead asked for."""
    quoted_before = [line["product"] for line in before.data["lines"]] if before else []
    for codes in (quoted_before, lead.products if lead else ()):
        if len(codes) == 1:
            return str(codes[0])
    raise Refusal(NO_GOODS)


def _one(code: str, amount: Decimal | None, unit: str, turn: Turn) -> Goods:
    product: Product | None = turn.lexicon.products.get(code)
    if product is None:
        raise Refusal(NO_GOODS)
    return goods_of(amount or Decimal(1), unit, product, turn.rulebook.stock)
