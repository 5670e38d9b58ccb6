"""What reps learn from: objection cards, lost deals, quote scripts, and the rubric that practice is scored by.

All of it is data that trainers write; `config.library` reads and checks it.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from domain.values import Value

ObjectionType = Literal["price", "trust", "timing"]
Speaker = Literal["rep", "customer"]
Dimension = Literal["listening", "discovery", "value", "objection", "advance"]

POINTS: Mapping[Dimension, int] = {
    "listening": 20,
    "discovery": 20,
    "value": 25,
    "objection": 15,
    "advance": 20,
}
"""What each dimension is worth; together 100."""

BLANKS = frozenset({"product", "competitor", "customer", "contact"})
_BLANK = re.compile(r"\{([^{}|]*)(?:\|([^{}]*))?\}")


def filled(words: str, known: Mapping[str, str]) -> str:
    """The words with each `{name|fallback}` replaced by what is known, else by its fallback."""
    return _BLANK.sub(lambda m: known.get(m[1]) or m[2] or "", words)


def wrong_blanks(words: str) -> list[str]:
    """The blanks that nothing can fill, or that have nothing to say where it is unknown."""
    return [m[0] for m in _BLANK.finditer(words) if m[1] not in BLANKS or not m[2]]


class ObjectionCard(Value):
    """How to meet one objection. All texts are Chinese, as the rep reads them."""

    id: str
    """Begins with the type of its library: `price_margin`."""
    line: str
    """One thing to say; may hold blanks (`{product|这款}`)."""
    question: str
    """One question to ask then."""
    fact: str
    proof: str
    """What can be shown to the customer."""
    forbidden: tuple[str, ...] = Field(min_length=1)
    """What must not be said; said in practice, it is a breach."""
    triggers: tuple[str, ...] = Field(min_length=8, max_length=15)
    """How customers put it."""

    @property
    def type(self) -> str:
        return self.id.partition("_")[0]


class ObjectionLibrary(Value):
    type: ObjectionType
    cards: tuple[ObjectionCard, ...] = Field(min_length=12)


class Spoken(Value):
    """One turn of a talk. Written in a file as `rep: …` or `customer: …`."""

    who: Speaker
    text: str

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: Any) -> Any:
        if isinstance(data, dict) and len(data) == 1:
            ((who, text),) = data.items()
            return {"who": who, "text": text}
        return data


class Persona(Value):
    name: str
    role: str
    mood: int = Field(ge=-2, le=2)
    """From -2 (annoyed) to 2 (friendly) when the talk begins."""
    patience: int = Field(ge=2, le=10)
    """How many moves that lead nowhere are put up with."""
    decides: bool


class LostCase(Value):
    """A deal that was lost, and what would have been better. Invented for practice, true to the trade."""

    id: str
    type: ObjectionType
    background: str
    lost_to: str
    turning_point: int = Field(ge=1)
    """The turn of the transcript, counted from 1, that lost it."""
    why_lost: tuple[str, ...] = Field(min_length=1)
    better_move: tuple[str, ...] = Field(min_length=1)
    persona: Persona
    hidden_facts: dict[str, str] = Field(min_length=1)
    """What the customer tells only who asks for it."""
    transcript: tuple[Spoken, ...] = Field(min_length=8, max_length=14)

    @model_validator(mode="after")
    def _turns_inside(self) -> "LostCase":
        if self.turning_point > len(self.transcript):
            raise ValueError(f"turning_point 是 {self.turning_point}，可是对话只有 {len(self.transcript)} 句")
        return self


class Fact(Value):
    """A number that a rep may state in practice: `{name: 到店价, words: [到店价, 供价], value: 42, unit: 元}`."""

    name: str
    words: tuple[str, ...] = Field(min_length=1)
    value: float
    unit: str


class Step(Value):
    stage: str
    say: tuple[str, ...] = Field(min_length=1)


class QuoteScript(Value):
    """How a quote is led in one situation. Its facts are for practice and no policy of anybody."""

    id: str
    label: str
    when: str
    facts: tuple[Fact, ...] = ()
    steps: tuple[Step, ...] = Field(min_length=3)
    give_get: tuple[str, ...] = Field(min_length=1)
    """What is asked for in exchange for what is given."""
    floor: str
    """What is not given without somebody's word."""
    forbidden: tuple[str, ...] = Field(min_length=1)


When = Literal["anywhere", "after_objection", "after_customer", "before_offer", "late"]


class Check(Value):
    """One yes/no question about a practice talk."""

    id: str
    label: str
    dimension: Dimension
    points: int = Field(ge=1)
    when: When = "anywhere"
    """Where it counts: in the answer to an objection, in the answer to any words of the customer, before the rep
    offers anything, or in his last turns."""
    within: int = Field(default=1, ge=1)
    """How many of the rep's turns after the objection, or from the end."""
    echoes: bool = False
    """Also met by a word of the customer's last words, taken up in a sentence of the rep's own."""
    opening: int = 0
    """Only the first letters of the turn are looked at; 0 for all of it."""
    cues: tuple[str, ...] = Field(min_length=1)
    also: tuple[str, ...] = ()
    """Cues of which one must be in the same turn as well."""
    unless: tuple[str, ...] = ()
    """Cues that make the turn no evidence."""
    better: str
    """One sentence that would have met it."""


class Rubric(Value):
    offers: tuple[str, ...] = Field(min_length=1)
    """Cues of an offer: discovery comes before it."""
    breaches: tuple[str, ...] = Field(min_length=1)
    not_breaches: tuple[str, ...] = ()
    begging: tuple[str, ...] = Field(min_length=1)
    """Words meant for whoever scores rather than for the customer."""
    small_words: str
    """Letters that every real sentence has some of, and a list of keywords has none of."""
    checks: tuple[Check, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _hundred(self) -> "Rubric":
        for dimension, points in POINTS.items():
            found = sum(c.points for c in self.checks if c.dimension == dimension)
            if found != points:
                raise ValueError(f"{dimension} 的分数加起来是 {found}，应当是 {points}")
        return self


class Synonyms(Value):
    concepts: dict[str, tuple[str, ...]]
    """A notion → the colloquial ways to say it."""
    asides: tuple[str, ...] = ()
    """What a rep says around the customer's words: they tell nothing of the objection."""
    tones: tuple[str, ...] = ()
    """Words that objections are made with; a text without any must fit a card better to count."""
    settled: tuple[str, ...] = ()
    """Cues of the opposite of an objection: a text that has one is none."""
    plain: tuple[str, ...] = ()
    """Texts that are no objection; what is more like one of them than like any trigger is none either."""
