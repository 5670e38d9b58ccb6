"""Where a new value may go in proposed records: by its type, its unit, a label, a form, a product or the old value."""

import re
from dataclasses import dataclass
from typing import Any

from domain.forms import FormField, Rulebook
from domain.intents.records import Question, RecordIntent, Said
from nlu.language.matching import compiled
from nlu.language.numbers import plain
from nlu.language.quantities import Quantity
from nlu.language.said import said_value
from nlu.language.spans import Scan, Span
from nlu.language.times import When

TYPES: dict[str, tuple[str, ...]] = {
    "quantity": ("quantity", "number"),
    "number": ("number", "quantity"),
    "money": ("money",),
    "price": ("money",),
    "date": ("date", "datetime"),
    "customer": ("customer",),
    "contact": ("contact",),
    "product": ("product",),
    "competitor": ("competitor",),
    "person": ("person",),
    "factor": ("number",),
    "bare": ("quantity", "number", "money"),
}
"""Kind of a value in the text → types of the fields that it may go to."""

LABELS: dict[str, tuple[str, ...]] = {
    "quantity": ("数量", "箱数", "件数", "个数", "库存"),
    "amount": ("金额", "总额", "货款", "总价", "钱数"),
    "price": ("单价", "价格", "报价", "售价"),
    "customer": ("客户", "店名", "门店", "店铺"),
    "contact": ("联系人", "对接人"),
    "product": ("产品", "商品", "品名", "品类"),
    "competitor_brand": ("竞品", "品牌"),
    "happened_at": ("时间", "日期", "拜访时间", "拜访日期"),
    "next_date": ("下次", "下次日期", "下次时间", "回访时间", "时间", "日期"),
    "expected_date": ("到货", "送货", "交货", "付款", "预计", "要货", "日期", "时间"),
    "due": ("截止", "日期", "时间"),
    "status": ("状态",),
    "category": ("类别",),
    "result": ("结果", "拜访结果"),
    "next_step": ("下一步", "后续", "跟进事项"),
    "reason": ("原因", "理由"),
    "purpose": ("目的", "用途", "事由"),
    "title": ("事项", "标题"),
    "objections": ("异议", "顾虑"),
}
"""Field → words by which it is called, besides its own label."""

_CLOCK_ONLY = re.compile(r"^(?:上午|下午|早上|晚上|中午|凌晨|傍晚)?[\d一二两三四五六七八九十]{1,3}(?:点|:)")


@dataclass(frozen=True)
class Place:
    """One field of one of the records, and what stands there now."""

    index: int
    field: FormField
    said: Said | None

    @property
    def key(self) -> str:
        """As a quick reply names it: `1.quantity`."""
        return f"{self.index}.{self.field.id}"


def names_of(field: FormField) -> tuple[str, ...]:
    """The words by which a field is called."""
    return (field.label, *LABELS.get(field.id, ()))


def all_places(records: tuple[RecordIntent, ...], rulebook: Rulebook) -> list[Place]:
    return [
        Place(index, field, record.fields.get(field.id))
        for index, record in enumerate(records)
        for field in rulebook.forms[record.form].fields
        if not field.hidden
    ]


def places_for(
    seen: Scan, new: Span, old: Span | None, records: tuple[RecordIntent, ...], rulebook: Rulebook
) -> list[Place]:
    """Where the new value may go: every hint narrows the places down, as long as some are left. The first of a kind's
    TYPES is what such a value usually is."""
    places = [p for p in all_places(records, rulebook) if p.field.type in TYPES.get(new.kind, ())]
    forms = forms_named(seen, records, rulebook)
    products = {s.value for s in seen.spans if s.kind == "product" and s is not new}
    unit = new.value.unit if isinstance(new.value, Quantity) else ""

    def product(place: Place) -> Any:
        said = records[place.index].fields.get("product")
        return (said.value,) if said else None

    def same_unit(place: Place) -> bool:
        said = records[place.index].fields.get("unit")
        return said is None or said.value == unit

    hints = (
        lambda p: old is not None and p.said is not None and _bare_value(old, p.field) == p.said.value,
        lambda p: any(word in seen.masked for word in names_of(p.field)),
        lambda p: records[p.index].form in forms,
        lambda p: bool(products) and product(p) in products,
        lambda p: p.said is not None,
        lambda p: p.field.type == TYPES[new.kind][0],
        lambda p: bool(unit) and p.said is not None and same_unit(p),
    )
    for hint in hints:
        narrowed = [p for p in places if hint(p)]
        places = narrowed or places
    return places


def forms_named(seen: Scan, records: tuple[RecordIntent, ...], rulebook: Rulebook) -> set[str]:
    """The forms that the text speaks of: 样品改成3箱."""
    named = {m.key for m in compiled(rulebook).forms.find(seen.masked)}
    return named | {r.form for r in records if _label_said(rulebook.forms[r.form].label, seen.masked)}


def _label_said(label: str, text: str) -> bool:
    """样品 or 发放 say 样品发放 as well as the whole label does."""
    return any(
        word in text or (len(word) == 4 and (word[:2] in text or word[2:] in text))
        for word in re.split("[/、]", label)
    )


def said_at(new: Span, place: Place, records: tuple[RecordIntent, ...]) -> Said | None:
    """The new value as this place keeps it; None where it does not fit."""
    if new.kind == "bare":
        return Said(value=plain(new.value), words=new.words)
    planned = records[place.index].fields.get("planned")
    said = said_value(new, place.field, done=place.field.id == "happened_at" and planned is None)
    if said and isinstance(new.value, When) and place.said and _CLOCK_ONLY.match(new.words):
        return _same_day(said, place.said)
    return said


def _bare_value(span: Span, field: FormField) -> Any:
    if span.kind == "bare":
        return plain(span.value)
    said = said_value(span, field, done=False)
    return said.value if said else None


def _same_day(said: Said, before: Said) -> Said:
    """改成三点 moves the hour and leaves the day."""
    if isinstance(said.value, str) and "T" in said.value and isinstance(before.value, str):
        return said.model_copy(update={"value": before.value[:10] + said.value[10:]})
    return said


def which(places: list[Place], words: str, records: tuple[RecordIntent, ...], rulebook: Rulebook) -> Question:
    """Several places fit: ask which is meant. `words` are what waits for its place."""
    first = places[0]
    names = _names(places, records, rulebook)
    return Question(
        field=first.field.id,
        ask=f"“{words}”要改哪一处？",
        choices=tuple((place.key, name) for place, name in zip(places, names, strict=True))[:5],
        form=records[first.index].form,
        index=first.index,
        pending=words,
    )


def _names(places: list[Place], records: tuple[RecordIntent, ...], rulebook: Rulebook) -> list[str]:
    """样品发放的数量; 草莓酸奶的数量 where several records are of one form. Short, as they stand on buttons."""
    forms = [records[p.index].form for p in places]
    names = []
    for place, form in zip(places, forms, strict=True):
        product = records[place.index].fields.get("product")
        by_product = forms.count(form) > 1 and product is not None and product.words
        names.append(
            f"{product.words if product and by_product else rulebook.forms[form].label}的{place.field.label}"
        )
    return names
