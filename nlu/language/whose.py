"""Whose each record is: the customer it tells of, or all customers of a list."""

from dataclasses import dataclass, field, replace

from domain.intents.records import Said
from nlu.language.drafts import Draft
from nlu.language.lines import Line
from nlu.language.portions import list_with, respectively, whoever
from nlu.language.said import said_customer, said_value
from nlu.language.spans import SOFT, Scan, Span


def link_customers(drafts: list[Draft], scan: Scan, customer: str | None) -> None:
    """The customer in the event's own clause, else the last one named before it, else the first one after it; each of
    them where the words are about every customer of a list. `customer` is the one whose visit is open."""
    mentions = [s for s in scan.spans if s.kind == "customer"]
    told: dict[tuple[str, tuple[int, ...]], _Told] = {}
    for draft in drafts if mentions else ():
        if draft.customer is not None:
            continue
        draft.customer = _nearest_customer(draft, drafts, mentions, scan)
        if draft.customer is None:
            continue
        run, each = list_with(draft.customer, mentions, scan, draft.start)
        if len(run) > 1:
            of_list = told.setdefault((draft.form.key, tuple(s.at for s in run)), _Told(run))
            of_list.drafts.append(draft)
            of_list.each = of_list.each or each
    for of_list in told.values():
        drafts.extend(_shared(of_list, scan))
    for draft in drafts:
        _take_nearest(draft, customer)


def _take_nearest(draft: Draft, customer: str | None) -> None:
    wanted = draft.form.field("customer")
    if wanted is None:
        return
    span = draft.customer
    if span and (wanted.required or wanted.required_unless or span in draft.spans):
        _take_customer(draft, span)
    elif span is None and customer and (wanted.required or wanted.required_unless):
        draft.fields["customer"] = Said(value=customer)


@dataclass
class _Told:
    """What is told of the customers of one list."""

    run: list[Span]
    drafts: list[Draft] = field(default_factory=list)
    each: bool = False


def _shared(told: _Told, scan: Scan) -> list[Draft]:
    """The further drafts, where what is told holds for each of the list or is divided among them; else it is asked."""
    drafts, run = told.drafts, told.run
    if respectively(run, scan) or (told.each and _as_many(drafts, run)):
        return _one_by_one(drafts, run)
    made = []
    for draft in drafts:
        if (told.each and (draft.told or not draft.form.by_product)) or _told_of_all(draft, run):
            draft.customer = run[0]
            made += [_twin(draft, other) for other in run[1:]]
        elif draft.form.key != "visit":
            _ask_whose(draft, run)
    return made


def _lines(drafts: list[Draft]) -> list[tuple[Draft, Line]]:
    return [(d, x) for d in drafts for x in d.lines if x.quantity or x.zero]


def _as_many(drafts: list[Draft], run: list[Span]) -> bool:
    """惠民、佳美、好邻居都订了，10箱、5箱、3箱: as many amounts as customers, and no products that tell them apart."""
    lines = [line for _, line in _lines(drafts)]
    products = [line.product.value for line in lines if line.product]
    return len(lines) == len(run) and len(set(products)) < len(lines)


def _ask_whose(draft: Draft, run: list[Span]) -> None:
    asked = whoever(run)
    draft.customer = replace(run[0], value=asked, words=asked.name)
    draft.spans.append(draft.customer)


def _one_by_one(drafts: list[Draft], run: list[Span]) -> list[Draft]:
    """To each customer his own line or sum, in the order of the list, where there are as many; else it is asked."""
    lines, first = _lines(drafts), drafts[0]
    wanted = first.form.field("amount")
    sums = [s for s in first.spans if s.kind in ("money", "price")] if wanted else []
    if len(lines) == len(run):
        parts = [
            replace(_twin(d, customer), lines=[line]) for (d, line), customer in zip(lines, run, strict=True)
        ]
    elif wanted is not None and len(sums) == len(run):
        parts = [_twin(first, customer) for customer in run]
        for part, span in zip(parts, sums, strict=True):
            said = said_value(span, wanted, done=True)
            part.fields |= {"amount": said} if said else {}
    else:
        for draft in drafts:
            _ask_whose(draft, run)
        return []
    for draft in drafts:
        draft.customer, draft.lines = run[0], []
        draft.fields.pop("amount", None)
    first.spans, first.fields, first.lines = parts[0].spans, parts[0].fields, parts[0].lines
    return parts[1:]


def _first_after(draft: Draft, drafts: list[Draft], mentions: list[Span]) -> Span | None:
    """The first customer named, unless he is what something else is told of."""
    first = mentions[0]
    others = [d for d in drafts if d is not draft and d.start > draft.start and d.form.key != draft.form.key]
    return None if any(first in d.spans and first.at < d.end for d in others) else first


def _nearest_customer(draft: Draft, drafts: list[Draft], mentions: list[Span], scan: Scan) -> Span | None:
    status = draft.fields.get("status")
    if status and status.value == "new":
        # 美佳那条街上新开一家叫邻里鲜生: the shop that nobody knows is the new one.
        unknown = [s for s in mentions if not s.value.codes and s.at > draft.left]
        if unknown:
            return unknown[0]
    own = [s for s in draft.spans if s.kind == "customer"]
    before = [s for s in mentions if s.at < draft.start]
    if not own:
        return before[-1] if before else _first_after(draft, drafts, mentions)
    if draft.form.key == "visit" and len(own) > 1:
        return own[0]
    clause = scan.soft_clause(draft.start)
    near = [s for s in own if clause[0] <= s.at < clause[1]] or own
    nearest = min(near, key=lambda s: abs(s.at - draft.start) if s.at >= draft.left else 99)
    # One named only later on, in a clause of its own, is another entry of the list.
    later = nearest.at > draft.end and any(sign in SOFT for sign in scan.masked[draft.end : nearest.at])
    return before[-1] if later and before else nearest


def _told_of_all(draft: Draft, run: list[Span]) -> bool:
    """Whether the list itself is what the words are about, and nothing in them has to be divided."""
    divided = draft.form.key != "visit" and (draft.told or "amount" in draft.fields)
    return all(s in draft.spans for s in run) and not divided


def _twin(draft: Draft, other: Span) -> Draft:
    """The same of another customer."""
    return replace(
        draft,
        customer=other,
        fields=dict(draft.fields),
        spans=[*(s for s in draft.spans if s.kind != "customer"), other],
        used=set(draft.used),
        cued=set(draft.cued),
        lines=list(draft.lines),
    )


def _take_customer(draft: Draft, span: Span) -> None:
    said = said_customer(span.value, span.words)
    status = draft.fields.get("status")
    if status and status.value == "new" and said.value is None and draft.form.field("customer_name"):
        draft.fields["customer_name"] = Said(value=span.value.name, words=span.words)
        return
    draft.fields["customer"] = said
