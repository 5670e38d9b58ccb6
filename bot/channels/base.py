"""What every messenger offers the rest of the house: two verbs out, one stream in.

A channel knows its platform's protocol and nothing of the business. It turns what comes in into
`domain.messages.Inbound` and hands it to `accept`; it turns `domain.cards.Content` into the platform's calls.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from domain.cards import Card, Content
from domain.messages import Inbound, Media

Accept = Callable[[Inbound], Awaitable[bool]]
"""Stores a message durably before it returns; False where the message was here already.

Raises `InboxBusy` where it could not be stored in time: the callback then answers 503 and the platform repeats.
"""


class InboxBusy(Exception):
    """The message could not be stored in time. Nothing was lost: the platform sends it again."""


@dataclass(frozen=True)
class Envelope:
    """One thing to send to one person.

    `key` is stable over every attempt: a platform that knows idempotency keys is given it.
    """

    key: str
    recipient: str
    """The platform's id of the person."""
    content: Content
    attachment: bytes | None = None
    """The bytes of an `Attachment`."""


@dataclass(frozen=True)
class Receipt:
    """What the platform said of a delivery."""

    ref: str = ""
    """The platform's id of what it took: WeCom `msgid`, DingTalk `processQueryKey` or `outTrackId`."""
    handle: str = ""
    """What the platform takes to change the card later, once (WeCom `response_code`)."""
    spent: tuple[str, ...] = ()
    """Handles that were used up, or turned out to be."""
    undelivered: tuple[str, ...] = ()
    """Recipients that did not get it although the call succeeded."""


@dataclass(frozen=True)
class ShownCard:
    """A card as it lies in somebody's chat."""

    recipient: str
    card: str
    """The platform's name for it: WeCom `task_id`, DingTalk `outTrackId`."""
    handles: tuple[str, ...] = ()
    """The one-time codes that are left, to be used in this order."""


@dataclass(frozen=True)
class Download:
    content: bytes
    name: str = ""
    content_type: str = ""


@dataclass(frozen=True)
class Probe:
    """One finding of a channel about its own setup, for `doctor` and `/readyz`."""

    name: str
    ok: bool
    words: str
    """What was found, in Chinese."""
    remedy: str = ""
    details: dict[str, str] = field(default_factory=dict)


class Channel(Protocol):
    """Calls may block for as long as the platform's time-out; they are made from courier and worker threads."""

    name: str
    per_member_minute: int
    """How many messages one member may get in any 60 seconds; 0 = no limit known."""
    per_member_hour: int
    per_app_second: int

    def card_name(self, ref: str, revision: int, recipient: str) -> str:
        """The platform's name for a card, the same whenever it is asked for."""

    def repeatable(self, content: Content) -> bool:
        """Whether sending this again after an unknown outcome shows it once all the same."""

    def messages(self, content: Content) -> int:
        """How many of the platform's messages this becomes; they count one by one against its limits."""

    def send(self, envelope: Envelope) -> Receipt:
        """Send. Raises DeliveryError."""

    def update(self, shown: ShownCard, card: Card) -> Receipt:
        """Change a card that is there. Raises DeliveryError(permanent=True) where the platform cannot."""

    def fetch(self, media: Media) -> Download:
        """The bytes of what somebody sent. Raises DeliveryError; permanent where it is gone."""

    def probe(self) -> list[Probe]:
        """Ask the platform whether credentials, trusted IP and rights are in order. Never raises."""

    def line(self) -> dict[str, str]:
        """How a connection that the channel itself keeps open stands, for /readyz; empty where it keeps none."""

    def close(self) -> None: ...
