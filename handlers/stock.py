"""Sample stock: what a request holds, gives back and takes out, how much there is, and what operations are told.

`reserve_stock`, `release_stock` and `issue_stock` are effects of a flow, `(record, turn) -> Reply`: each may be asked
for again and then changes nothing more.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from domain.cards import Text
from domain.errors import Refusal
from domain.flows.definition import Act
from domain.intents.events import Due
from domain.intents.records import Command
from domain.people import Person, Product
from domain.push_times import push_time
from domain.stock import Balance, Lot, balance_of, in_pieces, in_words, whole_part
from handlers.turn import Reply, Turn, say, tell
from storage.tables import RecordRow

WATCH = "stock_watch"
WATCH_AT = 9
"""The hour of the daily look at lots that expire."""
MOST_SHOWN = 12


# effects ---------------------------------------------------------------------------------------------------------


def reserve_stock(record: RecordRow, turn: Turn) -> Reply:
    """Hold what the request asks for, until it is decided or its flow lapses.

    Raises Refusal, with what there is and what could be asked for instead, where there is too little.
    """
    product = product_of(record, turn)
    amount = asked(record, product, turn)
    if not turn.work.stock.reserve(record.id or 0, product.code, amount, turn.local_now.date()):
        raise Refusal(_too_little(record, product, turn))
    said = in_words(amount, product, turn.rulebook.stock)
    turn.work.records.audit(f"record:{record.id}", "stock", None, "reserved", f"占用 {said}")
    return _low(product, turn)


def holds(form: str, turn: Turn) -> bool:
    """Whether records of this form hold stock: one of the form's flows reserves some."""
    return any(
        isinstance(step, Act) and step.action == "reserve_stock"
        for flow in turn.rulebook.flows_of(form)
        for _, _, step in flow.all_steps()
    )


def concerns(record: RecordRow, turn: Turn) -> bool:
    """Whether it has to do with stock; also where a flow was changed that reserved some for it before."""
    return holds(record.form, turn) or bool(
        turn.work.stock.held(record.id or 0, "held", "issued", "received")
    )


def release_stock(record: RecordRow, turn: Turn) -> Reply:
    """Give back what the request holds, so that others can have it."""
    if amount := turn.work.stock.release(record.id or 0):
        _audited(record, "reserved", "released", "归还", amount, turn)
        return _low(_known(record, turn), turn)
    return Reply()


def issue_stock(record: RecordRow, turn: Turn) -> Reply:
    """What the request holds leaves the warehouse. Raises Refusal where it holds nothing any more."""
    amount = turn.work.stock.issue(record.id or 0)
    if not amount:
        raise Refusal("这单已经不占用库存了：发过货，或者已经归还。请看最新的卡片。")
    _audited(record, "reserved", "issued", "出库", amount, turn)
    return _low(_known(record, turn), turn)


def take_back(record: RecordRow, turn: Turn) -> Reply:
    """What was issued is in the warehouse again. Raises Refusal where nothing is out."""
    amount = turn.work.stock.take_back(record.id or 0)
    if not amount:
        raise Refusal("这单没有发出去的样品，不用退回。")
    _audited(record, "issued", "returned", "退回入库", amount, turn)
    return _low(_known(record, turn), turn)


def _audited(record: RecordRow, old: str, new: str, what: str, amount: Decimal, turn: Turn) -> None:
    product = _known(record, turn)
    pieces = f"{amount.normalize():f} 个最小单位（产品 {record.data.get('product')} 已不在名单里）"
    words = in_words(amount, product, turn.rulebook.stock) if product else pieces
    turn.work.records.audit(f"record:{record.id}", "stock", old, new, f"{what} {words}")


def _known(record: RecordRow, turn: Turn) -> Product | None:
    """None where the product is gone from the master data: what is held of it still has to end."""
    return turn.lexicon.products.get(str(record.data.get("product")))


