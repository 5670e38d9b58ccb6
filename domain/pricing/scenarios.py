"""Which of the five situations a quote is in, and its sentences with this customer's own numbers in them."""

from collections.abc import Mapping
from datetime import date

from domain.pricing.quotes import Goods, Prices, Quote, fen_words, quoted
from domain.pricing.rules import PriceRules, Scenario, ScenarioKey, slots_in
from domain.values import Value


class Around(Value):
    """What is known of the customer and of what was said. Everything may be unknown."""

    words: str = ""
    """Of the request."""
    customer: str = ""
    contact: str = ""
    level: str = ""
    ordered: bool = False
    """Whether he ever bought."""
    contract_end: date | None = None
    competitor: str = ""
    """The one that was named, or lately reported at his place."""


def scenario_of(around: Around, rules: PriceRules, today: date) -> Scenario | None:
    """The words first; then what weighs most: a contract that ends, a first order, a competitor, a season, amounts."""
    said = next((s for s in rules.scenarios if any(word in around.words for word in s.words)), None)
    if said:
        return said
    ends = around.contract_end
    likely: list[tuple[ScenarioKey, bool]] = [
        ("renewal_price_rise", ends is not None and 0 <= (ends - today).days <= rules.renewal_days),
        ("trial_order", not around.ordered),
        ("replace_competitor", bool(around.competitor)),
        ("peak_season_stock", any(season.holds(today) for season in rules.seasons)),
        ("volume_tiers", True),
    ]
    keys = [key for key, holds in likely if holds and rules.scenario(key)]
    return rules.scenario(keys[0]) if keys else None


def sentences(
    scenario: Scenario, quote: Quote, around: Around, rules: PriceRules, prices: Prices, today: date
) -> list[str]:
    """What to say, filled. A sentence that needs something which is not known is left out."""
    known = _known(quote, around, rules, prices, today)
    said = (words for words in scenario.say if all(known.get(slot) for slot in slots_in(words)))
    return [words.format_map(known) for words in said]


def _known(quote: Quote, around: Around, rules: PriceRules, prices: Prices, today: date) -> Mapping[str, str]:
    first = quote.lines[0]
    units = first.pieces // first.pack
    saved = sum(line.list_price * line.pieces // line.pack for line in quote.lines) - quote.total
    known = {
        "customer": around.customer,
        "contact": around.contact,
        "competitor": around.competitor,
        "goods": "、".join(line.name for line in quote.lines),
        "price": fen_words(first.price),
        "unit": first.unit,
        "total": fen_words(quote.total),
        "until": f"{quote.until.month}月{quote.until.day}日",
        "saved": fen_words(saved) if saved > 0 else "",
    }
    more = next((tier.least for tier in rules.tiers_of(first.product) if tier.least > units), None)
    if more and len(quote.lines) == 1:
        goods = [Goods(product=first.product, pieces=more * first.pack)]
        there = quoted(goods, level=around.level, rules=rules, prices=prices, today=today).lines[0].standard
        if there < first.price:
            known |= {"next_units": f"{more}{first.unit}", "next_price": fen_words(there)}
    return known
