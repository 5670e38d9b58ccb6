"""Keeps the copies of to-dos in DingTalk like the records, and the records like what people change there.

Each copy is worked on by whoever holds its row: look at it, carry over what was changed there, then do what is
missing, one call after another, none of them inside a turn's transaction. Before an event or a task is created, that
it is going to be is on record, with the key by which the platform knows a repetition; so a process may die anywhere.
"""

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot import failures
from bot.channels.diary import Diary, Remote
from bot.knowledge import Knowledge
from bot.post import Cause, Sender, post
from domain.errors import DeliveryError
from domain.todo_copies import Content, Seen, Step, content_of, next_step, wanted
from handlers import todo_copies
from handlers.turn import Turn
from storage import conversations
from storage.claims import LeaseLost, take
from storage.people import People
from storage.store import Store
from storage.tables import PersonRow, RecordRow
from storage.todo_copies import TodoCopyRow, copy_of, note, settle
from storage.work import work_of

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=180)
"""Longer than all the calls that one copy may take."""
AT_ONCE = 8
MOST_STEPS = 6
SLOWLY_AFTER = timedelta(days=7)
GIVE_UP_AFTER = timedelta(days=90)
"""A right that the app lacks may take days to be granted, a member weeks to be let into the app's scope."""
HOUR = 3600.0
AT_FIRST = (5.0, 6 * HOUR)
SLOWLY = (HOUR, 24 * HOUR)
"""The first pause before trying again and the longest, in seconds; slowly where the platform refused. Both are dear:
the calls of a month are counted."""

Row = dict[str, Any]


