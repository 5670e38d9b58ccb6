"""Many leads to many people at once: the sum of all scores as high as it can be.

An auction (Bertsekas): every lead bids for the place where it would score highest, a person's next place is worth less
by what it adds to his load, and prices rise until nobody is outbid any more. The prices prove how good the result is:
no assignment scores higher than `Auction.bound`. Why not a library's: decisions/0021.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.leads import scoring
from domain.leads.capacity import Rep, concerns, serves
from domain.leads.lead import Lead
from domain.leads.rules import LeadRules
from domain.leads.scoring import Record, Score, score

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEP = 0.0013
"""By how much a bid goes beyond the second best: the sum is at most this, for each lead, from the best one."""
COARSE = 0.005
"""Where there are hardly more places than leads, bids go up and up: then in larger steps."""
TIGHT = 1.25
TIE = 1e-6
WAITS = -0.01
"""What it is worth that a lead gets nobody: less than anybody."""
OWNER = 10
"""What it adds to a score that the lead is a customer already, whose owner this is: more than anything else can."""
AT_ONCE = 200
"""Leads that bid at the same time."""


@dataclass(frozen=True)
class Assigned:
    lead: Lead
    rep: Rep
    score: Score


@dataclass(frozen=True)
class Auction:
    whose: Ints
    """For each lead the number of the person, -1 for nobody."""
    total: float
    bound: float


def plan(
    leads: Sequence[Lead],
    reps: Sequence[Rep],
    rules: LeadRules,
    record: Record,
    had: Mapping[str, Collection[str]] | None = None,
) -> list[Assigned]:
    """Who gets which of the leads; those for whom there is nobody are left out. Where there are more leads than places
    those that came first are seen to first.

    The order of the arguments changes nothing: what is equal is decided by the ids together, so that no name is
    favoured. `had`: lead → who was given it before.
    """
    first = sorted(leads, key=lambda lead: (lead.created_at, lead.id))
    free, found = list(reps), list[Assigned]()
    while first and (room := sum(rep.room for rep in free)):
        found += _planned(first[:room], free, rules, record, had or {})
        first = first[room:]
        free = [_with(rep, found) for rep in reps] if first else []
    return sorted(found, key=lambda one: one.lead.id)


def ranked(
    lead: Lead, reps: Sequence[Rep], rules: LeadRules, record: Record, had: Collection[str] = ()
) -> list[Rep]:
    """Everybody who may have it, the best first: whoever `plan` would take comes first, then whoever it would take if
    he were not there."""
    free = sorted((rep for rep in reps if rep.room and rep.id not in had), key=lambda rep: rep.id)
    if not free:
        return []
    worth = _worth([lead], free, rules, record)[0] + places(free, rules, 1)[:, 0]
    return [free[row] for row in np.argsort(-worth, kind="stable").tolist() if np.isfinite(worth[row])]


def _worth(leads: Sequence[Lead], reps: Sequence[Rep], rules: LeadRules, record: Record) -> Floats:
    """Scores with their ties; a customer's owner before everybody else."""
    worth = scores(leads, reps, rules, record)
    worth += TIE * ties([lead.id for lead in leads], [rep.id for rep in reps])
    number = {rep.id: index for index, rep in enumerate(reps)}
    for row, lead in enumerate(leads):
        if lead.owner_id in number:
            worth[row, number[lead.owner_id]] += OWNER
    return worth


def _with(rep: Rep, given: Sequence[Assigned]) -> Rep:
    more = sum(one.rep.id == rep.id for one in given)
    return replace(rep, open=rep.open + more, today=rep.today + more)


def _planned(
    leads: Sequence[Lead],
    reps: Sequence[Rep],
    rules: LeadRules,
    record: Record,
    had: Mapping[str, Collection[str]],
) -> list[Assigned]:
    leads = sorted(leads, key=lambda lead: lead.id)
    reps = sorted((rep for rep in reps if rep.room), key=lambda rep: rep.id)
    worth = _worth(leads, reps, rules, record)
    number = {rep.id: index for index, rep in enumerate(reps)}
    for row, lead in enumerate(leads):
        for person in had.get(lead.id, ()):
            if person in number:
                worth[row, number[person]] = -np.inf
    found = auction(worth, places(reps, rules, len(leads)))
    return _explained(leads, reps, found.whose, rules, record)


def scores(leads: Sequence[Lead], reps: Sequence[Rep], rules: LeadRules, record: Record) -> Floats:
    """Each pair's score without its load, of a person who may not have the lead -inf. Every part is worked out once
    for what is equal."""
    weights = rules.weights
    worth = weights.region * _regions(leads, reps, rules)
    worth += weights.past * _past(leads, reps, rules, record)
    worth += weights.product * _products(leads, reps)
    worth /= weights.total
    for rule in rules.only:
        meant = np.array([concerns(rule, lead) for lead in leads])
        others = np.array([not serves(rule, rep) for rep in reps])
        worth[meant[:, None] & others] = -np.inf
    return worth


def places(reps: Sequence[Rep], rules: LeadRules, most: int) -> Floats:
    """What a person's next places are worth by his load, one column after the other; -inf where he has no more."""
    share = rules.weights.load / rules.weights.total
    kinds, row = _distinct([(rep.open, rep.limits.open, rep.room) for rep in reps])
    found = np.full((len(kinds), min(most, max(room for _, _, room in kinds))), -np.inf)
    for number, (held, limit, room) in enumerate(kinds):
        values = [scoring.load(held + extra, limit)[0] for extra in range(min(room, found.shape[1]))]
        found[number, : len(values)] = share * np.array(values)
    return found[row]


