"""What is recognised in a text, before anybody asks what it is for: names, times, sums, amounts.

`scan` gives the spans and a masked text in which each of them is a single letter, so that cues are matched against
the shape of a sentence: 今天下午两点拜访了惠民超市 → ⟨date⟩拜访了⟨customer⟩.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from domain.forms import Rulebook
from nlu.language.lexicon import Lexicon, Name
from nlu.language.normalise import Normalised
from nlu.language.numbers import NUMBER, read
from nlu.language.quantities import Quantity, find_factors, find_money, find_quantities
from nlu.language.times import find_times

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
_BLANK = "\x00"
HARD = "。！？；"
SOFT = "，、：" + HARD


@dataclass(frozen=True, slots=True)
class Mention:
    """A customer as it was named. One code where it is known, several where it must be asked, none where unknown."""

    codes: tuple[str, ...]
    name: str
    sure: bool = True


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
        return _stretch(self.masked, at, SOFT)

    def sentence(self, at: int) -> tuple[int, int]:
        return _stretch(self.masked, at, HARD)


def _stretch(text: str, at: int, signs: str) -> tuple[int, int]:
    start = at
    while start > 0 and text[start - 1] not in signs:
        start -= 1
    end = at
    while end < len(text) and text[end] not in signs:
        end += 1
    return start, end


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
    found: list[tuple[int, int, str, Any]] = []

    def rest() -> str:
        letters = list(text)
        for start, end, _, _ in found:
            letters[start:end] = _BLANK * (end - start)
        return "".join(letters)

    names = lexicon.find(text, own)
    found.extend(_named(name, text) for name in names if name.kind != "person")
    found.extend((w.start, w.end, "date", w) for w in find_times(rest(), now))
    found.extend(_mentions(rest(), rulebook, lexicon, own))
    found.extend(_named(n, text) for n in names if n.kind == "person" and _free(n, found))
    found.extend(_contacts(rest(), rulebook))
    if not any(kind == "customer" for _, _, kind, _ in found):
        found.extend(_nearest_customer(rest(), lexicon, own))
    found.extend(_counts(rest(), rulebook))
    before, after = rulebook.words("money", "cues"), rulebook.words("money", "after")
    sums = list(find_money(rest(), goods + others, before, after))
    found.extend((m.start, m.end, "price" if m.unit else "money", m) for m in sums)
    found.extend((f.start, f.end, "factor", f) for f in find_factors(rest()))
    found.extend((q.start, q.end, "quantity", q) for q in find_quantities(rest(), goods))
    spans = [
        Span(s, e, kind, value, source.words(s, e)) for s, e, kind, value in sorted(found, key=lambda f: f[0])
    ]
    return mask(source, spans if both_sides else correct_inside(text, spans, rulebook))


def _free(name: Name, found: list[tuple[int, int, str, Any]]) -> bool:
    return all(name.end <= start or name.start >= end for start, end, _, _ in found)


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
        placed[len(letters)] = replace(span, at=len(letters))
        letters.append(LETTERS[span.kind])
        places.append(span.start)
        at = span.end
    letters.extend(source.text[at:])
    places.extend(range(at, len(source.text) + 1))
    return Scan(source, "".join(letters), tuple(placed.values()), tuple(places), placed)


def correct_inside(text: str, spans: list[Span], rulebook: Rulebook) -> list[Span]:
    """订了50箱，不对，是60箱: the later value takes the place of the earlier one of its kind."""
    marks = _marks(rulebook.words("speech", "corrections"))
    kept: list[Span] = []
    for span in spans:
        lead = marks.search(text[max(0, span.start - 12) : span.start])
        earlier = next((s for s in reversed(kept) if s.kind == span.kind), None)
        if (
            lead is None
            or earlier is None
            or span.start - 12 + lead.start() < earlier.end - 12 * (span.start < 12)
        ):
            kept.append(span)
            continue
        if span.start - earlier.end > 14 or not _comparable(earlier, span):
            kept.append(span)
            continue
        kept[kept.index(earlier)] = replace(earlier, value=span.value, words=span.words)
    return kept


def _comparable(earlier: Span, later: Span) -> bool:
    return earlier.kind != "quantity" or earlier.value.unit == later.value.unit


@lru_cache(maxsize=8)
def _marks(words: tuple[str, ...]) -> re.Pattern[str]:
    choice = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    return re.compile(
        rf"(?:^|[，。、！\s箱件瓶])(?:{choice})[，、。]?(?:是|应该是|应该|改成|改为|要)?$|(?:{choice})[，、。](?:是|应该是)?$"
    )


def _named(name: Name, text: str) -> tuple[int, int, str, Any]:
    value: Any = Mention(name.keys, text[name.start : name.end]) if name.kind == "customer" else name.keys
    return name.start, name.end, name.kind, value


@lru_cache(maxsize=8)
def _contact_pattern(surnames: tuple[str, ...], titles: tuple[str, ...]) -> re.Pattern[str]:
    surname = "|".join(sorted(map(re.escape, surnames), key=len, reverse=True))
    title = "|".join(sorted(map(re.escape, titles), key=len, reverse=True))
    long_title = "|".join(t for t in titles if len(t) > 1)
    return re.compile(
        rf"(?:(?:{surname})[\u4e00-\u9fff]{{1,2}}(?={long_title})|{surname})(?:{title})"
        rf"|[小老阿](?:{surname})(?![\u4e00-\u9fff]?(?:店|超市|年|板|客户|师|的店))|(?:{surname})[姐哥总工叔嫂董]"
    )


def _contacts(text: str, rulebook: Rulebook) -> Iterator[tuple[int, int, str, Any]]:
    """王经理, 李主任, 老陈: whom the rep met. Which customer's, the clause tells."""
    pattern = _contact_pattern(rulebook.words("names", "surnames"), rulebook.words("names", "titles"))
    for match in pattern.finditer(text):
        yield match.start(), match.end(), "contact", match.group()


