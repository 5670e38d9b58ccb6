"""From spans and cues to the fields of one record."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from domain.forms import Form, FormField
from domain.intents import Said
from nlu.language.lexicon import Lexicon
from nlu.language.matching import Compiled
from nlu.language.numbers import plain
from nlu.language.quantities import Factor, Money, Quantity
from nlu.language.spans import Mention, Scan, Span
from nlu.language.times import When, iso

NEXT = {"next_step": "next_date"}
"""A text field and the date that is said in the same breath."""

_TRAILING = "，。、；！？ 了的"


@dataclass(frozen=True)
class Line:
    """One product with its amount, as far as they were said."""

    product: Span | None = None
    quantity: Span | None = None
    zero: str = ""
    """Words by which there is nothing left."""


@dataclass
class Draft:
    """One record while its fields are being collected."""

    form: Form
    start: int
    left: int
    right: int
    planned: bool
    spans: list[Span]
    done: bool = False
    fields: dict[str, Said] = field(default_factory=dict)
    customer: Span | None = None
    lines: list[Line] = field(default_factory=list)
    used: set[int] = field(default_factory=set)

    @property
    def told(self) -> bool:
        """Whether an amount was said, or that nothing is left."""
        return any(x.quantity or x.zero for x in self.lines)

    def of(self, *kinds: str) -> list[Span]:
        return [s for s in self.spans if s.kind in kinds and s.at not in self.used]


def fill(draft: Draft, scan: Scan, cues: Compiled, now: datetime) -> None:
    """Everything but customer and goods: cued fields first, then what only its type tells."""
    for match_field, start, end in _cued(draft, scan, cues):
        _take_cued(draft, match_field, start, end, scan, now)
    _choices(draft, scan, cues)
    _times(draft, scan, now)
    _money(draft)
    _rest(draft)
    if draft.planned and _plannable(draft.form) and not _long_gone(draft, now):
        draft.fields["planned"] = Said(value=True)


def _cued(draft: Draft, scan: Scan, cues: Compiled) -> Iterator[tuple[FormField, int, int]]:
    stretch = scan.masked[draft.left : draft.right]
    for match in cues.fields[draft.form.key].find(stretch):
        found = draft.form.field(match.key)
        if found and found.id not in draft.fields:
            yield found, draft.left + match.start, draft.left + match.end


def _take_cued(draft: Draft, wanted: FormField, start: int, end: int, scan: Scan, now: datetime) -> None:
    if wanted.id in draft.fields:
        return
    if wanted.type == "text":
        _take_text(draft, wanted, start, end, scan, now)
        return
    kinds = {"date": ("date",), "datetime": ("date",), "money": ("money", "price")}.get(
        wanted.type, (wanted.type,)
    )
    for span in draft.spans:
        if start <= span.at < end and span.kind in kinds and span.at not in draft.used:
            said = said_value(span, wanted, done=False)
            if said:
                draft.fields[wanted.id] = said
                draft.used.add(span.at)
            return


def _take_text(draft: Draft, wanted: FormField, start: int, end: int, scan: Scan, now: datetime) -> None:
    stop = min(scan.soft_clause(max(end - 1, start))[1], draft.right)
    paired = draft.form.field(NEXT.get(wanted.id, ""))
    first = scan.by_place.get(start)
    if paired:
        when = next((s for s in draft.of("date") if start <= s.at < stop), None)
        said = said_value(when, paired, done=False) if when else None
        if when and said:
            draft.fields[paired.id] = said
            draft.used.add(when.at)
        if first and first.kind == "date":
            start += 1
    words = scan.words(start, stop).strip(_TRAILING)
    if words:
        draft.fields[wanted.id] = Said(value=words, words=words)
        # An amount that the cue itself names (有一箱下周过期) is part of these words and of nothing else.
        draft.used.update(
            s.at for s in draft.spans if start <= s.at < end and s.kind in ("quantity", "number")
        )


def _choices(draft: Draft, scan: Scan, cues: Compiled) -> None:
    stretch = scan.masked[draft.left : draft.right]
    best: dict[str, tuple[int, str, str]] = {}
    for match in cues.choices[draft.form.key].find(stretch):
        name, _, key = match.key.partition("=")
        wanted = draft.form.field(name)
        if wanted is None or wanted.type != "choice" or (name in best and best[name][0] >= match.weight):
            continue
        words = scan.words(draft.left + match.start, draft.left + match.end)
        best[name] = (match.weight, key, words)
    for name, (_, key, words) in best.items():
        draft.fields.setdefault(name, Said(value=key, words=words))


def _times(draft: Draft, scan: Scan, now: datetime) -> None:
    """The first time is when it happened or will; a day to come of something done is when it is expected."""
    form = draft.form
    happened, expected = form.field("happened_at"), form.field("expected_date")
    for span in draft.of("date"):
        when: When = span.value
        if when.kind == "recurring":
            continue
        ahead = _ahead(when, span, draft, now)
        target = expected if ahead and expected else happened
        if (
            target is None
            or target.id in draft.fields
            or (ahead and target is happened and not _plannable(form))
        ):
            continue
        if ahead and _plannable(form) and target is happened:
            draft.planned = True
        said = said_value(span, target, done=not ahead)
        if said and when.past and not (ahead or draft.done or _tells_of_the_past(draft, scan)):
            said = Said(value=None, words=span.words, alternatives=_both(when))
        if said is None:
            continue
        draft.fields[target.id] = said
        draft.used.add(span.at)
        if ahead and _plannable(form):
            draft.planned = True


def _long_gone(draft: Draft, now: datetime) -> bool:
    """昨天付清了 is no promise: every time that was said lies behind."""
    times = [s.value for s in draft.spans if s.kind == "date" and s.value.value is not None]
    if not times:
        return False
    return all(w.past is None and w.until is None and not _later(w.value, now) for w in times) and any(
        not isinstance(w.value, datetime) and w.value < now.date() for w in times
    )


def _plannable(form: Form) -> bool:
    return form.field("planned") is not None


def _ahead(when: When, span: Span, draft: Draft, now: datetime) -> bool:
    """Whether a time lies ahead of what is told. 周五 alone does in a plan, and after something ordered."""
    if when.past is not None:
        return draft.planned or (draft.form.field("expected_date") is not None and span.at > draft.start)
    value = when.value or (when.alternatives[0] if when.alternatives else None)
    if value is None or draft.done:
        return value is not None and draft.form.field("expected_date") is not None and _later(value, now)
    return _later(value, now)


def _later(value: date, now: datetime) -> bool:
    return value > now if isinstance(value, datetime) else value > now.date()


def _tells_of_the_past(draft: Draft, scan: Scan) -> bool:
    if "result" in draft.fields or "amount" in draft.fields:
        return True
    return bool(re.search("[了过]|没|刚|已", scan.masked[draft.left : draft.right]))


def _both(when: When) -> tuple[str, ...]:
    return tuple(dict.fromkeys(iso(v) for v in (when.past, when.value) if v is not None))


def _money(draft: Draft) -> None:
    form = draft.form
    fields = [f for f in form.fields if f.type == "money" and not f.hidden]
    for span in draft.of("money", "price"):
        free = [f for f in fields if f.id not in draft.fields]
        if not free:
            return
        prices = [f for f in free if f.id == "price"]
        amounts = [f for f in free if f.id != "price"]
        wanted = (prices or amounts) if span.kind == "price" else (amounts or prices)
        said = said_value(span, wanted[0], done=True)
        if said:
            draft.fields[wanted[0].id] = said
            draft.used.add(span.at)


def _rest(draft: Draft) -> None:
    for wanted in draft.form.fields:
        kinds = {"contact": ("contact",), "competitor": ("competitor",), "person": ("person",)}.get(
            wanted.type
        )
        if wanted.type == "number":
            kinds = ("factor",) if wanted.id == "discount" else ("number",)
        if kinds is None or wanted.id in draft.fields:
            continue
        for span in draft.of(*kinds):
            said = said_value(span, wanted, done=True)
            if said:
                draft.fields[wanted.id] = said
                draft.used.add(span.at)
                break
    if not draft.form.by_product:
        _loose_goods(draft)


def _loose_goods(draft: Draft) -> None:
    """Product and amount of a form that is not told product by product."""
    for wanted in draft.form.fields:
        if wanted.type == "product" and wanted.id not in draft.fields:
            span = next(iter(draft.of("product")), None)
            if span and len(span.value) == 1:
                draft.fields[wanted.id] = Said(value=span.value[0], words=span.words)
        if wanted.type == "quantity" and wanted.id not in draft.fields:
            span = next(iter(draft.of("quantity")), None)
            if span and not span.value.each:
                draft.fields.update(amount_fields(span, draft.form))


def amount_fields(span: Span, form: Form) -> dict[str, Said]:
    """quantity and unit of an amount of goods."""
    amount: Quantity = span.value
    fields = {"quantity": ranged(amount.value, amount.low, amount.high, span.words)}
    if form.field("unit"):
        fields["unit"] = Said(value=amount.unit, words=span.words)
    return fields


def ranged(value: Decimal | None, low: Decimal | None, high: Decimal | None, words: str) -> Said:
    """A number, or its two ends where only a range was said."""
    if value is not None:
        return Said(value=plain(value), words=words)
    ends = tuple(plain(n) for n in (low, high) if n is not None)
    return Said(value=None, words=words, alternatives=ends)


def said_value(span: Span, wanted: FormField | None, done: bool) -> Said | None:
    """The value of a span as the field wants it; None where it does not fit."""
    value = span.value
    if isinstance(value, When):
        return _said_time(value, span.words, wanted, done)
    if isinstance(value, Money):
        return ranged(value.value, value.low, value.high, span.words)
    if isinstance(value, Quantity):
        return ranged(value.value, value.low, value.high, span.words)
    if isinstance(value, Factor):
        return Said(value=float(value.value), words=span.words)
    if isinstance(value, Mention):
        return said_customer(value, span.words)
    if isinstance(value, tuple):
        if len(value) == 1:
            return Said(value=value[0], words=span.words)
        return Said(value=None, words=span.words, alternatives=value)
    return Said(value=value, words=span.words)


def said_customer(mention: Mention, words: str) -> Said:
    if mention.sure and len(mention.codes) == 1:
        return Said(value=mention.codes[0], words=words)
    return Said(value=None, words=words, alternatives=mention.codes)


def _said_time(when: When, words: str, wanted: FormField | None, done: bool) -> Said | None:
    if when.kind == "impossible":
        return Said(value=None, words=words, alternatives=(when.problem,))
    if when.alternatives:
        return Said(value=None, words=words, alternatives=tuple(iso(a) for a in when.alternatives))
    value = when.at(done)
    if value is None:
        return None
    if when.kind == "range" and when.until is not None:
        if wanted is not None and wanted.id == "happened_at" and isinstance(value, datetime):
            return Said(value=iso(value), words=words)
        if wanted is not None and wanted.id != "happened_at":
            # 下周送: some day of that week; the last day is not what was said.
            return Said(value=None, words=words, alternatives=(iso(value), iso(when.until)))
        return None
    if wanted is not None and wanted.type == "date" and isinstance(value, datetime):
        return Said(value=value.date().isoformat(), words=words)
    return Said(value=iso(value), words=words)


def lines_of(draft: Draft, scan: Scan, cues: Compiled) -> list[Line]:
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


def _place(line: Line, draft: Draft) -> int:
    span = line.product or line.quantity
    return span.at if span else draft.start


def _zeros(draft: Draft, scan: Scan, cues: Compiled) -> list[tuple[int, str, tuple[int, ...]]]:
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


def _read_day(text: str) -> str:
    """2026-03-13 as 3月13日 周五, with its time where it has one."""
    at = datetime.fromisoformat(text)
    words = f"{at.month}月{at.day}日 周{'一二三四五六日'[at.weekday()]}"
    return words if len(text) <= 10 else f"{words} {at:%H:%M}"


def choices_for(codes: Iterable[Any], lexicon: Lexicon, kind: str) -> tuple[tuple[str, str], ...]:
    """(value, label) of candidates, for quick replies; at most five."""
    labels = []
    for code in codes:
        if kind in ("date", "datetime"):
            labels.append((str(code), _read_day(str(code))))
            continue
        if kind == "customer" and code in lexicon.customers:
            labels.append((str(code), lexicon.customers[code].name))
        elif kind == "product" and code in lexicon.products:
            labels.append((str(code), lexicon.products[code].name))
        elif kind == "person" and code in lexicon.people:
            labels.append((str(code), lexicon.people[code].name))
        elif kind not in ("customer", "product", "person"):
            labels.append((str(code), str(code)))
    return tuple(labels[:5])
