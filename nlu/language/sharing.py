"""What one record says for its neighbours: the day of an occasion, the person met, the name of a new shop."""

import re
from collections.abc import Sequence
from dataclasses import replace

from domain.intents.records import Said
from nlu.language.drafts import Draft
from nlu.language.lines import amount_fields
from nlu.language.mentions import present
from nlu.language.numbers import plain
from nlu.language.remainders import is_somebody
from nlu.language.said import said_person
from nlu.language.spans import LETTERS, Scan, Span


def share_contacts(drafts: Sequence[Draft], scan: Scan) -> None:
    """The person met stands on the visit of that customer, else on each action told in the same sentence."""
    people = [
        s
        for s in scan.spans
        if s.kind in ("contact", "person") and present(scan.masked, s.at) and is_somebody(s, scan)
    ]
    visits = [d for d in drafts if d.form.key == "visit"]
    for draft in drafts:
        _not_his(draft, scan)
    for visit in visits:
        if "contact" not in visit.fields:
            near = [s for s in people if _of_customer(s, visit, drafts, scan)]
            if near:
                visit.fields["contact"] = said_person(near[0])
    for draft in drafts:
        if draft.form.field("contact") is None or draft.form.key == "visit" or _left(draft):
            continue
        if draft.form.key == "customer_update" and draft.fields["status"].value != "new":
            draft.fields.pop("contact", None)
            continue
        if any(_one_customer(v, draft) and "contact" in v.fields for v in visits):
            draft.fields.pop("contact", None)
        elif "contact" not in draft.fields and draft.form.intent == "record":
            near = [s for s in people if _of_customer(s, draft, drafts, scan)]
            if len({s.words for s in near}) == 1:
                draft.fields["contact"] = said_person(near[0])


_SHOP_OF = re.compile(f"{LETTERS['customer']}(?:那边|那儿|店里|那个|这个|他们|家)?的?$")


def _not_his(draft: Draft, scan: Scan) -> None:
    """好邻居要了6箱，佳美的老板…: whoever is named with another shop is nobody of this one."""
    said = draft.fields.get("contact")
    if said is None or draft.customer is None:
        return
    span = next((s for s in draft.spans if s.kind in ("contact", "person") and s.words == said.words), None)
    shop = _SHOP_OF.search(scan.masked, 0, span.at) if span else None
    if shop is not None and scan.by_place[shop.start()].value != draft.customer.value:
        del draft.fields["contact"]


def _left(draft: Draft) -> bool:
    """The contact of a change of persons is the one who left."""
    return draft.form.key == "customer_update" and (
        "status" not in draft.fields or draft.fields["status"].value == "contact_left"
    )


def _one_customer(one: Draft, other: Draft) -> bool:
    return (one.customer.value if one.customer else None) == (
        other.customer.value if other.customer else None
    )


def _of_customer(span: Span, draft: Draft, drafts: Sequence[Draft], scan: Scan) -> bool:
    """Whether a person is told of together with this record: its customer is the one named last before him."""
    before = [s for s in scan.spans if s.kind == "customer" and s.at <= span.at]
    if before and draft.customer is not None:
        return bool(before[-1].value == draft.customer.value)
    start, end = scan.sentence(draft.start)
    return start <= span.at <= end or len({d.customer.value for d in drafts if d.customer}) <= 1


def share_days(drafts: Sequence[Draft]) -> None:
    """A time that was said holds for everything done on that occasion; another customer shares only its day."""
    known: Said | None = None
    owner: Draft | None = None
    plan: Said | None = None
    for draft in sorted(drafts, key=lambda d: d.start):
        wanted = draft.form.field("happened_at")
        if wanted is None or draft.form.intent != "record":
            continue
        own = draft.fields.get("happened_at")
        if draft.planned and draft.form.key == "visit":
            if own is None and plan is not None:
                # 后天先去永旺，再去佳美: both on that day.
                draft.fields["happened_at"] = plan.model_copy(update={"value": plan.value[:10]})
            elif own is not None and isinstance(own.value, str):
                plan = own
        if draft.planned or "planned" in draft.fields:
            continue
        if own is not None:
            if isinstance(own.value, str):
                known, owner = own, draft
        elif known is not None and owner is not None:
            same = _one_customer(owner, draft)
            draft.fields["happened_at"] = (
                known if same else known.model_copy(update={"value": known.value[:10]})
            )


