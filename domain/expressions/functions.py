"""What expressions may call, and the kinds of values they tell apart. A value that is missing is None throughout."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from types import EllipsisType
from typing import Any, Literal

Kind = Literal["number", "text", "flag", "day", "span", "list", "any"]
KIND_WORDS: dict[Kind, str] = {
    "number": "数字",
    "text": "文字",
    "flag": "是或否",
    "day": "日期",
    "span": "时长",
    "list": "一组值",
    "any": "任意值",
}
MAX_ITEMS = 10_000
"""Of a list that a function goes through."""

Number = int | Decimal


def kind_of(declared: type | EllipsisType) -> Kind:
    """The kind of a declared type; `...` and types that expressions know nothing of are `any`."""
    if not isinstance(declared, type):
        return "any"
    known: tuple[tuple[type, Kind], ...] = (
        (bool, "flag"),
        (int, "number"),
        (float, "number"),
        (Decimal, "number"),
        (str, "text"),
        (date, "day"),
        (timedelta, "span"),
    )
    found = next((kind for base, kind in known if issubclass(declared, base)), None)
    return found or ("list" if issubclass(declared, list | tuple | set | frozenset) else "any")


@dataclass(frozen=True)
class Function:
    """One function: called with as many arguments as `takes` has kinds, the last `optional` of which may be left out.

    Where `strict`, it is not called at all when an argument is missing: the result is missing too.
    """

    run: Callable[..., Any]
    takes: tuple[Kind, ...]
    gives: Kind
    usage: str
    strict: bool = True
    optional: int = 0


def _day(of: date) -> date:
    return of.date() if isinstance(of, datetime) else of


def _written_day(words: str) -> date:
    return date.fromisoformat(words)


def _rounded(number: Number, places: Number = 0) -> Number:
    if not 0 <= places <= 6:
        raise ValueError("round keeps 0 to 6 places")
    quantum = Decimal(1).scaleb(-int(places))
    return Decimal(number).quantize(quantum, ROUND_HALF_UP)


def _values(rows: Collection[Any], key: str) -> list[Number]:
    """The numbers under `key` in each row; rows without one count for nothing."""
    if len(rows) > MAX_ITEMS:
        raise ValueError(f"more than {MAX_ITEMS} rows")
    found = (row.get(key) for row in rows if isinstance(row, Mapping))
    return [
        Decimal(str(v)) for v in found if isinstance(v, int | float | Decimal) and not isinstance(v, bool)
    ]


def _largest(rows: Collection[Any], key: str) -> Number | None:
    return max(_values(rows, key), default=None)


def _smallest(rows: Collection[Any], key: str) -> Number | None:
    return min(_values(rows, key), default=None)


def _hour(of: date) -> int:
    if not isinstance(of, datetime):
        raise ValueError("a day without a time has no hour")
    return of.hour


FUNCTIONS: dict[str, Function] = {
    "has": Function(lambda v: v not in (None, "", (), []), ("any",), "flag", "has(值)", strict=False),
    "empty": Function(lambda v: v in (None, "", (), []), ("any",), "flag", "empty(值)", strict=False),
    "first_of": Function(
        lambda a, b: b if a is None else a, ("any", "any"), "any", "first_of(值, 没有时用的值)", strict=False
    ),
    "choose": Function(
        lambda when, a, b: a if when else b,
        ("flag", "any", "any"),
        "any",
        "choose(条件, 成立时, 不成立时)",
        strict=False,
    ),
    "abs": Function(abs, ("number",), "number", "abs(数字)"),
    "round": Function(_rounded, ("number", "number"), "number", "round(数字, 小数位)", optional=1),
    "smaller": Function(min, ("number", "number"), "number", "smaller(数字, 数字)"),
    "larger": Function(max, ("number", "number"), "number", "larger(数字, 数字)"),
    "count": Function(len, ("list",), "number", "count(一组值)"),
    "sum_of": Function(
        lambda rows, key: sum(_values(rows, key)), ("list", "text"), "number", 'sum_of(明细, "字段")'
    ),
    "max_of": Function(_largest, ("list", "text"), "number", 'max_of(明细, "字段")'),
    "min_of": Function(_smallest, ("list", "text"), "number", 'min_of(明细, "字段")'),
    "length": Function(len, ("text",), "number", "length(文字)"),
    "starts": Function(
        lambda text, part: text.startswith(part), ("text", "text"), "flag", 'starts(文字, "开头")'
    ),
    "ends": Function(lambda text, part: text.endswith(part), ("text", "text"), "flag", 'ends(文字, "结尾")'),
    "date": Function(_written_day, ("text",), "day", 'date("2026-02-17")'),
    "weeks": Function(lambda n: timedelta(weeks=float(n)), ("number",), "span", "weeks(数字)"),
    "days": Function(lambda n: timedelta(days=float(n)), ("number",), "span", "days(数字)"),
    "hours": Function(lambda n: timedelta(hours=float(n)), ("number",), "span", "hours(数字)"),
    "minutes": Function(lambda n: timedelta(minutes=float(n)), ("number",), "span", "minutes(数字)"),
    "days_between": Function(
        lambda start, end: (_day(end) - _day(start)).days, ("day", "day"), "number", "days_between(从, 到)"
    ),
    "day_of": Function(_day, ("day",), "day", "day_of(时间)"),
    "year": Function(lambda d: d.year, ("day",), "number", "year(日期)"),
    "month": Function(lambda d: d.month, ("day",), "number", "month(日期)"),
    "day": Function(lambda d: d.day, ("day",), "number", "day(日期)"),
    "weekday": Function(lambda d: d.isoweekday(), ("day",), "number", "weekday(日期)，星期一是 1"),
    "hour": Function(_hour, ("day",), "number", "hour(时间)"),
}
