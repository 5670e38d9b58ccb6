"""Values as records keep them: from what was recognised to JSON, with the words and the readings left open."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from domain.forms import FormField
from domain.intents.records import Said
from nlu.language.lexicon import Lexicon
from nlu.language.mentions import Mention
from nlu.language.numbers import plain
from nlu.language.quantities import Factor, Money, Quantity
from nlu.language.spans import Span
from nlu.language.times import When, iso


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


def said_person(span: Span) -> Said:
    """Somebody met, by the name that was said: 周经理 may well be called like a colleague."""
    return Said(value=span.words, words=span.words)


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


def _read_day(text: str) -> str:
    """2026-03-13 as 3月13日 周五, with its time where it has one."""
    at = datetime.fromisoformat(text)
    words = f"{at.month}月{at.day}日 周{'一二三四五六日'[at.weekday()]}"
    return words if len(text) <= 10 else f"{words} {at:%H:%M}"
