"""All names that may be said: customers, contacts, products, competitors, colleagues."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ahocorasick_rs import AhoCorasick, MatchKind

from domain.people import Competitor, Contact, Customer, Person, Product
from nlu.language.flavours import flavours, shared_endings
from nlu.language.linking import Link, NameIndex
from nlu.language.shop_names import GENERIC, whole_shop
from nlu.language.sounds import sound

NameKind = Literal["customer", "contact", "product", "competitor", "person"]

_THERE = ("那家", "这家", "那边", "这边", "那个店", "那家店")
"""望京那家: of one's own stores the one that is there."""
_PRIORITY: dict[str, int] = {"customer": 0, "product": 1, "competitor": 2, "contact": 3, "person": 4}


@dataclass(frozen=True, slots=True)
class Name:
    """A name found in a text. Several keys where it may mean several things."""

    start: int
    end: int
    kind: NameKind
    keys: tuple[str, ...]
    heard: bool = False
    """Found by its sound only."""
    sure: bool = True
    """Whether the one key may be taken; without doubt only where the name stands for itself."""


Entry = str | dict[NameKind, tuple[str, ...]]
"""What a name means: the code alone where it is one customer's, as nearly all are."""


class _Gazetteer:
    """Names found in a text at once, the longest first."""

    def __init__(self, named: dict[str, Entry]) -> None:
        self._entries = list(named.values())
        self._automaton = AhoCorasick(named, matchkind=MatchKind.LeftmostLongest)

    def find(self, text: str) -> list[tuple[int, int, dict[NameKind, tuple[str, ...]]]]:
        found = []
        for number, start, end in self._automaton.find_matches_as_indexes(text):
            entry = self._entries[number]
            meant: dict[NameKind, tuple[str, ...]] = (
                {"customer": (entry,)} if isinstance(entry, str) else entry
            )
            found.append((start, end, meant))
        return found


def _add(named: dict[str, Entry], name: str, kind: NameKind, key: str) -> None:
    known = named.get(name)
    if known is None:
        named[name] = key if kind == "customer" else {kind: (key,)}
        return
    entry: dict[NameKind, tuple[str, ...]] = {"customer": (known,)} if isinstance(known, str) else known
    keys = entry.get(kind, ())
    if key not in keys:
        named[name] = {**entry, kind: (*keys, key)}


@dataclass(frozen=True)
class Territory:
    """The short forms by which a rep speaks of his own customers (永旺 for 永旺超市望京店)."""

    written: _Gazetteer
    heard: _Gazetteer
    sounds: dict[str, tuple[str, ...]]
    """Sound of a short form → codes; too short to be looked for anywhere but where a shop must be named."""


