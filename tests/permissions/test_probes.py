"""Random people ask for random things in every way there is; an oracle of its own says what they may get."""

import random
from collections import Counter

from storage.store import Store
from tests.permissions.company import found, store_company
from tests.permissions.probing import PROBES, Probes


def test_nobody_gets_what_is_not_his_and_everybody_gets_what_is(store: Store) -> None:
    company = found(7, people=14, customers=30, records=120)
    store_company(company, store)
    probes = Probes(company, store, random.Random(7))
    wrong = [words for probe in PROBES for person in probes.people if (words := probe(probes, person))]
    assert wrong == []


def test_the_oracle_has_something_to_hide_from_everybody() -> None:
    """Or the probes would prove nothing."""
    from tests.permissions.oracle import Oracle

    company = found(7, people=14, customers=30, records=120)
    oracle = Oracle(company)
    seen = Counter(len(oracle.all_tokens(person, "review")) for person in company.people)
    everything = sum(1 + len(r.money) + len(r.evidence) for r in company.records)
    assert max(seen) < everything
    assert min(seen) < everything / 10
