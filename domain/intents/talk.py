"""Words about what is open: corrections, answers, the way back."""

from typing import Literal

from domain.intents.records import Question, RecordIntent, Said
from domain.values import Value


class Change(Value):
    """Another value for one field of one record of the open proposal; a value of None takes the field away."""

    index: int
    field: str
    said: Said


class Correct(Value):
    """Somebody puts his open proposal right, or answers its question."""

    intent: Literal["correct"] = "correct"
    proposal: int
    changes: tuple[Change, ...] = ()
    drops: tuple[int, ...] = ()
    """Records of the proposal that are not to be."""
    adds: tuple[RecordIntent, ...] = ()
    """Records that were told together with the answer."""
    question: Question | None = None


class Amend(Value):
    """Somebody puts right what he confirmed a short while ago: the records of his last confirmed proposal."""

    intent: Literal["amend"] = "amend"
    proposal: int
    changes: tuple[Change, ...]


class Skip(Value):
    """Somebody cannot or will not answer the question of his open proposal."""

    intent: Literal["skip"] = "skip"
    proposal: int


class Resume(Value):
    """After something else was answered: back to what is still open."""

    intent: Literal["resume"] = "resume"


class HandOver(Value):
    """Somebody wants to talk to a person instead."""

    intent: Literal["hand_over"] = "hand_over"
    words: str


class Unclear(Value):
    """Words that mean nothing to us as they stand; `customer` is the code of the one customer that they name."""

    intent: Literal["unclear"] = "unclear"
    customer: str | None = None
