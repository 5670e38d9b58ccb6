"""From the text of an expression to a tree. Linear in the text; every limit is checked before anything is built."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NoReturn, TypeVar

MAX_LENGTH = 2000
MAX_NODES = 300
MAX_DEPTH = 40
MAX_DIGITS = 15
MAX_WORDS = 200
"""Of the text, of the tree, of parentheses, of one number and of one quoted string."""


class ExpressionError(ValueError):
    """The expression cannot be used, or cannot be worked out over these facts.

    `column` counts characters from 1; `words` say in Chinese what is wrong and what to write instead.
    """

    def __init__(self, words: str, column: int) -> None:
        super().__init__(f"第{column}个字：{words}")
        self.words = words
        self.column = column


@dataclass(frozen=True, slots=True)
class Constant:
    value: object
    column: int


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    column: int


@dataclass(frozen=True, slots=True)
class Listed:
    items: tuple["Node", ...]
    column: int


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple["Node", ...]
    column: int


@dataclass(frozen=True, slots=True)
class Negative:
    of: "Node"
    column: int


@dataclass(frozen=True, slots=True)
class Arithmetic:
    operator: Literal["+", "-", "*", "/"]
    left: "Node"
    right: "Node"
    column: int


Comparing = Literal["==", "!=", "<", "<=", ">", ">=", "in", "not in"]


@dataclass(frozen=True, slots=True)
class Comparison:
    operator: Comparing
    left: "Node"
    right: "Node"
    column: int


@dataclass(frozen=True, slots=True)
class Not:
    of: "Node"
    column: int


@dataclass(frozen=True, slots=True)
class Junction:
    """All (`and`) or any (`or`) of the terms."""

    every: bool
    terms: tuple["Node", ...]
    column: int


Node = Constant | Name | Listed | Call | Negative | Arithmetic | Comparison | Not | Junction

_Counted = TypeVar("_Counted", bound=Node)

# Characters of a Chinese keyboard stand for their ASCII ones, one for one, so that columns stay those of the author.
_KEYBOARD = str.maketrans("（），。＞＜＝！＋－＊／％［］“”‘’×÷．", "(),.><=!+-*/%[]\"\"''*/.")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?%?)|(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)"
    r"|(?P<string>\"[^\"\n]*\"|'[^'\n]*')|(?P<sign>==|!=|<=|>=|≠|≤|≥|[-+*/<>(),\[\]])|(?P<end>$))"
)
_WORDS = {
    "并且": "and",
    "且": "and",
    "或者": "or",
    "或": "or",
    "非": "not",
    "不是": "not",
    "属于": "in",
    "真": "true",
    "假": "false",
    "空": "none",
    "True": "true",
    "False": "false",
    "None": "none",
}
_SIGNS = {"≠": "!=", "≤": "<=", "≥": ">="}
_KEYWORDS = frozenset({"and", "or", "not", "in", "true", "false", "none"})
_CONSTANTS = {"true": True, "false": False, "none": None}
_COMPARING: dict[str, Comparing] = {
    "==": "==",
    "!=": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
    "in": "in",
}
_REMEDIES = {
    "=": "判断相等请写两个等号：==。",
    "&": "“并且”请写 and。",
    "|": "“或者”请写 or。",
    "!": "“不是”请写 not，“不等于”请写 !=。",
    "%": "百分数请直接写在数字后面，比如 20%；没有取余。",
    '"': "引号没有成对，请在末尾补上引号。",
    "'": "引号没有成对，请在末尾补上引号。",
    "{": "这里不能用花括号，字段直接写名字，比如 amount > 500。",
    ".": "点号只能写在字段名里，比如 customer.level。",
}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """number, string, name, end; of a sign or keyword the sign or keyword itself."""
    text: str
    column: int

    @property
    def shown(self) -> str:
        return f"“{self.text}”" if self.kind != "end" else "结尾"


def parse(text: str) -> Node:
    """The tree of `text`. Raises ExpressionError at the first thing that is no expression."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"条件太长（{len(text)}字），最多{MAX_LENGTH}字，请拆成几条。", MAX_LENGTH)
    if not text.strip():
        raise ExpressionError("条件是空的，请写一个，比如 amount > 500。", 1)
    return _Parser(_tokens(text)).whole()


def _tokens(text: str) -> list[_Token]:
    return list(_read(text, text.translate(_KEYBOARD)))


