"""What happens without words: taps, the clock, people who come and go."""

from typing import Any, Literal

from pydantic import Field

from domain.messages import Action
from domain.values import Value


class Tap(Value):
    """Somebody tapped a button, or said its word."""

    intent: Literal["tap"] = "tap"
    action: Action


class SignIn(Value):
    """Somebody wants to open the web pages."""

    intent: Literal["sign_in"] = "sign_in"


class Hello(Value):
    """Somebody opened the chat, or was given access to it."""

    intent: Literal["hello"] = "hello"


class Stranger(Value):
    """Somebody wrote who is not in the company's list."""

    intent: Literal["stranger"] = "stranger"


class Renamed(Value):
    """A platform gave somebody another id."""

    intent: Literal["renamed"] = "renamed"
    channel: str
    old: str
    new: str


class Unheard(Value):
    """Something came that could not be turned into words; `words` is what the person is told."""

    intent: Literal["unheard"] = "unheard"
    words: str


class Due(Value):
    """The clock: it is time to do `name` about `subject`."""

    intent: Literal["due"] = "due"
    name: str
    subject: str
    payload: dict[str, Any] = Field(default_factory=dict)
    attempt: int = 1
    """How often it was tried, this time counted."""
