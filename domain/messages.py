"""What a person sent, in the same words for every messenger."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from domain.positions import Position
from domain.values import Value

Kind = Literal[
    "text",
    "voice",
    "image",
    "file",
    "video",
    "location",
    "link",
    "action",
    "event",
    "unknown",
]

NEEDS_PERCEPTION: frozenset[str] = frozenset({"voice", "image", "file"})


class Media(Value):
    """A file that still lies with the platform. `handle` is what the platform takes to hand it out."""

    handle: str
    name: str = ""
    seconds: float | None = None
    recognition: str = ""
    """The platform's own transcript of a voice note, used only where ours is missing."""


class Action(Value):
    """A tap on a card: which button of which card, and what was selected beside it."""

    button: str
    """The id of the button, e.g. `confirm`, `approve`."""
    ref: str
    """The business reference that the card carries, e.g. `proposal:12`."""
    revision: int = 0
    value: str = ""
    """What the button stands for, where several buttons share an id (a customer's code, say)."""
    selected: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    card: str = ""
    """The platform's name for the card: WeCom `task_id`, DingTalk `outTrackId`."""
    handle: str = ""
    """What the platform takes to change the tapped card: WeCom `response_code`; empty on DingTalk."""


class Inbound(Value):
    """One message or event as it came from a messenger, verified and decrypted.

    `key` is unique within (channel, tenant) and the same for every repetition of the message;
    `raw` is the platform's own payload and is kept, also for kinds that nobody handles yet.
    """

    channel: str
    tenant: str
    key: str
    sender: str
    """The platform's id of the person, folded to lower case where the platform ignores case; may be empty."""
    kind: Kind
    sent_at: datetime
    text: str = ""
    """What was typed; for events the event's name."""
    media: tuple[Media, ...] = ()
    position: Position | None = None
    action: Action | None = None
    raw: dict[str, Any] = Field(default_factory=dict)

    @property
    def lane(self) -> str:
        """Messages of one lane are handled one at a time, in the order of their arrival."""
        return f"{self.channel}:{self.tenant}:{self.sender}"
