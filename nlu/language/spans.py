"""What is recognised in a text, before anybody asks what it is for: names, times, sums, amounts.

`scan` gives the spans and a masked text in which each of them is a single letter, so that cues are matched against
the shape of a sentence: 今天下午两点拜访了惠民超市 → ⟨date⟩拜访了⟨customer⟩.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from domain.forms import Rulebook
from nlu.language.lexicon import Lexicon, Name
from nlu.language.mentions import (
    BLANK,
    Found,
    Mention,
    find_contacts,
    find_counts,
    find_misheard,
    find_shops,
)
from nlu.language.normalise import Normalised
from nlu.language.pointers import find_pointers
from nlu.language.quantities import (
    PRICED,
    Money,
    Quantity,
    find_bare,
    find_factors,
    find_money,
    find_quantities,
)
from nlu.language.retractions import correct_inside
from nlu.language.stores import settle
from nlu.language.times import When, find_times
from nlu.language.unlisted import find_unlisted

LETTERS = {
    "quantity": "\ue001",
    "number": "\ue002",
    "money": "\ue003",
    "price": "\ue004",
    "date": "\ue005",
    "customer": "\ue006",
    "contact": "\ue007",
    "product": "\ue008",
    "competitor": "\ue009",
    "person": "\ue00a",
    "factor": "\ue00b",
}
HARD = "。！？；"
SOFT = "，、：" + HARD


@dataclass(frozen=True, slots=True)
class Span:
    start: int
    end: int
    kind: str
    value: Any
    words: str
    """As it was said."""
    at: int = -1
    """Its place in the masked text."""


@dataclass(frozen=True)
class Scan:
    source: Normalised
    masked: str
    spans: tuple[Span, ...]
    places: tuple[int, ...]
    """Masked position → position in the normalised text; one more than the masked text has letters."""
    by_place: dict[int, Span] = field(default_factory=dict)

    def words(self, start: int, end: int) -> str:
        """The words as said, for a stretch of the masked text."""
        if start >= end:
            return ""
        return self.source.words(self.places[start], self._end(end))

    def _end(self, end: int) -> int:
        last = self.by_place.get(end - 1)
        return last.end if last else self.places[end - 1] + 1

    def soft_clause(self, at: int) -> tuple[int, int]:
        """The stretch around a masked position that no comma interrupts."""
        return _stretch(self._commas, at, len(self.masked))

    def sentence(self, at: int) -> tuple[int, int]:
        return _stretch(self._stops, at, len(self.masked))

    @cached_property
    def _commas(self) -> list[int]:
        return [i for i, sign in enumerate(self.masked) if sign in SOFT]

    @cached_property
    def _stops(self) -> list[int]:
        return [i for i in self._commas if self.masked[i] in HARD]


def _stretch(signs: list[int], at: int, length: int) -> tuple[int, int]:
    """From the sign before a place to the next one at or behind it."""
    number = bisect_left(signs, at)
    return (signs[number - 1] + 1 if number else 0), (signs[number] if number < len(signs) else length)


def scan(
    source: Normalised,
    now: datetime,
    lexicon: Lexicon,
    rulebook: Rulebook,
    own: frozenset[str],
    *,
    both_sides: bool = False,
) -> Scan:
    """Every span of the text. Names are found first, so that numerals inside them are no numbers.

    A value that the text itself puts right (50箱，不对，60箱) is replaced, unless `both_sides` are wanted.
    """
    text = source.text
    goods, others = rulebook.words("units", "goods"), rulebook.words("units", "others")
    free = _Free(text)
    names = lexicon.find(text, own, rulebook.words("names", "leading"))
    free.take(_named(name, text) for name in names if name.kind != "person")
    free.take((w.start, w.end, "date", w) for w in _told_days(list(find_times(free.text, now)), text))
    free.take(find_shops(free.text, rulebook, lexicon, own))
    free.take(find_unlisted(free.text, rulebook, lexicon, own))
    if free.holds("customer"):
        free = _Free(text, settle(free.found, text, lexicon))
        free.take(find_pointers(free.found, free.text))
    free.take(_named(n, text) for n in names if n.kind == "person" and _free(n, free.found))
    free.take(find_contacts(free.text, rulebook))
    if not free.holds("customer"):
        free.take(find_misheard(free.text, lexicon, own))
    free.take(find_counts(free.text, rulebook))
    before, after = rulebook.words("money", "cues"), rulebook.words("money", "after")
    sums = find_money(free.priced(), goods + others, before, after)
    free.take((m.start, m.end, _sort_of(m, text, rulebook), m) for m in sums)
    free.take((f.start, f.end, "factor", f) for f in find_factors(free.text))
    amounts = list(find_quantities(free.text, goods))
    shelf = _SHELF_WORDS.search(text)
    free.take(
        (q.start, q.end, "number" if shelf and _is_a_place(q, shelf, free.found) else "quantity", q)
        for q in amounts
    )
    free.take((q.start, q.end, "quantity", q) for q in find_bare(free.priced(), goods, amounts))
    found = _named_people(free.found, rulebook.words("names", "roles"))
    spans = [
        Span(s, e, kind, value, source.words(s, e)) for s, e, kind, value in sorted(found, key=lambda f: f[0])
    ]
    return mask(source, spans if both_sides else correct_inside(text, spans, rulebook))


def _named_people(found: list[Found], roles: tuple[str, ...]) -> list[Found]:
    """采购陈丽 is 陈丽: whoever is named need not be told by what he does."""
    begins = {start for start, _, kind, _ in found if kind in ("contact", "person")}
    return [f for f in found if not (f[2] == "contact" and f[1] in begins and f[3] in roles)]


class _Free:
    """What has been found in a text, and what is left of it for the next to look at."""

    def __init__(self, text: str, found: Iterable[Found] = ()) -> None:
        self._letters = list(text)
        self.text = text
        self.found: list[Found] = []
        self.take(found)

    def take(self, found: Iterable[Found]) -> None:
        new = list(found)
        for start, end, _, _ in new:
            self._letters[start:end] = BLANK * (end - start)
        if new:
            self.found += new
            self.text = "".join(self._letters)

    def holds(self, kind: str) -> bool:
        return any(found[2] == kind for found in self.found)

    def priced(self) -> str:
        """The end of each product is marked: a bare number behind it is its price, or its amount."""
        letters = list(self._letters)
        for _, end, kind, _ in self.found:
            if kind == "product":
                letters[end - 1] = PRICED
        return "".join(letters)


_SHELF_WORDS = re.compile("面位|冰柜|冷柜|货架|排面|堆头|端架|端头|陈列|风幕柜|地堆|展柜")
_SHELF_PLACES = ("排面", "陈列", "堆头", "端架", "端头", "面位")
_SHELF_ROWS = ("排", "层", "列", "节", "面")
"""冰柜里我们只有两排: rows on a shelf are no goods."""


_SINCE = re.compile("(?:完|过完|放完)?了?，?")
_NEAR_DAYS = ("今", "昨", "前天", "前日", "刚")


def _is_a_place(amount: Quantity, shelf: re.Match[str], found: list[Found]) -> bool:
    """冰柜里两排; 排面：原味3个. But 冰柜里3个 may be goods."""
    if amount.unit in _SHELF_ROWS:
        return True
    if amount.unit not in ("个", "组") or shelf.group() not in _SHELF_PLACES:
        return False
    products = [end for _, end, kind, _ in found if kind == "product"]
    of_signs = re.search("(?:价签|海报|标签|赠品|牌)[^，。；]{0,3}$", shelf.string[: amount.start])
    return amount.start in products or not (products or of_signs)


def _told_days(times: list[When], text: str) -> list[When]:
    """国庆完了今天去看的: the festival only says since when; the day that follows is meant."""
    return [
        one
        for number, one in enumerate(times)
        if not (
            number + 1 < len(times)
            and not isinstance(one.value, datetime)
            and _SINCE.fullmatch(text, one.end, times[number + 1].start)
            and text.startswith(_NEAR_DAYS, times[number + 1].start)
            and not text.startswith(_NEAR_DAYS, one.start)
        )
    ]


def _free(name: Name, found: list[Found]) -> bool:
    return all(name.end <= start or name.start >= end for start, end, _, _ in found)


def _sort_of(money: Money, text: str, rulebook: Rulebook) -> str:
    """A price where it is for one unit or a word for prices stands before it (单价三十九)."""
    prices = rulebook.words("money", "prices")
    before = text[: money.start].rstrip("是为：了还就仍也")
    return "price" if money.unit or before.endswith(prices) else "money"


def mask(source: Normalised, spans: list[Span]) -> Scan:
    letters: list[str] = []
    places: list[int] = []
    placed: dict[int, Span] = {}
    at = 0
    for span in spans:
        if span.start < at:
            continue
        letters.extend(source.text[at : span.start])
        places.extend(range(at, span.start))
        here = len(letters)
        placed[here] = Span(span.start, span.end, span.kind, span.value, span.words, here)
        letters.append(LETTERS[span.kind])
        places.append(span.start)
        at = span.end
    letters.extend(source.text[at:])
    places.extend(range(at, len(source.text) + 1))
    return Scan(source, "".join(letters), tuple(placed.values()), tuple(places), placed)


def _named(name: Name, text: str) -> Found:
    value: Any = (
        Mention(name.keys, text[name.start : name.end], name.sure) if name.kind == "customer" else name.keys
    )
    return name.start, name.end, name.kind, value
