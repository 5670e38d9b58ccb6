"""How well a lead and a person fit: four parts, each with its words.

Every part lies between 0 and 1; the score is their weighted mean. The words are what the person reads on his card.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from pydantic import Field

from domain.leads.capacity import Rep, bare
from domain.leads.lead import Lead
from domain.leads.rules import LeadRules, Past, Regions
from domain.values import Value

NEUTRAL = 0.5
"""Where nothing is known that speaks for or against anybody."""
Facet = tuple[str, str]
"""One property of a lead that past outcomes are counted by: `("source", "展会")`."""


class Outcomes(Value):
    won: int = 0
    closed: int = 0
    """Won and lost."""


class Record(Value):
    """How leads ended, by their facets: over everybody, and for each person."""

    everybody: dict[Facet, Outcomes] = Field(default_factory=dict)
    people: dict[str, dict[Facet, Outcomes]] = Field(default_factory=dict)

    def advantages(self, facet: Facet, rules: Past) -> dict[str, float]:
        """Person → `advantage`, of everybody who has one; worked out once, since a record holds for a day."""
        key = (facet, rules.smoothing)
        if key not in self._worked_out:
            self._worked_out[key] = {
                person: advantage(facet, person, self, rules)
                for person, own in self.people.items()
                if facet in own
            }
        return self._worked_out[key]

    @cached_property
    def _worked_out(self) -> dict[tuple[Facet, float], dict[str, float]]:
        return {}


class Part(Value):
    value: float
    weight: float
    """Its share of the score; the four together are 1."""
    words: str


class Score(Value):
    region: Part
    past: Part
    product: Part
    load: Part

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.region, self.past, self.product, self.load)

    @property
    def total(self) -> float:
        return sum(part.value * part.weight for part in self.parts)

    @property
    def words(self) -> str:
        """In one line, the heaviest contribution first."""
        by_weight = sorted(self.parts, key=lambda part: -part.value * part.weight)
        return "；".join(f"{part.words}（{part.value * part.weight * 100:.0f} 分）" for part in by_weight)


def score(lead: Lead, rep: Rep, rules: LeadRules, record: Record) -> Score:
    weights = rules.weights

    def part(found: tuple[float, str], weight: float) -> Part:
        return Part(value=round(found[0], 6), weight=weight / weights.total, words=found[1])

    return Score(
        region=part(region(lead.city, lead.district, rep.region, rules.regions), weights.region),
        past=part(past(lead, rep.id, record, rules.past), weights.past),
        product=part(product(lead.products, rep.skills), weights.product),
        load=part(load(rep.open, rep.limits.open), weights.load),
    )


def region(city: str, district: str, own: str, regions: Regions) -> tuple[float, str]:
    """The same district, the same city, the same wider region, or elsewhere."""
    city, district = bare(city), bare(district)
    if not city and not district:
        return NEUTRAL, "线索没写地区"
    areas = regions.areas.get(own, (own,) if own else ())
    places = [tuple(bare(step) for step in area.split("/")) for area in areas]
    cities = {place[0] for place in places}
    if any(_within(place, city, district) for place in places):
        return 1.0, f"就在你的片区（{district or city}）"
    if city and (city in cities or any(name.startswith(city) for name in (own, *cities) if name)):
        return regions.same_city, f"和你同城（{city}）"
    for name, members in regions.wider.items():
        known = set(map(bare, members))
        if city in known and cities & known:
            return regions.same_wider, f"和你同属{name}"
    return 0.0, "不在你的片区"


def _within(place: tuple[str, ...], city: str, district: str) -> bool:
    if len(place) == 1:
        return bool(place[0]) and place[0] in (city, district)
    return place[1] == district and (place[0] == city or not city)


def product(wanted: tuple[str, ...], skills: tuple[str, ...]) -> tuple[float, str]:
    """How much of what is wanted he knows best."""
    if not wanted:
        return NEUTRAL, "线索没写产品"
    if not skills:
        return NEUTRAL, "你没有登记擅长的产品"
    share = sum(code in skills for code in wanted) / len(wanted)
    if share == 1:
        return share, "要的产品你都熟"
    return share, "要的产品你熟一部分" if share else "要的产品不是你最熟的"


def load(open: int, most: int) -> tuple[float, str]:
    """How much room he has left."""
    value = max(0.0, 1 - open / most) if most else 0.0
    return value, f"手上 {open} 条，最多 {most} 条"


def facets(lead: Lead) -> tuple[Facet, ...]:
    return facets_of(lead.level, lead.source, lead.products)


def facets_of(level: str, source: str, products: Iterable[str]) -> tuple[Facet, ...]:
    named = (("level", level), ("source", source), *(("product", code) for code in products))
    return tuple((kind, value) for kind, value in named if value)


def past(lead: Lead, person_id: str, record: Record, rules: Past) -> tuple[float, str]:
    """How often such leads were won by him, against everybody's average.

    Few outcomes say little: so many of average outcome are added to them (`smoothing`). The advantage is capped:
    whoever did well gets better leads, and would soon get all of them.
    """
    counts = facets(lead)
    found = [advantage(facet, person_id, record, rules) for facet in counts]
    value = capped(sum(found) / len(found) if found else 0.0, rules.cap)
    own = record.people.get(person_id, {})
    closed = [(facet, own[facet]) for facet in counts if facet in own]
    if not closed:
        return value, "同类线索还没有你的成交记录"
    facet, best = max(closed, key=lambda one: one[1].closed)
    return value, f"{_named(facet)}以往成交 {best.won}/{best.closed}"


def advantage(facet: Facet, person_id: str, record: Record, rules: Past) -> float:
    """By how much his rate lies above everybody's, as a share of it; 0 where nothing is known."""
    everybody = record.everybody.get(facet)
    own = record.people.get(person_id, {}).get(facet)
    if everybody is None or own is None or not everybody.won:
        return 0.0
    average = everybody.won / everybody.closed
    rate = (own.won + rules.smoothing * average) / (own.closed + rules.smoothing)
    return rate / average - 1


def capped(advantage: float, cap: float) -> float:
    """An advantage as a part of the score: `NEUTRAL` and at most half the cap on either side."""
    return NEUTRAL + max(-cap, min(cap, advantage)) / 2


def _named(facet: Facet) -> str:
    kind, value = facet
    return f"{value}级线索" if kind == "level" else f"{value}来的线索" if kind == "source" else "这个产品"


def record_of(closed: Iterator[tuple[str, bool, tuple[Facet, ...]]]) -> Record:
    """`closed`: of each lead whose it was, whether it was won, and its facets."""
    everybody: dict[Facet, list[int]] = {}
    people: dict[str, dict[Facet, list[int]]] = {}
    for person, won, about in closed:
        for counts in (everybody, people.setdefault(person, {})):
            for facet in about:
                entry = counts.setdefault(facet, [0, 0])
                entry[0] += won
                entry[1] += 1
    return Record(
        everybody=_outcomes(everybody), people={who: _outcomes(counts) for who, counts in people.items()}
    )


def _outcomes(counts: Mapping[Facet, list[int]]) -> dict[Facet, Outcomes]:
    return {facet: Outcomes(won=won, closed=closed) for facet, (won, closed) in counts.items()}
