"""The library made ready for work: found in, and scored by."""

from functools import cached_property

from coaching.retrieval import CardIndex, Sound
from domain.coaching import Library


class Coach:
    """One library. `sound` makes words that sound alike the same."""

    def __init__(self, library: Library, sound: Sound) -> None:
        self.library = library
        self._sound = sound

    @cached_property
    def index(self) -> CardIndex:
        return CardIndex(self.library.cards, self.library.synonyms, self._sound)
