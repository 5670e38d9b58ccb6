"""Workers take messages from the inbox: first their media are perceived, then each has its turn, in order.

A turn is one transaction. It holds the conversation's state, the records, the due times, the outbox rows and the
end of the inbox row; a worker that dies before the commit leaves nothing but a lease that runs out.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from bot import failures
from bot.knowledge import Knowledge
from bot.post import Cause, Sender, post, settle
from coaching.coach import Coach
from domain.dialogue import Dialogue
from domain.messages import Inbound
from domain.papers import InvoicePolicy
from domain.people import Person
from handlers import conversation, lead_told
from handlers.known_companies import KnownCompanies
from handlers.turn import Arrival, Perceived, Reply, Turn, View, nobody_teaches, say
from handlers.view import look
from storage import conversations
from storage.claims import LeaseLost, finish, take
from storage.conversations import Overtaken
from storage.delivery import keep_handle
from storage.media import media_of, perception
from storage.photos import Photos
from storage.store import Store
from storage.tables import InboxRow
from storage.work import work_of

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
MOST_AT_ONCE = 16
MOST_OVERTAKEN = 5
PERCEIVED = (col(InboxRow.stage) == "turn",)
SENSE_OF = {"voice": "hear"}
"""Which sense perceives the media of which kind of message; everything else is read."""


@dataclass(frozen=True)
class Worker:
    name: str
    store: Store
    knowledge: Knowledge
    now: Callable[[], datetime]
    zone: ZoneInfo
    posted: Callable[[], None]
    """Called after each commit, so that the courier need not wait for its next look."""
    policy: InvoicePolicy = field(default_factory=InvoicePolicy)
    coach: Callable[[], Coach] = nobody_teaches
    public_url: str = ""
    companies: KnownCompanies = field(default_factory=KnownCompanies)

    def run_once(self) -> int:
        """Give a turn to each of the oldest messages that may have one. Returns how many there were."""
        rows = take(
            self.store,
            InboxRow,
            worker=self.name,
            now=self.now(),
            lease=LEASE,
            limit=MOST_AT_ONCE,
            where=PERCEIVED,
        )
        for row in rows:
            self._take(row)
        if rows:
            self.posted()
        return len(rows)

    def _take(self, row: dict[str, Any]) -> None:
        try:
            for _ in range(MOST_OVERTAKEN):
                try:
                    self.turn(row)
                    return
                except Overtaken:
                    continue
            self._give_back(row, timedelta(seconds=1), "overtaken by other turns of the same person")
        except LeaseLost as lost:
            log.warning("%s", lost)
        except DBAPIError as error:
            log.warning("inbox %s: the database refused the turn: %s", row["id"], type(error.orig).__name__)
            self._give_back(row, timedelta(seconds=1), type(error.orig).__name__)
        except Exception:
            self._bug(row)

    def turn(self, row: dict[str, Any]) -> None:
        """One message, from understanding to commit. Raises Overtaken, LeaseLost and whatever a bug raises."""
        now = self.now()
        with self.store.read() as session:
            arrival = _arrival(session, row)
            view = look(session, arrival, self.knowledge.current(session), now.astimezone(self.zone))
            if lead_told.is_near(view):
                self.companies.refresh(
                    session
                )  # here: inside the turn's transaction everybody would wait for it
        intents = conversation.understand(arrival, view)
        with self.store.write() as session:
            turn = self._begin(session, arrival, view, now)
            reply = conversation.decide(intents, turn)
            self._commit(session, row, arrival.message, turn, view, reply)
            changed = session.info.get("master_data_changed")
        if changed:
            self.knowledge.look_again()

    def _begin(self, session: Any, arrival: Arrival, view: View, now: datetime) -> Turn:
        message = arrival.message
        if message.action and message.action.handle:
            keep_handle(session, message.channel, message.action.card, message.action.handle, now)
        person = view.person or Person(id=f"{message.channel}:{message.sender}", name="")
        return Turn(
            now=now,
            zone=self.zone,
            person=person,
            channel=message.channel,
            inbox_id=arrival.inbox_id,
            dialogue=view.dialogue,
            rulebook=view.rulebook,
            lexicon=view.lexicon,
            work=work_of(session, who=person.id, now=now, inbox_id=arrival.inbox_id),
            policy=self.policy,
            coach=self.coach,
            public_url=self.public_url,
            companies=self.companies,
            in_force=lambda: self.knowledge.in_force(session),
        )

    def _commit(
        self, session: Any, row: dict[str, Any], message: Inbound, turn: Turn, view: View, reply: Reply
    ) -> None:
        """Everything that the turn leaves behind. The lease is checked last, in the same transaction."""
        # Back to the id as the directory spells it: platforms may fold the case of what they send.
        spelled = view.person.userid(message.channel) if view.person else None
        sender = Sender(turn.person.id, message.channel, spelled or message.sender)
        cause = Cause(f"in{row['id']}", turn.now, self.zone, row["id"])
        post(session, reply, sender, cause)
        settle(session, message, reply, sender, cause)
        done: dict[str, Any] = {"state": "done", "done_at": turn.now, "error": ""}
        if view.person is None and message.sender:
            done["payload"] = "{}"  # of strangers nothing is kept but that they wrote
        elif view.person is not None and turn.dialogue != view.dialogue:
            conversations.save(
                session, turn.person.id, turn.dialogue, read_version=view.version, now=turn.now
            )
        session.flush()
        finish(session, InboxRow, row["id"], worker=self.name, **done)

    def _give_back(self, row: dict[str, Any], wait: timedelta, why: str) -> None:
        try:
            with self.store.write() as session:
                finish(
                    session,
                    InboxRow,
                    row["id"],
                    worker=self.name,
                    state="pending",
                    available_at=self.now() + wait,
                    error=why,
                )
        except (LeaseLost, DBAPIError) as error:
            log.warning("inbox %s stays claimed until its lease ends: %s", row["id"], type(error).__name__)

    def _bug(self, row: dict[str, Any]) -> None:
        """A bug is tried again twice; then the sender gets an apology with the reference that is in the log."""
        reference = failures.bug(f"turn of inbox {row['id']}")
        if row["attempts"] < failures.MOST_ATTEMPTS:
            self._give_back(row, failures.back_off(row["attempts"]), reference)
            return
        now = self.now()
        message = Inbound.model_validate_json(row["payload"])
        try:
            with self.store.write() as session:
                sender = Sender(f"{message.channel}:{message.sender}", message.channel, message.sender)
                person = Person(id=sender.person_id, name="")
                work = work_of(session, who=person.id, now=now, inbox_id=row["id"])
                knowledge = self.knowledge.current(session)
                turn = Turn(
                    now, self.zone, person, message.channel, row["id"], Dialogue(), *knowledge, work=work
                )
                words = say(turn, failures.apology(reference))
                if message.sender:
                    post(session, words, sender, Cause(f"in{row['id']}", now, self.zone, row["id"]))
                finish(
                    session,
                    InboxRow,
                    row["id"],
                    worker=self.name,
                    state="failed",
                    done_at=now,
                    error=reference,
                )
        except (LeaseLost, DBAPIError) as error:
            log.warning("inbox %s: no apology could be sent: %s", row["id"], type(error).__name__)


def _arrival(session: Any, row: dict[str, Any]) -> Arrival:
    message = Inbound.model_validate_json(row["payload"])
    sense = SENSE_OF.get(message.kind, "read")
    perceived = []
    for sha256 in media_of(session, row["id"]) if message.media else ():
        result = perception(session, sha256, sense)
        if result is not None:
            before = Photos(session).before(row["id"], sha256) if sense == "read" else ()
            perceived.append(Perceived(sha256, sense, result, before))
    if not perceived and message.media and message.media[0].recognition:
        platform = {"text": message.media[0].recognition, "engine": message.channel, "words": ""}
        perceived.append(Perceived("", "hear", platform))
    return Arrival(row["id"], message, tuple(perceived), row["problem"], row["suggested"])
