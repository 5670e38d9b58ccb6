"""Fields that only their type tells: whoever was met, whose brand, how many on the shelf."""

import re

from domain.intents.records import Said
from nlu.language.drafts import Draft
from nlu.language.lines import amount_fields
from nlu.language.mentions import present
from nlu.language.quantities import SHELF_UNITS
from nlu.language.said import said_person, said_value
from nlu.language.spans import Scan, Span


def take_rest(draft: Draft, scan: Scan) -> None:
    for wanted in draft.form.fields:
        kinds = {"contact": ("contact", "person"), "competitor": ("competitor",), "person": ("person",)}.get(
            wanted.type
        )
        if wanted.type == "number":
            kinds = ("factor",) if wanted.id == "discount" else ("number", "quantity")
        if kinds is None or wanted.id in draft.fields:
            continue
        for span in sorted(
            draft.of(*kinds), key=lambda s: (not _is_total(s, scan), s.kind in ("quantity", "person"))
        ):
            if span.kind == "quantity" and span.value.unit not in SHELF_UNITS:
                continue
            if wanted.type == "contact" and not (
                is_somebody(span, scan) and _is_the_contact(draft, span, scan)
            ):
                continue
            said = (
                said_person(span)
                if span.kind == "person" and wanted.type == "contact"
                else said_value(span, wanted, done=True)
            )
            if said:
                draft.fields[wanted.id] = said
                draft.used.add(span.at)
                if span.kind in ("number", "quantity") and draft.form.field("unit") and span.value.unit:
                    draft.fields["unit"] = Said(value=span.value.unit, words=span.words)
                break
    if not draft.form.by_product:
        _loose_goods(draft)


def _is_total(span: Span, scan: Scan) -> bool:
    """最上面一层给我们了，一共四排: the sum counts."""
    return bool(
        re.search("(?:一共|总共|合计|共计|总计)(?:是|有)?$", scan.masked[max(0, span.at - 4) : span.at])
    )


def is_somebody(span: Span, scan: Scan) -> bool:
    """采购订单, 采购合同 are papers, 采购 is a person."""
    return not re.match("订单|合同|单|计划|流程|部门|量|价", scan.masked[span.at + 1 : span.at + 4])


def _is_the_contact(draft: Draft, span: Span, scan: Scan) -> bool:
    """Who was there and acted; of a change of persons the one who left, who has a name."""
    if draft.form.key != "customer_update":
        return present(scan.masked, span.at)
    before, after = scan.masked[max(0, span.at - 5) : span.at], scan.masked[span.at + 1 : span.at + 4]
    if re.search("新|接替|接手|换成|换了|来了|现在是|变成", before) or re.match("接|来了|新|顶|上任", after):
        return False
    named = not span.words.startswith(_ROLES)
    start, end = scan.sentence(draft.start)
    others = [
        s for s in scan.spans if s.kind in ("contact", "person") and s is not span and start <= s.at < end
    ]
    others = [s for s in others if not re.search("新|接替|换成", scan.masked[max(0, s.at - 4) : s.at])]
    return named or not any(not s.words.startswith(_ROLES) for s in others)


_ROLES = ("老板", "店长", "采购", "经理", "主任", "店主", "负责人", "值班", "财务", "主管", "大姐", "园长")


def _loose_goods(draft: Draft) -> None:
    """Product and amount of a form that is not told product by product."""
    for wanted in draft.form.fields:
        if wanted.type == "product" and wanted.id not in draft.fields:
            span = next(iter(draft.of("product")), None)
            if span and len({s.value for s in draft.of("product")}) == 1 and len(span.value) == 1:
                draft.fields[wanted.id] = Said(value=span.value[0], words=span.words)
        if wanted.type == "quantity" and wanted.id not in draft.fields:
            span = next(iter(draft.of("quantity")), None)
            if span and not span.value.each:
                draft.fields.update(amount_fields(span, draft.form))
