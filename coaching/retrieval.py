"""From what a customer said to the cards that meet it: BM25 over how customers put it, in words and in sounds.

Each trigger is a small document of letters, pairs of letters, pairs of sounds (for misheard words) and notions
(`synonyms.yaml`); a card is as good as its best trigger, a little better where several fit.
"""

import math
import re
from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coaching.patterns import literal, pattern
from domain.coaching import ObjectionCard, Synonyms

Sound = Callable[[str], str]
"""A text → a text of the same length with one letter for each sound."""

K1, B = 1.2, 0.4
LETTER, PAIR, HEARD, NOTION, NOTION_HEARD = 0.45, 1.0, 0.55, 1.6, 0.8
"""What a letter, a pair of letters, a pair of sounds, a notion, and one that is met by its sound only weigh."""
OTHERS = 0.12
"""How much the other triggers of a card add to its best one."""
OF_ITS_TYPE = 1.25
"""A card of a type that the cues of the lexicon heard is worth so much more."""
ENOUGH = 0.10
"""How much of a trigger must be met before a text counts as an objection."""
NO_TONE, NO_NOTION, A_REPORT, A_REPORT_WITH_TONE = 0.08, 0.05, 0.30, 0.10
"""How much more it must be without a word that objections are made with, or without a notion of any card, and
where the text reads as a report or command."""
PLAIN_WITH_TONE, PLAIN = 0.9, 1.15
"""How much more than a plain text a trigger must be met, with and without tone."""
MOST_COMMON = 0.25
"""In a large library, what stands in more than this share of all triggers tells nothing."""

_TURN = re.compile("但是?|不过|就是|可是|只是|然而")
_NOISE = re.compile(r"[^\w]|_")


@dataclass(frozen=True)
class Found:
    card: ObjectionCard
    score: float
    """From 0; comparable within one answer only."""


class CardIndex:
    """Every card, ready to be found. Build a new one when the library changes."""

    def __init__(self, cards: Sequence[ObjectionCard], synonyms: Synonyms, sound: Sound) -> None:
        self.cards = tuple(cards)
        self._sound = sound
        self._notions = _notions(synonyms, sound)
        self._tones = literal(synonyms.tones)
        self._asides = literal(synonyms.asides)
        self._settled = pattern(synonyms.settled)
        triggers = [trigger for card in cards for trigger in card.triggers]
        bags = [self._tokens(text) for text in (*triggers, *synonyms.plain)]
        self._triggers = len(triggers)
        counts = [len(card.triggers) for card in cards]
        self._firsts = np.cumsum([0, *counts[:-1]])
        self._types = np.array([card.type for card in cards])
        self._postings = _postings(bags)
        self._whole = np.array([self._own(bag) for bag in bags], dtype=np.float32)

    def search(
        self,
        text: str,
        *,
        top: int = 3,
        heard: Collection[str] = (),
        success: Mapping[str, float] | None = None,
        report: bool = False,
        surely: bool = False,
    ) -> list[Found]:
        """The best cards for what was said, best first; empty where it is no objection.

        `heard` are the types that other rules found in the text, `success` multiplies a card's score; a `report` is
        what other rules read as something to write down or to do. With `surely` the text is known to be about an
        objection, and only what is met nowhere gives nothing.
        """
        words = self._asides.sub("，", text)
        if self._settled.search(words):
            if not _TURN.search(words):
                return []
            words = _TURN.split(words)[-1]
        scores = np.zeros(len(self._whole), dtype=np.float32)
        tokens = self._tokens(words)
        for token, weight in tokens.items():
            if posting := self._postings.get(token):
                scores[posting[0]] += weight * posting[1]
        if not scores.any():
            return []
        if not surely and not self._objects(text, tokens, scores, bool(heard), report):
            return []
        scores = scores[: self._triggers]
        best = np.maximum.reduceat(scores, self._firsts)
        cards = best + OTHERS * (np.add.reduceat(np.sqrt(scores), self._firsts) - np.sqrt(best))
        cards[np.isin(self._types, list(heard))] *= OF_ITS_TYPE
        if success:
            cards *= np.array([success.get(card.id, 1.0) for card in self.cards])
        order = np.argsort(-cards, kind="stable")[:top]
        return [Found(self.cards[i], round(float(cards[i]), 4)) for i in order if cards[i] > 0]

    def _objects(
        self, text: str, tokens: Mapping[str, float], scores: NDArray[np.float32], heard: bool, report: bool
    ) -> bool:
        """Whether the text is an objection: enough like some trigger, and more so than like any plain text."""
        like = scores / np.sqrt(self._whole)
        most = float(like[: self._triggers].max())
        plain = float(like[self._triggers :].max(initial=0.0))
        met = float((scores / self._whole)[: self._triggers].max())
        if heard:
            return met >= ENOUGH
        tone = bool(self._tones.search(text))
        notion = any(token[0] == "n" and weight == NOTION for token, weight in tokens.items())
        bar = ENOUGH + NO_TONE * (not tone) + NO_NOTION * (not notion)
        bar += report * (A_REPORT_WITH_TONE if tone else A_REPORT)
        return met >= bar and most > plain * (PLAIN_WITH_TONE if tone else PLAIN)

    def _tokens(self, text: str) -> dict[str, float]:
        """Token → weight, each kind marked by its first letter."""
        found: dict[str, float] = {}
        spoken = self._sound(text)
        for notion, ways, sounds in self._notions:
            if ways.search(text):
                found[f"n{notion}"] = NOTION
            elif sounds.search(spoken):
                found[f"n{notion}"] = NOTION_HEARD
        for clause in _NOISE.sub("\n", text).split("\n"):
            heard = self._sound(clause)
            for at, letter in enumerate(clause):
                found[f"l{letter}"] = LETTER
                if at + 1 < len(clause):
                    found[f"p{clause[at : at + 2]}"] = PAIR
                    found[f"h{heard[at : at + 2]}"] = HEARD
        return found

    def _own(self, bag: Mapping[str, float]) -> float:
        """What a trigger would score against itself, but that what is told by nothing else counts little."""
        return (
            sum(
                weight * float(self._postings[t][1].max()) for t, weight in bag.items() if t in self._postings
            )
            or math.inf
        )


