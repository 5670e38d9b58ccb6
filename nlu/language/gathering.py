"""Who and what each event is about: its spans, its customer, its goods; and which events are one record after all."""

import re
from dataclasses import replace

from domain.forms import Form
from domain.intents.records import Said
from nlu.language.drafts import Draft
from nlu.language.events import Event
from nlu.language.lines import Line
from nlu.language.spans import LETTERS, Scan, Span

_WANTS = {
    "date": ("date", "datetime"),
    "money": ("money",),
    "price": ("money",),
    "quantity": ("quantity", "number"),
    "number": ("number",),
    "factor": ("number",),
    "product": ("product",),
    "competitor": ("competitor",),
    "contact": ("contact",),
    "person": ("person", "contact"),
    "customer": ("customer",),
}
_TELLING = ("customer", "customer_name", "amount", "competitor_brand", "planned", "status", "price")
_WENT = re.compile(
    f"陌拜|去|到|跑|奔|拐|绕|磨|泡|蹲|耗|赶|趟|来|逛|转|拜访|走访|回访|见|碰|上门|登门|巡|白跑|扑|出来|离开|门口|当面|接待|约|站|进[去店]|坐|在[{LETTERS['customer']}]|等"
)
_DONE = re.compile("[了完]|过(?![去来年节])|刚|已经|收到|到账")


def new_draft(event: Event, scan: Scan, form: Form) -> Draft:
    # Only the words of the cue tell; a 了 further on belongs to something else.
    done = bool(_DONE.search(scan.masked[event.start : event.end + 1])) and not event.planned
    draft = Draft(form, event.start, event.end, event.left, event.right, event.planned, [], done)
    draft.customer = event.whose
    draft.went = bool(_WENT.search(scan.masked[event.start : event.end]))
    return draft


def hand_out(
    drafts: list[Draft], events: list[Event], scan: Scan, asked: frozenset[int] = frozenset()
) -> None:
    """Each span goes to the event whose cue names it, else to the one in whose stretch it stands, else to the nearest
    event of its sentence that has a field for it. Those at the places `asked` go to nobody but the first."""
    for span in scan.spans:
        if span.kind == "product" and _BRANDED.search(scan.masked, 0, span.at):
            continue
        named = [d for d, e in zip(drafts, events, strict=True) if span.at in e.solid and _wants(d, span)]
        if named:
            for draft in named if span.kind in ("customer", "contact", "date", "competitor") else named[:1]:
                draft.spans.append(span)
            continue
        if span.at in asked:
            continue
        home = next((d for d in drafts if d.left <= span.at < d.right), None)
        if (
            home is not None
            and home.form.key == "competitor"
            and span.kind == "product"
            and not _his(home, span, scan)
        ):
            continue
        if home is not None and _wants(home, span):
            home.spans.append(span)
            continue
        if span.kind in ("customer", "date") and home is not None:
            continue
        sentence = scan.sentence(span.at)
        near = [
            d for d in drafts if _wants(d, span) and sentence[0] <= d.start <= sentence[1] and _loose(span, d)
        ]
        if near:
            min(near, key=lambda d: abs(d.start - span.at)).spans.append(span)


_BRANDED = re.compile(f"{LETTERS['competitor']}(?:家|他们|那边)?的?$")
"""三元纯奶: what another brand makes is no product of ours."""


def _wants(draft: Draft, span: Span) -> bool:
    return any(f.type in _WANTS.get(span.kind, ()) for f in draft.form.fields)


def _his(draft: Draft, span: Span, scan: Scan) -> bool:
    """A product told in another clause than the competitor is ours."""
    start, end = scan.soft_clause(span.at)
    return (start, end) == scan.soft_clause(draft.start) or bool(
        re.match("他们|人家|对方|它", scan.masked[start:end])
    )


def _loose(span: Span, draft: Draft) -> bool:
    """Goods and money may stray to a neighbour; a date, never."""
    if span.kind in ("quantity", "product"):
        return draft.form.by_product
    return span.kind in ("money", "price", "contact", "competitor")


