"""Every case of tests/language/cases, against the list of expected failures, which may only shrink."""

import pytest

from tests.language.scoring import Case, cases, expected_failures, f1, score

EVERY = cases()
KNOWN = expected_failures()


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.id)
def test_a_sentence_becomes_the_records_it_means(case: Case) -> None:
    result = score(case)
    if case.id in KNOWN:
        assert not result.exact, f"{case.id} passes now: take it off expected_failures.txt"
        return
    assert result.exact, "; ".join(result.words)


def test_expected_failures_name_existing_cases() -> None:
    assert not KNOWN - {case.id for case in EVERY}


def test_there_are_enough_cases_of_every_action() -> None:
    kinds = [kind for case in EVERY for kind, _ in case.records]
    actions = (
        "visit sample competitor order_intent stock_check display promotion_check quote order payment complaint "
        "customer_update"
    )
    assert {kind: kinds.count(kind) for kind in actions.split() if kinds.count(kind) < 4} == {}
    assert len(EVERY) >= 120


def test_the_scores_stay_where_they_are() -> None:
    scores = [score(case) for case in EVERY]
    kinds = [sum(s.kinds[i] for s in scores) for i in range(3)]
    slots = [sum(s.slots[i] for s in scores) for i in range(3)]
    assert f1(*kinds) >= 0.97
    assert f1(*slots) >= 0.97
