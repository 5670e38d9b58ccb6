"""`understand --amounts`: what a bare expression of time, money or quantity means."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from domain.forms import Rulebook
from nlu.language.lexicon import Lexicon
from nlu.language.normalise import normalise
from nlu.language.numbers import exact, plain
from nlu.language.quantities import Factor, Money, Quantity
from nlu.language.spans import Span, scan
from nlu.language.times import When, iso

KINDS = ("date", "money", "price", "quantity", "number", "factor")
WHICH = {"vague": "具体是哪一天？", "recurring": "先定哪一天？", "impossible": "没有这一天，是哪一天？"}
NOTHING = "没看懂，请换个说法。"


def amount(text: str, now: datetime, rulebook: Rulebook) -> dict[str, Any]:
    """`{"kind", "value", "unit", "question"}`; kind null where nothing was recognised.

    `now` in the company's zone. Days are YYYY-MM-DD, times ISO 8601 with offset, money yuan. A range is
    `[from, to]`; where somebody has to say which is meant, value is null or the range, and there is a question.
    """
    source = normalise(text, rulebook.words("speech", "fillers"), rulebook.words("speech", "stutters"))
    bare = exact(source.text.strip())
    if bare is not None:
        return _number("quantity", bare, (), "")
    found = scan(source, now, _nobody(), rulebook, frozenset()).spans
    spans = [span for span in found if span.kind in KINDS]
    if not spans:
        return _answer(None, question=NOTHING)
    best = max(spans, key=lambda span: span.end - span.start)
    return _said(best)


@cache
def _nobody() -> Lexicon:
    """No names: a bare expression holds none."""
    return Lexicon.build(customers=[])


def _said(span: Span) -> dict[str, Any]:
    value = span.value
    if isinstance(value, When):
        return _time(value)
    if isinstance(value, Money):
        return _number(
            "money", value.value, (value.low, value.high), f"元/{value.unit}" if value.unit else "元"
        )
    if isinstance(value, Quantity):
        return _number("quantity", value.value, (value.low, value.high), value.unit)
    number = value.value if isinstance(value, Factor) else getattr(value, "value", value)
    if isinstance(number, Decimal | int):
        return _number("quantity", Decimal(number), (None, None), "")
    return _answer(None, question=NOTHING)


def _time(when: When) -> dict[str, Any]:
    if when.kind in WHICH or when.value is None:
        return _answer("date", question=when.problem or WHICH.get(when.kind, WHICH["vague"]))
    if when.until is not None:
        return _answer("range", [iso(when.value), iso(when.until)])
    kind = "datetime" if isinstance(when.value, datetime) else "date"
    readings = [when.value, *when.alternatives]
    question = f"是{'，还是'.join(iso(one) for one in readings)}？" if when.alternatives else None
    return _answer(kind, iso(when.value), question=question)


def _number(kind: str, value: Decimal | None, ends: Iterable[Decimal | None], unit: str) -> dict[str, Any]:
    if value is not None:
        return _answer(kind, plain(value), unit)
    span = [plain(end) for end in ends if end is not None]
    return _answer("range", span or None, unit, "具体是多少？")


def _answer(
    kind: str | None, value: Any = None, unit: str | None = None, question: str | None = None
) -> dict[str, Any]:
    return {"kind": kind, "value": value, "unit": unit or None, "question": question}
