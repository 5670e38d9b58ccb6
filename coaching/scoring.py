"""A practice talk → points, each with the words that earned it. Binary checks, data only; the same talk always gets
the same points.

Only turns that are real speech count: lists of keywords, the customer's words said back, and words meant for whoever
scores are no evidence of anything. One turn is evidence for a few checks at most.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pydantic import ConfigDict, Field

from coaching.patterns import literal, pattern
from domain.coaching import POINTS, Check, Fact, Rubric, Spoken
from domain.values import Value

CAP = 60
"""No more than this where something was said that must never be said."""
MOST_OF_A_TURN, MOST_OF_A_SENTENCE, MOST_OF_A_BREATH = 7, 5, 3
"""Checks that one turn, one sentence, and a turn that does everything in one breath may be evidence for."""
SPEECH = 6
"""Letters of the shortest turn that counts."""
COPIED = 0.6
"""Share of a turn's pairs of letters that the customer said before: more is his own words said back."""
LISTED, SMALL = 0.06, 0.13
"""Share of small words below which a turn is a list: of a turn without many commas, and of one with them."""
PIECES, PIECE, SHORT = 5, 3.6, 15
"""So many pieces of fewer letters each are a list whatever the words; a turn shorter than that in one piece is none."""
AROUND = 8
"""Letters on both sides of a breach that may take it back (不敢保证)."""
MOST_FIXES = 2

_SIGNS = re.compile(r"[\s，。！？；、,.!?;：:\"“”‘’…—\-/|+]+")
_SENTENCE = re.compile(r"[^。！？；!?;]+[。！？；!?;]?")
_CLAUSE = re.compile(r"[^，。！？；]+[，。！？；]?")
NOT_SEEN = "没识别到"
WRONG_NUMBER = (
    "“{quote}”里的数和资料对不上。",
    "先翻一下价目和政策再说数；记不准就说“这个数我核一下，今天之内回您”。",
)
FORBIDDEN = ("“{quote}”这种话容易顶住客户。", "换一句接住他：“您说得有道理，咱们一起算一遍。”")
SAME = str.maketrans(",?!;:", "，？！；：")


class Checked(Value):
    id: str
    label: str
    dimension: str
    met: bool
    quote: str = ""
    """The words that met it; of a breach or wrong number, the words that are meant. Empty where nothing was seen."""
    better: str = ""
    """One sentence that would have been better, where it is not met."""
    words: str = ""
    """For the rep."""


class Score(Value):
    overall: int
    listening: int
    discovery: int
    value: int
    objection: int
    advance: int
    compliance_breach: bool
    checks: tuple[Checked, ...]
    fixes: tuple[str, ...]
    """The one or two things to change first, each with a better sentence."""


class Talk(Value):
    """What is scored; `script` names the set of quote scripts whose facts hold. Other keys are left alone."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["price", "trust", "timing"]
    turns: tuple[Spoken, ...] = Field(max_length=200)
    script: str = ""


@dataclass(frozen=True)
class _Turn:
    at: int
    """Among all turns of the talk."""
    order: int
    """Among the rep's own."""
    text: str
    since_objection: int
    """How many of his turns ago the customer objected, 1 for the answer itself; 0 where he has not."""
    heard: str
    """What the customer said just before; empty where he did not speak."""
    crammed: bool
    """Whether it asks, offers, proves and closes in one breath, as no talk goes."""


