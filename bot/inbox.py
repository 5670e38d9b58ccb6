"""The inbox: a message is acknowledged when it is on disk, and not before.

Callbacks that arrive while a commit is under way share the next one (grouped commits): the callback path costs one
insert, and the disk is waited for once a group. What is in the table already, by (channel, tenant, key), is not
stored again.
"""

import asyncio
import logging
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


class Inbox:
    """`accept` is called from the event loop; the rows are written by one thread of the inbox's own."""

    def __init__(self, store: Store, now: Callable[[], datetime], arrived: Callable[[], None]) -> None:
        self._store = store
        self._now = now
        self._arrived = arrived
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="inbox")
        self._waiting: list[tuple[tuple[Any, ...], asyncio.Future[bool]]] = []
        self._flush: asyncio.Task[None] | None = None

    async def accept(self, inbound: Inbound) -> bool:
        """Store a message durably; False where it was here already. Raises InboxBusy where it could not be."""
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((self._row(inbound), stored))
        if self._flush is None or self._flush.done():
            self._flush = asyncio.create_task(self._write_groups())
        return await stored

    async def close(self) -> None:
        """Write what was accepted, then stop."""
        if self._flush:
            await self._flush
        self._writer.shutdown()

    async def _write_groups(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            group, self._waiting = self._waiting[:MOST_IN_A_GROUP], self._waiting[MOST_IN_A_GROUP:]
            try:
                new = await loop.run_in_executor(self._writer, self._insert, [row for row, _ in group])
            except SQLAlchemyError as error:
                log.warning("inbox: a group of %d could not be stored: %s", len(group), type(error).__name__)
                for _, stored in group:
                    if not stored.done():
                        stored.set_exception(InboxBusy("the database did not take the message in time"))
                continue
            for (_, stored), is_new in zip(group, new, strict=True):
                if not stored.done():
                    stored.set_result(is_new)
            self._arrived()

    def _row(self, inbound: Inbound) -> tuple[Any, ...]:
        now: Any = self._now().astimezone(UTC)
        if self._store.sqlite:
            now = now.replace(tzinfo=None).isoformat(" ", "microseconds")
        stage = "perceive" if inbound.kind in NEEDS_PERCEPTION else "turn"
        payload = inbound.model_dump_json()
        return (
            inbound.channel,
            inbound.tenant,
            inbound.key,
            inbound.lane,
            inbound.kind,
            stage,
            payload,
            now,
            now,
            "pending",
            0,
            "",
            "",
        )

    def _insert(self, rows: list[tuple[Any, ...]]) -> list[bool]:
        """One transaction for the group. Plain SQL: this is the one place where microseconds are counted."""
        mark = "?" if self._store.sqlite else "%s"
        values = f"({', '.join([mark] * len(COLUMNS))})"
        into = f"INSERT INTO inbox ({', '.join(COLUMNS)}) VALUES "
        with self._store.transaction(urgent=True) as connection:
            if self._store.sqlite:
                statement = f"{into}{values} ON CONFLICT DO NOTHING"
                return [connection.exec_driver_sql(statement, row).rowcount == 1 for row in rows]
            unique = {row[:3]: row for row in rows}
            groups = ", ".join([values] * len(unique))
            statement = f"{into}{groups} ON CONFLICT DO NOTHING RETURNING channel, tenant, key"
            flat = tuple(value for row in unique.values() for value in row)
            new = {tuple(found) for found in connection.exec_driver_sql(statement, flat)}
        firsts: set[tuple[Any, ...]] = set()
        result = []
        for row in rows:
            result.append(row[:3] in new and row[:3] not in firsts)
            firsts.add(row[:3])
        return result
