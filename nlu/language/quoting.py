"""Asking what goods cost, and what a customer wants beyond the answer. Pure; every number stands in the words.

给华联报个价，原味酸奶50箱 · 华联要50箱能给什么价 · 他要再便宜两块 · 能不能再便宜5% · 按38一箱 · 满100箱送5箱
"""

import re
from datetime import datetime
from decimal import Decimal

from domain.forms import Rulebook
from domain.intents.quotes import AskQuote
from domain.pricing.wishes import Wish
from nlu.language.lexicon import Lexicon
from nlu.language.lines import paired
from nlu.language.mentions import Mention
from nlu.language.normalise import normalise
from nlu.language.numbers import NUMBER, exact
from nlu.language.quantities import Money, Quantity
from nlu.language.spans import LETTERS, Scan, Span, scan

_N = NUMBER.pattern
_ASKS = re.compile(
    "(?:报|算|出|做|开)(?:一?个|一?下|一份)(?:报)?价|^(?:请|帮我|麻烦)?(?:再|重新|帮我)?报价[：:，, ]"
    f"|(?:给|跟|向)[{LETTERS['customer']}{LETTERS['contact']}他她](?:再|先)?报价[：:，, ]|"
    "帮[我他她](?:们)?(?:报|算)价"
    "|(?:能给|可以给|给到|能做到?|能拿到?|按|是|给|卖|报)?(?:个)?(?:什么|啥|多少|哪个|怎么)(?:样)?的?(?:价|价格|价钱)(?:[呢啊]|合适|$|[？?。，])"
    f"|多少钱(?:一|每)?[{LETTERS['quantity']}箱瓶盒件袋提]?(?:[呢啊]|$|[？?。，])|怎么(?:报价|卖|算价)"
)
_AGAIN = re.compile(
    f"(?:那|那么|要是|如果|换成|改成|要)*(?:[{LETTERS['product']}])?[{LETTERS['quantity']}](?:[{LETTERS['product']}])?(?:的话)?呢"
)
_MAY_ASK = re.compile(
    r"[报算出做开]\s*(?:一?个|一?下|一份)?\s*报?价|(?:什么|啥|多少|哪个|怎么)样?的?\s*价|多少钱|怎么\s*(?:报价|卖|算价)"
)
_MAY_ASK_AGAIN = re.compile("呢")
"""Looked for first, since names and numbers cost most: many notes speak of prices, few ask for one."""
_MARKS = "。．.！!？?~～ \n"
_TOLD = re.compile("报(?:了|过|完)|报给了|(?:已经|昨天|刚才|上次)[^，。]{0,6}报|问(?:了|过)|(?:他|她)问")
_OTHERS = re.compile("(?:他们|别人|人家|对方|竞品|对手)(?:家|那边)?(?:报|卖|给|是)")


def request_in(
    text: str,
    *,
    now: datetime,
    lexicon: Lexicon,
    rulebook: Rulebook,
    own: frozenset[str],
    again: bool = False,
) -> AskQuote | None:
    """What somebody wants to be quoted; None where the words ask for no price, or tell of one. `again`: a quote lies
    on the table, so that another amount alone asks for another (要是100箱呢)."""
    if not (_MAY_ASK.search(text) or (again and _MAY_ASK_AGAIN.search(text))):
        return None
    seen = _scanned(text, now, lexicon, rulebook, own)
    asks = _ASKS.search(seen.masked) or (again and _AGAIN.fullmatch(seen.masked.strip(_MARKS)))
    if not asks or _TOLD.search(seen.masked) or _OTHERS.search(seen.masked):
        return None
    spans = sorted(seen.spans, key=lambda span: span.at)
    if any(span.kind in ("date", "money", "price") for span in spans):
        return None
    competitors = [span for span in spans if span.kind == "competitor"]
    if any(_price_of(span, seen) for span in competitors):
        return None
    return AskQuote(
        **_customer(spans),
        **_goods(spans, seen),
        competitor=str(competitors[0].value[0]) if competitors else "",
        words=text,
    )


def _price_of(span: Span, seen: Scan) -> bool:
    """蒙牛什么价: what others take."""
    return bool(_ASKS.match(seen.masked, span.at + 1))


def _scanned(text: str, now: datetime, lexicon: Lexicon, rulebook: Rulebook, own: frozenset[str]) -> Scan:
    said = normalise(text[:400], rulebook.words("speech", "fillers"), rulebook.words("speech", "stutters"))
    return scan(said, now, lexicon, rulebook, own)


def _customer(spans: list[Span]) -> dict[str, object]:
    found = [span for span in spans if span.kind == "customer"]
    if not found:
        return {}
    mention: Mention = found[0].value
    if mention.sure and len(mention.codes) == 1:
        return {"customer": mention.codes[0], "named": found[0].words}
    return {"named": found[0].words, "doubtful": mention.codes}