class Lexicon:
    """Every name of the company, ready to be found in a text. Build a new one when names change."""

    def __init__(
        self,
        customers: Sequence[Customer],
        contacts: Sequence[Contact],
        products: Sequence[Product],
        competitors: Sequence[Competitor],
        people: Sequence[Person],
    ) -> None:
        self.customers = {c.code: c for c in customers}
        self.products = {p.code: p for p in products}
        self.people = {p.id: p for p in people}
        self.competitors = {c.name: c for c in competitors}
        self.contacts = tuple(contacts)
        names = [name for c in customers for name in (c.name, *c.aliases)]
        codes = [c.code for c in customers for _ in range(1 + len(c.aliases))]
        self.index = NameIndex(names, codes, GENERIC)
        self._generic_products = shared_endings(products)
        self._flavours = flavours(products, self._generic_products)
        self._written, self._heard = self._gazetteers(names, codes)
        self._territories: dict[frozenset[str], Territory] = {}
        self._brands: dict[str, str] = {}
        self._sorted: list[tuple[str, str]] = []
        self._places: set[str] = set()
        owned: defaultdict[str, set[str]] = defaultdict(set)
        for customer in customers:
            if customer.owner_id:
                owned[customer.owner_id].add(customer.code)
        self._owned = {owner: frozenset(codes) for owner, codes in owned.items()}

    @classmethod
    def build(
        cls,
        customers: Iterable[Customer],
        contacts: Iterable[Contact] = (),
        products: Iterable[Product] = (),
        competitors: Iterable[Competitor] = (),
        people: Iterable[Person] = (),
    ) -> "Lexicon":
        """From the lists of master data; about three seconds for 100,000 customers."""
        return cls(list(customers), list(contacts), list(products), list(competitors), list(people))

    def brand(self, code: str) -> str:
        """The name of a customer up to the first word that many shops share: 永旺 of 永旺超市望京店."""
        known = self._brands.get(code)
        if known is None:
            known = self._brands[code] = self.index.brand(self.customers[code].name)
        return known

    def stores(self, brand: str) -> tuple[str, ...]:
        """Codes of all customers of this brand, in the order of their names."""
        if not self._sorted:
            self._sorted = sorted((c.name, c.code) for c in self.customers.values())
        at = bisect_left(self._sorted, (brand, ""))
        found = []
        while at < len(self._sorted) and self._sorted[at][0].startswith(brand):
            if self.brand(self._sorted[at][1]) == brand:
                found.append(self._sorted[at][1])
            at += 1
        return tuple(found)

    def lies_in(self, code: str, place: str) -> bool:
        """Whether a customer's name, or else his district, tells that he is there."""
        customer = self.customers[code]
        branch = customer.name.removeprefix(self.index.brand(customer.name))
        return place in branch or place in (customer.district.rstrip("区县市"), customer.city.rstrip("市"))

    def is_place(self, words: str) -> bool:
        """Whether any customer is said to be there."""
        if not self._places:
            self._places = {c.district.rstrip("区县市") for c in self.customers.values()}
            self._places |= {c.city.rstrip("市") for c in self.customers.values()}
        return words in self._places

    def owned_by(self, person_id: str) -> frozenset[str]:
        """Codes of a person's own customers."""
        return self._owned.get(person_id, frozenset())

    def find(self, text: str, own: frozenset[str], leading: tuple[str, ...] = ()) -> list[Name]:
        """Every name in the text, exact ones first, then those found by sound, then short forms of own customers.

        `leading` are words of a sentence behind which the name of a shop begins (拜访, 今天).
        """
        found: list[Name] = []
        territory = self.territory(own)
        heard = sound(text)
        for gazetteer, words, by_sound in (
            (self._written, text, False),
            (self._heard, heard, True),
            (territory.written, text, False),
            (territory.heard, heard, True),
        ):
            for start, end, entry in gazetteer.find(words):
                name = self._name(start, end, entry, own, by_sound)
                if _overlaps(name, found) or (by_sound and not self._plausible(name, text[start:end])):
                    continue
                around = (start, end)
                if name.kind == "customer":
                    around = whole_shop(text, start, end, by_sound, leading)
                if around != (start, end) and not _own_after_a_word(name, text[around[0] : start], own):
                    name = self._turned(name, text, *around) or self._linked(text, *around, own)
                if not _overlaps(name, found):
                    found.append(name)
        found.extend(self._generic(text, found))
        return sorted(found, key=lambda n: n.start)

    def territory(self, own: frozenset[str]) -> Territory:
        """The short forms of these customers; a form that several share means all of them."""
        known = self._territories.get(own)
        if known is None:
            known = self._territory(own)
            if len(self._territories) > 500:
                self._territories.clear()
            self._territories[own] = known
        return known

    def link(self, mention: str, own: frozenset[str]) -> Link:
        """Which customer a name means that is in no list as it stands."""
        return self.index.link(mention, own)

    def misheard(self, text: str, own: frozenset[str]) -> tuple[int, int, str] | None:
        """Where one of the speaker's own customers sounds almost like a part of the text; None where it is doubtful."""
        return self.index.within(text, own) if own else None

    def _turned(self, name: Name, text: str, start: int, end: int) -> Name | None:
        """望京永旺, 望京那家永旺 for 永旺超市望京店: the place said first is part of the name."""
        place = re.sub("那家|那个", "", text[start : name.start])
        known = [k for k in name.keys if k in self.customers and place and place in self.customers[k].name]
        if end != name.end or len(known) != 1:
            return None
        return replace(name, start=start, keys=tuple(known))

    def _linked(self, text: str, start: int, end: int, own: frozenset[str]) -> Name:
        """A longer name that only holds a known one: 永旺食品店 where 永旺 is known."""
        link = self.index.link(text[start:end], own)
        keys = (link.code,) if link.code else link.candidates
        return Name(start, end, "customer", keys, heard=True, sure=link.code is not None)

    def _name(
        self, start: int, end: int, entry: dict[NameKind, tuple[str, ...]], own: frozenset[str], heard: bool
    ) -> Name:
        kind = min(entry, key=lambda k: _PRIORITY[k])
        keys = entry[kind]
        if kind == "customer" and len(keys) > 1:
            mine = tuple(k for k in keys if k in own)
            keys = mine or keys
        return Name(start, end, kind, keys, heard)

    def _plausible(self, name: Name, words: str) -> bool:
        """Syllables alone are too easily met by chance (十几箱, 四季鲜): a third of the letters must be right."""
        spellings = [n for key in name.keys for n in self._spellings(name.kind, key)]
        return any(_alike(words, spelling) for spelling in spellings)

    def _spellings(self, kind: NameKind, key: str) -> tuple[str, ...]:
        if kind == "product":
            return (self.products[key].name, *self.products[key].aliases)
        if kind == "competitor":
            return (self.competitors[key].name, *self.competitors[key].aliases)
        if kind == "customer":
            customer = self.customers[key]
            return (customer.name, *customer.aliases, *self._short_forms(customer.name))
        return ()

    def _named(self) -> Iterator[tuple[str, NameKind, str]]:
        """Every name but those of customers, with its kind and key."""
        for product in self.products.values():
            for name in (product.name, *product.aliases, *self._flavours.get(product.code, ())):
                yield name, "product", product.code
                if code := _letters(product.code):
                    yield code + name, "product", product.code
            yield product.code, "product", product.code
        for competitor in self.competitors.values():
            for name in (competitor.name, *competitor.aliases):
                yield name, "competitor", competitor.name
        for contact in self.contacts:
            yield contact.name, "contact", contact.name
        for person in self.people.values():
            for name in (person.name, *person.nicknames):
                yield name, "person", person.id

    def _gazetteers(self, names: Sequence[str], codes: Sequence[str]) -> tuple[_Gazetteer, _Gazetteer]:
        """Names as they are written, and by how they sound. People and contacts are too short to be told by sound."""
        named: dict[str, Entry] = {}
        for name, code in zip(names, codes, strict=True):
            if len(name) >= 2:
                _add(named, name, "customer", code)
        for name, kind, key in self._named():
            if len(name) >= 2:
                _add(named, name, kind, key)
        written = _Gazetteer(named)
        named = {}
        for name, heard, code in zip(names, self.index.sounds, codes, strict=True):
            if len(name) >= 3 and not name.isascii():
                _add(named, heard, "customer", code)
        for name, kind, key in self._named():
            if len(name) >= 2 and kind in ("product", "competitor") and not name.isascii():
                _add(named, sound(name), kind, key)
        return written, _Gazetteer(named)

    def _territory(self, own: frozenset[str]) -> Territory:
        named: dict[str, Entry] = {}
        for code in sorted(own):
            customer = self.customers.get(code)
            for name in (customer.name, *customer.aliases) if customer else ():
                for short in self._short_forms(name):
                    _add(named, short, "customer", code)
        heard: dict[str, Entry] = {}
        sounds: dict[str, tuple[str, ...]] = {}
        for name, entry in named.items():
            keys = (entry,) if isinstance(entry, str) else entry["customer"]
            sounds[sound(name)] = tuple(dict.fromkeys((*sounds.get(sound(name), ()), *keys)))
            for key in keys:
                if len(name) >= 3 and not name.isascii():
                    _add(heard, sound(name), "customer", key)
        return Territory(_Gazetteer(named), _Gazetteer(heard), sounds)

    def _short_forms(self, name: str) -> set[str]:
        """永旺超市望京店: 永旺望京, 永旺, 永旺超市, 永旺望京店, 望京店."""
        brand, short = self.index.brand(name), self.index.short(name)
        forms = {short, brand}
        if short and name.endswith("店"):
            forms.add(short + "店")
        if brand != name:
            after = name[len(brand) :]
            generic = next((g for g in GENERIC if after.startswith(g)), "")
            forms.add(brand + generic)
            branch = after[len(generic) :]
            if len(branch) >= 3 and branch.endswith("店"):
                forms.add(branch)
                forms |= {branch[:-1] + tail for tail in _THERE}
        return {f for f in forms if len(f) >= 2 and f != name}

    def _generic(self, text: str, found: list[Name]) -> list[Name]:
        """酸奶 where several products end so: one of them is meant, and only the speaker knows which."""
        names: list[Name] = []
        for ending, keys in self._generic_products.items():
            at = text.find(ending)
            while at >= 0:
                end = at + len(ending)
                if all(end <= n.start or at >= n.end for n in (*found, *names)):
                    names.append(Name(at, end, "product", keys))
                at = text.find(ending, end)
        return names


_MAKES_ANOTHER = frozenset("大小新老")


def _letters(code: str) -> str:
    """TZ of SKU-TZ: how a product is noted down beside its name (TZ脱脂)."""
    tail = code.rpartition("-")[2]
    return tail if tail.isalpha() and tail.isascii() else ""


def _own_after_a_word(name: Name, before: str, own: frozenset[str]) -> bool:
    """联系万家福: what stands before the name of an own customer is a word of the sentence, unless it is of the kind
    that makes another name of it (新万家福)."""
    return bool(before) and set(name.keys) <= own and before[-1] not in _MAKES_ANOTHER


def _overlaps(name: Name, found: Sequence[Name]) -> bool:
    return any(name.end > n.start and name.start < n.end for n in found)


def _alike(words: str, spelling: str) -> bool:
    """Whether at least a third of the letters are the same, place by place."""
    if len(words) != len(spelling):
        return False
    return sum(a == b for a, b in zip(words, spelling, strict=True)) * 3 >= len(words)
