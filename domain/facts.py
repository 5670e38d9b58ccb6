"""What conditions may look at: the fields of a record by their ids, as numbers, days and texts."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from types import EllipsisType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from domain.forms import FieldType, Form

Names = Mapping[str, type | EllipsisType]

TYPES: dict["FieldType", type | EllipsisType] = {
    **dict.fromkeys(
        ("text", "unit", "choice", "customer", "contact", "product", "competitor", "person"), str
    ),
    **dict.fromkeys(("number", "quantity", "money"), Decimal),
    **dict.fromkeys(("objections", "lines"), list),
    **dict.fromkeys(("photo", "voice", "position"), ...),
    "date": date,
    "datetime": datetime,
    "flag": bool,
}
"""Money is in yuan, as it is in the record."""


def names_of(form: "Form") -> dict[str, type | EllipsisType]:
    """The names that a condition over a record of this form may use."""
    return {field.id: TYPES[field.type] for field in form.fields}


def facts_of(form: "Form", data: Mapping[str, Any]) -> dict[str, object]:
    """The record's data as facts. What is not of its field's type is left out: nothing is known of it."""
    return {field.id: fact(field.type, data.get(field.id)) for field in form.fields}


def fact(type_: "FieldType", value: Any) -> object:
    """One value of a record as a fact, None where it is missing or of another type."""
    if value is None:
        return None
    kind = TYPES[type_]
    if kind is Decimal:
        return number(value)
    if kind is date or kind is datetime:
        return moment(str(value))
    if kind is ... or (isinstance(kind, type) and isinstance(value, kind)):
        return value
    return None


def number(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def moment(text: str) -> date | datetime | None:
    """An ISO day as a day, an ISO time as a time."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        return None
