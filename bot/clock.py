"""The clock: what falls due becomes a turn, once, however many clocks there are."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot import failures
from bot.knowledge import Knowledge
from bot.post import Cause, Sender, post
from coaching.coach import Coach
from domain.intents.events import Due
from handlers import conversation
from handlers.due import GOES_ON
from handlers.turn import Turn, nobody_teaches
from storage import conversations
from storage.claims import LeaseLost, finish, take
from storage.conversations import Overtaken
from storage.store import Store
from storage.tables import DueRow
from storage.work import work_of

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
MOST_AT_ONCE = 20


@dataclass(frozen=True)
class Clock:
    name: str
    store: Store
    knowledge: Knowledge
    now: Callable[[], datetime]
    zone: ZoneInfo
    posted: Callable[[], None]
    daily: Callable[[datetime], None] = lambda _now: None
    """What is nobody's turn: told the time at each look, it knows itself when its day has come."""
    coach: Callable[[], Coach] = nobody_teaches

    def run_once(self) -> int:
        """Do what is due. Returns how many things there were."""
        rows = take(
            self.store,
            DueRow,
            worker=self.name,
            now=self.now(),
            lease=LEASE,
            limit=MOST_AT_ONCE,
            in_lanes=False,
        )
        self.daily(self.now())
        for row in rows:
            try:
                self._turn(row)
            except (LeaseLost, Overtaken) as passing:
                log.info("due %s: %s", row["id"], passing)
            except Exception:
                self._failed(row, failures.bug(f"due {row['id']} {row['name']}"))
        if rows:
            self.posted()
        return len(rows)

    def _turn(self, row: dict[str, Any]) -> None:
        now = self.now()
        with self.store.write() as session:
            rulebook, lexicon = self.knowledge.current(session)
            work = work_of(session, who="clock", now=now, inbox_id=None)
            known = work.people.ever(row["person_id"])
            person = known if known and (known.active or row["name"] in GOES_ON) else None
            if person is not None:
                dialogue, version = conversations.load(session, person.id)
                turn = Turn(
                    now,
                    self.zone,
                    person,
                    "",
                    None,
                    dialogue,
                    rulebook,
                    lexicon,
                    work,
                    coach=self.coach,
                )
                due = Due(
                    name=row["name"],
                    subject=row["subject"],
                    payload=row["payload"],
                    attempt=row["attempts"],
                )
                reply = conversation.decide((due,), turn)
                post(session, reply, Sender(person.id), Cause(f"due{row['id']}", now, self.zone))
                if turn.dialogue != dialogue:
                    conversations.save(session, person.id, turn.dialogue, read_version=version, now=now)
            finish(session, DueRow, row["id"], worker=self.name, state="done")

    def _failed(self, row: dict[str, Any], reference: str) -> None:
        again = row["attempts"] < failures.MOST_ATTEMPTS
        wait = failures.back_off(row["attempts"], first=5)
        with self.store.write() as session:
            finish(
                session,
                DueRow,
                row["id"],
                worker=self.name,
                state="pending" if again else "failed",
                available_at=self.now() + wait,
                error=reference,
            )
