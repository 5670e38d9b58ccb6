"""The daily round of alerts over all customers. However many processes make it, each alert is told once."""

from collections.abc import Callable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bot.knowledge import Knowledge
from bot.post import Cause, Sender, post
from domain.alerts import DAILY
from domain.forms import Rulebook
from handlers import alerts
from handlers.customer_facts import Day
from storage.store import Store

NOT_BEFORE = time(8, 30)
"""By the company's clock: the day's work begins."""


class AlertRounds:
    def __init__(
        self,
        store: Store,
        knowledge: Knowledge,
        now: Callable[[], datetime],
        zone: ZoneInfo,
        posted: Callable[[], None],
    ) -> None:
        self._store = store
        self._knowledge = knowledge
        self._now = now
        self._zone = zone
        self._posted = posted
        self._done: tuple[date, str] | None = None

    def run_once(self) -> int:
        """Make today's round where it is time and this process has not made it under the rules in force.

        Looks in a reading session, which holds nobody up, and tells in one short transaction an alert.
        """
        now = self._now()
        local = now.astimezone(self._zone)
        if local.time() < NOT_BEFORE:
            return 0
        with self._store.read() as session:
            rules, lexicon = self._knowledge.current(session)
            if self._done == (local.date(), rules.version):
                return 0
            fired = list(alerts.over_customers(session, rules, lexicon, Day(local.date(), self._zone), DAILY))
        told = sum(self._tell(one, rules, now) for one in fired)
        self._done = (local.date(), rules.version)
        if told:
            self._posted()
        return told

    def _tell(self, fired: alerts.Fired, rules: Rulebook, now: datetime) -> int:
        period = fired.alert.period(fired.facts, now.astimezone(self._zone).date())
        cause = Cause(f"alert:{fired.alert.key}:{fired.subject}:{period}", now, self._zone)
        with self._store.write() as session:
            reply = alerts.told(session, [fired], rules, now, self._zone)
            post(session, reply, Sender(""), cause)
        return len(reply.outgoing)