class Scorer:
    """`objects` tells whether a text of the customer is an objection."""

    def __init__(self, rubric: Rubric, forbidden: Sequence[str], objects: Callable[[str], bool]) -> None:
        self.rubric = rubric
        self._objects = objects
        self._forbidden = literal(forbidden)
        self._offers = pattern(rubric.offers)
        self._breaches, self._not_breaches = pattern(rubric.breaches), pattern(rubric.not_breaches)
        self._begging = pattern(rubric.begging)

    def score(self, talk: Talk, facts: Sequence[Fact] = ()) -> Score:
        """Points of 100. `facts` are the numbers that hold in this talk; another number for one of them is wrong."""
        turns = [spoken.model_copy(update={"text": _plain(spoken.text)}) for spoken in talk.turns]
        rep = self._rep(turns)
        speech = _one_breath(
            [t for t in rep if self._is_speech(t.text, [earlier.text for earlier in turns[: t.at]])]
        )
        used: Counter[tuple[int, str]] = Counter()
        checks = [self._check(check, speech, len(rep), used) for check in self.rubric.checks]
        wrong, rude = _wrong_number(rep, facts), self._forbidden_words(rep)
        if wrong:
            checks = [_denied(c, wrong, *WRONG_NUMBER) if c.id == "number" else c for c in checks]
        if rude:
            checks = [_denied(c, rude, *FORBIDDEN) if c.id == "calm" else c for c in checks]
        breach = next(filter(None, (self._breach(turn.text) for turn in rep)), "")
        said = [(new.text, old.text) for new, old in zip(turns, talk.turns, strict=True)]
        return self._sum([_verbatim(c, said) for c in checks], breach, said)

    def _sum(self, checks: list[Checked], breach: str, said: list[tuple[str, str]]) -> Score:
        points = {check.id: check.points for check in self.rubric.checks}
        by = {d: sum(points[c.id] for c in checks if c.met and c.dimension == d) for d in POINTS}
        overall = sum(by.values())
        honest = Checked(
            id="compliance",
            label="没踩红线",
            dimension="compliance",
            met=not breach,
            quote=breach,
            better="不打包票、不说别家坏话、不私下许价：“能不能退我按规定问清，写进单子再答您。”"
            if breach
            else "",
            words=f"“{breach}”不能说，这次最高 {CAP} 分。" if breach else "",
        )
        return Score(
            overall=min(overall, CAP) if breach else overall,
            **by,
            compliance_breach=bool(breach),
            checks=(*checks, _verbatim(honest, said)),
            fixes=_fixes([honest, *checks], points),
        )

    def is_noise(self, text: str, before: Sequence[Spoken]) -> bool:
        """Whether a turn after these would be evidence of nothing: a list, a copy, words for whoever scores."""
        return not self._is_speech(_plain(text), [_plain(turn.text) for turn in before])

    def begs(self, text: str) -> bool:
        """Whether it is said to whoever scores."""
        return bool(self._begging.search(_plain(text)))

    def meets(self, check: Check, text: str) -> bool:
        """Whether a turn is evidence for the check, wherever it stands."""
        return any(_evidence(check, _plain(text)))

    def breach(self, text: str) -> str:
        """The sentence that must not be said; empty where there is none."""
        return self._breach(_plain(text))

    # evidence -------------------------------------------------------------------------------------------------

    def _rep(self, turns: Sequence[Spoken]) -> list[_Turn]:
        found: list[_Turn] = []
        since, objected = 0, False
        for at, turn in enumerate(turns):
            if turn.who == "customer":
                objected = objected or self._objects(turn.text)
                continue
            since = 1 if objected else since + 1 if since else 0
            objected = False
            heard = turns[at - 1].text if at and turns[at - 1].who == "customer" else ""
            found.append(_Turn(at, len(found), turn.text, since, heard, self._crammed(turn.text)))
        return found

    def _is_speech(self, text: str, earlier: Sequence[str]) -> bool:
        letters = _SIGNS.sub("", text)
        if len(letters) < SPEECH or self._begging.search(text):
            return False
        small = sum(letter in self.rubric.small_words for letter in letters) / len(letters)
        pieces = [p for p in _SIGNS.split(text) if p]
        listed = len(pieces) >= 4 and len(letters) / len(pieces) < 5
        if len(pieces) >= PIECES and len(letters) / len(pieces) < PIECE:
            return False
        if len(pieces) >= 4 and max(map(len, pieces)) <= 2:  # words in a row, none of them a clause
            return False
        if (listed or len(letters) >= SHORT) and small < (SMALL if listed else LISTED):
            return False
        pairs = _pairs(letters)
        return not any(len(pairs & _said(words)) > COPIED * len(pairs) for words in earlier)

    def _check(
        self, check: Check, speech: list[_Turn], count: int, used: Counter[tuple[int, str]]
    ) -> Checked:
        seen = {"id": check.id, "label": check.label, "dimension": check.dimension}
        for turn in self._places(check, speech, count):
            most = MOST_OF_A_BREATH if turn.crammed else MOST_OF_A_TURN
            if sum(n for (order, _), n in used.items() if order == turn.order) >= most:
                continue
            for quote in self._quotes(check, turn):
                if used[turn.order, quote] < MOST_OF_A_SENTENCE:
                    used[turn.order, quote] += 1
                    return Checked(**seen, met=True, quote=quote)
        return Checked(**seen, met=False, better=check.better, words=f"{check.label}：{NOT_SEEN}。")

    def _quotes(self, check: Check, turn: _Turn) -> Iterator[str]:
        yield from _evidence(check, turn.text)
        if check.echoes:
            heard = {
                p for p in _pairs(turn.heard) if not set(p) & set(self.rubric.small_words) and p.isalnum()
            }
            yield from (s for s in _sentences(turn.text) if heard & _pairs(s))

    def _crammed(self, text: str) -> bool:
        """Whether single clauses of a turn serve every dimension."""
        telling = [c for c in self.rubric.checks if c.dimension != "discovery" or c.when == "anywhere"]
        clauses = _CLAUSE.findall(text)
        does = {c.dimension for c in telling if any(any(_evidence(c, clause)) for clause in clauses)}
        return len(does) == len(POINTS)

    def _places(self, check: Check, speech: list[_Turn], count: int) -> list[_Turn]:
        if check.when == "after_objection":
            return [t for t in speech if 1 <= t.since_objection <= check.within]
        if check.when == "after_customer":
            return [t for t in speech if t.heard]
        if check.when == "late":
            return [t for t in reversed(speech) if t.order >= count - check.within]
        if check.when == "before_offer":
            first = next((t for t in speech if self._offers.search(t.text)), None)
            return [t for t in speech if first is None or t.order <= first.order]
        return speech

    def _breach(self, text: str) -> str:
        """The sentence that must not be said; empty where there is none."""
        for sentence in _sentences(text):
            for told in self._breaches.finditer(sentence):
                around = sentence[max(0, told.start() - AROUND) : told.end() + AROUND]
                if not self._not_breaches.search(around):
                    return sentence
        return ""

    def _forbidden_words(self, rep: list[_Turn]) -> str:
        """The sentence with words that a card forbids; empty where there is none."""
        sentences = (sentence for turn in rep for sentence in _sentences(turn.text))
        return next((s for s in sentences if self._forbidden.search(s)), "")


