"""The library made ready for work: found in, and scored by."""

from functools import cached_property

from coaching.acts import Acts
from coaching.retrieval import CardIndex, Sound
from coaching.roleplay import Stage, scene_of
from coaching.scoring import Score, Scorer, Talk
from domain.library import Library
from domain.roleplay import Scene


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

    @cached_property
    def stage(self) -> Stage:
        return Stage(self.library.roleplay, Acts(self.library.roleplay.acts, self.scorer))

    @cached_property
    def scenes(self) -> dict[str, Scene]:
        """Everything that can be played: the written scenes first, then every lost deal."""
        written = {scene.id: scene for scene in self.library.scenes}
        return written | {case.id: scene_of(case, self.library.roleplay) for case in self.library.cases}

    def score(self, talk: Talk) -> Score:
        """Stated numbers are held against the facts of the script set that the talk names."""
        facts = next((s.facts for s in self.library.scripts if s.id == talk.script), ())
        return self.scorer.score(talk, facts)
