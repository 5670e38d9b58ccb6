"""Cue patterns: how operations write down the words by which something is recognised.

`铺了{quantity}`, `收到[了]…{money}`, `(没|未)见到`. Plain words stand for themselves; `{name}` is a recognised value;
`…` is up to ten characters inside a clause; `[…]` may be missing; `(a|b)` is a choice. A cue is expanded into all
its variants, so that each is a plain row of words, values and gaps.
"""

from dataclasses import dataclass
from itertools import product

SLOTS = (
    "quantity",
    "number",
    "money",
    "price",
    "date",
    "customer",
    "contact",
    "product",
    "competitor",
    "person",
)
"""Names of the values that a cue may mention."""

GOODS = (("quantity", "product"), ("product", "quantity"), ("quantity",), ("product",))
"""What `{goods}` stands for, the most telling first."""

MOST_VARIANTS = 96


class CueError(ValueError):
    """The words (Chinese) say what is wrong with the cue and how to write it."""


@dataclass(frozen=True)
class Slot:
    name: str


@dataclass(frozen=True)
class Gap:
    """Up to ten characters of the same clause."""


Part = str | Slot | Gap
Variant = tuple[Part, ...]


def variants(cue: str) -> tuple[Variant, ...]:
    """Every plain row of parts that the cue stands for. Raises CueError."""
    rows, rest = _choice(cue, 0, cue)
    if rest != len(cue):
        raise CueError(f"线索“{cue}”里的括号不成对。")
    found = tuple(dict.fromkeys(_joined(row) for row in rows))
    if len(found) > MOST_VARIANTS:
        raise CueError(f"线索“{cue}”展开后超过 {MOST_VARIANTS} 种写法，请拆成几条。")
    if any(not any(isinstance(p, str) for p in row) for row in found):
        raise CueError(f"线索“{cue}”至少要有一个固定的字。")
    return found


def check_cue(cue: str) -> None:
    """Raises CueError where the cue cannot be read."""
    variants(cue)


def _choice(cue: str, at: int, whole: str) -> tuple[list[Variant], int]:
    rows: list[Variant] = []
    while True:
        row, at = _sequence(cue, at, whole)
        rows.extend(row)
        if at < len(cue) and cue[at] == "|":
            at += 1
            continue
        return rows, at


def _sequence(cue: str, at: int, whole: str) -> tuple[list[Variant], int]:
    steps: list[list[Variant]] = []
    while at < len(cue) and cue[at] not in "|)]":
        step, at = _item(cue, at, whole)
        steps.append(step)
    if not steps:
        raise CueError(f"线索“{whole}”里有一个空的部分。")
    if _size(steps) > 4 * MOST_VARIANTS:
        raise CueError(f"线索“{whole}”展开后超过 {MOST_VARIANTS} 种写法，请拆成几条。")
    return [tuple(part for piece in row for part in piece) for row in product(*steps)], at


def _size(steps: list[list[Variant]]) -> int:
    size = 1
    for step in steps:
        size *= len(step)
    return size


def _item(cue: str, at: int, whole: str) -> tuple[list[Variant], int]:
    sign = cue[at]
    if sign in "([":
        inner, at = _choice(cue, at + 1, whole)
        if at >= len(cue) or cue[at] != {"(": ")", "[": "]"}[sign]:
            raise CueError(f"线索“{whole}”里的括号不成对。")
        return ([*inner, ()] if sign == "[" else inner), at + 1
    if sign == "{":
        end = cue.find("}", at)
        name = cue[at + 1 : end] if end > 0 else ""
        if name == "goods":
            return [tuple(Slot(n) for n in row) for row in GOODS], end + 1
        if name not in SLOTS:
            raise CueError(f"线索“{whole}”里的 {{{name}}} 不认识，可用的是 {'、'.join((*SLOTS, 'goods'))}。")
        return [(Slot(name),)], end + 1
    if sign == "…":
        return [(Gap(),)], at + 1
    return [(sign,)], at + 1


def _joined(row: Variant) -> Variant:
    """Neighbouring letters become one word."""
    joined: list[Part] = []
    for part in row:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return tuple(joined)
