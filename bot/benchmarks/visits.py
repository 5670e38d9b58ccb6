"""`xiaofang bench visits [N] [SEED]`: how many simulated cheats are found, and how many honest visits are suspected.

Each kind of cheat is simulated N times (100), honest visits ten times as often. Printed beside the goals.
"""

import random
from collections import Counter
from collections.abc import Callable
from time import process_time

from bot.benchmarks.simulated_visits import CHEATS, LIMITS, Case, Town, facts, honest
from config import rulebook
from domain.authenticity import Authenticity, Verdict
from domain.judging import judge

RECALL_GOAL = 0.95
FALSE_GOAL = 0.02


def main(arguments: list[str]) -> int:
    number = int(arguments[0]) if arguments else 100
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    settings = rulebook.load().authenticity
    began = process_time()
    print(f"{number} visits a kind, {number * 10} honest ones, seed {seed}")
    missed = 0
    for make in CHEATS:
        found, why = caught(make, number, seed, settings)
        missed += found / number < RECALL_GOAL
        said = "、".join(f"{code} {count}" for code, count in why.most_common(3))
        print(
            f"{make.__name__:18s} found {found / number:6.1%}  {found / number / RECALL_GOAL:5.2f}× goal  {said}"
        )
    suspected, why = suspects(number * 10, seed, settings)
    rate = suspected / (number * 10)
    missed += rate > FALSE_GOAL
    said = "、".join(f"{code} {count}" for code, count in why.most_common(4))
    print(f"{'honest':18s} suspected {rate:6.2%}  {rate / FALSE_GOAL:5.2f}× limit  {said}")
    for make in LIMITS:
        found, _ = caught(make, number, seed, settings)
        print(f"{make.__name__:18s} suspected {found / number:6.1%}  (no goal: positions cannot tell)")
    print(
        f"{(process_time() - began) / (number * (len(CHEATS) + len(LIMITS) + 10)) * 1e3:.1f} ms CPU a visit"
    )
    return int(missed > 0)


def caught(
    make: Callable[[Town], Case], number: int, seed: int, settings: Authenticity
) -> tuple[int, Counter[str]]:
    """How many of these are suspicious, and by which findings."""
    rng = random.Random(f"{make.__name__} {seed}")
    return _suspicious([verdict(make(Town(rng)), settings) for _ in range(number)])


def suspects(number: int, seed: int, settings: Authenticity) -> tuple[int, Counter[str]]:
    rng = random.Random(f"honest {seed}")
    return _suspicious([verdict(honest(rng), settings) for _ in range(number)])


def verdict(case: Case, settings: Authenticity) -> Verdict:
    assert case.target is not None
    return judge(facts(case, case.target), settings)


def _suspicious(verdicts: list[Verdict]) -> tuple[int, Counter[str]]:
    flagged = [v for v in verdicts if v.level == "suspicious"]
    return len(flagged), Counter(f.code for v in flagged for f in v.of("against"))
