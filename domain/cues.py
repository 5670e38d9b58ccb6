"""Cue patterns: how operations write down the words by which something is recognised.

`铺了{quantity}`, `收到[了]…{money}`, `(没|未)见到`. Plain words stand for themselves; `{name}` is a recognised
value; `…` is up to ten characters inside a clause; `^` is the beginning of a clause; `[…]` may be missing; `(a|b)` is
a choice; `<订货>` is any word of that class in the lexicon, so that one synonym more serves every cue of its kind.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

SLOTS = (
    "quantity",
    "number",
    "count",
    "money",
    "price",
    "date",
    "customer",
    "contact",
    "product",
    "competitor",
    "person",
    "discount",
    "goods",
)
"""Names of the values that a cue may mention. `goods` is an amount, a product, or both in either order."""


class CueError(ValueError):
    """The words (Chinese) say what is wrong with the cue and how to write it."""


@dataclass(frozen=True)
class Word:
    text: str


@dataclass(frozen=True)
class Slot:
    name: str


@dataclass(frozen=True)
class Gap:
    """Up to ten characters of the same clause."""


@dataclass(frozen=True)
class Beginning:
    """The beginning of a clause."""


@dataclass(frozen=True)
class OneOf:
    options: tuple["Row", ...]
    optional: bool = False


Part = Word | Slot | Gap | Beginning | OneOf
Row = tuple[Part, ...]


@lru_cache(maxsize=4096)
def parse(cue: str, whole: bool = True) -> Row:
    """The parts of a cue, or of a piece of one, from left to right. Raises CueError."""
    options, rest = _options(cue, 0)
    if rest != len(cue):
        raise CueError(f"线索“{cue}”里的括号不成对。")
    row: Row = options[0] if len(options) == 1 else (OneOf(tuple(options)),)
    if whole and not anchors(row):
        raise CueError(f"线索“{cue}”至少要有一个固定的词，不能只有{{…}}、…或可省略的部分。")
    return row


def check_cue(cue: str, classes: Mapping[str, tuple[str, ...]] | None = None, whole: bool = True) -> None:
    """Raises CueError where the cue, or a word of a class, cannot be read."""
    parse(expand(cue, classes or {}), whole)


_CLASS = re.compile("<([^<>]*)>")
_DEEPEST = 4
"""How many classes may stand inside one another."""


def expand(cue: str, classes: Mapping[str, tuple[str, ...]], depth: int = 0) -> str:
    """The cue with each `<class>` spelt out as a choice of its words. Raises CueError for an unknown class."""

    def words_of(match: re.Match[str]) -> str:
        words = classes.get(match[1])
        if not words:
            raise CueError(f"线索“{cue}”里的词类 <{match[1]}> 不认识，词类写在 lexicon/words.yaml 里。")
        if depth >= _DEEPEST:
            raise CueError(f"词类 <{match[1]}> 一层套一层，太深了。")
        return f"({'|'.join(expand(word, classes, depth + 1) for word in words)})"

    return _CLASS.sub(words_of, cue)


def anchors(row: Row) -> tuple[str, ...]:
    """Words of which every text that fits contains at least one; empty where nothing is certain.

    The set with the longest shortest word is given: it rules out most.
    """
    best: tuple[str, ...] = ()
    for part in row:
        found: tuple[str, ...] = ()
        if isinstance(part, Word):
            found = (part.text,)
        elif isinstance(part, OneOf) and not part.optional:
            each = [anchors(option) for option in part.options]
            found = tuple(word for words in each for word in words) if all(each) else ()
        if found and (not best or _worth(found) > _worth(best)):
            best = found
    return best


def _worth(words: tuple[str, ...]) -> tuple[int, int]:
    return min(map(len, words)), -len(words)


def _options(cue: str, at: int) -> tuple[list[Row], int]:
    rows: list[Row] = []
    while True:
        row, at = _row(cue, at)
        rows.append(row)
        if at >= len(cue) or cue[at] != "|":
            return rows, at
        at += 1


def _row(cue: str, at: int) -> tuple[Row, int]:
    parts: list[Part] = []
    while at < len(cue) and cue[at] not in "|)]":
        part, at = _part(cue, at)
        if isinstance(part, Word) and parts and isinstance(parts[-1], Word):
            part = Word(parts.pop().text + part.text)  # type: ignore[union-attr]
        parts.append(part)
    if not parts:
        raise CueError(f"线索“{cue}”里有一个空的部分；可以省略的词请写在方括号里。")
    return tuple(parts), at


def _part(cue: str, at: int) -> tuple[Part, int]:
    sign = cue[at]
    if sign in "([":
        options, end = _options(cue, at + 1)
        if end >= len(cue) or cue[end] != {"(": ")", "[": "]"}[sign]:
            raise CueError(f"线索“{cue}”里的括号不成对。")
        return OneOf(tuple(options), optional=sign == "["), end + 1
    if sign == "{":
        end = cue.find("}", at)
        name = cue[at + 1 : end] if end > 0 else ""
        if name not in SLOTS:
            raise CueError(f"线索“{cue}”里的 {{{name}}} 不认识，可用的是 {'、'.join(SLOTS)}。")
        return Slot(name), end + 1
    if sign == "^":
        return Beginning(), at + 1
    if sign in "?*+$\\.<>":
        raise CueError(f"线索“{cue}”里不能用符号 {sign}；可以省略的词请写在方括号里。")
    return (Gap() if sign == "…" else Word(sign)), at + 1