@lru_cache(maxsize=8)
def _shop_pattern(shops: tuple[str, ...]) -> re.Pattern[str]:
    shop = "|".join(sorted(map(re.escape, shops), key=len, reverse=True))
    return re.compile(rf"(?:{shop})(?:[\u4e00-\u9fff]{{1,4}}?(?<![在的了和到去有])店)?")


_STOPS = set(
    "去到在从给跟找回来拜访走跑往是了过着和与把被约见刚，。、！？；：的了叫做家进巡查对于帮替向让送铺个开谈个说问看店里住"
    + _BLANK
)


def _mentions(
    text: str, rulebook: Rulebook, lexicon: Lexicon, own: frozenset[str]
) -> Iterator[tuple[int, int, str, Any]]:
    """Shops that are in no list as they stand: linked to the customer that is meant, or kept as unknown."""
    excluded = rulebook.words("names", "not_shops")
    for match in _shop_pattern(rulebook.words("names", "shops")).finditer(text):
        start = match.start()
        while start > 0 and match.start() - start < 8 and text[start - 1] not in _STOPS:
            start -= 1
        before = text[start : match.start()]
        for word in sorted(excluded, key=len, reverse=True):
            if before.startswith(word):
                start += len(word)
                before = before[len(word) :]
        if not before or not re.search(r"[\u4e00-\u9fffA-Za-z0-9]", before) or before in tuple("大小新老各"):
            continue
        name = text[start : match.end()]
        link = lexicon.link(name, own)
        yield (
            start,
            match.end(),
            "customer",
            Mention((link.code,) if link.code else link.candidates, name, link.code is not None),
        )


def _nearest_customer(
    text: str, lexicon: Lexicon, own: frozenset[str]
) -> Iterator[tuple[int, int, str, Any]]:
    """A misheard name without any word that tells it is a shop: only among the rep's own, only when very near."""
    found = lexicon.misheard(text, own)
    if found:
        start, end, code = found
        yield start, end, "customer", Mention((code,), text[start:end])


def _counts(text: str, rulebook: Rulebook) -> Iterator[tuple[int, int, str, Any]]:
    """六个排面, 两张海报: a number of places or things on the shelf, no goods."""
    pattern = _count_pattern(rulebook.words("units", "others"), rulebook.words("units", "places"))
    for match in pattern.finditer(text):
        number = read(match["number"])
        if number is not None:
            end = match.end()
            yield (
                match.start(),
                end,
                "number",
                Quantity(match.start(), end, number.value, match["unit"] or "", number.low, number.high),
            )


@lru_cache(maxsize=8)
def _count_pattern(others: tuple[str, ...], places: tuple[str, ...]) -> re.Pattern[str]:
    other = "|".join(map(re.escape, others))
    place = "|".join(sorted(map(re.escape, places), key=len, reverse=True))
    return re.compile(
        rf"(?P<number>{NUMBER.pattern}|[俩仨])(?:(?P<unit>个|组|台|排|{other})(?=(?:新|的|大|小)?(?:{place}))|(?=(?:{place})))"
        rf"|(?P<number2>(?!))"
    )