def fold_follow_ups(drafts: list[Draft], scan: Scan) -> list[Draft]:
    """再来一趟 after a visit is that visit's next step, no visit of its own."""
    kept: list[Draft] = []
    for draft in drafts:
        earlier = next((d for d in reversed(kept) if d.form.key == draft.form.key and not d.planned), None)
        if draft.planned and earlier and draft.form.field("next_step") and _follow_up(draft, earlier, scan):
            _fold(draft, earlier, scan)
            continue
        plan = _plan_before(draft, kept, scan)
        if plan is not None:
            # 冬至再去一次超市发吧，今天过去扑空了: the plan is the next step of what is told after it.
            kept.remove(plan)
            draft.spans.extend(s for s in plan.spans if s.kind == "customer")
            _fold(plan, draft, scan)
        kept.append(draft)
    return kept


def _plan_before(draft: Draft, kept: list[Draft], scan: Scan) -> Draft | None:
    if draft.form.key != "visit" or draft.planned or any(s.kind == "customer" for s in draft.spans):
        return None
    plan = kept[-1] if kept else None
    if plan is None or plan.form.key != "visit" or not plan.planned:
        return None
    again = scan.masked[plan.left : plan.end].find("再") >= 0
    return plan if again and scan.sentence(plan.start) == scan.sentence(draft.start) else None


def _follow_up(draft: Draft, earlier: Draft, scan: Scan) -> bool:
    words = scan.masked[draft.left : draft.right]
    own = [s for s in draft.spans if s.kind == "customer"]
    theirs = [s for s in earlier.spans if s.kind == "customer"]
    if own and theirs and own[0].value != theirs[0].value:
        return False
    return bool(re.search("再|下次|回头|改天|复访|回访", words)) or (not own and "约" in words)


def _fold(draft: Draft, earlier: Draft, scan: Scan) -> None:
    when = draft.fields.get("next_date") or draft.fields.get("happened_at")
    step = draft.fields.get("next_step")
    if step is None:
        start = draft.left
        while start < draft.end and (start in scan.by_place or scan.masked[start] in "，。；、"):
            start += 1
        words = scan.words(start, scan.soft_clause(draft.start)[1]).strip("，。；、 ")
        step = Said(value=words, words=words)
    earlier.fields.setdefault("next_step", step)
    if "contact" in draft.fields:
        earlier.fields.setdefault("contact", draft.fields["contact"])
    if when and "next_date" not in earlier.fields:
        value = when.value[:10] if isinstance(when.value, str) else when.value
        earlier.fields["next_date"] = when.model_copy(update={"value": value})


def merged(drafts: list[Draft]) -> list[Draft]:
    """What is said twice of one customer is one record, unless the two contradict one another."""
    kept: list[Draft] = []
    for draft in sorted(drafts, key=lambda d: d.start):
        twin = next((k for k in kept if _same(k, draft)), None)
        if twin is None:
            kept.append(draft)
            continue
        for name, said in draft.fields.items():
            if name == "expected_date" and said.value is not None:
                # 春节前备货…2月10号送完: the later, the more exact.
                twin.fields[name] = said
            twin.fields.setdefault(name, said)
        twin.lines.extend(x for x in draft.lines if x not in twin.lines)
        twin.spans.extend(s for s in draft.spans if s not in twin.spans)
        twin.customer = twin.customer or draft.customer
        twin.went = twin.went or draft.went
        twin.right = max(twin.right, draft.right)
        twin.start = min(twin.start, draft.start)
    return kept


def without_second_news(drafts: list[Draft]) -> list[Draft]:
    """佳美关店了，估计不干了: who closes has not merely lost a contact."""
    closed = [d for d in drafts if d.form.key == "customer_update" and d.fields["status"].value == "closed"]
    return [
        d
        for d in drafts
        if not (
            d.form.key == "customer_update"
            and d.fields["status"].value == "contact_left"
            and "contact" not in d.fields
            and any(d.customer == c.customer for c in closed)
        )
    ]


def _says_nothing(draft: Draft) -> bool:
    """A mere mention (找李主任, 对了账), which belongs to the plan or the deed told beside it."""
    if draft.form.key == "visit":
        return not draft.done and not draft.fields.keys() & {"happened_at", "result", "objections"}
    return not draft.fields.keys() & {"amount", "price", "quantity", "happened_at", "expected_date"}


def _two_halves(one: Draft, other: Draft) -> bool:
    """剩的1800下月初结: the sum of the one is what the other promises."""
    if one.form.key != "payment" or (one.right != other.left and other.right != one.left):
        return False
    told = [d for d in (one, other) if "amount" in d.fields]
    days = [d for d in (one, other) if "expected_date" in d.fields]
    return (
        len(told) == 1 and len(days) == 1 and told[0] is not days[0] and "happened_at" not in told[0].fields
    )


