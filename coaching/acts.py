"""What a turn of the learner does: the dialogue acts that a customer reacts to.

The checks of the rubric are asked first, so that what earns points also moves the customer; then cues of their own, and
where nothing was recognised, the nearest example.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from coaching.patterns import pattern
from coaching.scoring import Scorer
from domain.coaching import Check, Spoken
from domain.roleplay import Act, ActWords

SHORTEST = 6
"""Letters below which a turn is too short to be a list or a copy: 一周几箱？"""
LIKE = 0.45
"""How like an example (cosine over pairs of letters) a turn must be to count as the same act."""
NOT_BOTH: tuple[tuple[Act, Act], ...] = (("argue", "ack"), ("breach", "answer"), ("breach", "value"))
"""The first takes the second away: who quarrels does not listen, however kind his other words are."""


class Acts:
    """Ready to recognise. Pure: the same turn after the same talk is always the same acts."""

    def __init__(self, words: Mapping[Act, ActWords], scorer: Scorer) -> None:
        self._scorer = scorer
        self._words = words
        by_id = {check.id: check for check in scorer.rubric.checks}
        self._checks: dict[Act, list[Check]] = {
            act: [by_id[name] for name in one.checks if name in by_id] for act, one in words.items()
        }
        self._examples = [(act, _pairs(text)) for act, one in words.items() for text in one.examples]

    def of(self, text: str, before: Sequence[Spoken]) -> frozenset[Act]:
        """Empty where nothing was recognised."""
        if self._scorer.begs(text):
            return frozenset({"noise"})
        if len(text) >= SHORTEST and self._scorer.is_noise(text, before):
            return frozenset({"noise"})
        found = {act for act in self._words if self._does(act, text)}
        if self._scorer.breach(text):
            found.add("breach")
        found = found or self._nearest(text)
        found -= {weaker for stronger, weaker in NOT_BOTH if stronger in found}
        return frozenset(found)

    def _does(self, act: Act, text: str) -> bool:
        words = self._words[act]
        if words.unless and pattern(words.unless).search(text):
            return False
        return bool(pattern(words.cues).search(text)) or any(
            self._scorer.meets(check, text) for check in self._checks[act]
        )

    def _nearest(self, text: str) -> set[Act]:
        own = _pairs(text)
        if not own:
            return set()
        likest, act = max(
            ((len(own & pairs) / (len(own) * len(pairs)) ** 0.5, act) for act, pairs in self._examples),
            default=(0.0, None),
        )
        return {act} if act and likest >= LIKE else set()


def _pairs(text: str) -> set[str]:
    letters = [letter for letter in text if letter.isalnum()]
    return {a + b for a, b in pairwise(letters)}
