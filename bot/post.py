"""From a handler's reply to rows of the outbox: who gets it, on which channel, and not before when."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from domain.cards import Card
from domain.push_times import push_time
from handlers.turn import Reply
from storage.delivery import chats_with, enqueue
from storage.people import People


@dataclass(frozen=True)
class Sender:
    """Whose turn it is, and the way by which an answer reaches him; no channel where the clock began the turn."""

    person_id: str
    channel: str = ""
    userid: str = ""


def post(
    session: Session,
    reply: Reply,
    sender: Sender,
    *,
    cause: str,
    now: datetime,
    zone: ZoneInfo,
    inbox_id: int | None,
) -> None:
    """Put everything of a reply into the outbox. `cause` names the turn: the same turn never posts twice."""
    for number, out in enumerate(reply.outgoing):
        key = f"{cause}:{number}"
        if out.everywhere and isinstance(out.content, Card):
            _close_cards(session, out.content, sender, key=key, now=now, inbox_id=inbox_id)
            continue
        answers = out.to == sender.person_id and sender.channel and not out.unasked
        address = (sender.channel, sender.userid) if answers else People(session).address(out.to)
        if address is None:
            continue  # somebody whom no channel knows; `doctor` lists such people
        channel, recipient = address
        enqueue(
            session,
            out.content,
            key=key,
            person_id=out.to,
            channel=channel,
            recipient=recipient,
            now=now,
            not_before=None if answers else push_time(now, zone, key, scheduled=not sender.channel),
            inbox_id=inbox_id,
        )


def _close_cards(
    session: Session, card: Card, sender: Sender, *, key: str, now: datetime, inbox_id: int | None
) -> None:
    """Show an outcome on every card about the thing; whoever acted is told in words where his cannot be changed."""
    for row in chats_with(session, card.ref, card.revision):
        acted = row.person_id == sender.person_id and row.channel == sender.channel
        enqueue(
            session,
            card.model_copy(update={"revision": row.card_revision}),
            key=f"{key}:{row.lane}:{row.card_revision}",
            person_id=row.person_id,
            channel=row.channel,
            recipient=row.recipient,
            now=now,
            inbox_id=inbox_id,
            closes=True,
            fallback=f"{card.title}：{card.status}" if acted else "",
        )
