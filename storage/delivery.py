"""The outbox and the cards that lie in people's chats."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy import bindparam, delete, func
from sqlmodel import Session, col, select

from domain.cards import Attachment, Card, Content, Markdown, Text
from storage.claims import insert_new, table_of
from storage.prepared import Prepared
from storage.tables import CardHandleRow, OutboxRow, ShownCardRow

CONTENT: TypeAdapter[Content] = TypeAdapter(Content)
KINDS: dict[type, str] = {Text: "text", Markdown: "markdown", Card: "card", Attachment: "attachment"}

OUTBOX = table_of(OutboxRow)
CARDS_ABOUT = Prepared(
    sa.select(
        *(OUTBOX.c[name] for name in ("lane", "card_revision", "closes", "person_id", "channel", "recipient"))
    )
    .where(OUTBOX.c.card_ref == bindparam("ref"), OUTBOX.c.kind == "card")
    .order_by(OUTBOX.c.id)
)


def enqueue(
    session: Session,
    content: Content,
    *,
    key: str,
    person_id: str,
    channel: str,
    recipient: str,
    now: datetime,
    not_before: datetime | None = None,
    inbox_id: int | None = None,
    closes: bool = False,
    fallback: str = "",
) -> None:
    """Have the courier deliver this. A key that was used before changes nothing."""
    card = content if isinstance(content, Card) else None
    row = {
        "key": key,
        "lane": f"{channel}:{recipient}",
        "channel": channel,
        "recipient": recipient,
        "person_id": person_id,
        "kind": KINDS[type(content)],
        "content": content.model_dump_json(),
        "card_ref": card.ref if card else "",
        "card_revision": card.revision if card else 0,
        "closes": closes,
        "fallback": fallback,
        "inbox_id": inbox_id,
        "created_at": now,
        "available_at": not_before or now,
        "state": "pending",
        "attempts": 0,
        "error": "",
        "platform_ref": "",
    }
    insert_new(session, OutboxRow, **row)


def chats_with(session: Session, ref: str, revision: int) -> list[Any]:
    """Every chat in which a card about this thing lies, or will lie, and still has to learn the outcome.

    Cards of the given revision always; cards of other revisions unless they were closed before. Rows with the
    columns of CARDS_ABOUT.
    """
    rows = CARDS_ABOUT.fetch(session, ref=ref)
    closed = {(r.lane, r.card_revision) for r in rows if r.closes}
    sent = {(r.lane, r.card_revision): r for r in rows if not r.closes}
    return [r for key, r in sent.items() if r.card_revision == revision or key not in closed]


def last_card(session: Session, lane: str, ref: str, revision: int) -> OutboxRow | None:
    """The card as it was last sent, or changed, in this chat."""
    query = (
        select(OutboxRow)
        .where(
            func.lower(col(OutboxRow.lane)) == lane.lower(),
            col(OutboxRow.card_ref) == ref,
            col(OutboxRow.card_revision) == revision,
            col(OutboxRow.kind) == "card",
        )
        .order_by(col(OutboxRow.id).desc())
    )
    return session.exec(query).first()


def shown_card(
    session: Session, ref: str, revision: int, person_id: str, channel: str
) -> ShownCardRow | None:
    query = select(ShownCardRow).where(
        col(ShownCardRow.ref) == ref,
        col(ShownCardRow.revision) == revision,
        col(ShownCardRow.person_id) == person_id,
        col(ShownCardRow.channel) == channel,
    )
    return session.exec(query).first()


def remember_shown(session: Session, row: OutboxRow | dict[str, Any], **values: Any) -> None:
    """Note that a card lies in a chat now, or whether it still has buttons."""
    row = row if isinstance(row, dict) else row.model_dump()
    known = shown_card(session, row["card_ref"], row["card_revision"], row["person_id"], row["channel"])
    if known is None:
        known = ShownCardRow(
            ref=row["card_ref"],
            revision=row["card_revision"],
            person_id=row["person_id"],
            channel=row["channel"],
            recipient=row["recipient"],
            card="",
        )
    for name, value in values.items():
        setattr(known, name, value)
    session.add(known)
    session.flush()


def keep_handle(session: Session, channel: str, card: str, handle: str, now: datetime) -> None:
    """Sending the card, or a tap on it, brought a one-time code for changing it."""
    insert_new(session, CardHandleRow, channel=channel, card=card, handle=handle, at=now)


def handles_of(session: Session, channel: str, card: str, since: datetime) -> tuple[str, ...]:
    """The unused codes of a card, the oldest first, so that what is left lasts longest."""
    query = (
        select(CardHandleRow.handle)
        .where(
            col(CardHandleRow.channel) == channel,
            col(CardHandleRow.card) == card,
            col(CardHandleRow.at) > since,
        )
        .order_by(col(CardHandleRow.at), col(CardHandleRow.id))
    )
    return tuple(session.exec(query))


def drop_handles(session: Session, channel: str, card: str, handles: tuple[str, ...]) -> None:
    """These codes are spent."""
    which = (col(CardHandleRow.channel) == channel, col(CardHandleRow.card) == card)
    session.execute(delete(CardHandleRow).where(*which, col(CardHandleRow.handle).in_(handles)))
