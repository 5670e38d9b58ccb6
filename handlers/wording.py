"""How values are read aloud: a field's value in the words that a person would use."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from domain.forms import Form, FormField
from domain.hiding import hide
from domain.people import Customer, Person, Product
from domain.policies import HIDDEN, hidden_fields, viewer_of
from handlers.turn import Turn
from storage.tables import RecordRow

WEEKDAYS = "一二三四五六日"
OBJECTIONS = {"price": "嫌价格", "trust": "不放心质量", "timing": "时机未到"}
MISSING = "待补"
NAMED_IN_A_LINE = frozenset(
    {"next_step", "next_date", "expected_date", "result", "reason", "purpose", "due", "feedback"}
)
"""Fields whose values do not tell by themselves what they are."""


def yuan(amount: Any) -> str:
    """¥ with two places; the amount in yuan."""
    return f"¥{Decimal(str(amount)):,.2f}"


def day(value: date, today: date) -> str:
    near = {-1: "昨天", 0: "今天", 1: "明天", 2: "后天"}.get((value - today).days)
    words = f"{value.month}月{value.day}日 周{WEEKDAYS[value.weekday()]}"
    if value.year != today.year:
        words = f"{value.year}年{words}"
    return f"{near}（{words}）" if near else words


def moment(text: str, now: datetime, zone: ZoneInfo) -> str:
    """An ISO day or time. A time at midnight sharp is read as a day."""
    if len(text) <= 10:
        return day(date.fromisoformat(text), now.astimezone(zone).date())
    at = datetime.fromisoformat(text).astimezone(zone)
    words = day(at.date(), now.astimezone(zone).date())
    return words if (at.hour, at.minute) == (0, 0) else f"{words} {at:%H:%M}"


def read_value(field: FormField, value: Any, data: dict[str, Any], turn: Turn) -> str:
    """One field of a record in words. Codes become full names, numbers carry their unit."""
    if value == HIDDEN:
        return HIDDEN
    match field.type:
        case "customer" | "product" | "person":
            return _name(field.type, str(value), turn)
        case "money":
            return yuan(value)
        case "quantity" | "number":
            return f"{Decimal(str(value)).normalize():f} {data.get('unit', '')}".strip()
        case "date" | "datetime":
            return moment(str(value), turn.now, turn.zone)
        case "flag":
            return "是" if value else "否"
        case "objections":
            return "、".join(OBJECTIONS.get(str(v), str(v)) for v in value)
        case "choice":
            return next((c.label for c in field.choices if c.key == value), str(value))
        case "lines":
            return "；".join(_line(line, turn) for line in value)
        case _:
            return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def _line(line: Any, turn: Turn) -> str:
    """One of a list of lines: what is known by a code by its name, and everything else as it is."""
    if not isinstance(line, Mapping):
        return str(line)
    named = {"product", "customer", "person"}
    return " ".join(
        _name(key, str(value), turn) if key in named else str(value) for key, value in line.items()
    )


def read_fields(form: Form, data: dict[str, Any], turn: Turn) -> list[tuple[FormField, str]]:
    """The filled fields of a record in the form's order; the unit is read with its quantity."""
    shown = []
    for field in form.fields:
        if field.id not in data or field.hidden or field.type == "unit":
            continue
        shown.append((field, read_value(field, data[field.id], data, turn)))
    return shown


def as_seen_by(row: RecordRow, reader: Person | None, turn: Turn) -> tuple[dict[str, Any], dict[str, str]]:
    """The data and sources of somebody else's record as they may stand on a card for `reader`."""
    viewer = viewer_of(reader or Person(id="", name=""), "approval")
    hidden = hidden_fields(turn.rulebook.policies, turn.rulebook.forms.get(row.form), viewer)
    data, sources, _ = hide(row.data, row.sources, hidden)
    return data, sources


def summary(row: RecordRow, turn: Turn, *, without_customer: bool = False) -> str:
    """A record in one line; the customer may be left out where he is named beside it."""
    skipped = {"datetime", "flag", "photo", "voice"} | ({"customer"} if without_customer else set())
    form = turn.rulebook.form_of(row.form)
    parts = [
        f"{field.label}：{words}" if field.id in NAMED_IN_A_LINE else words
        for field, words in read_fields(form, row.data, turn)
        if field.type not in skipped
    ]
    return " · ".join(parts) or form.label


def source_beside(source: str, words: str) -> str:
    """Where a value came from, empty where the value says the same."""
    return "" if source.replace(" ", "") in words.replace(" ", "") else source


def customer_name(code: str | None, turn: Turn) -> str:
    return _name("customer", code, turn) if code else ""


def _name(kind: str, code: str, turn: Turn) -> str:
    """The full name behind a code, the code itself where nobody knows it any more."""
    names = turn.lexicon
    tables: dict[str, Mapping[str, Customer | Product | Person]] = {
        "customer": names.customers,
        "product": names.products,
        "person": names.people,
    }
    known = tables[kind].get(code)
    return known.name if known else code
