"""A role-play: whom the learner talks to, what that person keeps to himself, and how far the talk has come.

Scenes and lines are data that trainers write (`config/coaching`); `coaching.roleplay` plays them.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from domain.coaching import ObjectionType, Persona
from domain.values import Value

Act = Literal[
    "ack", "ask", "value", "proof", "answer", "commit", "next_step", "concede", "argue", "breach", "noise"
]
"""What a turn of the learner does. A turn may do several; `noise` is no speech at all: keywords, the same again,
words meant for whoever scores."""

Mode = Literal["train", "exam"]
Outcome = Literal["", "won", "lost", "stopped"]

FEWEST = 4
"""Ways to say one thing: fewer would come round again within one talk."""
Lines = Annotated[tuple[str, ...], Field(min_length=FEWEST)]

LineKey = Literal[
    "opening", "soften", "evade", "vague", "again", "nudge", "unclear", "wants_ack", "wants_ask", "wants_answer",
    "wants_proof", "bridge", "settled", "ready", "too_soon", "hesitate", "cold", "not_mine", "squeeze", "harden",
    "doubtful", "won", "arranged", "lost", "late",
]  # fmt: skip
HintKey = Literal[
    "discover", "ack", "ask", "answer", "proof", "secret", "close", "arrange", "warm", "breach", "argue",
    "concede", "noise",
]  # fmt: skip


class Secret(Value):
    """Something that the customer tells only who asks for it."""

    topic: str
    """What it is about, as the learner is told afterwards: 走货."""
    ask: tuple[str, ...] = Field(min_length=1)
    """Cues of the question that brings it out."""
    words: tuple[str, ...] = Field(min_length=1)
    """What gives it away: in every `tell`, and in no other line of the scene."""
    tell: Lines
    mood: int = Field(default=-2, ge=-2, le=2)
    """Below this mood he does not say it, whoever asks."""


class Doubt(Value):
    """One objection, with the ways to say it. `own` is said first where it stands."""

    say: Lines
    own: str = ""
    settled: tuple[str, ...] = ()
    """What he says once it is met; the common lines where there is nothing."""


class Scene(Value):
    id: str
    label: str
    type: ObjectionType
    words: tuple[str, ...] = ()
    """What somebody calls it who asks for it: 涨价, 续约."""
    script: str = ""
    """The set of quote scripts whose facts hold."""
    situation: str
    """What the learner knows when he begins."""
    goal: str
    persona: Persona
    opening: tuple[str, ...] = ()
    secrets: tuple[Secret, ...] = Field(min_length=1)
    doubts: tuple[Doubt, ...] = Field(min_length=1)
    won: tuple[str, ...] = ()
    """What he says when he agrees; the common lines where there is nothing."""
    better: tuple[str, ...] = ()
    """What would have been the better move, told at the end."""

    def lines_but(self, told: Secret) -> tuple[str, ...]:
        """Every line of the scene that is not this secret."""
        doubts = (line for d in self.doubts for line in (d.own, *d.say, *d.settled))
        others = (line for s in self.secrets if s is not told for line in s.tell)
        return (self.situation, self.goal, *self.opening, *self.won, *doubts, *others)


class Topic(Value):
    """Questions that bring out a hidden fact of a lost deal, by the names that such facts have there."""

    names: tuple[str, ...] = Field(min_length=1)
    ask: tuple[str, ...] = Field(min_length=1)


class ActWords(Value):
    """How an act is recognised: by the checks of the rubric, by cues of its own, by likeness to examples."""

    checks: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


class Level(Value):
    label: str
    doubts: int = Field(ge=1)
    """How many objections he raises."""
    needs: tuple[tuple[Act, ...], ...] = Field(min_length=1)
    """What meets an objection: one act of each group, shown after it was raised."""
    secrets: int = Field(ge=0)
    """How many hidden facts must be known before he agrees."""
    mood: int = Field(ge=-2, le=2)
    """The mood in which he agrees."""
    patience: int
    """Added to the persona's."""


class RolePlay(Value):
    """What all scenes have in common."""

    acts: dict[Act, ActWords]
    levels: tuple[Level, ...] = Field(min_length=1)
    lines: dict[LineKey, Lines]
    hints: dict[HintKey, Annotated[tuple[str, ...], Field(min_length=2)]]
    doubts: dict[ObjectionType, Annotated[tuple[Doubt, ...], Field(min_length=3)]]
    """What customers of lost deals object, beside their own first words."""
    tell: Lines
    """How a hidden fact of a lost deal is told: `实话跟你说，{fact}。`"""
    topics: tuple[Topic, ...]
    goal: str
    """The learner's goal in a lost deal."""

    @model_validator(mode="after")
    def _complete(self) -> "RolePlay":
        for name, wanted, given in (
            ("lines", LineKey, self.lines),
            ("hints", HintKey, self.hints),
        ):
            missing = [key for key in wanted.__args__ if key not in given]  # type: ignore[attr-defined]
            if missing:
                raise ValueError(f"{name} 里还缺 {'、'.join(missing)}")
        if any("{fact}" not in line for line in self.tell):
            raise ValueError("tell 的每一句都要有 {fact}")
        return self


class Play(Value):
    """Where a talk stands. What was said stands beside it, turn by turn."""

    level: int
    """Index into the levels."""
    mood: int
    patience: int
    turn: int = 0
    """Turns of the learner so far."""
    doubt: int = -1
    """Index of the objection under discussion; -1 before the first, and the number of them after the last."""
    shown: tuple[Act, ...] = ()
    """What the learner did since it was raised."""
    told: tuple[int, ...] = ()
    """Indices of the secrets that came out."""
    outcome: Outcome = ""