def _goods(spans: list[Span], seen: Scan) -> dict[str, object]:
    products = [span for span in spans if span.kind == "product"]
    amounts = [s for s in spans if s.kind == "quantity" and s.value.value and not _measures(s)]
    pairs = paired(products, amounts, seen.masked)
    goods: list[tuple[str, Decimal | None, str]] = []
    unclear: list[tuple[str, tuple[str, ...]]] = []
    taken = list(pairs.values())
    for product, amount in [*((pairs.get(a.at), a) for a in amounts), *((p, None) for p in products)]:
        if product is None:
            goods.append(("", *_amount(amount)))
        elif amount is None and product in taken:
            continue
        elif len(product.value) == 1:
            goods.append((product.value[0], *_amount(amount)))
        else:
            unclear.append((product.words, tuple(product.value)))
            goods.append(("", *_amount(amount)))
    return {"goods": tuple(goods), "unclear": tuple(unclear)}


def _measures(span: Span) -> bool:
    """多少钱一箱: one of them is what the price is for."""
    return bool(span.value.each)


def _amount(span: Span | None) -> tuple[Decimal | None, str]:
    return (span.value.value, span.value.unit) if span else (None, "")


LONGEST_WISH = 40
"""Letters: what tells more is a report, which is written down."""
_DONE = re.compile("[订定签见聊谈收下送卖发报要]了|拜访|签到|下单|成交|成了")


# wishes -----------------------------------------------------------------------------------------------------------

_UNIT = "(?:一|每|/)?(?P<{0}>{1})"
_LESS = re.compile(
    f"(?:便宜|降|让|少|优惠|减|抹)(?:了|个|他|点|掉|一点|我们|我)?(?P<sum>[{LETTERS['money']}{LETTERS['price']}])"
)
_EACH_BEFORE = re.compile("(?:每|一)(?P<unit>[一-鿿])(?:都|再|给|就|能不能|可不可以)*$")
_PERCENT = re.compile(
    rf"(?:便宜|降|让|少|优惠|减|让利|下浮|打折)(?:了|个|他|掉|点|到)?(?:(?P<sign>\d+(?:\.\d+)?)[%％]|百分之(?P<words>{_N})|(?P<points>{_N})(?:个百分)?(?:个)?点)"
)
_AT = re.compile(
    "(?:按|就|做到|做|降到|到|给到|给|出|要|只出|成交|卖|拿|开价?|压到|砍到|单价|算)(?:他|她|我)?(?:个)?"
    f"(?P<sum>[{LETTERS['money']}{LETTERS['price']}])"
)
_TOTAL = re.compile(
    f"(?:一共|总共|总价|全部|全包|整单|合计|打包|一口价|凑|抹零到?|抹到)(?:就|按|给|算|是|到|个|只)*(?P<sum>[{LETTERS['money']}{LETTERS['price']}])"
)
_GIFT = re.compile(
    f"(?:(?:满|每|买|够|订|拿)(?P<every>[{LETTERS['quantity']}]))?[，,]?(?:就|再|要|得|能不能|可以)*"
    f"(?:再|要|多|给|白)*(?:送|搭|赠|饶|白给)(?:他|我|点|上)?(?P<first>[{LETTERS['product']}])?"
    f"(?P<count>[{LETTERS['quantity']}])(?P<then>[{LETTERS['product']}])?"
)
_LOWEST = re.compile(
    "底价|成本价?|最低(?:价|价格)?(?:是|能|可以|到底|给|到|卖)?(?:到|给|做到)?(?:多少|几|什么价)|最多能?(?:便宜|让|降)多少|底线|最低能|保底"
)


