"""Goods told one by one: each product with its amount."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from domain.forms import Form
from domain.intents.records import Said
from nlu.language.matching import Compiled
from nlu.language.quantities import Quantity
from nlu.language.said import ranged
from nlu.language.spans import LETTERS, Scan, Span

if TYPE_CHECKING:
    from nlu.language.drafts import Draft


@dataclass(frozen=True)
class Line:
    """One product with its amount, as far as they were said."""

    product: Span | None = None
    quantity: Span | None = None
    zero: str = ""
    """Words by which there is nothing left."""


def amount_fields(span: Span, form: Form) -> dict[str, Said]:
    """quantity and unit of an amount of goods."""
    amount: Quantity = span.value
    fields = {"quantity": ranged(amount.value, amount.low, amount.high, span.words)}
    if form.field("unit") and amount.unit:
        fields["unit"] = Said(value=amount.unit, words=span.words)
    return fields


def lines_of(draft: "Draft", scan: Scan, cues: Compiled) -> list[Line]:
    """Pair each amount with the product beside it. 原味50箱草莓20箱 are two lines, 两箱原味 one."""
    products, amounts = (
        draft.of("product"),
        [q for q in draft.of("quantity") if _counts(q, draft, scan)],
    )
    amounts = _without_totals(amounts, scan.masked)
    zeros = _zeros(draft, scan, cues)
    gone_amounts = {a for _, _, inside in zeros for a in inside}
    amounts = [q for q in amounts if q.at not in gone_amounts]
    empty = [p for p in products if any(_beside(p, at, amounts, scan.masked) for at, _, _ in zeros)]
    pairs = paired([p for p in products if p not in empty], amounts, scan.masked)
    free = [p for p in products if p not in pairs.values()]
    lines = [line for q in amounts for line in _each(q, pairs.get(q.at), free, scan.masked)]
    for at, words, _ in zeros:
        gone = [p for p in free if p.at < at]
        if gone:
            run = _run(gone, scan.masked)
            lines.extend(Line(p, None, words) for p in run)
            free = [p for p in free if p not in run]
        elif not lines:
            lines.append(Line(None, None, words))
    if not lines:
        lines = [Line(p) for p in _run(free, scan.masked)] if free else []
    return sorted(lines, key=lambda x: _place(x, draft))


def _each(amount: Span, product: Span | None, free: list[Span], masked: str) -> list[Line]:
    """纯牛奶和早餐奶各二十箱: so much of each product of the list."""
    before = [p for p in free if p.at < amount.at]
    if (
        product is None
        or product.at > amount.at
        or not masked[: amount.at].endswith(("各", "都是", "各要", "各来", "各补"))
    ):
        return [Line(product, amount)]
    return [Line(p, amount) for p in _run([*before, product], masked)]


def _beside(product: Span, zero: int, amounts: list[Span], masked: str) -> bool:
    """纯牛奶空了: nothing stands between the product and the words that none of it is left."""
    between = masked[product.at + 1 : zero]
    return (
        product.at < zero
        and len(between) <= 6
        and not re.search("[，。；、]", between)
        and not any(product.at < q.at < zero for q in amounts)
    )


def _without_totals(amounts: list[Span], masked: str) -> list[Span]:
    """加上昨天的10箱，一共15箱: neither the sum nor what had been told before is a line of its own."""
    own = [q for q in amounts if not _TOTAL.search(masked[max(0, q.at - 4) : q.at])]
    return own or amounts


_TOTAL = re.compile(f"(?:一共|总共|合计|共计|总计|加上|算上|连同)[{LETTERS['date']}的]*$")
_SOLD = re.compile(
    "(?:走|卖|销|消化|周转|卖脱|卖掉|卖出|走掉|能走|能卖|走量|出货)(?:了|掉|出|出去|得|能|个|大概|差不多|有|约)*$"
)


_A_PART = re.compile(f"(?:其中|里面|里头|里边)的?(?:有|还有)?[{LETTERS['product']}]?(?:有)?$")
_STALE = re.compile("的?(?:都|是|快|已经|也)*(?:临期|过期|到期|老日期|日期)")
"""其中草莓味9箱临期: a part of what was counted is a remark on it, no line of its own."""


def _counts(span: Span, draft: "Draft", scan: Scan) -> bool:
    """Whether an amount belongs to this record: not what merely measures a price, nor what was sold to others."""
    if span.value.value is None and span.value.each:
        return False
    if _A_PART.search(scan.masked[max(0, span.at - 5) : span.at]) and _STALE.match(scan.masked, span.at + 1):
        return False
    if re.match("太[多少]|[多少]了点", scan.masked[span.at + 1 : span.at + 4]):
        return False
    if re.search("(?:返点|返利|扣点|返|点)$", scan.masked[max(0, span.at - 3) : span.at]):
        return False
    if scan.masked[span.at + 1 : span.at + 3].lstrip("的").startswith(LETTERS["competitor"]):
        return False
    return not _SOLD.search(scan.masked[max(0, span.at - 6) : span.at])


def without_echoes(lines: list[Line]) -> list[Line]:
    """早餐奶有股怪味，三箱都要退: a product named without an amount and once more with it is one line."""
    told = {x.product.value for x in lines if x.product and (x.quantity or x.zero)}
    return [x for x in lines if x.quantity or x.zero or not (x.product and x.product.value in told)]


def _place(line: Line, draft: "Draft") -> int:
    span = line.product or line.quantity
    return span.at if span else draft.start


_NEARLY = re.compile("(?:快|快要|差点|差点就|马上要|快要卖)$")
"""快没了: something is left."""


def _zeros(draft: "Draft", scan: Scan, cues: Compiled) -> list[tuple[int, str, tuple[int, ...]]]:
    """Where the words say that nothing is left: (place, words, places of amounts in them)."""
    if not any(f.type == "quantity" and f.choices for f in draft.form.fields):
        return []
    stretch = scan.masked[draft.left : draft.right]
    found = [m for m in cues.choices[draft.form.key].find(stretch) if m.key.endswith("=0")]
    seen: list[tuple[int, str, tuple[int, ...]]] = []
    covered = -1
    for match in sorted(found, key=lambda m: (m.start, -m.end)):
        if match.start >= covered and not _NEARLY.search(stretch, 0, match.start):
            start, end = draft.left + match.start, draft.left + match.end
            inside = tuple(i for i in range(start, end) if i in scan.by_place)
            seen.append((start, scan.words(start, end), inside))
            covered = match.end
    return seen


def paired(products: list[Span], amounts: list[Span], masked: str) -> dict[int, Span]:
    """Amount → its product. A speaker keeps to one order: 原味十箱草莓五箱, or 十箱原味五箱草莓."""
    after = _one_way(products, amounts, masked, product_first=True)
    before = _one_way(products, amounts, masked, product_first=False)
    best = max((before, after), key=lambda pairs: (len(pairs), -_total(pairs, masked)))
    left = [q for q in amounts if q.at not in best]
    for amount in left:
        near = [p for p in products if p not in best.values() and not _barrier(masked, p.at, amount.at)]
        if near:
            best[amount.at] = min(near, key=lambda p: abs(p.at - amount.at))
    return best


def _one_way(products: list[Span], amounts: list[Span], masked: str, product_first: bool) -> dict[int, Span]:
    """Pairs of neighbours, all with the product first or all with the amount first."""
    line = sorted([*products, *amounts], key=lambda s: s.at)
    pairs = {}
    for one, other in pairwise(line):
        product, amount = (one, other) if product_first else (other, one)
        if product.kind == "product" and amount.kind == "quantity" and not _barrier(masked, one.at, other.at):
            pairs[amount.at] = product
    return pairs


def _total(pairs: dict[int, Span], masked: str) -> int:
    """How far apart they stand; a comma counts for many letters."""
    return sum(abs(product.at - at) + 6 * _commas(masked, product.at, at) for at, product in pairs.items())


def _commas(masked: str, one: int, other: int) -> int:
    return sum(masked[i] in "，、；" for i in range(min(one, other), max(one, other)))


def _barrier(masked: str, one: int, other: int) -> bool:
    between = masked[min(one, other) + 1 : max(one, other)]
    return len(between) > 12 or bool(re.search("[。！？；]", between))


def _run(products: list[Span], masked: str) -> list[Span]:
    """The products of a list (原味和草莓), ending with the last one."""
    run = [products[-1]]
    for product in reversed(products[:-1]):
        if re.fullmatch("[和跟及与、，还有以]{1,2}", masked[product.at + 1 : run[0].at]):
            run.insert(0, product)
    return run
