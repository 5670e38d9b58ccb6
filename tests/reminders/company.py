"""A handful of people and some clocks on one database, with the real rounds, turns and outbox."""

import json
from collections.abc import Callable
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.clock import Clock
from bot.knowledge import Knowledge
from bot.reminder_rounds import ReminderRounds
from domain.schedules.definition import Schedule
from storage.reminders import ReminderRow
from storage.store import Store
from storage.tables import DueRow, OutboxRow, PersonRow

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Held(Knowledge):
    """The shipped rulebook with these schedules."""

    _shipped = Knowledge()

    def __init__(self, schedules: dict[str, Schedule]) -> None:
        self.__dict__ |= self._shipped.__dict__
        self._rules = self._shipped.rulebook.model_copy(update={"schedules": schedules})

    def current(self, session):  # type: ignore[no-untyped-def]
        return self._rules, self._shipped.current(session)[1]


class Working:
    """One working process: looks through the schedules and does what is due. Starting it anew forgets everything."""

    def __init__(self, name: str, store: Store, knowledge: Knowledge, now: Callable[[], datetime]) -> None:
        self.rounds = ReminderRounds(store, knowledge, now, SHANGHAI)
        self.clock = Clock(name, store, knowledge, now, SHANGHAI, lambda: None)

    def run(self) -> None:
        self.rounds.run_once()
        while self.clock.run_once():
            pass


def hire(store: Store, person: str, zone: str | None = None, **also: str | time | None) -> None:
    with store.write() as session:
        session.add(PersonRow(id=person, name=f"员工{person}", wecom_userid=person, timezone=zone, **also))


def reminders(store: Store) -> list[ReminderRow]:
    with store.read() as session:
        rows = list(session.scalars(select(ReminderRow).order_by(ReminderRow.id)))
        session.expunge_all()
        return rows


def messages(store: Store) -> list[tuple[str, datetime, str]]:
    """(person, when it may go out, words) of everything in the outbox."""
    with store.read() as session:
        rows = session.scalars(select(OutboxRow).order_by(OutboxRow.id))
        return [(row.person_id, row.available_at, json.loads(row.content)["text"]) for row in rows]


def failed(store: Store) -> list[str]:
    with store.read() as session:
        return [row.error for row in session.scalars(select(DueRow)) if row.error]