def wishes_in(
    text: str, *, now: datetime, lexicon: Lexicon, rulebook: Rulebook, own: frozenset[str]
) -> tuple[Wish, ...]:
    """What is wanted beyond the quote that lies on the table, in the order in which it was said; empty where the
    words want nothing of the kind."""
    if len(text) > LONGEST_WISH or _DONE.search(text):
        return ()
    seen = _scanned(text, now, lexicon, rulebook, own)
    masked = seen.masked
    if any(span.kind in ("date", "customer") for span in seen.spans):
        return ()
    found: list[tuple[int, Wish]] = []
    product = _one_product(seen)
    taken: set[int] = set()
    for match in _GIFT.finditer(masked):
        found.append((match.start(), _gift(match, seen, product)))
        taken.update(range(*match.span()))
    for match in _PERCENT.finditer(masked):
        if (value := _percent(match)) is not None:
            found.append((match.start(), Wish(how="off", value=value, product=product)))
            taken.update(range(*match.span()))
    for pattern, how in ((_TOTAL, "total"), (_LESS, "less"), (_AT, "price")):
        for match in pattern.finditer(masked):
            at = match.start("sum")
            money: Money = seen.by_place[at].value
            if at in taken or money.value is None:
                continue
            taken.add(at)
            unit = money.unit or _said_before(masked, match.start()) if how != "total" else ""
            wish = Wish(
                how=how, value=_fen(money.value), unit=unit, product="" if how == "total" else product
            )
            found.append((match.start(), wish))
    for span in seen.spans:
        if span.kind == "factor" and span.at not in taken:
            value = int((1 - span.value.value) * 10_000)
            found.append((span.at, Wish(how="off", value=value, product=product)))
    if not found and (bare := _bare(seen.source.text, product)):
        found.append((0, bare))
    if not found and _LOWEST.search(masked):
        found.append((0, Wish(how="lowest")))
    return tuple(wish for _, wish in sorted(found, key=lambda one: one[0]))


_COIN = {"": 100, "块": 100, "元": 100, "块钱": 100, "毛": 10, "角": 10, "毛钱": 10, "分": 1, "分钱": 1}
_COINS = "|".join(sorted(filter(None, _COIN), key=len, reverse=True))
_OFFER = re.compile(
    rf"(?:(?:他|她|客户|老板|对方)?(?:只?肯?出|说|要|还价|非要)?)?(?:按|就|算|出)*(?P<sum>{_N})(?P<coin>{_COINS})?"
    r"(?:(?:钱)?(?:一|每|/)(?P<unit>[箱瓶盒件袋提包支杯罐]))?(?:(?:能不能|可不可以|可以|能)?(?:给|卖|做|要|接)?)"
    r"(?:给不给|行不行|可以吗|可不可以|能不能|行吗|成不成|能做吗|能给吗|才要|才行|才肯|他就要|就要|吧|呢)?"
)
_BARE_TOTAL = re.compile(
    rf"(?:一共|总共|总价|全部|全包|整单|合计|打包|一口价|抹零到?)(?:就|按|给|算|是|到|抹到?|个|只)*"
    rf"(?P<sum>{_N})(?:行不行|可以吗|行吗|吧)?"
)
_BARE_GIFT = re.compile(
    rf"(?:每|满|买|够)(?P<every>{_N})(?:就|再|得|能不能)?(?:送|搭|赠)(?P<count>{_N})"
    "(?:行不行|可以吗|行吗)?"
)


def _bare(text: str, product: str) -> Wish | None:
    """A number that nothing but an open quote makes a price: 38行不行, 按1分钱一箱, 总价抹到2000, 买10送1."""
    words = text.strip(_MARKS)
    if (
        (gift := _BARE_GIFT.fullmatch(words))
        and (every := exact(gift["every"]))
        and (count := exact(gift["count"]))
    ):
        return Wish(how="gift", every=every, count=count, product=product)
    if (total := _BARE_TOTAL.fullmatch(words)) and (value := exact(total["sum"])) is not None:
        return Wish(how="total", value=_fen(value))
    offer = _OFFER.fullmatch(words)
    value = exact(offer["sum"]) if offer else None
    if offer is None or value is None or offer.end() == offer.end("sum"):
        return None
    return Wish(
        how="price", value=int(value * _COIN[offer["coin"] or ""]), unit=offer["unit"] or "", product=product
    )


def _one_product(seen: Scan) -> str:
    codes = [span.value for span in seen.spans if span.kind == "product" and len(span.value) == 1]
    return str(codes[0][0]) if codes else ""


def _gift(match: re.Match[str], seen: Scan, product: str) -> Wish:
    count: Quantity = seen.by_place[match.start("count")].value
    every: Quantity | None = seen.by_place[match.start("every")].value if match["every"] else None
    named = next((match.start(name) for name in ("then", "first") if match[name]), None)
    given = seen.by_place[named].value[0] if named is not None else ""
    bought = "" if product == given else product
    return Wish(
        how="gift",
        count=count.value or Decimal(0),
        unit=count.unit,
        gift=given,
        product=bought,
        every=every.value or Decimal(0) if every else Decimal(0),
        every_unit=every.unit if every else "",
    )


def _percent(match: re.Match[str]) -> int | None:
    number = Decimal(match["sign"]) if match["sign"] else exact(match["words"] or match["points"])
    return int(number * 100) if number is not None else None


def _said_before(masked: str, at: int) -> str:
    before = _EACH_BEFORE.search(masked[:at])
    return before["unit"] if before else ""


def _fen(yuan: Decimal) -> int:
    """What is finer than a fen is cut off: lower, and so never to our cost unnoticed."""
    return int(yuan * 100)
