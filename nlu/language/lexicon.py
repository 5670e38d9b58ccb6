"""All names that may be said: customers, contacts, products, competitors, colleagues."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from ahocorasick_rs import AhoCorasick, MatchKind

from domain.people import Competitor, Contact, Customer, Person, Product
from nlu.language.linking import Link, NameIndex
from nlu.language.sounds import sound

NameKind = Literal["customer", "contact", "product", "competitor", "person"]

_GENERIC_WORDS = """
    有限责任公司 股份有限公司 有限公司 超级市场 购物中心 购物广场 连锁超市 便利店 便利超市 生活超市 大卖场 专卖店 批发部
    小卖部 超市 便利 商店 商场 卖场 百货 商行 商贸 总店 分店 旗舰店 店
"""
GENERIC = tuple(_GENERIC_WORDS.split())
"""Words that many shops share, longest first: they tell little about which shop is meant."""

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


@dataclass(frozen=True)
class _Gazetteer:
    automaton: AhoCorasick
    entries: tuple[dict[NameKind, tuple[str, ...]], ...]

    @classmethod
    def build(cls, named: dict[str, dict[NameKind, list[str]]]) -> "_Gazetteer":
        patterns = list(named)
        automaton = AhoCorasick(patterns, matchkind=MatchKind.LeftmostLongest)
        entries = tuple({k: tuple(dict.fromkeys(v)) for k, v in named[p].items()} for p in patterns)
        return cls(automaton, entries)

    def find(self, text: str) -> list[tuple[int, int, dict[NameKind, tuple[str, ...]]]]:
        return [
            (start, end, self.entries[i]) for i, start, end in self.automaton.find_matches_as_indexes(text)
        ]


@dataclass(frozen=True)
class Territory:
    """The short forms by which a rep speaks of his own customers (永旺 for 永旺超市望京店)."""

    written: _Gazetteer
    heard: _Gazetteer


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
        rows = [(name, c.code) for c in customers for name in (c.name, *c.aliases)]
        self.index = NameIndex([n for n, _ in rows], [c for _, c in rows], GENERIC)
        self._generic_products = _shared_endings(products)
        self._flavours = _flavours(products, self._generic_products)
        named = self._named()
        self._written = _Gazetteer.build(named)
        self._heard = _Gazetteer.build(_by_sound(named))
        self._territories: dict[frozenset[str], Territory] = {}
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

    def owned_by(self, person_id: str) -> frozenset[str]:
        """Codes of a person's own customers."""
        return self._owned.get(person_id, frozenset())

    def find(self, text: str, own: frozenset[str]) -> list[Name]:
        """Every name in the text, exact ones first, then those found by sound, then short forms of own customers."""
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
                if all(end <= n.start or start >= n.end for n in found):
                    name = self._name(start, end, entry, own, by_sound)
                    if not by_sound or self._plausible(name, text[start:end]):
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
        """Two syllables are too easily met by chance: one of the two letters must be right."""
        if len(words) >= 3:
            return True
        spellings = [n for key in name.keys for n in self._spellings(name.kind, key) if len(n) == len(words)]
        return any(a == b for spelling in spellings for a, b in zip(words, spelling, strict=True))

    def _spellings(self, kind: NameKind, key: str) -> tuple[str, ...]:
        if kind == "product":
            return (self.products[key].name, *self.products[key].aliases)
        if kind == "competitor":
            return (self.competitors[key].name, *self.competitors[key].aliases)
        return ()

    def _named(self) -> dict[str, dict[NameKind, list[str]]]:
        named: dict[str, dict[NameKind, list[str]]] = {}

        def add(kind: NameKind, key: str, names: Iterable[str]) -> None:
            for name in names:
                if len(name) >= 2:
                    named.setdefault(name, {}).setdefault(kind, []).append(key)

        for customer in self.customers.values():
            add("customer", customer.code, (customer.name, *customer.aliases))
        for product in self.products.values():
            add(
                "product",
                product.code,
                (product.name, *product.aliases, *self._flavours.get(product.code, ())),
            )
        for competitor in self.competitors.values():
            add("competitor", competitor.name, (competitor.name, *competitor.aliases))
        for contact in self.contacts:
            add("contact", contact.name, (contact.name,))
        for person in self.people.values():
            add("person", person.id, (person.name, *person.nicknames))
        return named

    def _territory(self, own: frozenset[str]) -> Territory:
        named: dict[str, dict[NameKind, list[str]]] = {}
        for code in sorted(own):
            customer = self.customers.get(code)
            if customer is None:
                continue
            for short in self._short_forms(customer.name):
                named.setdefault(short, {}).setdefault("customer", []).append(code)
        by_sound = _by_sound({n: e for n, e in named.items() if len(n) >= 3})
        return Territory(_Gazetteer.build(named), _Gazetteer.build(by_sound))

    def _short_forms(self, name: str) -> set[str]:
        """永旺超市望京店: 永旺望京, 永旺, 永旺超市, 永旺望京店."""
        brand, short = self.index.brand(name), self.index.short(name)
        forms = {short, brand}
        if short and name.endswith("店"):
            forms.add(short + "店")
        if brand != name:
            after = name[len(brand) :]
            generic = next((g for g in GENERIC if after.startswith(g)), "")
            forms.add(brand + generic)
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


def _by_sound(named: dict[str, dict[NameKind, list[str]]]) -> dict[str, dict[NameKind, list[str]]]:
    """Names by how they sound. People and contacts are left out: too short to be told apart by sound."""
    heard: dict[str, dict[NameKind, list[str]]] = {}
    for name, entry in named.items():
        if name.isascii():
            continue
        for kind, keys in entry.items():
            if kind in ("customer", "product", "competitor") and (kind != "customer" or len(name) >= 3):
                heard.setdefault(sound(name), {}).setdefault(kind, []).extend(keys)
    return heard


def _flavours(products: Sequence[Product], endings: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """草莓 for 草莓酸奶: what is left without a shared ending, where it means one product only."""
    taken = {n for p in products for n in (p.name, *p.aliases)}
    short: dict[str, set[str]] = {}
    for ending, codes in endings.items():
        for product in products:
            rest = product.name.removesuffix(ending)
            if product.code in codes and len(rest) >= 2 and rest not in taken:
                short.setdefault(rest, set()).add(product.code)
    found: dict[str, tuple[str, ...]] = {}
    for words, codes_meant in short.items():
        if len(codes_meant) == 1:
            (code,) = codes_meant
            found[code] = (*found.get(code, ()), words)
    return found


def _shared_endings(products: Sequence[Product]) -> dict[str, tuple[str, ...]]:
    """Endings of two to four letters that at least two products share, longest first."""
    endings: dict[str, list[str]] = {}
    names = {n for p in products for n in (p.name, *p.aliases)}
    for product in products:
        for length in (4, 3, 2):
            ending = product.name[-length:]
            if len(product.name) > length and ending not in names:
                endings.setdefault(ending, []).append(product.code)
    shared = {e: tuple(dict.fromkeys(codes)) for e, codes in endings.items() if len(set(codes)) > 1}
    return dict(sorted(shared.items(), key=lambda item: -len(item[0])))
