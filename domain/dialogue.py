"""What is open between the bot and one person."""

from datetime import datetime, timedelta
from typing import Literal

from domain.values import Value

VISIT_LASTS = timedelta(hours=4)
"""How long a check-in tells which customer the next words are about."""

MatterKind = Literal[
    "proposal",
    "rejection",
    "explanation",
    "acceptance",
    "refusal",
    "word",
    "rulebook",
    "feedback",
    "transfer",
    "lead_pass",
    "gate",
    "practice",
    "case",
    "appeal",
    "quote",
]


class Matter(Value):
    """Something that waits for this person's word: his own proposal, the reason of his rejection, his explanation of a
    visit, his reason for accepting or refusing one, a word to learn, a draft of the rulebook, a customer's opinion of
    samples, customers to hand over, his reason for passing a lead on, why he goes to a customer of whom he was
    warned, a quote that is talked about, his next line in a practice talk, the next answer about a lost deal, or the
    words that he means in an appeal."""

    kind: MatterKind
    id: int
    of: str = ""
    """What it is about, where that has no number: the id of a lead, the time of a quote; of a warning the plan that
    waits for its answer."""


class Dialogue(Value):
    """A stack of open matters, the newest last, and the customer that the talk is about."""

    matters: tuple[Matter, ...] = ()
    customer: str | None = None
    customer_since: datetime | None = None
    check_in: int | None = None
    greeted_on: str = ""

    @property
    def top(self) -> Matter | None:
        return self.matters[-1] if self.matters else None

    def opened(self, kind: MatterKind, matter_id: int, of: str = "") -> "Dialogue":
        """The same dialogue with this matter on top."""
        others = self.closed(kind, matter_id, of).matters
        return self.model_copy(update={"matters": (*others, Matter(kind=kind, id=matter_id, of=of))})

    def beneath(self, kind: MatterKind, matter_id: int, of: str = "") -> "Dialogue":
        """The same dialogue with this matter, the only one of its kind, below all others: words that are for them
        are not for it."""
        others = tuple(m for m in self.matters if m.kind != kind)
        return self.model_copy(update={"matters": (Matter(kind=kind, id=matter_id, of=of), *others)})

    def closed(self, kind: MatterKind, matter_id: int, of: str = "") -> "Dialogue":
        others = tuple(m for m in self.matters if (m.kind, m.id, m.of) != (kind, matter_id, of))
        return self.model_copy(update={"matters": others})

    def without(self, kind: MatterKind, of: str | None = None) -> "Dialogue":
        """Without all matters of a kind, or those about one thing."""
        left = tuple(m for m in self.matters if m.kind != kind or of not in (None, m.of))
        return self.model_copy(update={"matters": left})

    def at(self, customer: str, now: datetime, check_in: int | None = None) -> "Dialogue":
        """The same dialogue at this customer's."""
        return self.model_copy(
            update={"customer": customer, "customer_since": now, "check_in": check_in or self.check_in}
        )

    def current_customer(self, now: datetime) -> str | None:
        """The customer of the visit under way, None once it is too long ago."""
        if self.customer is None or self.customer_since is None or now - self.customer_since > VISIT_LASTS:
            return None
        return self.customer
