"""A company in memory: rep → manager → director, two in finance, as flows need to know it."""

from dataclasses import dataclass, field
from datetime import date

SUPERIORS = {
    "李伟": "周建国",
    "张敏": "周建国",
    "陈晨": "许静",
    "周建国": "林晓雯",
    "许静": "林晓雯",
    "孙丽": "林晓雯",
    "钱多": "孙丽",
    "新人": None,
    "林晓雯": None,
}
ROLES = {"director": ("林晓雯",), "finance": ("孙丽", "钱多"), "manager": ("周建国", "许静")}
SHIFTED = {date(2026, 2, 14): True, date(2026, 2, 28): True} | {
    date(2026, 2, day): False for day in range(15, 24)
}
"""Spring Festival 2026 as announced: off from 15 to 23 February, Saturdays 14 and 28 worked."""


def announced(day: date) -> bool:
    return SHIFTED.get(day, day.weekday() < 5)


@dataclass
class Town:
    """`leaves`: who is away, and who stands in for him (empty: nobody)."""

    leaves: dict[str, str] = field(default_factory=dict)
    superiors: dict[str, str | None] = field(default_factory=lambda: dict(SUPERIORS))
    roles: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict(ROLES))

    def superior(self, person: str) -> str | None:
        return self.superiors.get(person)

    def holders(self, role: str) -> tuple[str, ...]:
        return self.roles.get(role, ())

    def knows(self, person: str) -> bool:
        return person in self.superiors

    def name(self, person: str) -> str:
        return person

    def away(self, person: str) -> str | None:
        return self.leaves.get(person)
