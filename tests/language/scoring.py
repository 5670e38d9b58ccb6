"""Compare what was understood with what a case expects."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from config.sources import LOADER
from domain.intents.records import RecordIntent, Understanding
from tests.language.company import SHANGHAI, TUESDAY_EVENING, person_named, rulebook, understood

CASES = Path(__file__).parent / "cases"
EXPECTED_FAILURES = Path(__file__).parent / "expected_failures.txt"


@dataclass(frozen=True)
class Case:
    """One sentence and what it means. Text fields are compared by containment, all others exactly."""

    file: str
    text: str
    records: tuple[tuple[str, dict[str, Any]], ...]
    question: str | None
    asks: bool
    now: datetime
    person: str
    customer: str | None

    @property
    def id(self) -> str:
        return f"{self.file}: {self.text}"


@dataclass
class Score:
    """Hits, misses and inventions of kinds and slots."""

    kinds: list[int] = field(default_factory=lambda: [0, 0, 0])
    slots: list[int] = field(default_factory=lambda: [0, 0, 0])
    figures: list[int] = field(default_factory=lambda: [0, 0])
    """Amounts and dates taken without asking, and how many of them are wrong."""
    customers: list[int] = field(default_factory=lambda: [0, 0])
    """Customers taken without asking, and how many of them are wrong."""
    exact: bool = False
    words: list[str] = field(default_factory=list)
    kinds_of_error: list[str] = field(default_factory=list)
    """Each error by form, field and sort only, so that it can be counted without showing what was said."""


def cases() -> list[Case]:
    return [
        _case(path.stem, raw)
        for path in sorted(CASES.glob("*.yaml"))
        for raw in yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)
    ]


def spoken(path: Path) -> list[Case]:
    """Cases from a file of JSON lines: `{"text","as","now","gold":[{"intent","form","fields"}],"question","noise"}`."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [
        Case(
            file=path.stem,
            text=raw["text"],
            records=tuple(_meant(g) for g in raw["gold"]),
            question=raw.get("question"),
            asks="question" in raw,
            now=datetime.fromisoformat(raw["now"]).astimezone(SHANGHAI),
            person=person_named(raw["as"]),
            customer=raw.get("at"),
        )
        for raw in lines
    ]


UNMARKED = ("method",)
"""Fields that the writers of such files leave unmarked, so that a value is no invention."""


def _meant(gold: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """One expected intent. Of commands, only the customer that was asked about is marked."""
    fields = {k: v for k, v in (gold.get("fields") or {}).items() if v is not None}
    return gold.get("form") or gold["intent"], fields


def expected_failures() -> set[str]:
    if not EXPECTED_FAILURES.exists():
        return set()
    return {line for line in EXPECTED_FAILURES.read_text(encoding="utf-8").splitlines() if line.strip()}


def score(case: Case) -> Score:
    """Slots are compared between records of the same kind, paired so that most of them agree."""
    meaning = understood(case.text, case.now, case.person, case.customer)
    result = Score()
    actual = list(_flat(meaning))
    for kind, wanted in case.records:
        same = [a for a in actual if a[0] == kind]
        best = max(same, key=lambda a: _agreeing(kind, wanted, a[1]), default=None)
        if best is None:
            result.kinds[1] += 1
            result.slots[1] += len(wanted)
            result.words.append(f"missing {kind} {wanted}")
            result.kinds_of_error.append(f"{kind} missing")
            continue
        actual.remove(best)
        result.kinds[0] += 1
        _compare(kind, wanted, best[1], result)
    for kind, fields in actual:
        _count_taken(kind, {}, fields, result)
        result.kinds[2] += 1
        result.slots[2] += len(fields)
        result.words.append(f"invented {kind} {fields}")
        result.kinds_of_error.append(f"{kind} invented")
    asked = meaning.question.field if meaning.question else None
    if case.asks and asked != case.question:
        result.words.append(f"asks {asked}, not {case.question}")
        result.kinds_of_error.append(f"asks {asked}, not {case.question}")
    result.exact = not result.words
    return result


def f1(hit: int, missed: int, invented: int) -> float:
    return 2 * hit / max(2 * hit + missed + invented, 1)


def _case(file: str, raw: dict[str, Any]) -> Case:
    now = datetime.fromisoformat(raw["now"]) if "now" in raw else TUESDAY_EVENING
    records = tuple(next(iter(r.items())) for r in raw["records"])
    return Case(
        file,
        raw["text"],
        records,
        raw.get("question"),
        "question" in raw,
        now,
        raw.get("as", "P101"),
        raw.get("at"),
    )


def _flat(meaning: Understanding) -> Iterator[tuple[str, dict[str, Any]]]:
    for intent in meaning.intents:
        fields = {k: s.value for k, s in intent.fields.items() if s.value is not None}
        yield (intent.form if isinstance(intent, RecordIntent) else intent.intent), fields


def _agreeing(kind: str, wanted: dict[str, Any], actual: dict[str, Any]) -> int:
    return sum(_equal(kind, name, value, actual.get(name)) for name, value in wanted.items())


FIGURES = ("quantity", "amount", "price", "discount", "happened_at", "next_date", "expected_date", "due")


def _count_taken(kind: str, wanted: dict[str, Any], actual: dict[str, Any], result: Score) -> None:
    """A value that differs from the one meant is wrong; so is one where none was meant."""
    for name, value in actual.items() if _is_record(kind) else ():
        counts = result.figures if name in FIGURES else result.customers if name == "customer" else None
        if counts is not None:
            counts[0] += 1
            counts[1] += value != wanted.get(name)


def _compare(kind: str, wanted: dict[str, Any], actual: dict[str, Any], result: Score) -> None:
    _count_taken(kind, wanted, actual, result)
    for name, value in wanted.items():
        if _equal(kind, name, value, actual.get(name)):
            result.slots[0] += 1
        else:
            result.slots[1] += 1
            result.words.append(f"{kind}.{name} is {actual.get(name)!r}, not {value!r}")
            result.kinds_of_error.append(
                f"{kind}.{name} {'missing' if actual.get(name) is None else 'wrong'}"
            )
    for name in actual.keys() - wanted.keys() - _unmarked(kind):
        # Words kept beside the typed fields do no harm; a value nobody expected does.
        if not _is_text(kind, name):
            result.slots[2] += 1
            result.words.append(f"{kind}.{name} invented: {actual[name]!r}")
            result.kinds_of_error.append(f"{kind}.{name} invented")


def _is_record(kind: str) -> bool:
    form = rulebook().forms.get(kind)
    return form is not None and form.intent == "record"


def _unmarked(kind: str) -> set[str]:
    if not _is_record(kind):
        return set(FIGURES) | {"category", "seller_name", "customer"}
    return set(UNMARKED)


def _is_text(kind: str, name: str) -> bool:
    form = rulebook().forms.get(kind)
    wanted = form.field(name) if form else None
    return wanted is not None and wanted.type == "text"


def _equal(kind: str, name: str, wanted: Any, actual: Any) -> bool:
    if actual is not None and _is_text(kind, name):
        return str(wanted) in str(actual)
    return bool(wanted == actual) and isinstance(wanted, bool) == isinstance(actual, bool)
