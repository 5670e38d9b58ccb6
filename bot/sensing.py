"""One file of a message: fetched from the platform, stored by its content, and heard or read once.

All of this is slow and outside any transaction. Bytes that were perceived before are not perceived again.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot import failures
from bot.album import Album
from bot.channels.base import Channel
from domain.messages import Inbound, Media
from nlu.senses.perception import TRANSIENT
from storage.media import MediaStore, keep_perception, media_of, note_media, perception
from storage.photos import Photos
from storage.store import Store

log = logging.getLogger(__name__)

MODEL_SECONDS, MOST_MODEL_SECONDS = 30.0, 600.0
"""A model that cannot be loaded is tried again after half a minute, then after twice as long each time."""
MODEL_PROBLEMS = ("model_missing", "model_broken")


class Senses(Protocol):
    """What perceives. Both answer with the JSON of their result and never raise for a bad file."""

    def hear(self, content: bytes, person_id: str) -> dict[str, Any]: ...

    def read(self, content: bytes, now: datetime) -> dict[str, Any]: ...

    def cannot_hear(self) -> str:
        """Why nothing can be heard now, in English for the administrator; empty where a whole model is in place."""


@dataclass
class Patience:
    """When a model that could not be loaded is tried again, in this process."""

    failures: int = 0
    until: datetime | None = None
    why: str = ""

    def failed(self, now: datetime, why: str) -> None:
        self.failures += 1
        self.why = why
        self.until = now + failures.back_off(
            self.failures, first=MODEL_SECONDS, most=MOST_MODEL_SECONDS, jitter=0
        )

    def worked(self) -> None:
        self.failures, self.until = 0, None

    def holds(self, now: datetime) -> bool:
        return self.until is not None and now < self.until


@dataclass(frozen=True)
class Sensing:
    store: Store
    media: MediaStore
    album: Album
    senses: Senses
    channels: dict[str, Channel]
    now: Callable[[], datetime]
    patience: Patience = field(default_factory=Patience)

    def fetch(self, inbox_id: int, message: Inbound, position: int, media: Media) -> str:
        """The content's hash, once it is stored. Raises DeliveryError."""
        got = self.channels[message.channel].fetch(media)
        sha256 = self.media.put(got.content)
        with self.store.write() as session:
            note_media(
                session,
                inbox_id,
                position,
                sha256,
                size=len(got.content),
                name=got.name or media.name,
                content_type=got.content_type,
                now=self.now(),
            )
        return sha256

    def perceive(
        self, inbox_id: int, sha256: str, message: Inbound, media: Media, person_id: str
    ) -> tuple[str, str]:
        """Perceive one file and keep the result; code and cause of a passing problem, or both empty."""
        sense = "hear" if message.kind == "voice" else "read"
        with self.store.read() as session:
            known = perception(session, sha256, sense) is not None
        if known:
            if sense == "read":
                with self.store.write() as session:
                    self.album.sent_again(session, inbox_id, sha256, person_id, message.sent_at)
            return "", ""
        now = self.now()
        result = (
            self._hear(sha256, person_id)
            if sense == "hear"
            else self.senses.read(self.media.get(sha256), now)
        )
        problem = str(result.get("problem") or "")
        if problem in TRANSIENT:
            # The platform's own transcript is better than waiting for a model that nobody may ever install.
            return ("", "") if media.recognition else (problem, str(result.get("why", problem)))
        fingerprint = result.pop("fingerprint", None)
        earlier = self.album.earlier(fingerprint, sha256, person_id, result) if fingerprint else []
        with self.store.write() as session:
            keep_perception(session, sha256, sense, result, now)
            if fingerprint:
                self.album.keep(session, fingerprint, sha256)
                Photos(session).note_sent(inbox_id, sha256, person_id, message.sent_at, earlier)
        return "", ""

    def _hear(self, sha256: str, person_id: str) -> dict[str, Any]:
        if self.patience.holds(self.now()):
            return {"problem": "model_broken", "why": self.patience.why}
        result = self.senses.hear(self.media.get(sha256), person_id)
        if result.get("problem") == "model_broken":
            self.patience.failed(self.now(), str(result.get("why")))
            log.error("the speech model cannot be used: %s", self.patience.why)
        elif result.get("problem") not in TRANSIENT and self.patience.failures:
            self.patience.worked()
        return result

    def heard(self, inbox_id: int) -> str:
        """What was said in a voice note."""
        with self.store.read() as session:
            results = [perception(session, sha256, "hear") for sha256 in media_of(session, inbox_id)]
        return "".join(str(result.get("text") or "") for result in results if result)
