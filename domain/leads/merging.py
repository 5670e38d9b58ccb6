"""Two reports of one lead become one, and no value of either is lost."""

from typing import Any

from domain.leads.lead import Lead

FACTS = (
    "company",
    "contact",
    "phone",
    "tax_id",
    "city",
    "district",
    "address",
    "need",
    "source",
    "level",
    "value",
)
"""What is told of a lead, and not where it stands."""
OTHERS = "others"
"""Where values are kept that differ from those that hold: `{"phone": ["…"]}`."""


def merged_values(survivor: Lead, arriving: Lead) -> dict[str, Any]:
    """What changes of the survivor: empty facts are filled, differing values are kept beside, none is overwritten."""
    changes: dict[str, Any] = {}
    others: dict[str, list[Any]] = {k: list(v) for k, v in survivor.details.get(OTHERS, {}).items()}
    for name in FACTS:
        old, new = getattr(survivor, name), getattr(arriving, name)
        if new in ("", None) or new == old:
            continue
        if old in ("", None):
            changes[name] = new
        else:
            _beside(others, name, new)
    for name, values in arriving.details.get(OTHERS, {}).items():
        for value in values:
            if value not in (getattr(survivor, name, None), changes.get(name)):
                _beside(others, name, value)
    products = (*survivor.products, *(p for p in arriving.products if p not in survivor.products))
    if products != survivor.products:
        changes["products"] = products
    details = {k: v for k, v in survivor.details.items() if k != OTHERS}
    for name, value in arriving.details.items():
        if name == OTHERS or details.get(name) == value:
            continue
        if details.get(name) in ("", None):
            details[name] = value
        else:
            _beside(others, f"details.{name}", value)
    details |= {OTHERS: others} if others else {}
    if details != survivor.details:
        changes["details"] = details
    return changes


def told_anew(before: Lead, after: Lead) -> tuple[str, ...]:
    """The facts of `after` of which something was told that `before` did not know."""
    others, known = after.details.get(OTHERS, {}), before.details.get(OTHERS, {})
    names = (*FACTS, "products")
    return tuple(n for n in names if getattr(after, n) != getattr(before, n) or others.get(n) != known.get(n))


def _beside(others: dict[str, list[Any]], name: str, value: Any) -> None:
    if value not in others.setdefault(name, []):
        others[name].append(value)
