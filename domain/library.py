"""Everything that trainers may change about coaching, checked as a whole."""

from functools import cached_property

from domain.coaching import LostCase, ObjectionCard, QuoteScript, Rubric, Synonyms
from domain.roleplay import RolePlay, Scene
from domain.training import TrainingPath
from domain.values import Value


class Library(Value):
    cards: tuple[ObjectionCard, ...]
    cases: tuple[LostCase, ...]
    scripts: tuple[QuoteScript, ...]
    synonyms: Synonyms
    rubric: Rubric
    roleplay: RolePlay
    scenes: tuple[Scene, ...]
    path: TrainingPath

    def card(self, card_id: str) -> ObjectionCard | None:
        """None where trainers took it out."""
        return self.cards_by_id.get(card_id)

    @cached_property
    def cards_by_id(self) -> dict[str, ObjectionCard]:
        return {card.id: card for card in self.cards}