def regraded(score: Score, rubric: Rubric, check_id: str, quote: str) -> Score:
    """The same talk where somebody found that this check was met, by these words."""
    checks = tuple(
        c.model_copy(update={"met": True, "quote": quote, "better": "", "words": ""})
        if c.id == check_id
        else c
        for c in score.checks
    )
    points = {check.id: check.points for check in rubric.checks}
    by = {d: sum(points.get(c.id, 0) for c in checks if c.met and c.dimension == d) for d in POINTS}
    breach = any(c.dimension == "compliance" and not c.met for c in checks)
    overall = sum(by.values())
    return Score(
        overall=min(overall, CAP) if breach else overall,
        **by,
        compliance_breach=breach,
        checks=checks,
        fixes=_fixes(checks, points),
    )


def _one_breath(speech: list[_Turn]) -> list[_Turn]:
    """Without the turns that do everything at once, but for the first."""
    first = next((turn.order for turn in speech if turn.crammed), -1)
    return [turn for turn in speech if not turn.crammed or turn.order == first]


def _evidence(check: Check, text: str) -> Iterator[str]:
    """The sentences of a turn that meet the check."""
    cues, also, unless = pattern(check.cues), pattern(check.also), pattern(check.unless)
    if check.opening:
        text = text[: check.opening]
    if (check.also and not also.search(text)) or (check.when == "after_objection" and unless.search(text)):
        return
    for sentence in _sentences(text):
        if cues.search(sentence) and not unless.search(sentence):
            yield sentence


def _wrong_number(rep: list[_Turn], facts: Sequence[Fact]) -> str:
    """The sentence that gives one of the facts another number."""
    for turn in rep:
        for sentence in _sentences(turn.text):
            for fact in facts:
                told = _number_after(fact, sentence)
                if told is not None and abs(told - fact.value) > 0.005 * abs(fact.value):
                    return sentence
    return ""


def _number_after(fact: Fact, sentence: str) -> float | None:
    names = "|".join(map(re.escape, fact.words))
    found = re.search(
        rf"(?:{names})[^0-9，。！？；]{{0,6}}([0-9]+(?:\.[0-9]+)?)\s*{re.escape(fact.unit)}", sentence
    )
    return float(found[1]) if found else None


def _denied(check: Checked, quote: str, why: str, better: str) -> Checked:
    return check.model_copy(
        update={"met": False, "quote": quote, "better": better, "words": why.format(quote=quote)}
    )


def _verbatim(check: Checked, said: list[tuple[str, str]]) -> Checked:
    """With the quote as it was written; `said` are the turns with their signs made the same, and as they came."""
    for plain, written in said:
        at = plain.find(check.quote) if check.quote else -1
        if at >= 0:
            return check.model_copy(update={"quote": written[at : at + len(check.quote)]})
    return check


def _fixes(checks: Sequence[Checked], points: dict[str, int]) -> tuple[str, ...]:
    """What is worth most first; a breach before everything."""
    missed = sorted((c for c in checks if not c.met), key=lambda c: -points.get(c.id, 100))
    return tuple(f"{c.words}可以这样说：{c.better}" for c in missed[:MOST_FIXES])


def _plain(text: str) -> str:
    return text.translate(SAME)


def _sentences(text: str) -> list[str]:
    return [found.strip() for found in _SENTENCE.findall(text) if found.strip()]


@lru_cache(maxsize=1024)
def _said(text: str) -> frozenset[str]:
    """The pairs of letters of a turn, which every later turn is held against."""
    return frozenset(_pairs(_SIGNS.sub("", text)))


def _pairs(letters: str) -> set[str]:
    return {letters[i : i + 2] for i in range(len(letters) - 1)}
