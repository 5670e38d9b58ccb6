"""From a handler's reply to rows of the outbox: who gets it, on which channel, and not before when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from domain.cards import Card
from domain.messages import Inbound
from domain.push_times import USUAL, push_time
from handlers.turn import Outgoing, Reply
from storage.delivery import CONTENT, chats_with, enqueue, last_card
from storage.people import People

TAP_SETTLES = {"dingtalk": timedelta(milliseconds=500)}
"""DingTalk applies the callback's own answer to the tapped card; a change that overtook it would be lost."""


@dataclass(frozen=True)
class Sender:
    """Whose turn it is, and the way by which an answer reaches him; no channel where the clock began the turn."""

    person_id: str
    channel: str = ""
    userid: str = ""


@dataclass(frozen=True)
class Cause:
    """What a reply comes from: `key` names the turn, so that the same turn never posts twice."""

    key: str
    now: datetime
    zone: ZoneInfo
    inbox_id: int | None = None


def post(session: Session, reply: Reply, sender: Sender, cause: Cause) -> None:
    """Put everything of a reply into the outbox. People whom no channel knows are left out; `doctor` lists them."""
    people = People(session)
    for number, out in enumerate(reply.outgoing):
        key = f"{cause.key}:{number}"
        if out.everywhere and isinstance(out.content, Card):
            _change_cards(session, out, out.content, sender, key, cause)
        else:
            _send(session, people, out, sender, key, cause)


def _send(session: Session, people: People, out: Outgoing, sender: Sender, key: str, cause: Cause) -> None:
    answers = out.to == sender.person_id and bool(sender.channel) and not out.unasked
    address = (sender.channel, sender.userid) if answers else people.address(out.to)
    if address is None:
        return
    enqueue(
        session,
        out.content,
        key=key,
        person_id=out.to,
        channel=address[0],
        recipient=address[1],
        now=cause.now,
        not_before=None if answers else _reading_time(people, out, sender, key, cause),
        inbox_id=cause.inbox_id,
    )


def _reading_time(people: People, out: Outgoing, sender: Sender, key: str, cause: Cause) -> datetime:
    """When something that he did not ask for may reach him."""
    reader = people.get(out.to)
    zone, quiet = (reader.zone(cause.zone), reader.quiet) if reader else (cause.zone, USUAL)
    scheduled = not sender.channel and not out.urgent
    return push_time(cause.now, zone, key, scheduled=scheduled, quiet=(quiet,))


def settle(session: Session, message: Inbound, reply: Reply, sender: Sender, cause: Cause) -> None:
    """Give a tapped card its own state back, where the turn did not change it.

    DingTalk's card says "in progress" from the tap on; without this a refused tap would leave it so for ever.
    """
    action = message.action
    if action is None or message.channel not in TAP_SETTLES:
        return
    if any(
        out.everywhere and isinstance(out.content, Card) and out.content.ref == action.ref
        for out in reply.outgoing
    ):
        return
    lane = f"{sender.channel}:{sender.userid}"
    last = last_card(session, lane, action.ref, action.revision)
    if last is not None:
        card = CONTENT.validate_json(last.content)
        assert isinstance(card, Card)
        enqueue(
            session,
            card.model_copy(update={"drawn": card.drawn + 1}),
            key=f"{cause.key}:settle",
            person_id=last.person_id,
            channel=last.channel,
            recipient=last.recipient,
            now=cause.now,
            not_before=cause.now + TAP_SETTLES[message.channel],
            inbox_id=cause.inbox_id,
            closes=True,
        )


def _change_cards(
    session: Session, out: Outgoing, card: Card, sender: Sender, key: str, cause: Cause
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
            now=cause.now,
            not_before=cause.now + TAP_SETTLES[row.channel] if acted and row.channel in TAP_SETTLES else None,
            inbox_id=cause.inbox_id,
            closes=True,
            fallback=f"{card.title}：{card.status}" if acted else "",
        )
