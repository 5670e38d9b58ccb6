"""Goods told one by one: each product with its amount."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from domain.forms import Form
from domain.intents import Said
from nlu.language.matching import Compiled
from nlu.language.quantities import Quantity
from nlu.language.said import ranged
from nlu.language.spans import Scan, Span

if TYPE_CHECKING:
    from nlu.language.slots import Draft


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
    if form.field("unit"):
        fields["unit"] = Said(value=amount.unit, words=span.words)
    return fields


def lines_of(draft: "Draft", scan: Scan, cues: Compiled) -> list[Line]:
    """Pair each amount with the product beside it. 原味50箱草莓20箱 are two lines, 两箱原味 one."""
    products, amounts = (
        draft.of("product"),
        [q for q in draft.of("quantity") if q.value.value is not None or not q.value.each],
    )
    zeros = _zeros(draft, scan, cues)
    gone_amounts = {a for _, _, inside in zeros for a in inside}
    amounts = [q for q in amounts if q.at not in gone_amounts]
    pairs = _paired(products, amounts, scan.masked)
    free = [p for p in products if p not in pairs.values()]
    lines = [Line(pairs.get(q.at), q) for q in amounts]
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


def _place(line: Line, draft: "Draft") -> int:
    span = line.product or line.quantity
    return span.at if span else draft.start


def _zeros(draft: "Draft", scan: Scan, cues: Compiled) -> list[tuple[int, str, tuple[int, ...]]]:
    """Where the words say that nothing is left: (place, words, places of amounts in them)."""
    if not any(f.type == "quantity" and f.choices for f in draft.form.fields):
        return []
    stretch = scan.masked[draft.left : draft.right]
    found = [m for m in cues.choices[draft.form.key].find(stretch) if m.key.endswith("=0")]
    seen: list[tuple[int, str, tuple[int, ...]]] = []
    covered = -1
    for match in sorted(found, key=lambda m: (m.start, -m.end)):
        if match.start >= covered:
            start, end = draft.left + match.start, draft.left + match.end
            inside = tuple(i for i in range(start, end) if i in scan.by_place)
            seen.append((start, scan.words(start, end), inside))
            covered = match.end
    return seen


def _paired(products: list[Span], amounts: list[Span], masked: str) -> dict[int, Span]:
    """Amount → its product. A speaker keeps to one order: 原味十箱草莓五箱, or 十箱原味五箱草莓."""
    after = _one_way(products, amounts, masked, product_first=True)
    before = _one_way(products, amounts, masked, product_first=False)
    best = max((before, after), key=lambda pairs: (len(pairs), -_total(pairs)))
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


def _total(pairs: dict[int, Span]) -> int:
    return sum(abs(product.at - at) for at, product in pairs.items())


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
