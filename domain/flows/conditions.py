"""Conditions of flows on the fields of a record, and what else they may look at."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import EllipsisType
from typing import TYPE_CHECKING

from domain import facts
from domain.expressions import Expression, ExpressionError, compile
from domain.facts import Names

if TYPE_CHECKING:
    from domain.forms import Form

AROUND: dict[str, type] = {
    "reporter.role": str,
    "reporter.team": str,
    "reporter.region": str,
    "customer.level": str,
    "customer.city": str,
    "customer.status": str,
    "customer.health": str,
    "customer.health_before": str,
    "checks": int,
    "over_budget": bool,
    "today": date,
}
"""What conditions may look at beside the fields: `checks` counts what does not fit on the papers or with the rules;
`customer.health` is red, yellow or green with the record counted, `customer.health_before` without it."""
HEALTH = "customer.health"


def names_of(form: "Form") -> dict[str, type | EllipsisType]:
    """Every name that a condition of a flow about this form may use, with the type of its value."""
    return {**facts.names_of(form), **AROUND}


def holds(condition: str, known: Mapping[str, object], names: Names, *, doubtful: bool) -> bool:
    """Whether the condition is met; an empty one always is. `doubtful`: what counts where it cannot be worked out."""
    if not condition:
        return True
    try:
        return bool(_compiled(condition, frozenset(names.items()))(known))
    except ExpressionError:
        return doubtful


@lru_cache(maxsize=1024)
def _compiled(text: str, names: frozenset[tuple[str, type | EllipsisType]]) -> Expression:
    return compile(text, dict(names))
