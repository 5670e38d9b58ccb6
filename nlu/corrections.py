"""Corrections of what is proposed, and answers to its question: 改成60箱, 客户是永旺超市望京店, 日期改到下周五.

A correction names a new value, and by its type, its unit, a label, a form, a product or the old value, where it goes.
Where two places fit, it is asked; nothing is overwritten on a guess.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.forms import FormField, Rulebook
from domain.intents import Change, Question, RecordIntent, Said
from nlu.language.extraction import extract
from nlu.language.lexicon import Lexicon
from nlu.language.matching import compiled, word_pattern
from nlu.language.mentions import Mention
from nlu.language.normalise import normalise
from nlu.language.numbers import NUMBER, exact, plain
from nlu.language.quantities import Quantity
from nlu.language.said import said_value
from nlu.language.spans import Scan, Span, scan
from nlu.language.times import When
from nlu.understanding import first_question

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
    "category": ("科目", "类别"),
}
"""Field → words by which it is called, besides its own label."""

_BARE = re.compile(rf"(?:{NUMBER.pattern})$")
_CLOCK_ONLY = re.compile(r"^(?:上午|下午|早上|晚上|中午|凌晨|傍晚)?[\d一二两三四五六七八九十]{1,3}(?:点|:)")


@dataclass(frozen=True)
class Correction:
    """`changes` to make, none where it must be asked first; `question` is what is still open afterwards."""

    changes: tuple[Change, ...]
    question: Question | None


@dataclass(frozen=True)
class _Place:
    index: int
    field: FormField
    said: Said | None


def correct(
    text: str,
    records: tuple[RecordIntent, ...],
    question: Question | None,
    *,
    now: datetime,
    lexicon: Lexicon,
    rulebook: Rulebook,
    own: frozenset[str] = frozenset(),
) -> Correction | None:
    """What `text` changes in the proposed records; None where it is no correction and no answer to the question."""
    if not records or len(text) > 200:
        return None
    source = normalise(text, rulebook.words("speech", "fillers"), rulebook.words("speech", "stutters"))
    seen = scan(source, now, lexicon, rulebook, own, both_sides=True)
    if question:
        answered = _answer(seen, records, question, lexicon, rulebook, own)
        if answered:
            return _made(answered, records, rulebook, lexicon)
    asked = _asked_change(seen, rulebook)
    if asked is None:
        return None
    new, old, cued = asked
    if not cued and extract(seen, now, rulebook, None).intents:
        return None
    places = _places(seen, new, old, records, rulebook)
    if not places:
        return None
    if new.kind == "customer":
        return _made(_everywhere(new, places), records, rulebook, lexicon)
    if len(places) > 1:
        return Correction((), _which(places, new, records, rulebook))
    return _made(_changes(places[0], new, records), records, rulebook, lexicon)


# --- what is asked for ---------------------------------------------------------------------------------------------


def _asked_change(seen: Scan, rulebook: Rulebook) -> tuple[Span, Span | None, bool] | None:
    """(new value, old value, whether a word of change was said)."""
    marks = rulebook.words("speech", "changes") + rulebook.words("speech", "corrections")
    spans = list(seen.spans) + list(_bare_numbers(seen))
    spans.sort(key=lambda s: s.at)
    if not spans:
        return None
    whole = re.sub(r"[，。！\s吧的啊呢]", "", seen.masked)
    if len(spans) == 1 and len(whole) == (1 if spans[0].kind != "bare" else spans[0].end - spans[0].start):
        return spans[0], None, False
    pattern = word_pattern(marks)
    found = [(m.start(), m.end()) for m in pattern.finditer(seen.masked)]
    if not found:
        return None
    start, end = found[-1]
    after = [s for s in spans if s.at >= end]
    if not after:
        return None
    new = after[0]
    before = [s for s in spans if s.at < start and s.kind == new.kind and s.value != new.value]
    return new, (before[-1] if before else None), True


def _bare_numbers(seen: Scan) -> Iterator[Span]:
    """数量改成60: a number without a unit, only at the end of the text."""
    end = len(seen.masked.rstrip("，。！吧了的 "))
    match = _BARE.search(seen.masked[:end])
    if match and (value := exact(match.group())) is not None:
        words = seen.words(match.start(), match.end())
        yield Span(match.start(), match.end(), "bare", value, words, match.start())


def _places(
    seen: Scan, new: Span, old: Span | None, records: tuple[RecordIntent, ...], rulebook: Rulebook
) -> list[_Place]:
    """Where the new value may go: every hint narrows the places down, as long as some are left."""
    places = [
        _Place(i, field, record.fields.get(field.id))
        for i, record in enumerate(records)
        for field in rulebook.forms[record.form].fields
        if field.type in TYPES.get(new.kind, ()) and not field.hidden
    ]
    masked = seen.masked
    forms = _forms_named(seen, records, rulebook)
    products = {s.value for s in seen.spans if s.kind == "product" and s is not new}
    unit = new.value.unit if isinstance(new.value, Quantity) else ""

    def product(place: _Place) -> Any:
        said = records[place.index].fields.get("product")
        return (said.value,) if said else None

    def same_unit(place: _Place) -> bool:
        said = records[place.index].fields.get("unit")
        return said is None or said.value == unit

    hints = (
        lambda p: old is not None and p.said is not None and _value(old, p.field) == p.said.value,
        lambda p: any(word in masked for word in (*LABELS.get(p.field.id, ()), p.field.label)),
        lambda p: records[p.index].form in forms,
        lambda p: bool(products) and product(p) in products,
        lambda p: p.said is not None,
        lambda p: bool(unit) and p.said is not None and same_unit(p),
    )
    for hint in hints:
        narrowed = [p for p in places if hint(p)]
        places = narrowed or places
    return places


def _forms_named(seen: Scan, records: tuple[RecordIntent, ...], rulebook: Rulebook) -> set[str]:
    """The forms that the text speaks of: 样品改成3箱."""
    named = {m.key for m in compiled(rulebook).forms.find(seen.masked)}
    for record in records:
        for word in re.split("[/、]", rulebook.forms[record.form].label):
            if word in seen.masked or (
                len(word) == 4 and (word[:2] in seen.masked or word[2:] in seen.masked)
            ):
                named.add(record.form)
    return named


# --- changes -------------------------------------------------------------------------------------------------------


def _value(span: Span, field: FormField) -> Any:
    if span.kind == "bare":
        return plain(span.value)
    said = said_value(span, field, done=False)
    return said.value if said else None


def _changes(place: _Place, new: Span, records: tuple[RecordIntent, ...]) -> list[Change]:
    said = _said(new, place, records)
    if said is None:
        return []
    changes = [Change(index=place.index, field=place.field.id, said=said)]
    unit = records[place.index].fields.get("unit")
    if (
        isinstance(new.value, Quantity)
        and place.field.id == "quantity"
        and (unit is None or unit.value != new.value.unit)
    ):
        changes.append(
            Change(index=place.index, field="unit", said=Said(value=new.value.unit, words=new.words))
        )
    return changes


def _said(new: Span, place: _Place, records: tuple[RecordIntent, ...]) -> Said | None:
    if new.kind == "bare":
        return Said(value=plain(new.value), words=new.words)
    planned = records[place.index].fields.get("planned")
    said = said_value(new, place.field, done=place.field.id == "happened_at" and planned is None)
    if said and isinstance(new.value, When) and place.said and _CLOCK_ONLY.match(new.words):
        return _same_day(said, place.said)
    return said


def _same_day(said: Said, before: Said) -> Said:
    """改成三点 moves the hour and leaves the day."""
    if isinstance(said.value, str) and "T" in said.value and isinstance(before.value, str):
        return said.model_copy(update={"value": before.value[:10] + said.value[10:]})
    return said


def _everywhere(new: Span, places: list[_Place]) -> list[Change]:
    """Another customer is another customer for everything that was said of the old one."""
    said = said_value(new, None, done=True)
    return [Change(index=p.index, field=p.field.id, said=said) for p in places] if said else []


def _made(
    changes: list[Change], records: tuple[RecordIntent, ...], rulebook: Rulebook, lexicon: Lexicon
) -> Correction | None:
    """The correction with what is still open once it is made. A doubtful new value is asked about, not written."""
    if not changes:
        return None
    changed = list(records)
    for change in changes:
        record = changed[change.index]
        changed[change.index] = record.model_copy(
            update={"fields": {**record.fields, change.field: change.said}}
        )
    question = first_question(tuple(changed), rulebook, lexicon)
    sure = tuple(c for c in changes if c.said.value is not None)
    if not sure and question is None:
        return None
    return Correction(sure, question)


def _which(
    places: list[_Place], new: Span, records: tuple[RecordIntent, ...], rulebook: Rulebook
) -> Question:
    """Two places fit: name them, and how to say which is meant."""
    names = []
    for place in places[:4]:
        form = rulebook.forms[records[place.index].form]
        product = records[place.index].fields.get("product")
        what = f"{form.label}{'（' + product.words + '）' if product and product.words else ''}的{place.field.label}"
        names.append(f"{what}“{place.said.words}”" if place.said and place.said.words else what)
    first = rulebook.forms[records[places[0].index].form].label
    ask = f"“{new.words}”要改哪一处：{'，还是'.join(names)}？请连名字一起说，比如“{first}改成{new.words}”。"
    return Question(
        field=places[0].field.id, ask=ask, form=records[places[0].index].form, index=places[0].index
    )


# --- answers -------------------------------------------------------------------------------------------------------


def _answer(
    seen: Scan,
    records: tuple[RecordIntent, ...],
    question: Question,
    lexicon: Lexicon,
    rulebook: Rulebook,
    own: frozenset[str],
) -> list[Change]:
    """The text as an answer to the open question; empty where it is none."""
    if question.index >= len(records):
        return []
    field = rulebook.forms[records[question.index].form].field(question.field)
    words = seen.source.text.strip("，。！？ ")
    if field is None or not words or len(words) > 24:
        return []
    place = _Place(question.index, field, records[question.index].fields.get(field.id))
    chosen = _chosen(words, question)
    if chosen is not None:
        value = float(chosen) if field.type in ("quantity", "money", "number") else chosen
        return [Change(index=place.index, field=field.id, said=Said(value=_whole(value), words=words))]
    span = _fitting(seen, field, lexicon, own, words)
    if span is None:
        return []
    if field.type == "customer":
        said = said_value(span, field, done=True)
        same = [i for i, r in enumerate(records) if _open_customer(r, place, rulebook)]
        return [Change(index=i, field=field.id, said=said) for i in same] if said else []
    return _changes(place, span, records)


def _open_customer(record: RecordIntent, place: _Place, rulebook: Rulebook) -> bool:
    """Records that wait for the same customer."""
    said = record.fields.get("customer")
    if rulebook.forms[record.form].field("customer") is None or (said and said.value is not None):
        return False
    return (said.words if said else "") == (place.said.words if place.said else "")


def _whole(value: float | str) -> float | int | str:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _chosen(words: str, question: Question) -> str | None:
    """第一个, or the label itself."""
    ordinal = re.fullmatch(r"第?([一二三四五12345])(?:个|家|项)?", words)
    if ordinal and question.choices and (words.startswith("第") or len(words) == 1):
        number = int(exact(ordinal[1]) or 0)
        return question.choices[number - 1][0] if 0 < number <= len(question.choices) else None
    return next((value for value, label in question.choices if words == label), None)


def _fitting(seen: Scan, field: FormField, lexicon: Lexicon, own: frozenset[str], words: str) -> Span | None:
    """The one value of the text that the field can take, as long as hardly anything else is said."""
    spare = re.sub(r"[，。！？\s是就的了吧啊呢在给大概一共总共差不多应该]", "", seen.masked)
    fitting = [s for s in seen.spans if field.type in TYPES.get(s.kind, ()) and s.at >= 0]
    if len(fitting) == 1 and len(spare) <= 4:
        return fitting[0]
    if fitting:
        return None
    if field.type in ("quantity", "money", "number") and len(spare) <= 6:
        bare = next(_bare_numbers(seen), None)
        return bare if bare and bare.start == 0 else None
    if field.type == "customer" and len(words) <= 16 and not seen.spans:
        link = lexicon.link(words, own)
        if link.code or link.candidates:
            codes = (link.code,) if link.code else link.candidates
            return Span(0, len(words), "customer", Mention(codes, words, link.code is not None), words, 0)
    if field.type in ("contact", "text") and len(words) <= 12 and not seen.spans:
        return Span(0, len(words), "text", words, words, 0)
    return None
