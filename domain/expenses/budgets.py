"""Which budgets an expense is paid from."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from domain.expenses.limits import Breach, plain
from domain.expenses.rules import ExpenseRules
from domain.values import Value


class Budget(Value):
    key: str
    """`person:P101|entertainment|2026-03`, `company|travel|2026`: one row of `storage.budgets`."""
    words: str
    """本月个人, 本年公司."""
    limit: int
    """Fen."""


def budgets_of(subject: str, reporter: str, day: date, rules: ExpenseRules) -> Iterator[Budget]:
    """The period is that of the day on the receipt."""
    for rule in rules.budgets:
        if rule.subject != subject:
            continue
        whose = f"person:{reporter}" if rule.per == "person" else "company"
        period = f"{day:%Y-%m}" if rule.period == "month" else f"{day:%Y}"
        named = "个人" if rule.per == "person" else "公司"
        words = f"{day.month}月{named}" if rule.period == "month" else f"{day.year}年{named}"
        yield Budget(key=f"{whose}|{subject}|{period}", words=words, limit=fen(rule.most))


def fen(yuan: Decimal) -> int:
    return int((yuan * 100).to_integral_value())


def too_little(budget: Budget, subject: str, used: int, amount: int, rules: ExpenseRules) -> Breach:
    """The words for a budget that has not enough left. `used` and `amount` in fen."""
    left = Decimal(max(0, budget.limit - used)) / 100
    told = {"科目": subject, "预算": budget.words, "剩余": plain(left), "实际": plain(Decimal(amount) / 100)}
    words = rules.over_budget.words.format(**told)
    return Breach(code="over_budget", severity="warning", words=words, stop=rules.over_budget.stop)
