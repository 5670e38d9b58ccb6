"""Compare the to-dos found in minutes with what a case expects."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz import fuzz

from domain.people import Person
from nlu.language.lexicon import Lexicon
from nlu.todos.reading import todos_in
from tests.language.company import SHANGHAI, customers, lexicon, own, rulebook

HERE = Path(__file__).parent
MORNING = datetime(2026, 3, 10, 10, 0, tzinfo=SHANGHAI)
ALIKE = 60
"""Titles at least this like (0 to 100) speak of the same matter; owner and day decide nothing about it."""


@dataclass
class Score:
    """Of one case, or of all."""

    hit: int = 0
    missed: int = 0
    invented: int = 0
    owners: list[int] = field(default_factory=lambda: [0, 0])
    dues: list[int] = field(default_factory=lambda: [0, 0])
    titles: list[int] = field(default_factory=lambda: [0, 0])
    wrong_owners: int = 0
    """Somebody else was taken, where the right one should have been, or where it should have been asked."""
    words: list[str] = field(default_factory=list)

    def __iadd__(self, other: "Score") -> "Score":
        self.hit += other.hit
        self.missed += other.missed
        self.invented += other.invented
        for name in ("owners", "dues", "titles"):
            mine, theirs = getattr(self, name), getattr(other, name)
            mine[0], mine[1] = mine[0] + theirs[0], mine[1] + theirs[1]
        self.wrong_owners += other.wrong_owners
        self.words += other.words
        return self

    @property
    def f1(self) -> float:
        return 2 * self.hit / max(2 * self.hit + self.missed + self.invented, 1)


@cache
def cases() -> tuple[dict[str, Any], ...]:
    return tuple(
        {"file": path.stem, **case}
        for path in sorted(HERE.glob("*.yaml"))
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))
    )


def _company(case: dict[str, Any]) -> Lexicon:
    if "people" not in case:
        return lexicon()
    people = [Person(id=f"T{i}", **p) for i, p in enumerate(case["people"])]
    return Lexicon.build(customers(), (), (), (), people)


def found_in(case: dict[str, Any]) -> list[dict[str, Any]]:
    """The to-dos of a case as plain values; owners by name."""
    names = _company(case)
    records = todos_in(
        case["text"],
        now=MORNING,
        lexicon=names,
        rulebook=rulebook(),
        speaker=case.get("as", "P101"),
        own=own(),
    )
    found = []
    for record in records:
        values = {key: said.value for key, said in record.fields.items()}
        owner = names.people.get(values.get("owner") or "")
        found.append({**values, "owner": owner.name if owner else None})
    return found


def score(case: dict[str, Any]) -> Score:
    result = Score()
    left = found_in(case)
    for wanted in case["todos"]:
        best = max(left, key=lambda f: fuzz.ratio(f["title"], wanted["title"]), default=None)
        if best is None or fuzz.ratio(best["title"], wanted["title"]) < ALIKE:
            result.missed += 1
            result.words.append(f"missing {wanted}")
            continue
        left.remove(best)
        result.hit += 1
        _compare(wanted, best, result)
    result.invented += len(left)
    result.words += [f"invented {one}" for one in left]
    return result


def _compare(wanted: dict[str, Any], found: dict[str, Any], result: Score) -> None:
    for name, counts in (("owner", result.owners), ("due", result.dues), ("title", result.titles)):
        right = found.get(name) == wanted.get(name)
        counts[0] += right
        counts[1] += 1
        if not right:
            result.words.append(
                f"{name} of {wanted['title']} is {found.get(name)!r}, not {wanted.get(name)!r}"
            )
    result.wrong_owners += found.get("owner") not in (None, wanted.get("owner"))
    if "customer" in wanted and found.get("customer") != wanted["customer"]:
        result.words.append(f"customer of {wanted['title']} is {found.get('customer')!r}")


def everything() -> Score:
    total = Score()
    for case in cases():
        total += score(case)
    return total