def product_of(record: RecordRow, turn: Turn) -> Product:
    product = _known(record, turn)
    if product is None:
        raise Refusal("这个产品已经不在产品名单里了，请联系运营。")
    return product


def asked(record: RecordRow, product: Product, turn: Turn) -> Decimal:
    """How many pieces the record asks for. Raises Refusal where its words give no whole number of them."""
    return in_pieces(record.data.get("quantity"), record.data.get("unit", ""), product, turn.rulebook.stock)


def _too_little(record: RecordRow, product: Product, turn: Turn) -> str:
    rules = turn.rulebook.stock
    available = turn.work.stock.balance(product.code, turn.local_now.date()).available
    wanted = f"{Decimal(str(record.data['quantity'])).normalize():f}{record.data.get('unit') or product.unit}"
    have = f"现在可用 {in_words(available, product, rules)}" if available else "现在没有可用的样品"
    start = f"「{product.name}」{have}（{_at(turn)}），不够 {wanted}，这次没有占用库存。"
    if possible := whole_part(available, product, rules):
        return f"{start}可以少申请一些：说“改成{possible}”再确认；不要了就说“放弃”。"
    return f"{start}可以换个产品，说“改成原味酸奶”这样就行；不要了就说“放弃”，到货后再申请。"


# how much there is -----------------------------------------------------------------------------------------------


def note_of(records: Iterable[RecordRow], turn: Turn) -> str:
    """For a card: what there is of the products that its requests ask for, and when that was so."""
    return "\n".join(
        _note(record, product, turn)
        for record in records
        if holds(record.form, turn)
        and (product := turn.lexicon.products.get(str(record.data.get("product"))))
    )


def _note(record: RecordRow, product: Product, turn: Turn) -> str:
    rules = turn.rulebook.stock
    balance = turn.work.stock.balance(product.code, turn.local_now.date())
    words = f"{_balance_words(product, balance, turn)}（{_at(turn)}）"
    if record.status != "proposed":
        held = turn.work.stock.held(record.id or 0)
        return f"{words}，本单已占用 {in_words(held, product, rules)}。" if held else f"{words}。"
    if record.data.get("quantity") is None:
        return f"{words}。"
    try:
        amount = asked(record, product, turn)
    except Refusal as refusal:
        return f"{words}。{refusal.words}"
    converted = in_words(amount, product, rules)
    plain = f"{Decimal(str(record.data['quantity'])).normalize():f}{record.data.get('unit') or product.unit}"
    equal = f"，{plain}合 {converted}" if plain != converted else ""
    short = "，不够这次申请的数量" if amount > balance.available else ""
    return f"{words}{equal}{short}。"


def _balance_words(product: Product, balance: Balance, turn: Turn) -> str:
    rules = turn.rulebook.stock
    have, held = in_words(balance.on_hand, product, rules), in_words(balance.reserved, product, rules)
    words = f"{product.name}样品可用 {in_words(balance.available, product, rules)}"
    if balance.available == balance.on_hand:
        return words
    return (
        f"{words}（现有 {have}，占用 {held}）" if balance.reserved else f"{words}（现有 {have}，其余已过期）"
    )


def _at(turn: Turn) -> str:
    return f"{turn.local_now:%m月%d日 %H:%M}"


def query_stock(intent: Command, turn: Turn) -> Reply:
    """草莓酸奶样品还有多少: the balance of the product that was named, or of all."""
    today = turn.local_now.date()
    if "product" in intent.fields:
        product = turn.lexicon.products[intent.fields["product"].value]
        lots = turn.work.stock.lots(product.code)
        if not lots:
            return say(turn, f"「{product.name}」还没有登记样品库存，请问运营。")
        words = _balance_words(product, balance_of(lots, today), turn)
        expiring = "".join(f"；{_expiry(lot, product, turn)}" for lot in lots if _expires_soon(lot, turn))
        return say(turn, f"{words}{expiring}。{_at(turn)}")
    known = [
        (turn.lexicon.products[code], lots)
        for code, lots in turn.work.stock.all_lots().items()
        if code in turn.lexicon.products
    ]
    if not known:
        return say(turn, "还没有登记样品库存，请运营先导入。")
    lines = [f"· {_balance_words(p, balance_of(lots, today), turn)}" for p, lots in known[:MOST_SHOWN]]
    more = [f"还有 {len(known) - MOST_SHOWN} 个产品，说产品名就能查。"] if len(known) > MOST_SHOWN else []
    return say(turn, "\n".join([f"样品库存（{_at(turn)}）", *lines, *more]))


