"""What is kept of a running flow, what may happen to it, and what follows from that."""

from datetime import datetime
from typing import Literal

from domain.flows.definition import Instant
from domain.values import Value

AskState = Literal["pending", "approved", "rejected", "cancelled", "passed_on"]
RunState = Literal["running", "done", "rejected", "withdrawn", "lapsed"]


class Ask(Value):
    """One person's decision at one step; nobody is asked twice at the same step."""

    step: int
    person: str
    behalf: str = ""
    """For whom he stands in."""
    added_by: str = ""
    """Who wanted his word as well (加签)."""
    state: AskState = "pending"


class Run(Value):
    state: RunState = "running"
    step: int = 0
    asks: tuple[Ask, ...] = ()

    def pending(self, person: str) -> Ask | None:
        return next((a for a in self.at_work if a.person == person and a.state == "pending"), None)

    @property
    def at_work(self) -> tuple[Ask, ...]:
        """The decisions of the step under way."""
        return tuple(a for a in self.asks if a.step == self.step)


# events ---------------------------------------------------------------------------------------------------------


class Started(Value):
    pass


class Decided(Value):
    person: str
    approves: bool


class Added(Value):
    """Somebody who is to decide wants somebody else's word as well."""

    by: str
    person: str


class Overdue(Value):
    """Somebody has not answered in the working time that the step gives him."""

    person: str


class WaitOver(Value):
    pass


class Lapsed(Value):
    pass


class Withdrawn(Value):
    pass


Event = Started | Decided | Added | Overdue | WaitOver | Lapsed | Withdrawn

# effects --------------------------------------------------------------------------------------------------------


class AskFor(Value):
    """Somebody is to decide: keep it, show him the card, remind him in time."""

    ask: Ask


class Close(Value):
    """Somebody need not decide any more."""

    ask: Ask
    state: AskState


class Passed(Value):
    """A step is passed without a question, since this person decided the one before."""

    step: int
    person: str


class Until(Value):
    """Go on when the time has come."""

    step: int
    at: datetime


class Unanswered(Value):
    """Nobody is above the one who does not answer: those who look after the flows have to help."""

    person: str


class Do(Value):
    """One instant step."""

    step: Instant


class Ended(Value):
    state: RunState


Effect = AskFor | Close | Passed | Until | Unanswered | Do | Ended


class Progress(Value):
    run: Run
    effects: tuple[Effect, ...] = ()
