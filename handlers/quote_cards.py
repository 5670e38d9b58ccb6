"""A quote as the rep reads it: in words to be said, and as a card. No floor stands in either."""

from domain.cards import Card, Line
from domain.coaching import QuoteScript
from domain.errors import Refusal
from domain.pricing.quotes import Quote, QuoteLine, amount_words, fen_words
from domain.pricing.rules import Scenario
from domain.pricing.scenarios import Around
from handlers import objection_taps
from handlers.turn import Turn
from storage.tables import RecordRow

WISHES = "客户还价就照说，比如“他要再便宜两块”“按38一箱”“满100箱送5箱”。"


def goods_words(quote: Quote, turn: Turn) -> str:
    return "；".join(_line(line, turn) for line in quote.lines)


def said(quote: Quote, around: Around, scenario: Scenario | None, spoken: list[str], turn: Turn) -> str:
    """The price, why it is so, and the sentences of the situation."""
    whom = f"给「{around.customer}」" if around.customer else "（没说客户，按没有级别的客户算）"
    lines = [f"{whom}报价：", *(f"· {_line(line, turn)}{_why(line)}" for line in quote.lines)]
    lines.append(f"合计 {fen_words(quote.total)}，{quote.until.month}月{quote.until.day}日前有效。")
    if spoken:
        lines += [
            f"可以这样说（{scenario.label if scenario else ''}）：",
            *(f"“{words}”" for words in spoken),
        ]
    return "\n".join(lines)


def quote_card(row: RecordRow, quote: Quote, around: Around, scenario: Scenario | None, turn: Turn) -> Card:
    script = _script(scenario, turn)
    notes = [f"{line.name}{_why(line)}" for line in quote.lines if line.why]
    notes += (
        [f"换条件：{'；'.join(script.give_get)}。别说：{'、'.join(script.forbidden)}。"] if script else []
    )
    return Card(
        ref=f"quotation:{row.id}",
        revision=1,
        title=f"报价：{around.customer or '未说客户'}",
        subtitle=scenario.label if scenario else "",
        lines=(
            *(Line(label=line.name, value=_line(line, turn)) for line in quote.lines),
            Line(label="合计", value=fen_words(quote.total)),
            Line(label="有效期到", value=quote.until.isoformat()),
        ),
        note="\n".join([*notes, WISHES]),
        buttons=objection_taps.buttons(),
    )


def _script(scenario: Scenario | None, turn: Turn) -> QuoteScript | None:
    """What is asked for in exchange, and what must not be said: from the coaching library, where there is one."""
    if scenario is None:
        return None
    try:
        scripts = turn.coach().library.scripts
    except Refusal:
        return None
    return next((script for script in scripts if script.id == scenario.key), None)


def _line(line: QuoteLine, turn: Turn) -> str:
    product = turn.lexicon.products[line.product]
    amount = amount_words(line, product, turn.rulebook.stock)
    gifts = "".join(f"，送{_gift(gift.product, gift.pieces, turn)}" for gift in line.gifts)
    return f"{line.name} {amount} × {fen_words(line.price)}/{line.unit} = {fen_words(line.amount)}{gifts}"


def _gift(code: str, pieces: int, turn: Turn) -> str:
    product = turn.lexicon.products[code]
    like = QuoteLine(
        product=code,
        name=product.name,
        unit=product.unit,
        pack=1,
        pieces=pieces,
        list_price=0,
        standard=0,
        price=0,
    )
    return f"{product.name}{amount_words(like, product, turn.rulebook.stock)}"


def _why(line: QuoteLine) -> str:
    if line.price < line.list_price and line.why:
        return f"（标价 {fen_words(line.list_price)}，{'、'.join(line.why)}）"
    return "（标价）" if line.price == line.list_price else ""
