"""Perception: files are fetched from the platform, stored by content, and heard or read, before their message's turn.

All of this is slow and outside any transaction. Bytes that were perceived before are not perceived again.
A voice note for which there is no model waits (`waiting`); it no longer holds up what its sender says next.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlmodel import col

from bot import failures
from bot.album import Album
from bot.channels.base import Channel
from bot.post import Cause, Sender, post
from domain.cards import Text
from domain.errors import DeliveryError
from domain.messages import Inbound, Media
from domain.people import Person
from handlers.turn import Outgoing, Reply
from nlu.senses.perception import TRANSIENT
from storage.claims import LeaseLost, claim, finish
from storage.media import MediaStore, keep_perception, media_of, note_media, perception
from storage.people import People
from storage.photos import Photos
from storage.store import Store
from storage.tables import InboxRow

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
"""Longer than the caps on fetching and perceiving one item together."""

MOST_ATTEMPTS = 3
MODEL_RETRY = timedelta(seconds=30)

WAITING = "语音收到了，已经存好。语音识别还没有准备好，准备好后我会接着处理；急的话先打字告诉我。"
GONE = "这个文件没能从{channel}取下来（{why}），请重新发一次。"
NOT_PERCEIVED = "这个文件我处理了几次都没成功，请换一种方式：重新拍、重新录，或直接打字。"
CHANNEL_NAMES = {"wecom": "企业微信", "dingtalk": "钉钉"}


class Senses(Protocol):
    """What perceives. Both answer with the JSON of their result and never raise for a bad file."""

    def hear(self, content: bytes, person_id: str) -> dict[str, Any]: ...

    def read(self, content: bytes, now: datetime) -> dict[str, Any]: ...

    def can_hear(self) -> bool:
        """Whether a speech model is in place."""


@dataclass(frozen=True)
class Perceiver:
    name: str
    store: Store
    media: MediaStore
    album: Album
    senses: Senses
    channels: dict[str, Channel]
    now: Callable[[], datetime]
    zone: ZoneInfo
    perceived: Callable[[], None]
    """Called when a message is ready for its turn."""

    def run_once(self) -> int:
        """Perceive the media of the oldest message that has some. Returns how many messages there were (0 or 1)."""
        now = self.now()
        with self.store.write() as session:
            rows = claim(
                session,
                InboxRow,
                worker=self.name,
                now=now,
                lease=LEASE,
                limit=1,
                where=(col(InboxRow.stage) == "perceive",),
                in_lanes=False,
            )
        for row in rows:
            try:
                self._perceive(row)
            except LeaseLost as lost:
                log.warning("%s", lost)
            except Exception:
                self._again(
                    row, failures.bug(f"perception of inbox {row['id']}"), failures.back_off(row["attempts"])
                )
        return len(rows)

    def wake_waiting(self) -> int:
        """Give the notes that waited for a model back to perception, once there is one."""
        if not self.senses.can_hear():
            return 0
        with self.store.write() as session:
            waiting = (
                update(InboxRow)
                .where(col(InboxRow.state) == "waiting")
                .values(state="pending", available_at=self.now(), attempts=0)
            )
            return session.execute(waiting).rowcount  # type: ignore[attr-defined, no-any-return]

    def _perceive(self, row: dict[str, Any]) -> None:
        message = Inbound.model_validate_json(row["payload"])
        with self.store.read() as session:
            person = People(session).by_userid(message.channel, message.sender)
            stored = media_of(session, row["id"])
        if person is None:  # of strangers nothing is fetched or kept
            return self._ready(row)
        for position, media in enumerate(message.media):
            if position < len(stored):
                sha256 = stored[position]
            else:
                try:
                    sha256 = self._fetch(row, message, position, media)
                except DeliveryError as error:
                    return self._not_fetched(row, message, error)
            problem = self._sense(row["id"], sha256, message, media, person.id)
            if problem == "model_missing":
                return self._wait_for_model(row, message, person)
            if problem:
                return self._again(
                    row, problem, MODEL_RETRY if problem == "model_broken" else timedelta(seconds=2)
                )
        return self._ready(row)

    def _fetch(self, row: dict[str, Any], message: Inbound, position: int, media: Media) -> str:
        got = self.channels[message.channel].fetch(media)
        sha256 = self.media.put(got.content)
        with self.store.write() as session:
            note_media(
                session,
                row["id"],
                position,
                sha256,
                size=len(got.content),
                name=got.name or media.name,
                content_type=got.content_type,
                now=self.now(),
            )
        return sha256

    def _sense(self, inbox_id: int, sha256: str, message: Inbound, media: Media, person_id: str) -> str:
        """Perceive one file and keep the result; the code of a passing problem, or empty."""
        sense = "hear" if message.kind == "voice" else "read"
        with self.store.read() as session:
            known = perception(session, sha256, sense) is not None
        if known:
            if sense == "read":
                with self.store.write() as session:
                    self.album.sent_again(session, inbox_id, sha256, person_id, message.sent_at)
            return ""
        content = self.media.get(sha256)
        now = self.now()
        result = self.senses.hear(content, person_id) if sense == "hear" else self.senses.read(content, now)
        problem = result.get("problem")
        if problem in TRANSIENT:
            # The platform's own transcript is better than waiting for a model that nobody may ever install.
            return "" if media.recognition else str(problem)
        fingerprint = result.pop("fingerprint", None)
        earlier = self.album.earlier(fingerprint, sha256, person_id, result) if fingerprint else []
        with self.store.write() as session:
            keep_perception(session, sha256, sense, result, now)
            if fingerprint:
                self.album.keep(session, fingerprint, sha256)
                Photos(session).note_sent(inbox_id, sha256, person_id, message.sent_at, earlier)
        return ""

    def _ready(self, row: dict[str, Any], problem: str = "") -> None:
        """The message may have its turn."""
        with self.store.write() as session:
            finish(
                session,
                InboxRow,
                row["id"],
                worker=self.name,
                stage="turn",
                state="pending",
                available_at=self.now(),
                attempts=0,
                problem=problem,
            )
        self.perceived()

    def _not_fetched(self, row: dict[str, Any], message: Inbound, error: DeliveryError) -> None:
        if error.permanent or row["attempts"] >= MOST_ATTEMPTS:
            channel = CHANNEL_NAMES.get(message.channel, message.channel)
            self._ready(
                row, GONE.format(channel=channel, why="可能已过期" if error.permanent else "网络不通")
            )
            return
        wait = timedelta(seconds=error.retry_after or 0) or failures.back_off(row["attempts"], first=2)
        self._give_back(row, state="pending", available_at=self.now() + wait, error=str(error))

    def _again(self, row: dict[str, Any], why: str, wait: timedelta) -> None:
        """A failure of ours: tried a few times, then the sender is told. Model errors don't use up the attempts."""
        if row["attempts"] >= MOST_ATTEMPTS and why != "model_broken":
            self._ready(row, NOT_PERCEIVED)
            return
        self._give_back(row, state="pending", available_at=self.now() + wait, error=why)

    def _wait_for_model(self, row: dict[str, Any], message: Inbound, person: Person) -> None:
        """Told once for each note: the key of the message says so."""
        now = self.now()
        reply = Reply((Outgoing(person.id, Text(text=WAITING)),))
        sender = Sender(person.id, message.channel, person.userid(message.channel) or message.sender)
        with self.store.write() as session:
            post(session, reply, sender, Cause(f"wait{row['id']}", now, self.zone, row["id"]))
            finish(session, InboxRow, row["id"], worker=self.name, state="waiting", error="model_missing")
        self.perceived()

    def _give_back(self, row: dict[str, Any], **values: Any) -> None:
        with self.store.write() as session:
            finish(session, InboxRow, row["id"], worker=self.name, **values)