Posting = tuple[NDArray[np.int32], NDArray[np.float32]]


def _postings(bags: Sequence[Mapping[str, float]]) -> dict[str, Posting]:
    """Token → the triggers that have it, and what it is worth in each (BM25; a token counts once)."""
    lengths = [sum(bag.values()) for bag in bags]
    average = sum(lengths) / max(1, len(lengths))
    where: dict[str, array[int]] = {}
    for number, bag in enumerate(bags):
        for token in bag:
            where.setdefault(token, array("i")).append(number)
    norms = np.array([(K1 + 1) / (1 + K1 * (1 - B + B * n / average)) for n in lengths], dtype=np.float32)
    made: dict[str, Posting] = {}
    for token, numbers in where.items():
        if len(bags) > 1000 and len(numbers) > MOST_COMMON * len(bags):
            continue
        idf = math.log(1 + (len(bags) - len(numbers) + 0.5) / (len(numbers) + 0.5))
        at = np.frombuffer(numbers, dtype=np.int32)
        made[token] = (at, (idf * norms[at]).astype(np.float32))
    return made


def _notions(synonyms: Synonyms, sound: Sound) -> list[tuple[str, re.Pattern[str], re.Pattern[str]]]:
    """Each with its ways to be written, and the sounds of those that are long enough to be told by sound."""
    return [
        (notion, literal((notion, *ways)), literal(sound(w) for w in (notion, *ways) if len(w) > 1))
        for notion, ways in synonyms.concepts.items()
    ]


def success_rates(feedback: Mapping[str, tuple[int, int]]) -> dict[str, float]:
    """Card → factor for its score, from (found useful, all) taps.

    A Beta(4, 1) prior: a card without feedback has the factor 1, and few taps move it little.
    """
    return {card: (useful + 4) / (n + 5) / 0.8 for card, (useful, n) in feedback.items()}