def _one_shelf(one: Draft, other: Draft) -> bool:
    """收银扫出来39.9，价签还是45: two prices of one product, of which the one that is taken at the till counts."""
    products = {s.value for d in (one, other) for s in d.spans if s.kind == "product"}
    return one.form.key == "promotion_check" and len(products) <= 1 and one.right == other.left


def _same(one: Draft, other: Draft) -> bool:
    if one.form.key != other.form.key:
        return False
    if _two_halves(one, other):
        return True
    for name in _TELLING:
        a, b = one.fields.get(name), other.fields.get(name)
        if name == "planned":
            if (a is None) != (b is None) and not _says_nothing(other if a else one):
                return False
        elif name == "price" and _one_shelf(one, other):
            continue
        elif a and b and (a.value != b.value or (a.value is None and a.words != b.words)):
            return False
    if one.form.by_product and one.told and other.told:
        return False
    if one.form.key == "visit" and one.fields.get("planned"):
        a, b = one.fields.get("happened_at"), other.fields.get("happened_at")
        return not (a and b and a.value != b.value)
    return True


def inherit_products(drafts: list[Draft], scan: Scan) -> None:
    """意向订五十箱 after one product has been named means that product; after two, it has to be asked."""
    products = [s for s in scan.spans if s.kind == "product"]
    for draft in drafts:
        if not draft.form.by_product:
            _product_of_price(draft, products)
            continue
        draft.lines = (
            [x for x in draft.lines if x.quantity or x.zero] or draft.lines[:1]
            if any(x.quantity or x.zero for x in draft.lines) and draft.form.key != "complaint"
            else draft.lines
        )
        if not draft.lines:
            draft.lines = [Line()]
        draft.lines = [_with_product(x, draft, products, scan) for x in draft.lines]


def _product_of_price(draft: Draft, products: list[Span]) -> None:
    """A price without its product is that of the only product named so far."""
    wanted = draft.form.field("product")
    if draft.form.key == "competitor":
        products = [p for p in products if p in draft.spans]
    if wanted is None or "price" not in draft.fields or "product" in draft.fields:
        return
    known = {p.value: p for p in products if p.at < draft.end and len(p.value) == 1}
    if len(known) == 1:
        (span,) = known.values()
        draft.fields["product"] = Said(value=span.value[0], words=span.words)


def _unmeasured(product: Span, scan: Scan) -> bool:
    """草莓还是45，要了6箱: the product told last has no amount of its own yet."""
    start, end = scan.soft_clause(product.at)
    inside = [s for s in scan.spans if start <= s.at < end]
    return (
        len(product.value) == 1
        and not any(s.kind == "quantity" and s.value.value is not None for s in inside)
        and sum(s.kind == "product" for s in inside) == 1
        and any(s.kind in ("price", "money") for s in inside)
    )


_NONE_LEFT = re.compile("[^，。；]{0,4}(?:断货|缺货|没货|卖完|卖光|空|没)[^，。；]{0,2}了?，?[^，。；]{0,4}")


def _gone(product: Span, amount: Span, draft: Draft, scan: Scan) -> bool:
    """草莓断货了，补10箱: what has run out is what is ordered then."""
    between = scan.masked[product.at + 1 : amount.at]
    return (
        len(product.value) == 1
        and draft.form.key in ("order", "order_intent")
        and bool(_NONE_LEFT.match(between))
        and len(between) <= 14
        and not any(c in between for c in LETTERS["product"] + LETTERS["quantity"] + LETTERS["customer"])
    )


def _with_product(line: Line, draft: Draft, products: list[Span], scan: Scan) -> Line:
    if line.product is not None:
        return line
    place = line.quantity.at if line.quantity else draft.start
    before = [p for p in products if p.at < place]
    if line.quantity is not None and before and _unmeasured(before[-1], scan):
        return replace(line, product=before[-1])
    if line.quantity is not None and before and _gone(before[-1], line.quantity, draft, scan):
        return replace(line, product=before[-1])
    known = {p.value for p in before if len(p.value) == 1}
    if len(known) == 1:
        return replace(line, product=next(p for p in reversed(before) if len(p.value) == 1))
    if not before:
        after = [p for p in products if p.at >= place]
        if len({p.value for p in after}) == 1:
            return replace(line, product=after[0])
    return line
