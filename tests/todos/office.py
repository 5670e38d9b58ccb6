"""A bot's copying and a local DingTalk over real sockets, without the rest of the house."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from bot import imports
from bot.channels.diary import Diary
from bot.channels.dingtalk.calls import utcnow
from bot.channels.dingtalk.client import DingTalkClient
from bot.channels.dingtalk.config import DingTalkConfig
from bot.channels.dingtalk.diary import DingTalkDiary
from bot.knowledge import Knowledge
from bot.playground.dingtalk import FakeDingTalk
from bot.playground.server import run_platforms
from bot.todo_copying import LEASE, TodoCopying
from domain.messages import Inbound
from handlers.todo_copies import heard_from_platform
from storage.records import Records
from storage.store import Store
from storage.tables import RecordRow
from storage.todo_copies import COPY, TodoCopies, TodoCopyRow
from tests.conftest import TestClock
from tests.databases import new_file

SHANGHAI = ZoneInfo("Asia/Shanghai")
DEMO = Path(__file__).parents[2] / "config" / "demo"
KNOWLEDGE = Knowledge()


class Crash(BaseException):
    """The process dies here."""


@dataclass
class Fragile:
    """The diary of a process that dies before or after its so-many-th call."""

    diary: Diary
    dies_in: int = 0
    """In how many calls; 0 never. Below zero: after the call was carried out, its answer never written down."""

    def __getattr__(self, name: str) -> Any:
        real = getattr(self.diary, name)
        if not callable(real):
            return real

        def called(*given: Any) -> Any:
            now = abs(self.dies_in) == 1
            before, self.dies_in = self.dies_in, self.dies_in - (self.dies_in > 0) + (self.dies_in < 0)
            if now and before > 0:
                raise Crash
            answer = real(*given)
            if now:
                raise Crash
            return answer

        return called


@dataclass
class Office:
    store: Store
    clock: TestClock
    platform: FakeDingTalk
    copying: TodoCopying
    fragile: Fragile

    def noted(self, title: str, owner: str = "P101", due: str = "2026-03-13", reporter: str = "P002") -> int:
        """A to-do that was confirmed; returns its record's id."""
        with self.store.write() as session:
            records = self._records(session)
            data = {"title": title, "owner": owner} | ({"due": due} if due else {})
            row = RecordRow(
                form="meeting_todo",
                reporter_id=reporter,
                happened_at=self.clock(),
                status="confirmed",
                data=data,
            )
            (row,) = records.add([row])
            records.write()
            TodoCopies(session, self.clock()).want(row.id or 0)
            return row.id or 0

    def change(self, record: int, name: str, value: Any) -> None:
        with self.store.write() as session:
            records, row = self._records(session), session.get(RecordRow, record)
            assert row is not None
            records.change(row, name, value, "说的", "本人说的")
            records.write()

    def cancel(self, record: int) -> None:
        with self.store.write() as session:
            records, row = self._records(session), session.get(RecordRow, record)
            assert row is not None
            records.set_status(row, "undone", "取消")
            records.write()

    def record(self, record: int) -> RecordRow:
        with self.store.read() as session:
            row = session.get(RecordRow, record)
            assert row is not None
            return row

    def copies(self, record: int) -> dict[str, TodoCopyRow]:
        with self.store.read() as session:
            return {row.kind: row for row in TodoCopies(session, self.clock()).of(record)}

    def work(self) -> int:
        """Once; a process that dies leaves its lease to run out."""
        try:
            return self.copying.run_once()
        except Crash:
            self.clock.forward(seconds=LEASE.total_seconds() + 1)
            return 1

    def told(self) -> int:
        """Every change that the platform has to tell arrives, as an event with nothing but ids."""
        changes, self.platform.state.changes[:] = list(self.platform.state.changes), []
        with self.store.write() as session:
            for name, data, at in changes:
                message = Inbound(
                    channel="dingtalk",
                    tenant="t",
                    key="k",
                    sender="",
                    kind="event",
                    sent_at=at,
                    text=name,
                    raw=data,
                )
                for intent in heard_from_platform(message):
                    TodoCopies(session, self.clock()).look_again(intent.ids)  # type: ignore[union-attr]
        return len(changes)

    def settle(self, *, hours: int = 2) -> None:
        """Let everything that is on its way arrive and be done, as far as that takes no longer than so many hours."""
        until = self.clock() + timedelta(hours=hours)
        while self.clock() <= until:
            if not self.told() + self.work():
                waits = self._waits_until()
                if waits is None or waits > until:
                    return
                self.clock.at = max(self.clock(), waits)

    def _waits_until(self) -> datetime | None:
        """When the first of the copies that wait may be worked on."""
        with self.store.read() as session:
            return session.scalar(select(func.min(COPY.c.available_at)).where(COPY.c.state == "pending"))

    def _records(self, session: Any) -> Records:
        return Records(session, who="P101", now=self.clock(), inbox_id=None)


@contextmanager
def platform(clock: TestClock) -> Iterator[tuple[FakeDingTalk, str]]:
    lines = [
        line.split(",") for line in (DEMO / "people.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    ]
    there = FakeDingTalk(
        client_id="dingdemo",
        client_secret="ding-secret",
        robot_code="dingdemo",
        corp_id="dingcorp",
        clock=clock,
        members={line[-1]: line[1] for line in lines},
        mode="http",
    )
    with run_platforms({"dingtalk": there}) as hosts:
        yield there, hosts["dingtalk"]


@contextmanager
def office(path: Path, clock: TestClock, there: FakeDingTalk, host: str) -> Iterator[Office]:
    """On a database of its own, with a platform on which nothing has happened yet."""
    state = there.state
    for kept in (state.events, state.todos, state.event_keys_used, state.changes, state.faults.pending):
        kept.clear()
    state.denied.clear()
    path.unlink(missing_ok=True)
    store = Store(new_file(path))
    imports.load("people", (DEMO / "people.csv").read_bytes(), store, now=clock())
    config = DingTalkConfig("dingdemo", "ding-secret", corp_id="dingcorp", api_base=host, oapi_base=host)
    client = DingTalkClient(config, monotonic=lambda: clock().timestamp(), utcnow=utcnow)
    fragile = Fragile(DingTalkDiary(client, SHANGHAI))
    copying = TodoCopying("w", store, KNOWLEDGE, fragile, clock, SHANGHAI, chance=Random(1))  # type: ignore[arg-type]
    try:
        yield Office(store, clock, there, copying, fragile)
    finally:
        client.close()
        store.close()