# what operations are told ----------------------------------------------------------------------------------------


def operations(turn: Turn) -> list[Person]:
    """Who looks after the stock; where nobody does, the administrators."""
    return turn.work.people.with_role("operations") or turn.work.people.with_role("admin")


def watch(intent: Due, turn: Turn) -> Reply:
    """After a count, and every morning as long as there are lots that expire: what is low, and what expires soon."""
    stock, names = turn.work.stock, turn.lexicon.products
    known = {code: lots for code, lots in stock.all_lots().items() if code in names}
    low = [
        words
        for code, lots in known.items()
        if (words := _newly_low(names[code], balance_of(lots, turn.local_now.date()), turn))
    ]
    dated = [(names[lot.product], lot) for lots in known.values() for lot in lots if lot.expires_on]
    expiring = [
        _expiry(lot, product, turn)
        for product, lot in dated
        if stock.crosses(f"expiring:{lot.id}", _expires_soon(lot, turn))
    ]
    if any(lot.on_hand for _, lot in dated):
        watching = next(iter(operations(turn)), turn.person)
        turn.work.schedule.at(_next_morning(turn), WATCH, "lots", watching.id)
    return _alert("样品库存偏低", low, turn) + _alert("样品快到期了", expiring, turn)


def _low(product: Product | None, turn: Turn) -> Reply:
    """Operations hear once that a product runs low, and again only after it was filled up in between."""
    if product is None:
        return Reply()
    words = _newly_low(product, turn.work.stock.balance(product.code, turn.local_now.date()), turn)
    return _alert("样品库存偏低", [words], turn) if words else Reply()


def _newly_low(product: Product, balance: Balance, turn: Turn) -> str:
    threshold = turn.rulebook.stock.low.threshold(product)
    if not turn.work.stock.crosses(f"low:{product.code}", balance.available <= threshold):
        return ""
    line = in_words(threshold, product, turn.rulebook.stock)
    return f"{_balance_words(product, balance, turn)}，预警线 {line}"


def _expires_soon(lot: Lot, turn: Turn) -> bool:
    days = timedelta(days=turn.rulebook.stock.expiring_days)
    return bool(lot.on_hand and lot.expires_on and lot.expires_on <= turn.local_now.date() + days)


def _expiry(lot: Lot, product: Product, turn: Turn) -> str:
    left = in_words(lot.on_hand, product, turn.rulebook.stock)
    number = f"批号 {lot.lot} " if lot.lot else ""
    day = f"{lot.expires_on:%Y年%m月%d日}" if lot.expires_on else ""
    over = lot.expires_on is not None and lot.expires_on < turn.local_now.date()
    return f"{product.name} {number}{left}，{day}{'已过期' if over else '到期'}"


def _alert(title: str, lines: list[str], turn: Turn) -> Reply:
    if not lines:
        return Reply()
    shown = [f"· {line}" for line in lines[:MOST_SHOWN]]
    more = [f"还有 {len(lines) - MOST_SHOWN} 项，说“样品库存”看全部。"] if len(lines) > MOST_SHOWN else []
    text = Text(text="\n".join([f"{title}（{_at(turn)}）", *shown, *more]))
    return sum((tell(person.id, text) for person in operations(turn)), Reply())


def _next_morning(turn: Turn) -> datetime:
    morning = turn.local_now.replace(hour=WATCH_AT, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return push_time(morning, turn.zone, WATCH)
