"""Conditions of flows on the fields of a record, and what else they may look at."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from domain.expressions import Expression, ExpressionError, compile
from domain.forms import Form, FormField

TYPES: dict[str, type] = {
    "number": Decimal,
    "quantity": Decimal,
    "money": Decimal,
    "date": date,
    "datetime": datetime,
    "flag": bool,
    "objections": list,
    "lines": list,
}
"""Type of a field → type of its value; every other is text."""

AROUND: dict[str, type] = {
    "reporter.role": str,
    "reporter.team": str,
    "reporter.region": str,
    "customer.level": str,
    "customer.city": str,
    "customer.status": str,
    "checks": int,
    "over_budget": bool,
    "today": date,
}
"""What conditions may look at beside the fields: `checks` counts what does not fit on the papers or with the rules."""


def names_of(form: Form) -> dict[str, type]:
    """Every name that a condition about this form may use, with the type of its value. Money is in yuan."""
    return {**{field.id: TYPES.get(field.type, str) for field in form.fields}, **AROUND}


def fact(field: FormField, value: Any) -> object:
    """A record's value as conditions see it; None where it is not what the field says."""
    kind = TYPES.get(field.type, str)
    try:
        if kind is Decimal:
            return Decimal(str(value))
        if kind is datetime:
            return datetime.fromisoformat(str(value))
        if kind is date:
            return date.fromisoformat(str(value)[:10])
    except (ArithmeticError, ValueError):
        return None
    return value if isinstance(value, kind) else str(value)


def facts_of(form: Form, data: Mapping[str, Any]) -> dict[str, object]:
    return {field.id: fact(field, data[field.id]) for field in form.fields if data.get(field.id) is not None}


def holds(condition: str, facts: Mapping[str, object], names: Mapping[str, type], *, doubtful: bool) -> bool:
    """Whether the condition is met; an empty one always is. `doubtful`: what counts where it cannot be worked out."""
    if not condition:
        return True
    try:
        return bool(_compiled(condition, frozenset(names.items()))(facts))
    except ExpressionError:
        return doubtful


@lru_cache(maxsize=1024)
def _compiled(text: str, names: frozenset[tuple[str, type]]) -> Expression:
    return compile(text, dict(names))
