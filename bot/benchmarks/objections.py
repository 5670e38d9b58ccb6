"""`xiaofang bench objections [FILE]`: whether the right cards come up for what customers say.

hit@1, hit@3    how many texts have an acceptable card first, or among the first three
type@1          how many have a first card of the right type
false           texts that are no objection and got cards all the same

FILE is YAML like `tests/coaching/queries.yaml`, which is taken without one: `speakers` → texts with their cards,
and `no_objections`. At last, how long a search takes with 20,000 cards.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from coaching.coach import Coach
from config import library, rulebook
from domain.coaching import ObjectionCard
from handlers.coaching import cards_for
from nlu.language.lexicon import Lexicon
from nlu.language.sounds import sound

FROZEN = Path(__file__).parents[2] / "tests" / "coaching" / "queries.yaml"
NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
MANY = 20_000
TIMED = 200


@dataclass
class Result:
    asked: int = 0
    first: int = 0
    three: int = 0
    of_type: int = 0
    not_asked: int = 0
    false: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)


def main(arguments: list[str]) -> int:
    file = Path(arguments[0]) if arguments else FROZEN
    queries = yaml.safe_load(file.read_text(encoding="utf-8"))
    coach = Coach(library.load(), sound)
    found = measure(coach, queries)
    for name, count in (("hit@1", found.first), ("hit@3", found.three), ("type@1", found.of_type)):
        print(f"{name:8} {count:4} of {found.asked} = {count / found.asked:.1%}")
    print(f"{'false':8} {len(found.false):4} of {found.not_asked}")
    for words in (*found.missed, *found.false):
        print(words, file=sys.stderr)
    few, many = _speed(coach, queries), _speed(_grown(coach), queries)
    print(f"search   {few:.2f} ms p95 with {len(coach.library.cards)} cards, {many:.2f} ms with {MANY:,}")
    return 0


def measure(coach: Coach, queries: dict[str, Any]) -> Result:
    """Each text as the command line and the chat would answer it."""
    rules, nobody = rulebook.load(), Lexicon.build(customers=[])
    result = Result()
    for query in _texts(queries):
        cards = [f.card for f in cards_for(query["text"], coach, NOW, nobody, rules)]
        right = set(query["cards"])
        result.asked += 1
        result.first += bool(cards) and cards[0].id in right
        result.of_type += bool(cards) and cards[0].type in {c.partition("_")[0] for c in right}
        if right & {c.id for c in cards}:
            result.three += 1
        else:
            result.missed.append(f"missed: {query['text']} → {[c.id for c in cards]}")
    for text in queries.get("no_objections", ()):
        cards = [f.card for f in cards_for(text, coach, NOW, nobody, rules)]
        result.not_asked += 1
        if cards:
            result.false.append(f"false: {text} → {cards[0].id}")
    return result


def _texts(queries: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for texts in queries["speakers"].values():
        yield from texts


def _grown(coach: Coach) -> Coach:
    """The same library many times over, each copy with its triggers mixed anew."""
    cards = coach.library.cards
    grown = [_copy(cards, number) for number in range(MANY)]
    return Coach(coach.library.model_copy(update={"cards": tuple(grown)}), sound)


def _copy(cards: tuple[ObjectionCard, ...], number: int) -> ObjectionCard:
    card, other = cards[number % len(cards)], cards[number * 7 % len(cards)]
    triggers = tuple(a + b for a, b in zip(card.triggers, other.triggers, strict=False))
    return card.model_copy(update={"id": f"{card.id}_{number}", "triggers": triggers})


def _speed(coach: Coach, queries: dict[str, Any]) -> float:
    """Milliseconds, the 95th of 100, of the search alone."""
    texts = [q["text"] for q in _texts(queries)][:TIMED]
    coach.index.search(texts[0])
    took = []
    for text in texts:
        began = time.perf_counter()
        coach.index.search(text)
        took.append(time.perf_counter() - began)
    return sorted(took)[int(len(took) * 0.95)] * 1e3
