"""From the tree of an expression to closures, with the kinds of values checked on the way."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from functools import reduce
from operator import add, ge, gt, le, lt, mul, sub
from types import EllipsisType
from typing import Any

from domain.expressions.functions import FUNCTIONS, KIND_WORDS, Function, Kind, kind_of
from domain.expressions.grammar import (
    Arithmetic,
    Call,
    Comparison,
    Constant,
    ExpressionError,
    Junction,
    Listed,
    Name,
    Negative,
    Node,
    Not,
    parse,
)

Facts = Mapping[str, object]
Run = Callable[[Facts], Any]

LARGEST = 10**24
LONGEST = 10_000
"""Of a number and of a text that comes out of a calculation."""


class Expression:
    """A compiled expression: `expression(facts)` works it out.

    A fact that is missing or None makes what is calculated from it None and a comparison with it false; `x != y` is
    the opposite of `x == y`, so it is true then. Ask for it with `has(x)`. Division by zero gives None.
    A day and a time are compared by their days; times are compared as they are, so facts must agree on a zone.
    """

    __slots__ = ("_run", "_terms", "guards", "kind", "names", "text", "tree")

    def __init__(
        self, text: str, tree: Node, run: Run, kind: Kind, terms: tuple[tuple[frozenset[str], Run], ...] = ()
    ) -> None:
        self.text = text
        self.tree = tree
        self.kind = kind
        self._run = run
        self._terms = terms
        self.names = _names(tree)
        """The facts that it looks at."""
        self.guards = tuple(_guards(tree))
        """Fact and values, for each fact that must be one of these values, lest the whole be false."""

    def __call__(self, facts: Facts) -> object:
        """Raises ExpressionError where a fact is not of its declared type, or a result is out of all bounds."""
        try:
            return self._run(facts)
        except ExpressionError:
            raise
        except (ArithmeticError, AttributeError, TypeError, ValueError) as error:
            raise ExpressionError(f"这些数据算不出来：{self.text}（{error}）。", 1) from error

    def may_hold(self, facts: Facts, known: Collection[str]) -> bool:
        """False where it cannot hold whatever the facts are that are not `known`: those are not looked at."""
        try:
            return all(run(facts) for names, run in self._terms if names.issubset(known))
        except (ExpressionError, ArithmeticError, AttributeError, TypeError, ValueError):
            return True

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


def compile(text: str, names: Mapping[str, type | EllipsisType]) -> Expression:
    """Understand `text`. `names` are the facts that it may look at, each under its whole dotted name, with the type
    of its value: bool, int, Decimal, str, date, datetime, timedelta, list; `...` where it may be anything.

    Raises ExpressionError with the column and words that say what to write instead.
    """
    tree = parse(text)
    compiler = _Compiler({name: kind_of(declared) for name, declared in names.items()})
    run, kind = compiler.of(tree)
    terms = tree.terms if isinstance(tree, Junction) and tree.every else (tree,)
    return Expression(text, tree, run, kind, tuple((_names(t), compiler.of(t)[0]) for t in terms))


def nodes(tree: Node) -> Iterator[Node]:
    """The tree and all that is in it."""
    yield tree
    for child in _children(tree):
        yield from nodes(child)


def _names(tree: Node) -> frozenset[str]:
    return frozenset(n.name for n in nodes(tree) if isinstance(n, Name))


def _children(node: Node) -> tuple[Node, ...]:
    match node:
        case Listed(items=parts) | Call(arguments=parts) | Junction(terms=parts):
            return parts
        case Negative(of=of) | Not(of=of):
            return (of,)
        case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
            return (left, right)
        case _:
            return ()


def _guards(tree: Node) -> Iterator[tuple[str, frozenset[object]]]:
    terms = tree.terms if isinstance(tree, Junction) and tree.every else (tree,)
    for term in terms:
        match term:
            case Comparison("==", Name(name=name), Constant(value=value)) if value is not None:
                yield name, frozenset([value])
            case Comparison("in", Name(name=name), Listed(items=items)):
                values = [item.value for item in items if isinstance(item, Constant)]
                if len(values) == len(items) and None not in values:
                    yield name, frozenset(values)


class _Compiler:
    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self._kinds = kinds

    def of(self, node: Node) -> tuple[Run, Kind]:
        match node:
            case Constant(value=value):
                return (lambda _: value), "any" if value is None else kind_of(type(value))
            case Name():
                return self._name(node)
            case Listed(items=items):
                return self._listed(items)
            case Call():
                return self._call(node)
            case Negative(of=of):
                run = self._wanted(of, "number", "负号")
                return (lambda facts: None if (v := run(facts)) is None else -v), "number"
            case Arithmetic():
                return self._arithmetic(node)
            case Comparison():
                return self._comparison(node), "flag"
            case Not(of=of):
                run = self._wanted(of, "flag", "not")
                return (lambda facts: not run(facts)), "flag"
            case Junction():
                return self._junction(node), "flag"

    def _wanted(self, node: Node, kind: Kind, where: str) -> Run:
        run, found = self.of(node)
        if kind not in (found, "any") and found != "any":
            raise ExpressionError(
                f"{where}这里要{KIND_WORDS[kind]}，写的是{KIND_WORDS[found]}。", node.column
            )
        return run

    def _name(self, node: Name) -> tuple[Run, Kind]:
        name, kind = node.name, self._kinds.get(node.name)
        if kind is None:
            raise ExpressionError(f"没有字段“{name[:40]}”。{_close(name, self._kinds)}", node.column)
        if kind != "number":
            return (lambda facts: facts.get(name)), kind

        def number(facts: Facts) -> Any:
            value = facts.get(name)
            return Decimal(str(value)) if type(value) is float else value

        return number, kind

    def _listed(self, items: tuple[Node, ...]) -> tuple[Run, Kind]:
        if all(isinstance(item, Constant) for item in items):
            fixed = tuple(item.value for item in items if isinstance(item, Constant))
            return (lambda _: fixed), "list"
        runs = tuple(self.of(item)[0] for item in items)
        return (lambda facts: tuple(run(facts) for run in runs)), "list"

    def _call(self, node: Call) -> tuple[Run, Kind]:
        function = FUNCTIONS.get(node.function)
        if function is None:
            raise ExpressionError(
                f"没有函数“{node.function[:40]}”。{_close(node.function, FUNCTIONS)}", node.column
            )
        given, most = len(node.arguments), len(function.takes)
        if not most - function.optional <= given <= most:
            raise ExpressionError(f"{node.function} 的写法是 {function.usage}。", node.column)
        runs = [
            self._wanted(argument, kind, node.function)
            for argument, kind in zip(node.arguments, function.takes, strict=False)
        ]
        if node.function == "date" and isinstance(node.arguments[0], Constant):
            return self._fixed_day(node), "day"
        return _calling(function, runs), function.gives

    def _fixed_day(self, node: Call) -> Run:
        try:
            day = FUNCTIONS["date"].run(node.arguments[0].value)  # type: ignore[union-attr]
        except ValueError:
            raise ExpressionError('没有这一天，日期写成 date("2026-02-17")。', node.column) from None
        return lambda _: day

    def _arithmetic(self, node: Arithmetic) -> tuple[Run, Kind]:
        left, left_kind = self.of(node.left)
        right, right_kind = self.of(node.right)
        kind = _arithmetic_kind(node.operator, left_kind, right_kind)
        if kind is None:
            words = f"{KIND_WORDS[left_kind]}和{KIND_WORDS[right_kind]}不能用 {node.operator} 计算。"
            remedy = "日期请加减时长，比如 today - days(15)。" if "day" in (left_kind, right_kind) else ""
            raise ExpressionError(words + remedy, node.column)
        work, column = _WORK[node.operator], node.column

        def run(facts: Facts) -> Any:
            a = left(facts)
            b = right(facts)
            return None if a is None or b is None else _bounded(work(a, b), column)

        return run, kind

    def _comparison(self, node: Comparison) -> Run:
        left, left_kind = self.of(node.left)
        right, right_kind = self.of(node.right)
        if node.operator in ("in", "not in"):
            return self._inclusion(node, left, right, right_kind)
        if "any" not in (left_kind, right_kind) and left_kind != right_kind:
            remedy = (
                '日期写成 date("2026-02-17")。' if "day" in (left_kind, right_kind) else "请检查两边的类型。"
            )
            words = f"{KIND_WORDS[left_kind]}和{KIND_WORDS[right_kind]}不能比较。{remedy}"
            raise ExpressionError(words, node.column)
        if node.operator in ("==", "!="):
            return _equality(left, right, _is_none(node.left) or _is_none(node.right), node.operator == "==")
        for kind in (left_kind, right_kind):
            if kind in ("text", "flag", "list"):
                remedy = '文字请用 == 或 in，比如 level in ("A", "B")。'
                raise ExpressionError(f"{KIND_WORDS[kind]}不能比大小。{remedy}", node.column)
        fixed = node.right.value if isinstance(node.right, Constant) else None
        return _ordering(_ORDER[node.operator], left, right, left_kind, fixed)

    def _inclusion(self, node: Comparison, left: Run, right: Run, right_kind: Kind) -> Run:
        if right_kind not in ("list", "text", "any"):
            raise ExpressionError(
                f"{KIND_WORDS[right_kind]}里不能找，in 后面写一组值或文字字段。", node.column
            )
        wanted = node.operator == "in"

        def run(facts: Facts) -> bool:
            a = left(facts)
            b = right(facts)
            return (a is not None and b is not None and a in b) is wanted

        return run

    def _junction(self, node: Junction) -> Run:
        word = "and" if node.every else "or"
        runs = tuple(self._wanted(term, "flag", f"{word} 两边") for term in node.terms)
        return reduce(_both, runs) if node.every else reduce(_either, runs)


def _close(name: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(name[:40], list(known)[:500], 1, 0.6)
    if near:
        return f"是不是 {near[0]}？"
    return f"可用的有：{'、'.join(list(known)[:12])}{'……' if len(known) > 12 else ''}。"


def _is_none(node: Node) -> bool:
    return isinstance(node, Constant) and node.value is None


def _both(first: Run, second: Run) -> Run:
    return lambda facts: bool(first(facts) and second(facts))


def _either(first: Run, second: Run) -> Run:
    return lambda facts: bool(first(facts) or second(facts))


def _calling(function: Function, runs: list[Run]) -> Run:
    work = function.run
    if len(runs) == 1 and not function.strict:
        only = runs[0]
        return lambda facts: work(only(facts))

    def run(facts: Facts) -> Any:
        values = [one(facts) for one in runs]
        return None if function.strict and None in values else work(*values)

    return run


def _equality(left: Run, right: Run, with_none: bool, wanted: bool) -> Run:
    if with_none:
        return lambda facts: (left(facts) == right(facts)) is wanted

    def run(facts: Facts) -> bool:
        a = left(facts)
        b = right(facts)
        if type(a) is not type(b) and isinstance(a, date) and isinstance(b, date):
            a, b = _days(a, b)
        return (a is not None and a == b) is wanted

    return run


def _ordering(holds: Callable[[Any, Any], bool], left: Run, right: Run, kind: Kind, fixed: Any) -> Run:
    if kind == "number" and isinstance(fixed, int | Decimal):

        def against(facts: Facts) -> bool:
            a = left(facts)
            return a is not None and holds(a, fixed)

        return against

    def run(facts: Facts) -> bool:
        a = left(facts)
        b = right(facts)
        if a is None or b is None:
            return False
        if type(a) is not type(b) and isinstance(a, date) and isinstance(b, date):
            a, b = _days(a, b)
        return holds(a, b)

    return run


def _days(a: date, b: date) -> tuple[date, date]:
    return (a.date() if isinstance(a, datetime) else a, b.date() if isinstance(b, datetime) else b)


def _arithmetic_kind(operator: str, left: Kind, right: Kind) -> Kind | None:
    if "any" in (left, right):
        other = left if right == "any" else right
        return None if other in ("flag", "list") else "any"
    return _RESULTS.get((operator, left, right))


_RESULTS: dict[tuple[str, Kind, Kind], Kind] = {
    **{(operator, "number", "number"): "number" for operator in "+-*/"},
    ("+", "text", "text"): "text",
    ("+", "day", "span"): "day",
    ("-", "day", "span"): "day",
    ("-", "day", "day"): "span",
    ("+", "span", "span"): "span",
    ("-", "span", "span"): "span",
    ("*", "span", "number"): "span",
    ("/", "span", "number"): "span",
}


def _times(a: Any, b: Any) -> Any:
    if isinstance(a, timedelta) and isinstance(b, Decimal):
        return a * float(b)
    if not isinstance(b, int | Decimal) or not isinstance(a, int | Decimal | timedelta):
        raise TypeError("only numbers and durations can be multiplied")
    return mul(a, b)


def _through(a: Any, b: Any) -> Any:
    if b == 0:
        return None
    if isinstance(a, timedelta):
        return a / float(b)
    return Decimal(a) / Decimal(b)


def _minus(a: Any, b: Any) -> Any:
    return (
        sub(*_days(a, b))
        if isinstance(a, date) and isinstance(b, date) and type(a) is not type(b)
        else sub(a, b)
    )


_WORK: dict[str, Callable[[Any, Any], Any]] = {"+": add, "-": _minus, "*": _times, "/": _through}
_ORDER: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


def _bounded(value: Any, column: int) -> Any:
    if isinstance(value, int | Decimal):
        if not -LARGEST < value < LARGEST:
            raise ExpressionError("算出来的数太大。", column)
    elif isinstance(value, str | list | tuple) and len(value) > LONGEST:
        raise ExpressionError("拼出来的文字太长。", column)
    return value
