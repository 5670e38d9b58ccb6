"""The fields of one record: what its form's cues name, then what only its type tells."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.forms import Form, FormField
from domain.intents import Said
from nlu.language.lines import Line, amount_fields
from nlu.language.matching import Compiled
from nlu.language.said import said_value
from nlu.language.spans import Scan, Span
from nlu.language.times import When, iso

NEXT = {"next_step": "next_date"}
"""A text field and the date that is said in the same breath."""


_TRAILING = "，。、；！？ 了的"


@dataclass
class Draft:
    """One record while its fields are being collected."""

    form: Form
    start: int
    end: int
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
        elsewhere = span.at > draft.end and scan.soft_clause(span.at) != scan.soft_clause(draft.start)
        if ahead and elsewhere and expected is None:
            # 拜访…，他说下个月再说: what is said later on is no plan of this visit.
            continue
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
