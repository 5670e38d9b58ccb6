"""Compare what was understood with what a case expects."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from config.rulebook import LOADER
from domain.intents import RecordIntent, Understanding
from tests.language.company import TUESDAY_EVENING, rulebook, understood

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
    exact: bool = False
    words: list[str] = field(default_factory=list)


def cases() -> list[Case]:
    return [
        _case(path.stem, raw)
        for path in sorted(CASES.glob("*.yaml"))
        for raw in yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)
    ]


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
            result.words.append(f"missing {kind}")
            continue
        actual.remove(best)
        result.kinds[0] += 1
        _compare(kind, wanted, best[1], result)
    for kind, fields in actual:
        result.kinds[2] += 1
        result.slots[2] += len(fields)
        result.words.append(f"invented {kind} {fields}")
    asked = meaning.question.field if meaning.question else None
    if case.asks and asked != case.question:
        result.words.append(f"asks {asked}, not {case.question}")
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


def _compare(kind: str, wanted: dict[str, Any], actual: dict[str, Any], result: Score) -> None:
    for name, value in wanted.items():
        if _equal(kind, name, value, actual.get(name)):
            result.slots[0] += 1
        else:
            result.slots[1] += 1
            result.words.append(f"{kind}.{name} is {actual.get(name)!r}, not {value!r}")
    for name in actual.keys() - wanted.keys():
        # Words kept beside the typed fields do no harm; a value nobody expected does.
        if not _is_text(kind, name):
            result.slots[2] += 1
            result.words.append(f"{kind}.{name} invented: {actual[name]!r}")


def _is_text(kind: str, name: str) -> bool:
    form = rulebook().forms.get(kind)
    wanted = form.field(name) if form else None
    return wanted is not None and wanted.type == "text"


def _equal(kind: str, name: str, wanted: Any, actual: Any) -> bool:
    if actual is not None and _is_text(kind, name):
        return str(wanted) in str(actual)
    return bool(wanted == actual) and isinstance(wanted, bool) == isinstance(actual, bool)
