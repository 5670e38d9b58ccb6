"""The courier delivers what the outbox holds, one delivery at a time for each recipient, and writes down the outcome.

    sent      the platform took it
    partial   the platform took it for some of the recipients
    unknown   nobody knows, and sending it again could show it twice: it is not sent again
    failed    the platform will never take it, or a day has passed
    pending   not yet: waiting for its time, the platform's limits, or the next attempt

A courier that dies in the middle of a send leaves a claimed row. Whoever takes it over sends it again only where
the platform recognises the repetition (WeCom's duplicate check, DingTalk's outTrackId); otherwise it is unknown.
"""

import logging
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot import failures
from bot.channels.base import Channel, Envelope, Receipt, ShownCard
from domain.cards import Attachment, Card, Content, Text
from domain.errors import DeliveryError
from domain.push_times import push_time
from storage import pace
from storage.claims import LeaseLost, finish
from storage.delivery import (
    CONTENT,
    drop_handles,
    enqueue,
    handles_of,
    keep_handle,
    remember_shown,
    shown_card,
)
from storage.media import MediaStore
from storage.pace import Limits
from storage.store import Store
from storage.tables import OutboxRow

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=90)
"""Longer than the longest time-out of one send, an upload included."""

AT_ONCE = 8
GIVE_UP_AFTER = timedelta(hours=24)
REPEATABLE_FOR = timedelta(hours=3, minutes=50)
"""WeCom remembers a request for four hours at most."""

HANDLE_LASTS = timedelta(hours=72)
"""How long WeCom takes a one-time code of a card."""

PAUSE_FIRST = 60.0
PAUSE_MOST = 600.0


