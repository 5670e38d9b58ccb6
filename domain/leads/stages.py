"""How a lead is followed up, step by step: `config/lead_stages.yaml`. Hours are working hours."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, model_validator

from domain.leads.lead import Lead
from domain.values import Value

Hours = Annotated[float, Field(gt=0, le=2000)]
Words = Annotated[str, Field(min_length=1)]
SLOTS = frozenset({"company", "contact", "rep", "need", "product"})
"""What a sentence may be filled with. One whose slots are not all known is left out."""
OTHER = "其他"


class Stage(Value):
    key: str
    label: Words
    after: tuple[str, ...] = ()
    """Records of these forms bring a lead here."""
    do: Words
    within: Hours
    """So soon it should be done."""
    silent: Hours
    """So long without anything the owner is reminded."""
    say: tuple[Words, ...] = ()
    objections: tuple[Literal["price", "trust", "timing"], ...] = ()
    """What customers object to here: the libraries that are offered."""
    quote: bool = False
    """Whether this is where prices are spoken of: then asking for a quote is offered, with its scenario."""

    @model_validator(mode="after")
    def _fits(self) -> "Stage":
        if self.silent < self.within:
            raise ValueError(f"「{self.label}」多久没动静（silent）不能比多久内做（within）短")
        for words in self.say:
            for name in _slots(words):
                if name not in SLOTS:
                    raise ValueError(f"话里没有 {{{name}}} 可填，可用的是 {'、'.join(sorted(SLOTS))}")
        return self


class LeadStages(Value):
    stages: tuple[Stage, ...] = ()
    """In their order; the first one begins with the first touch. Leads move forward only."""
    manager_after: Hours = 4
    """So long after the owner was reminded in vain his superior is told."""
    not_follow_ups: tuple[str, ...] = ()
    """Forms whose records are no follow-up of anything."""
    lost_days: int = Field(default=90, ge=1)
    """So far back the reasons of losses are counted."""
    lost_reasons: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """A reason → words in which it is told; the first that fits counts."""

    @model_validator(mode="after")
    def _sane(self) -> "LeadStages":
        keys = [stage.key for stage in self.stages]
        if len(set(keys)) != len(keys):
            raise ValueError("阶段（stages）里同一个 key 写了两次")
        if self.stages and self.stages[0].after:
            raise ValueError("第一个阶段从首次联系开始，不用写 after")
        return self

    def of(self, lead: Lead) -> Stage | None:
        """Where it stands; the first stage where its own is there no more."""
        return next((s for s in self.stages if s.key == lead.stage), self.stages[0] if self.stages else None)

    def reached(self, lead: Lead, forms: Sequence[str]) -> Stage | None:
        """The furthest stage to which records of these forms bring it; None where it stands there, or beyond."""
        here = self.of(lead)
        if here is None:
            return None
        beyond = self.stages[self.stages.index(here) + 1 :]
        return next((stage for stage in reversed(beyond) if set(stage.after) & set(forms)), None)

    def reason_of(self, words: str) -> str:
        """Which of the reasons these words tell."""
        return next(
            (label for label, told in self.lost_reasons.items() if any(word in words for word in told)), OTHER
        )


def sentences(stage: Stage, known: dict[str, str]) -> list[str]:
    said = (words for words in stage.say if all(known.get(name) for name in _slots(words)))
    return [words.format_map(known) for words in said]


def _slots(words: str) -> list[str]:
    return [part.partition("}")[0] for part in words.split("{")[1:]]
