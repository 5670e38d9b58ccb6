"""What an expense breaks of the company's rules, in words for whoever approves. Shown, not refused, unless a rule says
so (`stop`)."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from domain.checks import Severity
from domain.expenses.rules import ELSEWHERE, EVERYWHERE, ExpenseRules, Limit
from domain.values import Value

DIGITS = {"一": 1, "两": 2, "二": 2, "俩": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_ONE = "一二两俩三四五六七八九"
_NUMBER = rf"(?<![\d百{_ONE}十])(?P<number>\d{{1,2}}|[{_ONE}]?十[{_ONE}]?|[{_ONE}])"
_HEADS = re.compile(rf"{_NUMBER}(?:个人|位|人(?!民))")
_NIGHTS = re.compile(rf"{_NUMBER}(?:个)?(?:晚|夜|宿)|住了?{_NUMBER.replace('number', 'days')}天")


class Expense(Value):
    """What the rules look at. Money in yuan."""

    subject: str = ""
    amount: Decimal
    day: date
    city: str = ""
    heads: int | None = None
    nights: int | None = None
    near_visit: int | None = None
    """Days to the nearest visit or plan of the same person; None where there is none within a month."""


class Breach(Value):
    """Kept beside the checks of the paper, in the same shape."""

    code: str
    severity: Severity
    words: str
    field: str = "total"
    stop: bool = False
    by: Literal["rules"] = "rules"
    """Tells it from what does not fit on the paper."""


def heads_in(words: str) -> int | None:
    """三个人, 4位: how many people; None where it is not said, or said twice differently."""
    return _only(match["number"] for match in _HEADS.finditer(words))


def nights_in(words: str) -> int | None:
    """住了两晚, 3夜."""
    return _only(match["number"] or match["days"] for match in _NIGHTS.finditer(words))


def _only(found: Iterator[str]) -> int | None:
    numbers = {_value(word) for word in found}
    return numbers.pop() if len(numbers) == 1 else None


def _value(word: str) -> int:
    """12, 三, 十二, 二十."""
    if word.isdecimal():
        return int(word)
    tens, ten, ones = word.rpartition("十")
    return (DIGITS.get(tens, 1) * 10 if ten else 0) + DIGITS.get(ones, 0)


def breaches(expense: Expense, rules: ExpenseRules) -> tuple[Breach, ...]:
    """Everything that this expense breaks; of an expense whose subject is open only that."""
    if not expense.subject:
        words = "没有确定预算科目，标准和预算都没有核对。"
        return (Breach(code="subject_open", severity="info", words=words),)
    limits = (
        b for limit in rules.limits if limit.subject == expense.subject for b in _over(expense, limit, rules)
    )
    return (*limits, *_without_visit(expense, rules))


def _over(expense: Expense, limit: Limit, rules: ExpenseRules) -> Iterator[Breach]:
    tier = rules.tier(expense.city)
    most = limit.most.get(tier, limit.most.get(EVERYWHERE))
    if most is None:
        return
    where = expense.city or ("城市不明，按其他城市，" if tier == ELSEWHERE else tier)
    units = {"night": expense.nights, "head": expense.heads, "receipt": 1}[limit.per]
    if not units:
        if limit.unknown and expense.amount > most:
            yield Breach(
                code=limit.id, severity="info", words=limit.unknown.format(城市=where, 标准=plain(most))
            )
        return
    each = (expense.amount / units).quantize(Decimal("0.01"), ROUND_HALF_UP)
    if each > most:
        told = {"城市": where, "实际": plain(each), "标准": plain(most), "超出": plain(each - most)}
        yield Breach(code=limit.id, severity="warning", words=limit.words.format(**told), stop=limit.stop)


def _without_visit(expense: Expense, rules: ExpenseRules) -> Iterator[Breach]:
    for rule in rules.visits:
        if expense.subject not in rule.subjects:
            continue
        if expense.near_visit is None or expense.near_visit > rule.days:
            words = rule.words.format(天数=rule.days)
            yield Breach(code="no_visit", severity="warning", words=words, field="date", stop=rule.stop)


LOOK_AROUND = timedelta(days=31)
"""How far from the expense visits are looked for at most."""


def plain(amount: Decimal) -> str:
    """150, 230.5, 46.55: without needless zeros."""
    text = f"{amount:.2f}"
    return text.rstrip("0").rstrip(".")
