"""One objection, one answer: a card practised in a minute. Pure."""

from collections.abc import Set
from random import Random

from domain.coaching import ObjectionCard
from domain.roleplay import Act
from domain.values import Value

PARTS: tuple[tuple[str, frozenset[Act], int], ...] = (
    ("先接住他的话", frozenset({"ack"}), 30),
    ("追问一句", frozenset({"ask"}), 30),
    ("给办法、好处或凭据", frozenset({"answer", "value", "proof"}), 40),
)
"""What a good answer has: in words, by which acts it is told, and what it is worth."""
SPOILT: frozenset[Act] = frozenset({"breach", "argue", "concede"})
CAP = 40
"""No more where something was said that spoils the rest."""


class Drilled(Value):
    points: int
    met: tuple[str, ...]
    missed: tuple[str, ...]
    spoilt: bool


def objection_of(card: ObjectionCard, seed: int) -> str:
    """What the customer says this time."""
    return Random(f"{seed}:{card.id}").choice(card.triggers)


def drilled(acts: Set[Act]) -> Drilled:
    met = tuple(words for words, any_of, _ in PARTS if acts & any_of)
    points = sum(worth for _, any_of, worth in PARTS if acts & any_of)
    spoilt = bool(acts & SPOILT)
    return Drilled(
        points=min(points, CAP) if spoilt else points,
        met=met,
        missed=tuple(words for words, *_ in PARTS if words not in met),
        spoilt=spoilt,
    )
