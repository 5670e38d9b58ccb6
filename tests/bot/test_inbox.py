"""The inbox: acknowledged means stored, and stored means once."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from bot.channels.base import InboxBusy
from bot.inbox import Inbox
from domain.messages import Inbound, Media
from storage.store import Store
from storage.tables import InboxRow
from tests.conftest import TestClock


def message(key: str, sender: str = "wang", **more: object) -> Inbound:
    given = {"channel": "wecom", "tenant": "t", "key": key, "sender": sender, "kind": "text"}
    return Inbound.model_validate(
        {**given, "sent_at": datetime(2026, 3, 10, tzinfo=UTC), "text": "你好", **more}
    )


def stored(store: Store) -> list[InboxRow]:
    with store.read() as session:
        return list(session.exec(select(InboxRow).order_by(InboxRow.id)))  # type: ignore[arg-type]


def test_a_message_is_on_disk_when_accept_returns(store: Store, clock: TestClock) -> None:
    calls = []

    async def run() -> None:
        inbox = Inbox(store, clock, lambda: calls.append(1))
        assert await inbox.accept(message("m1"))
        assert [row.key for row in stored(store)] == ["m1"]
        await inbox.close()

    asyncio.run(run())
    assert calls
    assert Inbound.model_validate_json(stored(store)[0].payload).text == "你好"
    assert stored(store)[0].received_at == clock()


def test_a_repeated_message_is_stored_once_also_within_one_group(store: Store, clock: TestClock) -> None:
    async def run() -> list[bool]:
        inbox = Inbox(store, clock, lambda: None)
        first = await asyncio.gather(*(inbox.accept(message(k)) for k in ("a", "b", "a", "a", "c", "b")))
        again = await asyncio.gather(*(inbox.accept(message(k)) for k in ("c", "d")))
        await inbox.close()
        return [*first, *again]

    assert asyncio.run(run()) == [True, True, False, False, True, False, False, True]
    assert sorted(row.key for row in stored(store)) == ["a", "b", "c", "d"]


def test_the_same_key_of_another_tenant_is_another_message(store: Store, clock: TestClock) -> None:
    async def run() -> list[bool]:
        inbox = Inbox(store, clock, lambda: None)
        accepted = await asyncio.gather(
            inbox.accept(message("a")),
            inbox.accept(message("a", tenant="other")),
            inbox.accept(message("a", channel="dingtalk")),
        )
        await inbox.close()
        return accepted

    assert asyncio.run(run()) == [True, True, True]


def test_voice_goes_to_perception_first(store: Store, clock: TestClock) -> None:
    async def run() -> None:
        inbox = Inbox(store, clock, lambda: None)
        await inbox.accept(message("v", kind="voice", media=(Media(handle="m"),)))
        await inbox.close()

    asyncio.run(run())
    assert stored(store)[0].stage == "perceive"


def test_five_hundred_at_once_are_all_stored_in_their_order(store: Store, clock: TestClock) -> None:
    async def run() -> None:
        inbox = Inbox(store, clock, lambda: None)
        await asyncio.gather(*(inbox.accept(message(str(n))) for n in range(500)))
        await inbox.close()

    asyncio.run(run())
    assert [row.key for row in stored(store)] == [str(n) for n in range(500)]


def test_a_database_that_does_not_answer_is_said_so(sqlite_store: Store, clock: TestClock) -> None:
    async def run() -> None:
        inbox = Inbox(sqlite_store, clock, lambda: None)
        with sqlite_store.engine.connect() as connection:
            connection.exec_driver_sql("DROP TABLE inbox")
            connection.commit()
        with pytest.raises(InboxBusy):
            await inbox.accept(message("a"))
        await inbox.close()

    asyncio.run(run())
