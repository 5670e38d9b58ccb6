"""Leads that nobody has are given out: single ones at once, those of the night together when work begins.

However many processes do it, each lead is given once. Planning reads; giving takes short transactions of a few leads.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.knowledge import Knowledge
from bot.post import Cause, Sender, post
from domain.dialogue import Dialogue
from domain.flows.working_time import WorkingTime
from domain.leads.lead import Lead
from domain.people import Person
from handlers import lead_clock, lead_dispatch
from handlers.lead_batches import Assigned, plan
from handlers.turn import Reply, Turn
from nlu.language.holidays import is_workday
from storage import lead_loads
from storage.leads import Leads
from storage.store import Store
from storage.work import work_of

DISPATCHER = Person(id="dispatch", name="小访")
"""In whose turn leads are given out."""
MOST_AT_ONCE = 5000
IN_A_TRANSACTION = 25
AGAIN = timedelta(seconds=30)
"""How long a lead that nobody may be given waits for the next look."""
TOLD_AT_ONCE = 500
"""Leads that nobody may be given, in one message."""
WATCH = timedelta(seconds=60)
"""How often it is looked whether leads lie with people who are away."""


class LeadRounds:
    def __init__(
        self,
        store: Store,
        knowledge: Knowledge,
        now: Callable[[], datetime],
        zone: ZoneInfo,
        posted: Callable[[], None],
    ) -> None:
        self._store, self._knowledge, self._now, self._zone = store, knowledge, now, zone
        self._posted = posted
        self._stuck: tuple[frozenset[str], datetime] | None = None
        self._watched: datetime | None = None
        self._counted: datetime | None = None

    def run_once(self) -> int:
        """Give out what waits, and take from people who are away what waits for them. Returns how many leads moved."""
        now = self._now()
        with self._store.read() as session:
            rules, _ = self._knowledge.current(session)
            waiting = Leads(session, who=DISPATCHER.id, now=now).in_state("new", limit=MOST_AT_ONCE)
        working = WorkingTime(rules.office, self._zone, is_workday)
        self._count(rules.leads.past.days, now)
        moved = self._watch(now)
        if waiting and lead_dispatch.works_now(working, now) and not self._is_stuck(waiting, now):
            moved += self._give_out(waiting, working, now)
        if moved:
            self._posted()
        return moved

    def _count(self, days: int, now: datetime) -> None:
        """Once a day how leads ended, here rather than in the transaction of the first who needs it."""
        today = lead_dispatch.beginning_of_day(now, self._zone)
        if self._counted != today:
            with self._store.read() as session:
                lead_loads.record(session, today - timedelta(days=days), today)
            self._counted = today

    def _is_stuck(self, waiting: list[Lead], now: datetime) -> bool:
        """The same leads as those that found nobody a moment ago."""
        stuck, until = self._stuck or (frozenset(), now)
        return now < until and all(lead.id in stuck for lead in waiting)

    def _give_out(self, waiting: list[Lead], working: WorkingTime, now: datetime) -> int:
        planned, tired = self._planned(waiting, now)
        moved = sum(
            self.give(planned[start : start + IN_A_TRANSACTION], now)
            for start in range(0, len(planned), IN_A_TRANSACTION)
        )
        left = {lead.id for lead in waiting} - {one.lead.id for one in planned}
        self._stuck = (frozenset(left), now + AGAIN) if left else None
        with self._store.read() as session:
            patience = self._knowledge.current(session)[0].leads.first_touch.nobody
        for lead in waiting:
            if lead.id in tired:
                moved += self._alone(lead, lead_dispatch.to_manager, now, "前面的人都没有联系")
        long = [
            lead for lead in waiting if lead.id in left - tired and _waited(lead, working, now) >= patience
        ]
        return moved + sum(
            self._told(long[start : start + TOLD_AT_ONCE], now, f"等了 {patience} 分钟还没有人能接")
            for start in range(0, len(long), TOLD_AT_ONCE)
        )

    def _told(self, leads: list[Lead], now: datetime, why: str) -> int:
        with self._store.write() as session:
            reply = lead_dispatch.nobody(leads, self._turn(session, now), why)
            self._post(session, reply, leads[0], now)
        return len(reply.outgoing)

    def _planned(self, waiting: list[Lead], now: datetime) -> tuple[list[Assigned], set[str]]:
        """Who gets what, and the leads that were given to enough people."""
        with self._store.read() as session:
            rules = self._knowledge.current(session)[0].leads
            desk = lead_dispatch.desk(session, rules, now, self._zone)
            again = [lead.id for lead in waiting if lead.round]
            had = lead_loads.had(session, again) if again else {}
        tired = {lead.id for lead in waiting if lead.round >= rules.first_touch.rounds}
        fresh = [lead for lead in waiting if lead.id not in tired]
        return plan(fresh, desk.reps, rules, desk.record, had), tired

    def give(self, planned: list[Assigned], now: datetime) -> int:
        """How many of these leads it was that gave them, in one transaction with their cards."""
        with self._store.write() as session:
            given = lead_dispatch.give(planned, self._turn(session, now))
            for lead, reply in given:
                self._post(session, reply, lead, now)
        return len(given)

    def _alone(self, lead: Lead, doing: Callable[[Lead, Turn, str], Reply], now: datetime, why: str) -> int:
        with self._store.write() as session:
            reply = doing(lead, self._turn(session, now), why)
            self._post(session, reply, lead, now)
        return len(reply.outgoing)

    def _watch(self, now: datetime) -> int:
        if self._watched is not None and now - self._watched < WATCH:
            return 0
        self._watched = now
        with self._store.read() as session:
            left = lead_loads.left_behind(session, now)
        for lead, gone in left:
            self._alone(
                lead, lead_clock.take_away, now, "原来的负责人离职了" if gone else "原来的负责人请假了"
            )
        return len(left)

    def _turn(self, session: Session, now: datetime) -> Turn:
        rules, lexicon = self._knowledge.current(session)
        work = work_of(session, who=DISPATCHER.id, now=now, inbox_id=None)
        return Turn(now, self._zone, DISPATCHER, "", None, Dialogue(), rules, lexicon, work)

    def _post(self, session: Session, reply: Reply, lead: Lead, now: datetime) -> None:
        """Once for each time that the lead is given: by its round before, or as it was given."""
        cause = Cause(f"lead:{lead.id}:{lead.state}:{lead.round}:{now.isoformat()}", now, self._zone)
        post(session, reply, Sender(""), cause)


def _waited(lead: Lead, working: WorkingTime, now: datetime) -> float:
    return working.between(lead.created_at, now) / timedelta(minutes=1)
