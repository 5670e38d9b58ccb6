"""Words about what waits for a decision, and about who decides."""

from datetime import datetime
from typing import Literal

from domain.values import Value


class Reason(Value):
    """The reason for a rejection, in the approver's words."""

    intent: Literal["reason"] = "reason"
    approval: int
    words: str


class Countersign(Value):
    """Whoever is to decide wants somebody else's word as well (加签)."""

    intent: Literal["countersign"] = "countersign"
    people: tuple[str, ...] = ()
    """Whom the words may mean."""
    words: str


class TakeLeave(Value):
    """Somebody will be away, and says who decides for him meanwhile."""

    intent: Literal["take_leave"] = "take_leave"
    start: datetime | None = None
    until: datetime | None = None
    deputies: tuple[str, ...] = ()
    """Whom the words may mean."""
    words: str = ""
    """How the deputy was named; empty where nobody was."""


class LeaveOver(Value):
    """Somebody is back, or does not go."""

    intent: Literal["leave_over"] = "leave_over"


class ApproveAll(Value):
    """Somebody agrees to everything that waits for him and has nothing against it."""

    intent: Literal["approve_all"] = "approve_all"


class Routine(Value):
    """Somebody wrote the word that begins a flow."""

    intent: Literal["routine"] = "routine"
    flow: str


class Resubmit(Value):
    """Somebody wants to hand in again what was rejected last."""

    intent: Literal["resubmit"] = "resubmit"


class Transfer(Value):
    """Somebody wants customers handed over: all of one person's, or one; to nobody where `taker` is empty."""

    intent: Literal["transfer"] = "transfer"
    giver: str = ""
    """As he was named; empty where it is the owner of `customer`."""
    taker: str = ""
    customer: str = ""
    """The code of the only one."""
