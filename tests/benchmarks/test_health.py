"""The gate in a small sample of the benchmark's world."""

import random

from bot.benchmarks.health import simulate
from config import rulebook


def test_red_is_right_and_the_gate_spares_visits_that_lead_to_nothing() -> None:
    found = simulate(random.Random(5), rulebook.load().health, shops=500, days=40)
    assert found.good, found.words
    assert sum(found.without) / len(found.without) > 0.2