def _read(text: str, plain: str) -> Iterator[_Token]:
    at = 0
    while True:
        found = _TOKEN.match(plain, at)
        if found is None:
            at += len(plain[at:]) - len(plain[at:].lstrip())
            sign = plain[at]
            remedy = _REMEDIES.get(sign, "请删掉它；可用的有 + - * / == != < <= > >= and or not in 和括号。")
            raise ExpressionError(f"看不懂“{text[at]}”。{remedy}", at + 1)
        kind = str(found.lastgroup)
        start, at = found.span(kind)
        word = plain[start:at]
        if kind == "string":
            yield _Token(kind, text[start + 1 : at - 1], start + 1)
        elif kind == "sign":
            yield _Token(_SIGNS.get(word, word), word, start + 1)
        elif kind == "name" and (keyword := _WORDS.get(word, word)) in _KEYWORDS:
            yield _Token(keyword, word, start + 1)
        else:
            yield _Token(kind, word, start + 1)
        if kind == "end":
            return


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._nodes = 0

    def whole(self) -> Node:
        node = self._either()
        if self._next.kind != "end":
            self._wrong(f"{self._next.shown}接不上前面的话。几个条件之间请写 and 或 or。")
        return node

    # the grammar, from what binds loosest to what binds tightest -------------------------------------------------

    def _either(self) -> Node:
        return self._junction("or", every=False)

    def _junction(self, word: str, *, every: bool) -> Node:
        below = self._denial if every else lambda: self._junction("and", every=True)
        terms = [below()]
        column = self._next.column
        while self._take(word):
            terms.append(below())
        return self._count(Junction(every, tuple(terms), column)) if len(terms) > 1 else terms[0]

    def _denial(self) -> Node:
        token = self._next
        if not self._take("not"):
            return self._comparison()
        with self._deeper():
            return self._count(Not(self._denial(), token.column))

    def _comparison(self) -> Node:
        left = self._sum()
        terms: list[Node] = []
        first = self._next.column
        while True:
            column = self._next.column
            operator = self._comparing()
            if operator is None:
                break
            right = self._sum()
            if operator in ("in", "not in") and isinstance(right, Constant):
                right = self._count(
                    Listed((right,), right.column)
                )  # ("A") is a list of one, never a text to search
            terms.append(self._count(Comparison(operator, left, right, column)))
            left = right
        if len(terms) > 1:
            return self._count(Junction(True, tuple(terms), first))
        return terms[0] if terms else left

    def _comparing(self) -> Comparing | None:
        if self._next.kind == "not" and self._tokens[self._at + 1].kind == "in":
            self._at += 2
            return "not in"
        operator = _COMPARING.get(self._next.kind)
        self._at += operator is not None
        return operator

    def _sum(self) -> Node:
        left = self._product()
        while (token := self._next).kind in ("+", "-"):
            self._at += 1
            left = self._count(
                Arithmetic("+" if token.kind == "+" else "-", left, self._product(), token.column)
            )
        return left

    def _product(self) -> Node:
        left = self._signed()
        while (token := self._next).kind in ("*", "/"):
            self._at += 1
            if self._next.kind == token.kind:
                self._wrong("没有乘方和整除，请写成乘法或除法。")
            left = self._count(
                Arithmetic("*" if token.kind == "*" else "/", left, self._signed(), token.column)
            )
        return left

    def _signed(self) -> Node:
        token = self._next
        if self._take("+") or not self._take("-"):
            return self._atom() if token.kind != "+" else self._signed_again()
        with self._deeper():
            return self._count(Negative(self._signed(), token.column))

    def _signed_again(self) -> Node:
        with self._deeper():
            return self._signed()

    def _atom(self) -> Node:
        token = self._next
        self._at += 1
        if token.kind == "number":
            return self._count(Constant(_number(token), token.column))
        if token.kind == "string":
            if len(token.text) > MAX_WORDS:
                raise ExpressionError(f"引号里的文字太长，最多{MAX_WORDS}字。", token.column)
            return self._count(Constant(token.text, token.column))
        if token.kind in _CONSTANTS:
            return self._count(Constant(_CONSTANTS[token.kind], token.column))
        if token.kind == "name":
            if self._take("("):
                return self._count(Call(token.text, self._listed(")"), token.column))
            return self._count(Name(token.text, token.column))
        if token.kind == "[":
            return self._count(Listed(self._listed("]"), token.column))
        if token.kind == "(":
            return self._parenthesis(token)
        self._at -= 1
        return self._wrong(f"{token.shown}这里缺一个值或字段名。")

    def _parenthesis(self, opened: _Token) -> Node:
        with self._deeper():
            inner = self._either()
        if self._take(")"):
            return inner
        if self._next.kind != ",":
            self._wrong("括号没有成对，请补上“)”。")
        self._take(",")
        rest = self._listed(")")
        return self._count(Listed((inner, *rest), opened.column))

    def _listed(self, end: str) -> tuple[Node, ...]:
        items: list[Node] = []
        with self._deeper():
            while not self._take(end):
                items.append(self._either())
                if self._next.kind != end and not self._take(","):
                    self._wrong(f"括号没有成对：请用逗号隔开，或补上“{end}”。")
        return tuple(items)

    # what it needs ----------------------------------------------------------------------------------------------

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self, kind: str) -> bool:
        taken = self._next.kind == kind
        self._at += taken
        return taken

    def _wrong(self, words: str) -> NoReturn:
        raise ExpressionError(words, self._next.column)

    def _count(self, node: _Counted) -> _Counted:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise ExpressionError("条件太复杂，请拆成几条。", node.column)
        return node

    def _deeper(self) -> "_Parser":
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._wrong(f"括号套得太深，最多{MAX_DEPTH}层，请拆成几条。")
        return self

    def __enter__(self) -> None:
        """Inside one more level, until the block ends."""

    def __exit__(self, *_: object) -> None:
        self._depth -= 1


def _number(token: _Token) -> int | Decimal:
    digits = token.text.rstrip("%")
    if len(digits) > MAX_DIGITS:
        raise ExpressionError(f"数字太长，最多{MAX_DIGITS}位。", token.column)
    if token.text.endswith("%"):
        return Decimal(digits) / 100
    return Decimal(digits) if "." in digits else int(digits)