@dataclass(frozen=True)
class Courier:
    name: str
    store: Store
    media: MediaStore
    channels: dict[str, Channel]
    now: Callable[[], datetime]
    zone: ZoneInfo
    threads: ThreadPoolExecutor
    cut: Callable[[bytes, tuple[str, ...]], bytes | None]
    """Places out of a picture, as a picture; None where they cannot be had."""
    chance: random.Random = field(default_factory=random.Random)

    def run_once(self) -> int:
        """Send what may go out now, on all channels at once. Returns how many deliveries there were."""
        return sum(self.threads.map(self._run_channel, self.channels))

    def _run_channel(self, channel: str) -> int:
        way = self.channels[channel]
        limits = Limits(way.per_member_minute, way.per_member_hour, way.per_app_second)
        with self.store.read() as session:
            if not pace.any_due(session, channel, self.now()):
                return 0
        with self.store.write() as session:
            rows = pace.claim_deliveries(
                session,
                channel,
                limits,
                worker=self.name,
                now=self.now(),
                lease=LEASE,
                limit=AT_ONCE,
                weigh=lambda row: way.messages(CONTENT.validate_json(row["content"])),
            )
        with ThreadPoolExecutor(max(1, len(rows))) as senders:
            list(senders.map(self._deliver, rows))
        return len(rows)

    def _deliver(self, row: dict[str, Any]) -> None:
        try:
            channel = self.channels[row["channel"]]
            content = CONTENT.validate_json(row["content"])
            if row["taken_over"] and not self._may_repeat(row, channel, content):
                self._finish(
                    row, "unknown", error="the process that sent it died before the outcome was known"
                )
                return
            receipt = self._send(row, channel, content)
        except DeliveryError as error:
            self._not_delivered(row, error)
        except LeaseLost as lost:
            log.warning("%s", lost)
        except Exception:
            reference = failures.bug(f"delivery of outbox {row['id']}")
            self._not_delivered(row, DeliveryError(f"bug {reference}", permanent=row["attempts"] >= 3))
        else:
            self._delivered(row, content, receipt)

    def _send(self, row: dict[str, Any], channel: Channel, content: Content) -> Receipt:
        if row["closes"] and isinstance(content, Card):
            with self.store.read() as session:
                known = shown_card(
                    session, row["card_ref"], row["card_revision"], row["person_id"], row["channel"]
                )
                if known is None:
                    raise DeliveryError("the card never reached the chat", permanent=True)
                handles = handles_of(session, row["channel"], known.card, self.now() - HANDLE_LASTS)
                lying = ShownCard(known.recipient, known.card, handles)
            return channel.update(lying, content)
        attachment = self._bytes_of(content) if isinstance(content, Attachment) else None
        return channel.send(Envelope(row["key"], row["recipient"], content, attachment))

    def _bytes_of(self, attachment: Attachment) -> bytes:
        whole = self.media.get(attachment.sha256)
        if not attachment.places:
            return whole
        places = self.cut(whole, attachment.places)
        if places is None:
            raise DeliveryError("the evidence could not be cut out of its picture", permanent=True)
        return places

    def _may_repeat(self, row: dict[str, Any], channel: Channel, content: Content) -> bool:
        first = row["first_attempt_at"] or row["created_at"]
        return bool(row["closes"]) or (channel.repeatable(content) and self.now() - first < REPEATABLE_FOR)

    def _delivered(self, row: dict[str, Any], content: Content, receipt: Receipt) -> None:
        nobody = row["recipient"] in receipt.undelivered
        state = "failed" if nobody else "partial" if receipt.undelivered else "sent"
        why = f"not delivered to {', '.join(receipt.undelivered)}" if receipt.undelivered else ""

        def note(session: Session) -> None:
            pace.works(session, row["channel"])
            if isinstance(content, Card) and not nobody:
                self._remember_card(session, row, content, receipt)

        self._finish(row, state, error=why, platform_ref=receipt.ref, also=note)

    def _remember_card(self, session: Session, row: dict[str, Any], card: Card, receipt: Receipt) -> None:
        channel = row["channel"]
        name = self.channels[channel].card_name(card.ref, card.revision, row["recipient"])
        remember_shown(session, row, card=name, open=bool(card.buttons))
        drop_handles(session, channel, name, receipt.spent)
        if receipt.handle:
            keep_handle(session, channel, name, receipt.handle, self.now())

    def _not_delivered(self, row: dict[str, Any], error: DeliveryError) -> None:
        now = self.now()
        channel = self.channels[row["channel"]]
        content = CONTENT.validate_json(row["content"])
        if error.pause_channel:
            self._pause(row, error)
        elif error.maybe_delivered and (error.permanent or not self._may_repeat(row, channel, content)):
            self._finish(row, "unknown", error=str(error))
        elif error.permanent or now - row["created_at"] > GIVE_UP_AFTER:
            self._finish(row, "failed", error=str(error), also=lambda s: self._fall_back(s, row, content))
        else:
            wait = failures.back_off(row["attempts"], first=2, jitter=self.chance.random())
            if error.retry_after:
                wait = max(wait, timedelta(seconds=error.retry_after))
            self._finish(row, "pending", error=str(error), available_at=now + wait)

    def _pause(self, row: dict[str, Any], error: DeliveryError) -> None:
        """The whole app is refused: everything of the channel waits, and the log says so once a pause."""
        now = self.now()

        def until(times: int) -> datetime:
            wait = failures.back_off(times, first=PAUSE_FIRST, most=PAUSE_MOST, jitter=self.chance.random())
            return now + max(wait, timedelta(seconds=error.retry_after or 0))

        def note(session: Session) -> None:
            end = pace.pause(session, row["channel"], str(error), until)
            log.warning("%s paused until %s: %s", row["channel"], end.isoformat("T", "seconds"), error)

        self._finish(row, "pending", error=str(error), available_at=now, also=note)

    def _fall_back(self, session: Session, row: dict[str, Any], content: Content) -> None:
        """The card cannot be changed any more: whoever tapped it learns the outcome in words, others by a new card."""
        now = self.now()
        if row["fallback"]:
            instead: Content = Text(text=row["fallback"])
            not_before = None
        elif row["closes"] and isinstance(content, Card) and not content.buttons:
            name = {
                "ref": f"{content.ref}:outcome",
                "revision": row["id"],
            }  # a card of its own to the platform
            instead = content.model_copy(update=name)
            not_before = push_time(now, self.zone, row["key"])
        else:
            return
        enqueue(
            session,
            instead,
            key=f"{row['key']}:instead",
            person_id=row["person_id"],
            channel=row["channel"],
            recipient=row["recipient"],
            now=now,
            not_before=not_before,
            inbox_id=row["inbox_id"],
        )

    def _finish(
        self,
        row: dict[str, Any],
        state: str,
        *,
        also: Callable[[Session], None] | None = None,
        **values: Any,
    ) -> None:
        """Write the outcome of one delivery, and what follows from it, in one transaction."""
        now = self.now()
        values.setdefault("first_attempt_at", row["first_attempt_at"] or now)
        if state != "pending":
            values["done_at"] = now
        try:
            with self.store.write() as session:
                if also:
                    also(session)
                pace.sent(session, row["id"], now)
                finish(session, OutboxRow, row["id"], worker=self.name, state=state, **values)
        except LeaseLost as lost:
            log.warning("%s", lost)
