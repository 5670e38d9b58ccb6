"""Words about leads."""

from typing import Literal

from domain.values import Value


class LeadTouched(Value):
    """Somebody tells that he was in touch with a lead of his."""

    intent: Literal["lead_touched"] = "lead_touched"
    lead: str
    words: str
    alone: bool = True
    """Whether the words mean nothing else to us."""


class LeadPass(Value):
    """The reason for which somebody passes a lead on."""

    intent: Literal["lead_pass"] = "lead_pass"
    lead: str
    words: str


class LeadGive(Value):
    """A manager says who is to have the lead that he was told of."""

    intent: Literal["lead_give"] = "lead_give"
    words: str
    """How the person was named."""
    lead: str = ""
    """How the lead was named; empty where it goes without saying."""


LeadEnding = Literal["won", "lost", "pool", "following"]


class LeadEnd(Value):
    """Somebody says how a lead of his ended, gives it back, or goes on with one that ended."""

    intent: Literal["lead_end"] = "lead_end"
    name: str
    how: LeadEnding
    reason: str = ""


class LeadFollowed(Value):
    """Somebody tells that he did something about a lead that he follows up."""

    intent: Literal["lead_followed"] = "lead_followed"
    lead: str
    words: str
    alone: bool = True
    """Whether the words mean nothing else to us."""


class LeadNext(Value):
    """Somebody asks what to do next about a lead; `name` is empty where it goes without saying."""

    intent: Literal["lead_next"] = "lead_next"
    name: str = ""


class LeadLosses(Value):
    """Somebody asks why leads were lost."""

    intent: Literal["lead_losses"] = "lead_losses"