def share_plans(drafts: Sequence[Draft], scan: Scan) -> None:
    """明天要去超市发，给丁经理带4盒样品: what is taken along to a planned visit is planned for its time."""
    for visit in drafts:
        if visit.form.key != "visit" or "planned" not in visit.fields:
            continue
        for draft in drafts:
            if (
                draft.form.key == "sample"
                and not draft.done
                and draft.start > visit.start
                and _one_customer(visit, draft)
                and scan.sentence(visit.start) == scan.sentence(draft.start)
                and not draft.fields.keys() & {"planned", "happened_at"}
            ):
                draft.fields["planned"] = Said(value=True)
                if "happened_at" in visit.fields:
                    draft.fields["happened_at"] = visit.fields["happened_at"]


def share_deliveries(drafts: Sequence[Draft], scan: Scan) -> None:
    """原味30箱，脱脂10箱，周五送到: one day of delivery, or one price term, for all lines of the order."""
    for draft in drafts:
        wanted = draft.form.field("expected_date")
        if not draft.form.by_product or wanted is None or "expected_date" in draft.cued:
            continue
        for other in drafts:
            if (
                other.form.key == draft.form.key
                and other.start > draft.start
                and (_one_customer(other, draft) or _for_all(other, scan))
                and scan.sentence(other.start) == scan.sentence(draft.start)
                and ("expected_date" in other.cued or "expected_date" not in draft.fields)
                and "expected_date" in other.fields
            ):
                draft.fields["expected_date"] = other.fields["expected_date"]
                break


def _for_all(draft: Draft, scan: Scan) -> bool:
    """都是下周一送, 后天一起送: one day for all that was told before."""
    end = scan.sentence(draft.start)[1]
    return bool(
        re.search(
            f"(?:都|全|一起|统一|全部|一块)[^，。；]{{0,4}}{LETTERS['date']}|{LETTERS['date']}[^，。；]{{0,3}}(?:都|一起|统一|全部|一块)",
            scan.masked[draft.start : end],
        )
    )


def split_by_price(drafts: Sequence[Draft]) -> list[Draft]:
    """原味38.5，草莓41 are two prices, each with its product."""
    split: list[Draft] = []
    for draft in drafts:
        products = [s for s in draft.spans if s.kind == "product" and len(s.value) == 1]
        prices = [s for s in draft.spans if s.kind in ("money", "price")]
        if draft.form.by_product or draft.form.field("price") is None or len(products) < 2 or not prices:
            split.append(draft)
            continue
        if draft.form.key == "competitor" or len({p.value for p in products}) < 2:
            split.append(draft)
            continue
        ends = [*(p.at for p in products[1:]), 10**9]
        for product, end in zip(products, ends, strict=True):
            price = next((s for s in prices if product.at < s.at < end), None)
            fields = {k: v for k, v in draft.fields.items() if k not in ("product", "price")}
            fields["product"] = Said(value=product.value[0], words=product.words)
            if price is not None and price.value.value is not None:
                fields["price"] = Said(value=plain(price.value.value), words=price.words)
            split.append(replace(draft, start=product.at, fields=fields))
    return split


def split_by_product(drafts: Sequence[Draft]) -> list[Draft]:
    """原味4个排面，草莓2个: of a display each product has a count of its own."""
    split: list[Draft] = []
    for draft in drafts:
        products = [s for s in draft.spans if s.kind == "product" and len(s.value) == 1]
        if draft.form.key != "display" or len({p.value for p in products}) < 2:
            split.append(draft)
            continue
        ends = [*(p.at for p in products[1:]), 10**9]
        counts = [
            next((s for s in draft.spans if s.kind in ("number", "quantity") and p.at < s.at < end), None)
            for p, end in zip(products, ends, strict=True)
        ]
        if None in counts:
            split.append(draft)
            continue
        for product, count in zip(products, counts, strict=True):
            assert count is not None
            fields = dict(draft.fields)
            fields["product"] = Said(value=product.value[0], words=product.words)
            fields.update(amount_fields(count, draft.form))
            split.append(replace(draft, start=product.at, fields=fields))
    return split


