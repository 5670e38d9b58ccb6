"""他要再便宜两块: granted, sent to the manager, or refused with what may be given instead.

The base of a wish is the quote in force. One that waits for approval is withdrawn by the next wish.
"""

from typing import Any

from domain.errors import Refusal
from domain.intents.quotes import WishQuote
from domain.pricing.quotes import Quote, fen_words
from domain.pricing.wishes import Decision, decided, own_limit
from handlers import approvals, flows, lead_follow_ups, quotes
from handlers.quote_facts import around_of, quote_of
from handlers.turn import Reply, Turn, say
from storage.quotations import FORM, IN_FORCE, latest
from storage.tables import RecordRow

GONE = "没有找到这份报价，请重新报一次，比如“给永旺望京店报个价，原味酸奶50箱”。"


def wish(intent: WishQuote, turn: Turn) -> Reply:
    """Raises Refusal where the quote is over, or the wish cannot be worked out."""
    table = turn.work.records.get(intent.quotation)
    if table is None or table.form != FORM or table.reporter_id != turn.person.id:
        raise Refusal(GONE)
    turn.work.session.flush()
    row = latest(turn.work.session, table, IN_FORCE)
    if row is None:
        raise Refusal(GONE)
    quote = quote_of(row)
    if quote.until < turn.local_now.date():
        raise Refusal(f"这份报价 {quote.until.month}月{quote.until.day}日 就过期了，请重新报一次再谈。")
    rules, products = turn.rulebook.prices, turn.lexicon.products
    own = own_limit(turn.person.role, rules)
    decision = decided(quote, intent.wishes, own, rules, products, turn.rulebook.stock)
    if decision.outcome == "refused":
        return say(turn, f"{decision.words}\n这样回客户：“{_instead(decision.quote)}”")
    reply = _withdrawn(table, turn)
    if decision.outcome == "granted":
        new = quotes.keep(decision.quote, turn, _whom(row), **_about(decision.quote, intent.words))
        return reply + quotes.given(new, decision.quote, around_of(row, intent.words, turn), turn)
    return reply + _submitted(decision, row, intent.words, turn)


def _submitted(decision: Decision, row: RecordRow, words: str, turn: Turn) -> Reply:
    """To the manager, by the flow. The quote in force stays on the table until he has agreed."""
    new = quotes.keep(decision.quote, turn, _whom(row), over_limit=True, **_about(decision.quote, words))
    deciding = [flow for flow in flows.beginning("submitted", new, turn) if flow.decides]
    if not deciding:
        raise Refusal("公司没有设报价审批，超出你权限的价给不了。")
    sent = approvals.submit(new, deciding, turn)
    return say(turn, f"{decision.words}批下来之前先按原价谈。") + sent + lead_follow_ups.recorded([new], turn)


def _about(quote: Quote, words: str) -> dict[str, Any]:
    below = max(line.below_standard for line in quote.lines)
    return {"asked": words, "below": f"比按规则的价低 {below}%" if below else None, "objections": ["price"]}


def _whom(row: RecordRow) -> dict[str, Any]:
    return {name: row.data.get(name) for name in ("customer", "customer_name", "lead")}


def _withdrawn(like: RecordRow, turn: Turn) -> Reply:
    """What of the same customer waits for approval need not be decided any more."""
    waiting = latest(turn.work.session, like, ("submitted",))
    if waiting is None:
        return Reply()
    turn.work.records.set_status(waiting, "undone", "客户又提了别的价")
    return flows.withdraw(waiting, turn, "客户又提了别的价，不用批了")


def _instead(nearest: Quote) -> str:
    first = nearest.lines[0]
    price = f"{fen_words(first.price)}一{first.unit}"
    return f"{first.name}我最多给您到{price}，再低公司真没有这个价；量再大一点我帮您算下一档。"
