"""Everything that trainers may change about coaching, checked as a whole."""

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
