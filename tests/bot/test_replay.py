"""Whatever a platform repeats, and in whatever order: everything happens once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import func, select

from storage.tables import ApprovalRow, AuditRow, InboxRow, OutboxRow, PersonRow, RecordRow
from tests.conftest import TestClock
from tests.world import World, world

TABLES = (InboxRow, RecordRow, ApprovalRow, AuditRow, OutboxRow)


@pytest.fixture
def there(tmp_path: Path, clock: TestClock) -> Iterator[World]:
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock) as there:
        yield there


def counts(there: World) -> list[int]:
    with there.house.store.read() as session:
        return [session.exec(select(func.count()).select_from(table)).one() for table in TABLES]


def test_every_callback_three_times_in_random_order_changes_nothing(there: World) -> None:
    there.act(there.wecom.send_location("liwei", 39.9237, 116.5035, "惠民超市"))
    there.say("liwei", "见了王经理，他嫌价格太贵，意向订50箱原味酸奶")
    there.say("liwei", "改成60箱")
    there.tap("liwei", "确认")
    there.say("liwei", "今天打车花了46块5")
    there.tap("liwei", "确认")
    there.tap("d-zhoujianguo", "同意")
    before, shown = counts(there), [there.texts(who) for who in ("liwei", "d-zhoujianguo")]

    async def again() -> object:
        deliveries = await there.wecom.replay(times=3)
        for delivery in [*there.dingtalk.pushed] * 3:
            await there.dingtalk.redeliver(delivery)
        return deliveries[-1]

    there.act(again())  # type: ignore[arg-type]
    assert counts(there) == before
    assert [there.texts(who) for who in ("liwei", "d-zhoujianguo")] == shown


def test_events_that_concern_nobody_are_kept_and_answered_to_nobody(there: World) -> None:
    event = there.wecom.event("sys", "change_contact", ChangeType="create_party", Id="12", Name="华北区")
    there.act(there.wecom.push({**event, "FromUserName": "sys"}))
    assert counts(there)[0] == 1
    with there.house.store.read() as session:
        row = session.exec(select(InboxRow)).one()
        assert "华北区" in row.payload
        assert session.exec(select(OutboxRow)).all() == []


def test_a_member_who_was_given_another_id_is_still_known(there: World) -> None:
    event = there.wecom.event(
        "sys", "change_contact", ChangeType="update_user", UserID="liwei", NewUserID="li.wei"
    )
    there.act(there.wecom.push({**event, "FromUserName": "sys"}))
    with there.house.store.read() as session:
        assert session.get_one(PersonRow, "P101").wecom_userid == "li.wei"


def test_a_note_of_a_stranger_is_answered_and_forgotten(there: World) -> None:
    there.say("luren", "拜访了惠民超市朝阳店")
    with there.house.store.read() as session:
        assert session.exec(select(InboxRow)).one().payload == "{}"
    assert counts(there)[1] == 0
