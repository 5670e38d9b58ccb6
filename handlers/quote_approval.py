"""A quote below what the rep may give by himself: looked at once more when it is approved, and handed to him then."""

from domain.cards import Text
from domain.errors import Refusal
from domain.pricing.wishes import holds
from handlers.quote_cards import goods_words
from handlers.quote_facts import around_of, quote_of, spoken
from handlers.turn import Reply, Turn, tell
from storage.tables import RecordRow

TOO_LOW = "价格表变了，这份报价现在给不了。请驳回，让业务员重新报一次。"


def check_prices(row: RecordRow, turn: Turn) -> Reply:
    """Before it is approved: by the prices and limits of now. Raises Refusal where it would be too low."""
    rules, products = turn.rulebook.prices, turn.lexicon.products
    if not holds(quote_of(row), rules.limits.manager, rules, products):
        raise Refusal(TOO_LOW)
    return Reply()


def hand_quote(row: RecordRow, turn: Turn) -> Reply:
    """The rep learns what he may give now, and how to say it."""
    quote = quote_of(row)
    known = around_of(row, str(row.data.get("asked") or ""), turn)
    how = "".join(f"\n“{words}”" for words in spoken(quote, known, turn)[1])
    name = known.customer or "客户"
    return tell(row.reporter_id, Text(text=f"「{name}」的价批了，可以给：{goods_words(quote, turn)}。{how}"))
