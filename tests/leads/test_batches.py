"""Who gets which lead: the sum is as high as it can be, nobody above his limits, no name favoured."""

import random
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.leads.capacity import may_have
from domain.leads.rules import LeadRules, Only
from domain.leads.scoring import Record, record_of, score
from handlers.lead_batches import auction, places, plan, scores
from tests.leads.some import DISTRICTS, PRODUCTS, SOURCES, a_lead, a_rep, some_leads, some_reps

NONE = Record()
RULES = LeadRules(only=(Only(sources=("展会",), teams=("1队",)),))


def history(chance: random.Random) -> Record:
    facets = [*(("source", s) for s in SOURCES), *(("product", p) for p in PRODUCTS)]
    return record_of(
        (f"P{chance.randrange(6):04}", chance.random() < 0.3, (chance.choice(facets),)) for _ in range(200)
    )


@given(st.integers(0, 10**6))
@settings(max_examples=40)
def test_a_batch_is_as_good_as_the_best_of_all_ways_to_assign_it(seed: int) -> None:
    chance = random.Random(seed)
    worth = np.array([[chance.choice((chance.random(), -np.inf)) for _ in range(3)] for _ in range(4)])
    falling = np.array([sorted((chance.random() * 0.2 for _ in range(2)), reverse=True) for _ in range(3)])
    found = auction(worth, falling, step=0.0001)

    def total(way: tuple[int, ...]) -> float:
        if any(person >= 0 and way.count(person) > 2 for person in way):
            return -np.inf
        own = sum(worth[lead, person] if person >= 0 else -0.01 for lead, person in enumerate(way))
        return own + sum(falling[person, : way.count(person)].sum() for person in range(3))

    best = max(total(way) for way in product((-1, 0, 1, 2), repeat=4))
    assert best - 4 * 0.0001 - 1e-9 <= found.total <= best + 1e-9 <= found.bound + 2e-9


@given(st.integers(0, 10**6))
@settings(max_examples=15)
def test_what_is_planned_keeps_every_rule_and_limit(seed: int) -> None:
    chance = random.Random(seed)
    leads, reps = some_leads(25, chance), some_reps(6, chance, most_open=6)
    had = {lead.id: {chance.choice(reps).id} for lead in leads if chance.random() < 0.3}
    found = plan(leads, reps, RULES, history(chance), had)
    known = {rep.id: rep for rep in reps}
    for rep in reps:
        assert sum(one.rep.id == rep.id for one in found) <= rep.room
    assert len({one.lead.id for one in found}) == len(found)
    assert all(may_have(one.lead, known[one.rep.id], RULES, had.get(one.lead.id, ())) for one in found)
    left = {lead.id for lead in leads} - {one.lead.id for one in found}
    free = [rep for rep in reps if rep.room > sum(one.rep.id == rep.id for one in found)]
    assert not any(
        may_have(lead, rep, RULES, had.get(lead.id, ())) for lead in leads if lead.id in left for rep in free
    )


@given(st.integers(0, 10**6))
@settings(max_examples=10)
def test_the_order_in_which_leads_and_people_are_read_changes_nothing(seed: int) -> None:
    chance = random.Random(seed)
    leads, reps, record = some_leads(12, chance), some_reps(8, chance), history(chance)
    once = plan(leads, reps, RULES, record)
    chance.shuffle(leads)
    chance.shuffle(reps)
    assert plan(leads, reps, RULES, record) == once


def test_the_table_of_scores_says_what_the_explanation_of_a_pair_says() -> None:
    chance = random.Random(5)
    leads, reps, record = some_leads(30, chance), some_reps(12, chance), history(chance)
    table, loads = scores(leads, reps, RULES, record), places(reps, RULES, 1)
    for row, lead in enumerate(leads):
        for column, rep in enumerate(reps):
            if np.isfinite(table[row, column]):
                told = score(lead, rep, RULES, record).total
                assert table[row, column] + loads[column, 0] == pytest.approx(told, abs=1e-5)
            else:
                assert not may_have(lead, rep, RULES)


def test_equals_take_turns_and_the_first_of_the_alphabet_has_no_more_than_the_last() -> None:
    reps = [a_rep(f"P{number}", region="朝阳") for number in range(5)]
    first = [plan([a_lead(f"L{n}", district="朝阳")], reps, LeadRules(), NONE)[0].rep.id for n in range(400)]
    assert {rep.id for rep in reps} == set(first)
    assert max(map(first.count, first)) < 2 * 400 / 5
    night = plan([a_lead(f"L{n}", district="朝阳") for n in range(20)], reps, LeadRules(), NONE)
    assert [sum(one.rep.id == rep.id for one in night) for rep in reps] == [4] * 5


def test_who_did_well_is_preferred_but_never_by_more_than_the_cap() -> None:
    wins = record_of(("P1" if n % 2 else "P2", n % 2 == 1, (("source", "展会"),)) for n in range(200))
    reps = [a_rep("P1"), a_rep("P2")]
    assert plan([a_lead(source="展会")], reps, LeadRules(), wins)[0].rep.id == "P1"
    # nine leads more on his desk outweigh the best record that there can be
    reps[0] = a_rep("P1", open=10)
    assert plan([a_lead(source="展会")], reps, LeadRules(), wins)[0].rep.id == "P2"


def test_a_large_batch_is_within_a_thousandth_of_what_is_possible() -> None:
    chance = random.Random(3)
    leads, reps = some_leads(400, chance), some_reps(80, chance)
    worth = scores(leads, reps, LeadRules(), NONE)
    found = auction(worth, places(reps, LeadRules(), len(leads)))
    assert found.total >= 0.998 * found.bound
    assert set(DISTRICTS) == {lead.district for lead in leads}


def test_a_lead_that_is_a_customer_goes_to_the_customers_owner_while_he_has_room() -> None:
    chance = random.Random(1)
    reps = some_reps(6, chance, most_open=6)
    lead = a_lead("L1", owner_id=reps[3].id)
    assert [one.rep.id for one in plan([lead], reps, LeadRules(), NONE)] == [reps[3].id]
    full = [replace(rep, open=rep.limits.open) if rep is reps[3] else rep for rep in reps]
    assert [one.rep.id == reps[3].id for one in plan([lead], full, LeadRules(), NONE)] == [False]
