"""What the company pays for and how much, as finance writes it. Money in yuan, as on receipts."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from domain.values import Value

EVERYWHERE = "全部"
ELSEWHERE = "其他城市"


class Subject(Value):
    """By what a budget subject is recognised."""

    categories: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


class Limit(Value):
    """The most that is paid for one night, head or receipt, by tier of city. `unknown` is told where the number of
    nights or heads is not known."""

    id: str
    subject: str
    per: Literal["night", "head", "receipt"]
    most: dict[str, Decimal]
    words: str
    unknown: str = ""
    stop: bool = False
    """More is not even handed in."""


class NearVisit(Value):
    """Expenses of these subjects belong to a visit, or a planned one, at most so many days away."""

    subjects: tuple[str, ...]
    days: int = Field(ge=0, le=31)
    words: str
    stop: bool = False


class BudgetRule(Value):
    subject: str
    per: Literal["person", "company"]
    period: Literal["month", "year"]
    most: Decimal = Field(gt=0)


class OverBudget(Value):
    words: str
    stop: bool = False


class ExpenseRules(Value):
    subjects: dict[str, Subject] = Field(default_factory=dict)
    limits: tuple[Limit, ...] = ()
    visits: tuple[NearVisit, ...] = ()
    cities: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    budgets: tuple[BudgetRule, ...] = ()
    over_budget: OverBudget = OverBudget(words="预算不够：还剩 {剩余} 元，这笔 {实际} 元。")

    @model_validator(mode="after")
    def _known(self) -> "ExpenseRules":
        named = [limit.subject for limit in self.limits] + [budget.subject for budget in self.budgets]
        named += [subject for rule in self.visits for subject in rule.subjects]
        for subject in named:
            if subject not in self.subjects:
                raise ValueError(f"没有科目 {subject}，可用的是 {'、'.join(self.subjects)}")
        tiers = {EVERYWHERE, ELSEWHERE, *self.cities}
        for limit in self.limits:
            if not limit.most or (unknown := set(limit.most) - tiers):
                raise ValueError(f"标准 {limit.id} 里没有城市级别 {'、'.join(unknown) if limit.most else ''}")
        return self

    def tier(self, city: str) -> str:
        """Which tier a city is of; `ELSEWHERE` also where it is not known."""
        return next((tier for tier, cities in self.cities.items() if city in cities), ELSEWHERE)

    def city_in(self, texts: Iterable[str]) -> str:
        """The first city with a tier of its own that the texts name, empty where there is none."""
        known = [city for cities in self.cities.values() for city in cities]
        return next((city for text in texts for city in known if city in text), "")
