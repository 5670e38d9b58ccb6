"""The way to a customer, being there, and what proves it."""

from datetime import datetime
from typing import Literal

from domain.photos import Before, Printed
from domain.positions import Position
from domain.values import Value


class Heading(Value):
    """Somebody says to which customer he is going now."""

    intent: Literal["heading"] = "heading"
    customer: str
    """His code."""


class GoAnyway(Value):
    """Why somebody goes to a customer of whom he was warned."""

    intent: Literal["go_anyway"] = "go_anyway"
    gate: int
    words: str


class PlanDay(Value):
    """Somebody asks in which order to go to today's customers."""

    intent: Literal["plan_day"] = "plan_day"


class CheckIn(Value):
    """Somebody shared where he is."""

    intent: Literal["check_in"] = "check_in"
    position: Position
    sent_at: datetime | None = None
    """By the platform's or the phone's clock."""
    device: str = ""
    """The phone, where the platform names it."""


class CheckOut(Value):
    """Somebody says that he has left the customer."""

    intent: Literal["check_out"] = "check_out"


class Explain(Value):
    """A rep answers the verdict on his visit."""

    intent: Literal["explain"] = "explain"
    record: int
    words: str
    sha256: str | None = None


class Ruling(Value):
    """A manager accepts or refuses a visit, with his reason."""

    intent: Literal["ruling"] = "ruling"
    record: int
    accepts: bool
    words: str


class Feedback(Value):
    """What may be a customer's opinion of the samples that somebody was asked about."""

    intent: Literal["feedback"] = "feedback"
    record: int
    words: str
    sha256: str | None = None
    customers: tuple[str, ...] = ()
    """The codes of the customers that the words are about."""
    alone: bool = True
    """Whether the words mean nothing else to us."""


class Photo(Value):
    """Somebody sent a picture that is no receipt: a shop front, a shelf, a watermark photo."""

    intent: Literal["photo"] = "photo"
    sha256: str
    kind: str
    """`watermark_photo`, `shelf_photo` or `other`."""
    printed: Printed = Printed()
    goods: tuple[tuple[str, str], ...] = ()
    """Names on a shelf with the price on their tags in yuan, empty where there is none."""
    before: tuple[Before, ...] = ()


class SeenBefore(Value):
    """A receipt was photographed, or sent, before."""

    intent: Literal["seen_before"] = "seen_before"
    before: tuple[Before, ...]