def without_old_news(drafts: list[Draft]) -> list[Draft]:
    """A customer of the list is not new: 万家福对面新开了一家 tells of somebody else."""
    return [
        d
        for d in drafts
        if not (
            d.form.key == "customer_update"
            and d.fields.get("status", Said(value="")).value == "new"
            and (d.fields.get("customer") or Said(value=None)).value
        )
    ]


def share_new_names(drafts: Sequence[Draft]) -> None:
    """A shop that is new has no code yet: whatever was done there carries its name."""
    new = next((d for d in drafts if "customer_name" in d.fields), None)
    if new is None:
        return
    name = new.fields["customer_name"]
    for draft in drafts:
        code = draft.fields.get("customer")
        if draft is not new and draft.form.field("customer_name") and (code is None or code.value is None):
            draft.fields.pop("customer", None)
            draft.fields["customer_name"] = name


_SUBSTANCE = {"amount", "price", "quantity", "discount", "result", "expected_date", "status", "due", "reason"}


def without_shadows(drafts: list[Draft]) -> list[Draft]:
    """想试试脱脂，先要一箱样品: interest in what is then given or ordered is no record of its own."""
    given = {
        x.product.value for d in drafts if d.form.key in GIVEN for x in d.lines if x.product and x.quantity
    }
    return [
        d
        for d in drafts
        if d.form.key != "order_intent"
        or not d.lines
        or any(x.quantity or not x.product or x.product.value not in given for x in d.lines)
    ]


GIVEN = ("sample", "sample_request", "order")
_NEEDS_SUBSTANCE = ("quote", "stock_check", "display", "complaint")


def without_hollow(drafts: list[Draft]) -> list[Draft]:
    """A mere mention (对账, 备货) without goods, sums or days says nothing beside records that say something."""
    solid = [d for d in drafts if not _hollow(d)]
    return solid or [
        d
        for d in drafts
        if d.form.key not in _NEEDS_SUBSTANCE and (d.form.key != "payment" or d.done or d.planned)
    ]


def _hollow(draft: Draft) -> bool:
    if draft.form.intent != "record" or draft.form.key in ("visit", "customer_update"):
        return False
    if {"planned", "happened_at"} <= draft.fields.keys():
        return False
    if draft.form.by_product:
        told = any(
            x.quantity or (x.product and (x.zero or draft.form.key != "stock_check")) for x in draft.lines
        )
        return not told and "reason" not in draft.fields
    return not draft.fields.keys() & _SUBSTANCE


def without_promises(drafts: list[Draft]) -> list[Draft]:
    """约好18号再带样品过去: what the next step of a visit speaks of is not told a second time."""
    steps = [d.fields["next_step"].words for d in drafts if "next_step" in d.fields]
    return [
        d
        for d in drafts
        if not (
            d.form.by_product
            and not d.lines
            and d.planned
            and (d.form.key == "sample" or any(_inside(d, s) for s in steps))
        )
    ]


def _inside(draft: Draft, step: str) -> bool:
    return any(s.words in step for s in draft.spans if s.kind != "customer") or (
        not draft.spans and "样" in step
    )


def without_idle_visits(drafts: list[Draft]) -> list[Draft]:
    """Talk with somebody (跟王经理谈好了) or a shut door makes a visit only where nothing else is told of
    that shop, or where it is said when he stood there."""
    others = [d for d in drafts if d.form.key != "visit" and d.form.intent == "record"]
    return [
        d
        for d in drafts
        if d.form.key != "visit"
        or d.planned
        or d.went
        or _comes_again(d)
        or {"happened_at", "result"} <= d.fields.keys()
        or not any(_one_customer(d, o) for o in others)
    ]


def _comes_again(visit: Draft) -> bool:
    """跟杨主管没谈拢，下周一再去谈: who goes again was there."""
    step = visit.fields.get("next_step")
    return step is not None and bool(re.search("再[去来过跑]", step.words))