def auction(worth: Floats, places: Floats, step: float | None = None) -> Auction:
    """`worth`: leads × people; `places`: people × places, each row falling."""
    people = len(places)
    if step is None:
        step = COARSE if np.isfinite(places).sum() < TIGHT * len(worth) else STEP
    cost = -places  # what a place costs with its price; infinite where there is none
    holder = np.full(places.shape, -1)
    whose = np.full(len(worth), -1)
    best_place = np.zeros(people, dtype=np.int64)
    lowest, second = np.full(people, np.inf), np.full(people, np.inf)
    _look(cost, np.arange(people), best_place, lowest, second)
    waiting = np.arange(len(worth))
    while len(waiting):
        bidding, rest = waiting[:AT_ONCE], waiting[AT_ONCE:]
        here = np.arange(len(bidding))
        value = worth[bidding] - lowest
        person = value.argmax(axis=1)
        first = value[here, person]
        value[here, person] = worth[bidding, person] - second[person]
        bids = first >= WAITS  # prices only rise: whoever finds nothing now never will
        next_best = np.maximum(value.max(axis=1), WAITS)
        bidding, person, bid = bidding[bids], person[bids], (lowest[person] + first - next_best + step)[bids]
        order = np.lexsort((bidding, -bid, person))
        winners = order[np.r_[True, person[order][1:] != person[order][:-1]]] if len(order) else order
        taken = person[winners]
        place = best_place[taken]
        outbid = holder[taken, place]
        holder[taken, place], whose[bidding[winners]] = bidding[winners], taken
        cost[taken, place] = bid[winners]
        _look(cost, taken, best_place, lowest, second)
        outbid = outbid[outbid >= 0]
        whose[outbid] = -1
        waiting = np.concatenate((outbid, np.delete(bidding, winners), rest))
    return _judged(worth, places, cost, holder, whose, lowest)


def _look(cost: Floats, rows: Ints, best: Ints, lowest: Floats, second: Floats) -> None:
    """The cheapest place of each of these people, and what it and the next one cost."""
    here, part = np.arange(len(rows)), cost[rows]
    cheapest = part.argmin(axis=1)
    best[rows], lowest[rows] = cheapest, part[here, cheapest]
    part[here, cheapest] = np.inf
    second[rows] = part.min(axis=1)


def _judged(
    worth: Floats, places: Floats, cost: Floats, holder: Ints, whose: Ints, lowest: Floats
) -> Auction:
    """The total, and by the dual prices what no assignment can exceed."""
    given = whose >= 0
    total = worth[np.flatnonzero(given), whose[given]].sum() + places[holder >= 0].sum()
    total += WAITS * (~given).sum()
    there = np.isfinite(places)
    prices = (cost[there] + places[there]).sum()
    return Auction(whose, float(total), float(np.maximum((worth - lowest).max(axis=1), WAITS).sum() + prices))


def ties(leads: Sequence[str], people: Sequence[str]) -> Floats:
    """A number between 0 and 1 for each pair, the same for the same pair."""
    mixed = _hashes(leads)[:, None] ^ _hashes(people)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):  # splitmix64
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    found: Floats = (mixed >> np.uint64(11)).astype(np.float64) / 2**53
    return found


def _hashes(names: Sequence[str]) -> NDArray[np.uint64]:
    digests = b"".join(blake2b(name.encode(), digest_size=8).digest() for name in names)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


# the parts ---------------------------------------------------------------------------------------------------


def _regions(leads: Sequence[Lead], reps: Sequence[Rep], rules: LeadRules) -> Floats:
    places, row = _distinct([(lead.city, lead.district) for lead in leads])
    areas, column = _distinct([rep.region for rep in reps])
    found = [
        [scoring.region(city, district, own, rules.regions)[0] for own in areas] for city, district in places
    ]
    return np.array(found)[row][:, column]


def _products(leads: Sequence[Lead], reps: Sequence[Rep]) -> Floats:
    wanted, row = _distinct([lead.products for lead in leads])
    skills, column = _distinct([rep.skills for rep in reps])
    found = [[scoring.product(one, known)[0] for known in skills] for one in wanted]
    return np.array(found)[row][:, column]


def _past(leads: Sequence[Lead], reps: Sequence[Rep], rules: LeadRules, record: Record) -> Floats:
    kinds, row = _distinct([scoring.facets(lead) for lead in leads])
    known = {facet: index for index, facet in enumerate(dict.fromkeys(f for kind in kinds for f in kind))}
    above = np.zeros((len(known) + 1, len(reps)))  # the last: of a lead of which nothing is known
    for facet, index in known.items():
        if facet in record.everybody:
            known_of = record.advantages(facet, rules.past)
            above[index] = [known_of.get(rep.id, 0.0) for rep in reps]
    of_kind = np.array([above[[known[facet] for facet in kind] or [-1]].mean(axis=0) for kind in kinds])
    cap = rules.past.cap
    found: Floats = (scoring.NEUTRAL + np.clip(of_kind, -cap, cap) / 2)[row]
    return found


def _distinct(values: Sequence[Any]) -> tuple[list[Any], Ints]:
    """The different ones, and for each value which of them it is."""
    known = {value: index for index, value in enumerate(dict.fromkeys(values))}
    return list(known), np.array([known[value] for value in values])


def _explained(
    leads: Sequence[Lead], reps: Sequence[Rep], whose: Ints, rules: LeadRules, record: Record
) -> list[Assigned]:
    """With the score as it is at the moment when he gets it, after those of the same batch."""
    given: dict[int, int] = {}
    found = []
    for lead, person in zip(leads, whose.tolist(), strict=True):
        if person >= 0:
            rep, extra = reps[person], given.get(person, 0)
            given[person] = extra + 1
            then = replace(rep, open=rep.open + extra, today=rep.today + extra)
            found.append(Assigned(lead, then, score(lead, then, rules, record)))
    return found
