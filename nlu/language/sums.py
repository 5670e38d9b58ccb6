"""Which sum of a record is what: paid, owed, asked, or only a difference."""

import re

from domain.forms import Form
from nlu.language.drafts import Draft
from nlu.language.quantities import SHELF_UNITS
from nlu.language.said import said_value
from nlu.language.spans import Scan, Span

_DIFFERENCE = re.compile(
    "(?:便宜|降|让|让利|优惠|少|返|省|涨|涨价|降价|贵|加|低|高|(?<!还)差|补贴|补)(?:了|个|他|点|掉|我们|咱们|老板|店长|店家|给他)?$"
)
_DUE = re.compile(
    "(?:应该|应|本该|该|本来|本来该|原价|原来|正常|规定|要求|说好|定)(?:的|价)?(?:是|卖|为|标)?(?:的|价)?$"
)
"""活动价应该是2块9: what it ought to cost is not what it costs."""
_TOO_DEAR = re.compile("(?:太|有点|还是|偏|也|的价)?[高贵]")
"""A sum by which a price changes is no price."""


def _is_a_gap(draft: Draft, span: Span, scan: Scan) -> bool:
    """对了账，差了两百: by how much two accounts differ is no payment."""
    return bool(
        re.search("[对核].{0,6}账", scan.masked[draft.left : draft.right])
        and re.search("(?<!还)(?:差|多|少|出入)了?$", scan.masked[max(0, span.at - 3) : span.at])
    )


def _too_little(span: Span, draft: Draft) -> bool:
    """57 beside 20箱 is what one of them costs."""
    amounts = [s.value.value for s in draft.spans if s.kind == "quantity" and s.value.value]
    value = span.value.value
    return value is not None and bool(amounts) and min(amounts) >= 3 and value < 100


def _is_owed(span: Span, draft: Draft, scan: Scan) -> bool:
    """欠的3500今天给了2000: what was owed is not what was paid, where a later sum is."""
    owed = re.search(
        "(?:欠|欠的|欠款|欠着|应付|应收|挂着|总共|货款一共|拖着)(?:是|的|有)?$",
        scan.masked[max(0, span.at - 5) : span.at],
    )
    later = [s for s in draft.of("money") if s.at > span.at]
    return bool(owed) and any(
        re.search("[给付打转结还汇回]了?(?:一半|一部分|部分)?$", scan.masked[max(0, s.at - 5) : s.at])
        for s in later
    )


_ASKED_FOR = re.compile("能不能|可不可以|行不行|能否")
"""问能不能做到43: what was asked for is not what was agreed."""
_NO_GOODS_COST = 1000
"""Yuan: no box of anything on these shelves costs so much; it is what somebody paid for a place."""


def _is_a_fee(span: Span, scan: Scan) -> bool:
    """进店费2000, 500块陈列费: what the competitor pays is not what his goods cost."""
    if span.value.value is not None and span.value.value >= _NO_GOODS_COST:
        return True
    before, after = scan.masked[max(0, span.at - 5) : span.at], scan.masked[span.at + 1 : span.at + 6]
    return bool(
        re.search("费(?:用|是|给|要|交|了)*$|(?:月|年|季度)(?:给|付|出|补)?$", before)
        or re.match("的?[^，。；]{0,3}费", after)
    )


def take_sums(draft: Draft, scan: Scan) -> None:
    form = draft.form
    fields = [f for f in form.fields if f.type == "money" and not f.hidden]
    for span in draft.of("money", "price"):
        if _DIFFERENCE.search(scan.masked[max(0, span.at - 4) : span.at]) or _is_a_gap(draft, span, scan):
            continue
        if form.key == "order" and _ASKED_FOR.search(scan.masked, *scan.soft_clause(span.at)):
            continue
        if form.key == "payment" and not draft.planned and _is_owed(span, draft, scan):
            continue
        if form.key == "competitor" and _is_a_fee(span, scan):
            continue
        if form.key == "promotion_check" and (
            _DUE.search(scan.masked[max(0, span.at - 6) : span.at])
            or re.match("(?:进|拿|供)(?:的|货|价)", scan.masked[span.at + 1 : span.at + 3])
        ):
            continue
        if (
            draft.form.key == "quote"
            and _TOO_DEAR.match(scan.masked, span.at + 1)
            and len(draft.of("money", "price")) > 1
        ):
            continue
        free = [f for f in fields if f.id not in draft.fields]
        if not free:
            return
        prices = [f for f in free if f.id == "price"]
        amounts = [f for f in free if f.id != "price"]
        by_unit = span.kind == "price" or (form.key == "order" and _too_little(span, draft))
        wanted = (prices or amounts) if by_unit else (amounts or prices)
        said = said_value(span, wanted[0], done=True)
        if said and not (wanted[0].id == "amount" and span.kind == "price" and not _for_a_place(span, form)):
            draft.fields[wanted[0].id] = said
            draft.used.add(span.at)


def _for_a_place(span: Span, form: Form) -> bool:
    """每组300, 一个1200: what a place on the shelf costs, where goods have no price."""
    return form.key == "display" and span.value.unit in ("", *SHELF_UNITS)
