"""The library made ready for work: found in, and scored by."""

from functools import cached_property

from coaching.retrieval import CardIndex, Sound
from coaching.scoring import Score, Scorer, Talk
from domain.coaching import Library


class Coach:
    """One library. `sound` makes words that sound alike the same."""

    def __init__(self, library: Library, sound: Sound) -> None:
        self.library = library
        self._sound = sound

    @cached_property
    def index(self) -> CardIndex:
        return CardIndex(self.library.cards, self.library.synonyms, self._sound)

    @cached_property
    def scorer(self) -> Scorer:
        forbidden = [words for card in self.library.cards for words in card.forbidden]
        return Scorer(self.library.rubric, forbidden, lambda text: bool(self.index.search(text, top=1)))

    def score(self, talk: Talk) -> Score:
        """Stated numbers are held against the facts of the script set that the talk names."""
        facts = next((s.facts for s in self.library.scripts if s.id == talk.script), ())
        return self.scorer.score(talk, facts)
