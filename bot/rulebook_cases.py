"""Sentences and what they should mean, as YAML; compared with what a rulebook makes of them, field by field.

    - text: 惠民超市朝阳店订了60箱原味酸奶
      now: 2026-03-10T18:00      # optional
      as: P101                    # who says it, optional
      at: C0001                   # the customer whose visit is open, optional
      records:
        - order: {customer: C0001, quantity: 60, unit: 箱}
      question: customer          # optional: the field that is asked about, or null

A file may instead be `{company: {customers: […], products: […], …}, cases: […]}` and bring its own names.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import ValidationError

from domain.forms import Rulebook
from domain.intents.records import RecordIntent, Understanding
from domain.people import Competitor, Contact, Customer, Person, Product
from domain.values import Value
from nlu.language.lexicon import Lexicon
from nlu.understanding import understand

USUAL_NOW = datetime(2026, 3, 10, 18, 0)
COMPANY: dict[str, type[Value]] = {
    "customers": Customer,
    "contacts": Contact,
    "products": Product,
    "competitors": Competitor,
    "people": Person,
}


class CaseError(Exception):
    """A file of cases cannot be used; the words (Chinese) say which, why, and what to do."""


@dataclass(frozen=True)
class Case:
    file: str
    text: str
    records: tuple[tuple[str, dict[str, Any]], ...]
    now: datetime
    person: str | None = None
    customer: str | None = None
    question: str | None = None
    asks: bool = False
    """Whether the question is part of the case."""


def read_cases(path: Path, zone: ZoneInfo) -> tuple[list[Case], Lexicon | None]:
    """The cases of one file and the company that it brings along. Raises CaseError."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CaseError(f"{path}：读不了（{error}）。应当是 UTF-8 的 YAML 文件。") from None
    names = None
    if isinstance(raw, dict):
        names = _company(raw.get("company"), path)
        raw = raw.get("cases")
    if not isinstance(raw, list):
        raise CaseError(f"{path}：应当是一串用例，每条有 text 和 records。")
    return [_case(one, number, path, zone) for number, one in enumerate(raw, 1)], names


def _company(raw: Any, path: Path) -> Lexicon | None:
    if raw is None:
        return None
    try:
        named: dict[str, Any] = {
            name: [kind.model_validate(x) for x in raw.get(name, ())] for name, kind in COMPANY.items()
        }
    except (ValidationError, AttributeError, TypeError) as error:
        raise CaseError(f"{path}：company 写得不对：{error}") from None
    return Lexicon.build(**named)


def _case(raw: Any, number: int, path: Path, zone: ZoneInfo) -> Case:
    try:
        now = raw.get("now", USUAL_NOW)
        at = now if isinstance(now, datetime) else datetime.fromisoformat(str(now))
        return Case(
            path.name,
            str(raw["text"]),
            tuple(_record(r) for r in raw["records"]),
            at if at.tzinfo else at.replace(tzinfo=zone),
            raw.get("as"),
            raw.get("at"),
            raw.get("question"),
            "question" in raw,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        words = f"{path}：第 {number} 条用例写得不对（{error!r}）。"
        raise CaseError(f"{words}要有 text 和 records，例如 records: [order: {{quantity: 60}}]。") from None


def _record(raw: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    ((kind, fields),) = raw.items()
    return str(kind), {
        str(k): str(v) if isinstance(v, datetime) else _plain(v) for k, v in dict(fields or {}).items()
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def differences(case: Case, rulebook: Rulebook, lexicon: Lexicon) -> list[str]:
    """What the rulebook makes of the case otherwise than it should, a line each in Chinese; none where it is right."""
    meaning = understand(
        case.text,
        now=case.now,
        lexicon=lexicon,
        rulebook=rulebook,
        own=lexicon.owned_by(case.person) if case.person else frozenset(),
        customer=case.customer,
    )
    left = list(_found(meaning))
    told: list[str] = []
    for kind, wanted in case.records:
        same = [found for found in left if found[0] == kind]
        best = max(same, key=lambda f: _agreeing(kind, wanted, f[1], rulebook), default=None)
        if best is None:
            told.append(f"少了{_label(kind, rulebook)}")
            continue
        left.remove(best)
        told += _compared(kind, wanted, best[1], rulebook)
    told += [f"多了{_label(kind, rulebook)}：{_shown(fields)}" for kind, fields in left]
    asked = meaning.question.field if meaning.question else None
    if case.asks and asked != case.question:
        told.append(f"问的是 {asked or '（不问）'}，应当是 {case.question or '（不问）'}")
    return told


def _found(meaning: Understanding) -> Iterator[tuple[str, dict[str, Any]]]:
    for intent in meaning.intents:
        fields = {key: said.value for key, said in intent.fields.items() if said.value is not None}
        yield (intent.form if isinstance(intent, RecordIntent) else intent.intent), fields


def _compared(kind: str, wanted: dict[str, Any], found: dict[str, Any], rulebook: Rulebook) -> Iterator[str]:
    for name, value in wanted.items():
        if not _equal(kind, name, value, found.get(name), rulebook):
            what = f"{_label(kind, rulebook)}的{_field(kind, name, rulebook)}"
            yield f"{what}是 {'（空）' if found.get(name) is None else found[name]}，应当是 {value}"
    for name in found.keys() - wanted.keys():
        if not _is_text(kind, name, rulebook):
            yield f"{_label(kind, rulebook)}的{_field(kind, name, rulebook)}多出来 {found[name]}"


def _agreeing(kind: str, wanted: dict[str, Any], found: dict[str, Any], rulebook: Rulebook) -> int:
    return sum(_equal(kind, name, value, found.get(name), rulebook) for name, value in wanted.items())


def _equal(kind: str, name: str, wanted: Any, found: Any, rulebook: Rulebook) -> bool:
    """Text need only contain what is wanted; everything else is the same or it is not."""
    if found is not None and _is_text(kind, name, rulebook):
        return str(wanted) in str(found)
    return bool(wanted == found) and isinstance(wanted, bool) == isinstance(found, bool)


def _is_text(kind: str, name: str, rulebook: Rulebook) -> bool:
    form = rulebook.forms.get(kind)
    field = form.field(name) if form else None
    return field is not None and field.type == "text"


def _label(kind: str, rulebook: Rulebook) -> str:
    return f"「{rulebook.forms[kind].label}」" if kind in rulebook.forms else kind


def _field(kind: str, name: str, rulebook: Rulebook) -> str:
    form = rulebook.forms.get(kind)
    field = form.field(name) if form else None
    return field.label if field else name


def _shown(fields: dict[str, Any]) -> str:
    return "，".join(f"{key} {value}" for key, value in fields.items()) or "（没有字段）"
