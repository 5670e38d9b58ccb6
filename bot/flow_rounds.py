"""Flows that begin by the clock: once on their days, everybody concerned gets a turn."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.knowledge import Knowledge
from domain.flows.definition import Flow
from domain.flows.working_time import OfficeHours, WorkingTime
from nlu.language.holidays import is_workday
from storage.people import People
from storage.reminders import swept_before
from storage.schedule import Schedule
from storage.store import Store

LATE = timedelta(hours=2)
"""What could not begin in time, since nothing ran, is left out after so long."""


class FlowRounds:
    def __init__(
        self, store: Store, knowledge: Knowledge, now: Callable[[], datetime], zone: ZoneInfo
    ) -> None:
        self._store, self._knowledge, self._now, self._zone = store, knowledge, now, zone
        self._done: dict[str, date] = {}

    def run_once(self) -> int:
        """Begin what is due. However many processes do it, everybody has one turn a flow and day."""
        now = self._now().astimezone(self._zone)
        with self._store.read() as session:
            rules, _ = self._knowledge.current(session)
        due = [flow for flow in rules.flows.values() if self._is_due(flow, rules.office, now)]
        return sum(self._begin(flow, now) for flow in due)

    def _is_due(self, flow: Flow, office: OfficeHours, now: datetime) -> bool:
        at = flow.begins.at
        if flow.begins.event != "schedule" or at is None or self._done.get(flow.key) == now.date():
            return False
        planned = datetime.combine(now.date(), at, self._zone)
        if not planned <= now < planned + LATE:
            return False
        working = WorkingTime(office, self._zone, is_workday)
        return not flow.begins.workdays or working.works_on(now.date())

    def _begin(self, flow: Flow, now: datetime) -> int:
        at = flow.begins.at
        assert at is not None
        planned = datetime.combine(now.date(), at, self._zone)
        with self._store.write() as session:
            swept = swept_before(session, "due")
            if swept is not None and planned < swept:  # a clock put back by weeks: who knows what was done
                return 0
            people = People(session).with_role(str(flow.begins.role))
            for person in people:
                Schedule(session).at(planned, "flow_routine", f"routine:{flow.key}:{person.id}", person.id)
        self._done[flow.key] = now.date()
        return len(people)
