"""The inbox: a message is acknowledged when it is on disk, and not before.

Callbacks that arrive while a commit is under way share the next one (grouped commits): the callback path costs one
insert, and the disk is waited for once a group. What is in the table already, by (channel, tenant, key), is not
stored again.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.channels.base import InboxBusy
from domain.messages import NEEDS_PERCEPTION, Inbound
from storage.store import Store

log = logging.getLogger(__name__)

MOST_IN_A_GROUP = 200
COLUMNS = (
    "channel",
    "tenant",
    "key",
    "lane",
    "kind",
    "stage",
    "payload",
    "received_at",
    "available_at",
    "state",
    "attempts",
    "error",
    "problem",
)


INTO = f"INSERT INTO inbox ({', '.join(COLUMNS)}) VALUES "
ONE_ROW = f"{INTO}({', '.join('?' * len(COLUMNS))}) ON CONFLICT DO NOTHING"

Waiting = tuple[tuple[Any, ...], "asyncio.Future[bool]"]


class Inbox:
    """`accept` is called from the event loop.

    Where nobody else writes, a group is written on the loop itself: on SQLite that costs less than handing it to a
    thread. Otherwise, and always on PostgreSQL, a thread of the inbox's own waits for the database.
    """

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        arrived: Callable[[], None],
        *,
        perceives: frozenset[str] = NEEDS_PERCEPTION,
    ) -> None:
        """`perceives`: the kinds of message in which something is perceived before their turn."""
        self._perceives = perceives
        self._store = store
        self._now = now
        self._arrived = arrived
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="inbox")
        self._waiting: list[Waiting] = []
        self._flush: asyncio.Task[None] | asyncio.Handle | None = None

    async def accept(self, inbound: Inbound) -> bool:
        """Store a message durably; False where it was here already. Raises InboxBusy where it could not be."""
        loop = asyncio.get_running_loop()
        stored: asyncio.Future[bool] = loop.create_future()
        row = row_of(inbound, self._now(), sqlite=self._store.sqlite, perceives=self._perceives)
        self._waiting.append((row, stored))
        if self._flush is None:
            # At the end of this round of the loop: all that came in by then makes one group.
            self._flush = loop.call_soon(self._begin_to_write)
        return await stored

    async def close(self) -> None:
        """Write what was accepted, then stop."""
        while self._waiting:
            await asyncio.wait([stored for _, stored in self._waiting])
        self._writer.shutdown()

    def _begin_to_write(self) -> None:
        if self._store.sqlite:
            try:
                new = self._insert_into_file([row for row, _ in self._waiting], wait=False)
            except sqlite3.Error:
                pass  # somebody else writes, or worse: the thread waits for it, and says so where it lasts
            else:
                group, self._waiting, self._flush = self._waiting, [], None
                self._settle(group, new)
                return
        self._flush = asyncio.get_running_loop().create_task(self._write_groups())

    async def _write_groups(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            group, self._waiting = self._waiting[:MOST_IN_A_GROUP], self._waiting[MOST_IN_A_GROUP:]
            self._settle(group, await loop.run_in_executor(self._writer, self._outcome, group))
        self._flush = None

    def _outcome(self, group: list[Waiting]) -> list[bool] | None:
        """For each row whether it was new; None where the database did not take them."""
        try:
            return self._insert([row for row, _ in group])
        except (SQLAlchemyError, sqlite3.Error) as error:
            log.warning("inbox: a group of %d could not be stored: %s", len(group), type(error).__name__)
            return None

    def _settle(self, group: list[Waiting], new: list[bool] | None) -> None:
        """Tell everybody who waits how it went."""
        for number, (_, stored) in enumerate(group):
            if stored.done():
                continue
            if new is None:
                stored.set_exception(InboxBusy("the database did not take the message in time"))
            else:
                stored.set_result(new[number])
        if new is not None:
            self._arrived()

    def _insert_into_file(self, rows: list[tuple[Any, ...]], *, wait: bool) -> list[bool]:
        with self._store.bare_write(wait=wait) as connection:
            return [connection.execute(ONE_ROW, row).rowcount == 1 for row in rows]

    def _insert(self, rows: list[tuple[Any, ...]]) -> list[bool]:
        """One transaction for the group. Plain SQL: this is the one place where microseconds are counted."""
        if self._store.sqlite:
            return self._insert_into_file(rows, wait=True)
        unique = {row[:3]: row for row in rows}
        groups = ", ".join([f"({', '.join(['%s'] * len(COLUMNS))})"] * len(unique))
        statement = f"{INTO}{groups} ON CONFLICT DO NOTHING RETURNING channel, tenant, key"
        flat = tuple(value for row in unique.values() for value in row)
        with self._store.transaction() as connection:
            new = {tuple(found) for found in connection.exec_driver_sql(statement, flat)}
        firsts: set[tuple[Any, ...]] = set()
        result = []
        for row in rows:
            result.append(row[:3] in new and row[:3] not in firsts)
            firsts.add(row[:3])
        return result


def row_of(
    inbound: Inbound, now: datetime, *, sqlite: bool, perceives: frozenset[str] = NEEDS_PERCEPTION
) -> tuple[Any, ...]:
    """A new message as a row, in the order of COLUMNS, as the driver takes it."""
    at: Any = now.astimezone(UTC)
    if sqlite:
        at = at.replace(tzinfo=None).isoformat(" ", "microseconds")
    stage = "perceive" if inbound.kind in perceives else "turn"
    known = (inbound.channel, inbound.tenant, inbound.key, inbound.lane, inbound.kind, stage)
    return (*known, inbound.model_dump_json(), at, at, "pending", 0, "", "")
