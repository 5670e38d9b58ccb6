"""What operations are told of sample stock, once, and that nobody else's turn pays for it."""

from pathlib import Path

from sqlalchemy import event
from sqlmodel import select

from bot import imports
from nlu.senses.workers import SensePool
from storage.tables import RecordRow
from tests.conftest import TestClock
from tests.world import World, world

LOTS = "product,on_hand,lot,expires_on\nSKU-CM,10,2601,2026/4/20\nSKU-CM,8,2602,2026-08-01\nSKU-YW,4,,\n"


def count(there: World, text: str) -> None:
    there.forward(minutes=1)
    report = imports.load("stock", text.encode(), there.house.store, now=there.clock())
    assert report.refused == []
    there.settle()


def told(there: World, words: str) -> int:
    return sum(words in one for one in there.texts("d-machao"))


def test_low_stock_and_lots_that_expire_soon_are_told_once(
    tmp_path: Path, clock: TestClock, pool: SensePool
) -> None:
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, pool=pool) as there:
        there.settle()
        count(there, LOTS)
        assert told(there, "原味酸奶样品可用 4箱，预警线 5箱") == 1
        assert told(there, "批号 2601") == 0
        there.forward(days=10)
        assert told(there, "批号 2601") == 0
        there.forward(days=2)  # past the thirtieth day before
        there.forward(days=2)
        assert told(there, "草莓酸奶 批号 2601 10箱，2026年04月20日到期") == 1
        assert told(there, "样品库存偏低") == 1
        count(there, "product,on_hand\nSKU-YW,40\n")
        count(there, "product,on_hand\nSKU-YW,3\n")
        assert told(there, "原味酸奶样品可用 3箱") == 1
        there.say("liwei", "草莓酸奶样品还有多少")
        assert "批号 2601 10箱，2026年04月20日到期" in there.last("liwei")


def test_a_turn_that_touches_no_samples_reads_nothing_of_their_stock(
    tmp_path: Path, clock: TestClock, pool: SensePool
) -> None:
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, pool=pool) as there:
        there.settle()
        statements: list[str] = []

        @event.listens_for(there.house.store.engine, "before_cursor_execute")
        def note(_connection, _cursor, statement, *_rest) -> None:  # type: ignore[no-untyped-def]
            statements.append(statement)

        there.say("liwei", "拜访了惠民超市朝阳店王经理，意向订50箱原味酸奶")
        there.tap("liwei", "确认")
        there.say("liwei", "我的一天")
        there.say("liwei", "撤销")
        assert len(statements) > 20
        assert [one for one in statements if "stock" in one] == []
        there.say("liwei", "样品库存")
        assert any("stock_balance" in one for one in statements)


def test_what_was_handed_out_cannot_be_called_off_by_a_late_tap(
    tmp_path: Path, clock: TestClock, pool: SensePool
) -> None:
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, pool=pool) as there:
        there.say("liwei", "申请两箱草莓酸奶样品给好邻居便利店试吃")
        there.tap("liwei", "确认")
        there.tap("d-zhoujianguo", "同意")
        track, _, _ = there._dingtalk_button("d-machao", "发不了")
        card = there.dingtalk.cards[track].seen_by("d-machao")
        told = {"ref": card["ref"], "revision": card["revision"]}
        there.say("d-machao", "已发货")
        there.act(there.dingtalk.click("d-machao", track, "cannot", told))
        assert "已经发货了" in there.last("d-machao")
        with there.house.store.read() as session:
            (record,) = session.exec(select(RecordRow)).all()
        assert (record.status, record.data.get("issued_at")) == ("approved", "2026-03-10T10:07+08:00")
