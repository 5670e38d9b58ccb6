"""Perception: files are fetched from the platform, stored by content, and heard or read, before their message's turn.

What is done with a single file is in `bot/sensing.py`.
A voice note for which there is no model, or none that can be loaded, waits (`waiting`): its sender is told once, and
it no longer holds up what he says next. `wake_waiting` gives the notes back, the oldest first, once a model is there.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, bindparam, case, exists, update
from sqlmodel import col, select

from bot import failures
from bot.post import Cause, Sender, post
from bot.sensing import MODEL_PROBLEMS, Sensing
from domain.cards import Text
from domain.errors import DeliveryError
from domain.messages import Inbound
from domain.people import Person
from handlers.turn import Outgoing, Reply
from storage.claims import LeaseLost, finish, table_of, take
from storage.media import media_of
from storage.people import People
from storage.store import Store
from storage.tables import InboxRow

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=8)
"""Longer than fetching one item and perceiving two, since another may be in the worker's hands first."""

MOST_ATTEMPTS = 3
FAILED_AGAIN = timedelta(seconds=2)
WAITING = "语音收到了，已经存好。语音识别还没有准备好，准备好后我会接着处理；急的话先打字告诉我。"
GONE = "这个文件没能从{channel}取下来（{why}），请重新发一次。"
NOT_HEARD = "这段语音我听了几次都没听成，是我这边的故障。请过一会儿重新录一遍，或者直接打字告诉我。"
NOT_READ = "这个文件我看了几次都没看成，是我这边的故障。请过一会儿重新拍一张，或者直接打字告诉我。"
CHANNEL_NAMES = {"wecom": "企业微信", "dingtalk": "钉钉"}


@dataclass(frozen=True)
class Perceiver:
    name: str
    store: Store
    files: Sensing
    now: Callable[[], datetime]
    zone: ZoneInfo
    perceived: Callable[[], None]
    """Called when a message is ready for its turn."""
    suggest: Callable[[str, Person], str] | None = None
    """What a language model points at in somebody's words; None where none is configured."""

    def run_once(self, sense: str = "") -> int:
        """Perceive the oldest message in which there is something to perceive; with `sense` (hear, read, suggest)
        only what is heard, or read, or shown to a language model.

        One message a person and sense at a time: whoever sends thirty notes at once does not keep the others
        waiting for all of them. Returns how many messages there were (0 or 1).
        """
        rows = take(
            self.store,
            InboxRow,
            worker=self.name,
            now=self.now(),
            lease=LEASE,
            limit=1,
            where=_for(sense),
            in_lanes=False,
        )
        for row in rows:
            try:
                self._perceive(row)
            except LeaseLost as lost:
                log.warning("%s", lost)
            except Exception:
                reference = failures.bug(f"perception of inbox {row['id']}")
                words = NOT_HEARD if row["kind"] == "voice" else NOT_READ
                self._again(row, reference, failures.back_off(row["attempts"]), words)
        return len(rows)

    def wake_waiting(self) -> int:
        """Give the notes that waited for a model back to perception, once there is one. Returns how many.

        While loading it keeps failing, only the oldest note is given back, to try.
        """
        now = self.now()
        if self.files.senses.cannot_hear() or self.files.patience.holds(now):
            return 0
        waiting = select(InboxRow.id).where(col(InboxRow.state) == "waiting").order_by(col(InboxRow.id))
        chosen = waiting.limit(1) if self.files.patience.failures else waiting
        woken = (
            update(InboxRow)
            .where(col(InboxRow.id).in_(chosen), col(InboxRow.state) == "waiting")
            .values(state="pending", available_at=now, attempts=0)
        )
        with self.store.write() as session:
            return session.execute(woken).rowcount  # type: ignore[attr-defined, no-any-return]

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
                    sha256 = self.files.fetch(row["id"], message, position, media)
                except DeliveryError as error:
                    return self._not_fetched(row, message, error)
            failing = self.files.patience.failures
            problem, why = self.files.perceive(row["id"], sha256, message, media, person.id)
            if failing and not self.files.patience.failures:
                self.wake_waiting()
            if problem in MODEL_PROBLEMS:
                return self._wait_for_model(row, message, person, why)
            if problem:
                words = NOT_HEARD if message.kind == "voice" else NOT_READ
                return self._again(row, problem, FAILED_AGAIN, words)
        return self._ready(row, suggested=self._suggested(row, message, person))

    def _suggested(self, row: dict[str, Any], message: Inbound, person: Person) -> str:
        if self.suggest is None:
            return ""
        words = message.text or self.files.heard(row["id"])
        return self.suggest(words, person) if words else ""

    def _ready(self, row: dict[str, Any], problem: str = "", suggested: str = "") -> None:
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
                suggested=suggested,
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

    def _again(self, row: dict[str, Any], why: str, wait: timedelta, words: str) -> None:
        """A failure of ours: tried a few times, then the sender is told."""
        if row["attempts"] >= MOST_ATTEMPTS:
            self._ready(row, words)
            return
        self._give_back(row, state="pending", available_at=self.now() + wait, error=why)

    def _wait_for_model(self, row: dict[str, Any], message: Inbound, person: Person, why: str) -> None:
        """Told once for each note: the key of the message says so."""
        now = self.now()
        reply = Reply((Outgoing(person.id, Text(text=WAITING)),))
        sender = Sender(person.id, message.channel, person.userid(message.channel) or message.sender)
        with self.store.write() as session:
            post(session, reply, sender, Cause(f"wait{row['id']}", now, self.zone, row["id"]))
            finish(session, InboxRow, row["id"], worker=self.name, state="waiting", error=why)
        self.perceived()

    def _give_back(self, row: dict[str, Any], **values: Any) -> None:
        with self.store.write() as session:
            finish(session, InboxRow, row["id"], worker=self.name, **values)


def _sense_of(kind: ColumnElement[str]) -> ColumnElement[str]:
    """Which sense perceives a kind of message: a model is asked about typed words, and for nothing else."""
    return case((kind == "voice", "hear"), (kind == "text", "suggest"), else_="read")


@cache
def _for(sense: str) -> tuple[ColumnElement[bool], ...]:
    """What is to be perceived with this sense, or with any; see `claim`."""
    of_sense = (_sense_of(table_of(InboxRow).c.kind) == sense,) if sense else ()
    return (col(InboxRow.stage) == "perceive", *of_sense, ~_in_hand())


def _in_hand() -> ColumnElement[bool]:
    """Whether somebody perceives another message of the same person with the same sense."""
    mine, other = table_of(InboxRow), table_of(InboxRow).alias("other")
    return exists().where(
        other.c.lane == mine.c.lane,
        other.c.stage == "perceive",
        other.c.state == "claimed",
        other.c.lease_until > bindparam("now", type_=other.c.lease_until.type),
        other.c.id != mine.c.id,
        _sense_of(other.c.kind) == _sense_of(mine.c.kind),
    )