@dataclass(frozen=True)
class TodoCopying:
    name: str
    store: Store
    knowledge: Knowledge
    diary: Diary
    now: Callable[[], datetime]
    zone: ZoneInfo
    posted: Callable[[], None] = lambda: None
    chance: random.Random = field(default_factory=random.Random)

    def run_once(self) -> int:
        """Work on the copies that are due. Returns how many there were."""
        rows = take(
            self.store,
            TodoCopyRow,
            worker=self.name,
            now=self.now(),
            lease=LEASE,
            limit=AT_ONCE,
            in_lanes=False,
        )
        for row in rows:
            try:
                self._bring_together(row)
            except LeaseLost as lost:
                log.warning("%s", lost)
        return len(rows)

    def _bring_together(self, row: Row) -> None:
        before = row["generation"]
        try:
            if row["remote_id"] and row["told"]:
                self._follow(row)
            for _ in range(MOST_STEPS):
                step, userid = self._next(row)
                if step is None:
                    return self._settle(row, state="done", done_at=self.now(), error="")
                self._take(step, userid, row)
            self._settle(row, state="pending", available_at=self.now())
        except DeliveryError as error:
            refused = error.permanent or error.retry_after is not None
            if (
                refused and row["begun_at"] and row["generation"] > before
            ):  # at the first attempt: there is none
                self._note(row, told=None, begun_at=None, holder="")
            self._not_yet(row, error)
        except LeaseLost:
            raise
        except Exception:
            why = "bug " + failures.bug(f"copy {row['id']} of a to-do")
            self._not_yet(row, DeliveryError(why, permanent=row["attempts"] >= failures.MOST_ATTEMPTS))

    # what is missing ----------------------------------------------------------------------------------------------

    def _next(self, row: Row) -> tuple[Step | None, str]:
        """The next step, and in whose calendar it would begin."""
        with self.store.read() as session:
            ours, userid = _ours(session, session.get(RecordRow, row["record_id"]))
        want = wanted(row["kind"], ours)
        return next_step(copy_of(row), want, finished=ours is not None and ours.done), userid

    def _take(self, step: Step, userid: str, row: Row) -> None:
        kind, content = row["kind"], step.content
        if step.do == "drop":
            self._note(row, told=None)
            self.diary.drop(kind, row["holder"], row["remote_id"])
            self._note(row, remote_id="", holder="")
            return
        assert content is not None, f"{step.do} says what it should hold"
        told = content.model_dump()
        if step.do == "begin":
            holder = self.diary.holder(userid)
            self._note(row, generation=row["generation"] + 1, holder=holder, begun_at=self.now(), told=told)
            return
        key = _key(row)
        if step.do == "create":
            forgotten = kind == "event" and self.now() - row["begun_at"] > self.diary.token_lasts
            look_for = self.diary.find_event if forgotten else partial(self.diary.create, kind)
            if made := look_for(key, row["holder"], content):
                self._note(row, remote_id=made, begun_at=None)
            else:  # it was never made: begun anew, if anybody still wants it
                self._note(row, told=None, begun_at=None, holder="")
        else:
            base = Content.model_validate(row["told"])
            self.diary.update(kind, row["holder"], row["remote_id"], base, content)
            self._note(row, told=told)

    # what was changed there ---------------------------------------------------------------------------------------

    def _follow(self, row: Row) -> None:
        """Look at the copy, and let the record follow what was changed in it since both agreed."""
        remote = self.diary.read(row["kind"], row["holder"], row["remote_id"])
        there = self._userid(remote.holder) if remote and remote.holder else ""
        now = self.now()
        with self.store.write() as session:
            record = session.get(RecordRow, row["record_id"], with_for_update=True)
            ours, _ = _ours(session, record)
            want = wanted(row["kind"], ours)
            base = Content.model_validate(row["told"])
            seen = _seen(session, remote, base, there) if remote else None
            if record is not None and want is not None and want.owner == base.owner:
                turn = self._turn(session, record, now)
                with turn.work.attempt():
                    reply = todo_copies.follow(record, base, want, seen, turn)
                cause = Cause(f"copy{row['id']}:{row['wishes']}:{row['attempts']}", now, self.zone)
                post(session, reply, Sender(turn.person.id), cause)
            told = seen.content.model_dump() if seen else None
            gone = {} if seen else {"remote_id": "", "holder": ""}
            session.flush()
            note(session, row, self.name, told=told, **gone)
        self.posted()

    def _turn(self, session: Session, record: RecordRow, now: datetime) -> Turn:
        rulebook, lexicon = self.knowledge.current(session)
        work = work_of(session, who="dingtalk", now=now, inbox_id=None)
        person = work.people.ever(str(record.data.get("owner"))) or work.people.ever(record.reporter_id)
        assert person is not None, "whoever has a copy is a person of the company"
        dialogue, _ = conversations.load(session, person.id)
        return Turn(now, self.zone, person, "", None, dialogue, rulebook, lexicon, work)

    def _userid(self, holder: str) -> str:
        try:
            return self.diary.userid(holder)
        except DeliveryError as error:
            if error.permanent:
                return ""  # nobody of the company
            raise

    # how it ends --------------------------------------------------------------------------------------------------

    def _not_yet(self, row: Row, error: DeliveryError) -> None:
        tried_for = self.now() - row["wanted_at"]
        if tried_for > GIVE_UP_AFTER:
            log.warning("the %s of record %s is given up: %s", row["kind"], row["record_id"], error)
            return self._settle(row, state="failed", done_at=self.now(), error=str(error))
        first, most = SLOWLY if error.permanent or tried_for > SLOWLY_AFTER else AT_FIRST
        wait = failures.back_off(row["attempts"], first=first, most=most, jitter=self.chance.random())
        wait = max(wait, timedelta(seconds=error.retry_after or 0))
        return self._settle(row, state="pending", available_at=self.now() + wait, error=str(error))

    def _note(self, row: Row, **values: Any) -> None:
        with self.store.write() as session:
            note(session, row, self.name, **values)

    def _settle(self, row: Row, **values: Any) -> None:
        with self.store.write() as session:
            settle(session, row, self.name, **values)


def _key(row: Row) -> str:
    """The same for every repetition of one creation and for nothing else, not even in a database that begins anew."""
    return f"xiaofang-{row['record_id']}-{row['created_at']:%y%m%d%H%M%S}-{row['kind']}-{row['generation']}"


def _ours(session: Session, record: RecordRow | None) -> tuple[Content | None, str]:
    """What the record says, and its owner's id in DingTalk; None where it does not stand or he has no DingTalk."""
    if record is None or record.status != "confirmed":
        return None, ""
    ours = content_of(record.data)
    owner = session.get(PersonRow, ours.owner)
    userid = owner.dingtalk_userid if owner and owner.active else None
    return (ours, userid) if userid else (None, "")


def _seen(session: Session, remote: Remote, base: Content, userid: str) -> Seen:
    """An owner whom we do not know is none: then it stays whose it was."""
    person = People(session).by_userid("dingtalk", userid) if userid else None
    owner = person.id if person else base.owner
    return Seen(
        content=Content(title=remote.title, owner=owner, due=remote.due, done=remote.done), at=remote.at
    )
