"""Photos in the chat: the whole bot, with real reading, between two local platforms."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from nlu.senses.workers import SensePool
from storage.lead_tables import LeadRow
from storage.tables import AuditRow, ContactRow, EvidenceRow, RecordRow
from tests.conftest import TestClock
from tests.photos.changes import mirrored, recompressed
from tests.photos.overlays import Card, Stamp, big_clock, business_card
from tests.photos.scenes import Picture, front, shelf
from tests.senses.receipts import as_jpeg, photographed, till
from tests.world import World, world

HUIMIN = (39.923614, 116.503482, "惠民超市")
SIZE = (1000, 750)


@pytest.fixture
def there(tmp_path: Path, clock: TestClock, pool: SensePool) -> Iterator[World]:
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, pool=pool) as made:
        yield made


def send(there: World, who: str, picture: Picture) -> str:
    """What the sender sees then, all of it."""
    before = len(there.texts(who))
    there.act(there.wecom.send_image(who, as_jpeg(picture), "photo.jpg"))
    return "\n".join(there.texts(who)[before:])


def check_in(there: World, who: str) -> None:
    there.act(there.wecom.send_location(who, *HUIMIN))


def rows(there: World, kind: type[Any]) -> list[Any]:
    with there.house.store.read() as session:
        return list(session.exec(select(kind).order_by(kind.id)))


def photos_on_record(there: World) -> list[EvidenceRow]:
    return [row for row in rows(there, EvidenceRow) if row.kind == "photo"]


def test_a_watermark_photo_proves_the_visit_and_a_copy_of_it_is_recognised(there: World) -> None:
    shop = big_clock(front(4, SIZE), Stamp()).picture
    check_in(there, "liwei")
    told = send(there, "liwei", shop)
    assert "记在「惠民超市朝阳店」这次拜访里" in told
    assert "2026-03-10 10:05" in told and "北京市朝阳区朝阳北路101号" in told
    assert "差 2 分钟" in told and "水印地址和客户地址一致" in told

    there.say("liwei", "见了王经理，他嫌价格太贵")
    (proof,) = photos_on_record(there)
    assert (proof.details["time"], proof.details["place_match"], proof.details["reuse_of"]) == (
        "fits",
        True,
        [],
    )
    there.tap("liwei", "确认")

    there.forward(hours=3)
    told = send(there, "zhangmin", mirrored(shop, random.Random(1)))
    assert "这张照片和今天 10:07 李伟在「惠民超市朝阳店」发的一样" in told

    # The very same file, on another visit of his own.
    there.forward(days=1)
    check_in(there, "liwei")
    told = send(there, "liwei", shop)
    assert "这张照片和3月10日你在「惠民超市朝阳店」发的一样" in told
    assert "水印时间比发送早 27 小时" in told and "重新拍一张" in told
    there.say("liwei", "拜访了，店长不在")
    last = photos_on_record(there)[-1]
    assert (last.details["time"], last.details["reuse_of"]) == ("old", [last.sha256])


def test_photos_without_a_visit_are_answered_with_what_to_do(there: World) -> None:
    told = send(there, "liwei", big_clock(front(4, SIZE), Stamp()).picture)
    assert "水印上写着：2026-03-10 10:05" in told and "发一个位置签到" in told
    assert photos_on_record(there) == []
    told = send(there, "liwei", front(7, SIZE))
    assert "没有认出票据" in told and "说一句是哪家客户就行" in told
    # Said right afterwards, both belong to the visit.
    there.say("liwei", "拜访了惠民超市朝阳店，见了王经理")
    assert [proof.details["photo"] for proof in photos_on_record(there)] == ["watermark_photo", "other"]


def test_the_same_file_for_two_customers_is_evidence_of_both_and_told(there: World) -> None:
    shop = front(7, SIZE)
    check_in(there, "liwei")
    send(there, "liwei", shop)
    there.say("liwei", "拜访了惠民超市朝阳店，见了王经理")
    there.tap("liwei", "确认")
    there.forward(hours=1)
    assert "你在「惠民超市朝阳店」发的一样" in send(there, "liwei", shop)
    there.say("liwei", "拜访了永旺超市望京店，店长不在")
    first, second = photos_on_record(there)[0], photos_on_record(there)[-1]
    assert first.record_id != second.record_id
    assert second.details["reuse_of"] == [first.sha256] == [second.sha256]


def test_a_shelf_is_read_aloud_and_never_counted(there: World) -> None:
    check_in(there, "liwei")
    there.say("liwei", "看了下陈列，原味酸奶有4个排面")
    told = send(there, "liwei", shelf(2, SIZE).picture)
    assert "原味酸奶 ¥5.50" in told and "排面数不从照片里数" in told
    assert {row.data.get("quantity") for row in rows(there, RecordRow)} == {4}


def test_a_business_card_becomes_a_contact_once_confirmed_and_is_taken_back(there: World) -> None:
    told = send(there, "liwei", business_card(Card(company="北京惠民超市朝阳店有限公司")))
    assert "惠民超市朝阳店" in told and "王建国" in told and "13812345678" in told
    there.tap("liwei", "惠民超市朝阳店")  # the company's name is not quite the shop's: it was asked
    assert rows(there, ContactRow) == []
    there.tap("liwei", "确认")
    (contact,) = rows(there, ContactRow)
    assert (contact.customer_code, contact.name) == ("C0001", "王建国")
    assert (contact.title, contact.mobile) == ("采购经理", "13812345678")
    assert "contact:王建国" in {row.field for row in rows(there, AuditRow)}
    there.say("liwei", "撤销")
    assert rows(there, ContactRow) == []


def test_a_card_of_a_company_that_nobody_knows_is_asked_about(there: World) -> None:
    told = send(there, "liwei", business_card(Card(company="上海申江贸易有限公司"), 1))
    assert "王建国是哪家客户的联系人？" in told
    there.say("liwei", "好邻居便利店")
    there.tap("liwei", "确认")
    (contact,) = rows(there, ContactRow)
    assert contact.customer_code == "C0002"


def test_a_card_of_nobody_that_we_know_becomes_a_lead_by_a_word(there: World) -> None:
    there.clock.forward(hours=10)  # nobody is given leads in the evening
    told = send(there, "liwei", business_card(Card(company="上海申江贸易有限公司"), 1))
    assert "还不是客户，就说“记为线索”" in told and "记为线索" in there.buttons("liwei")
    there.say("liwei", "记为线索")
    assert there.buttons("liwei") == ["确认", "修改", "放弃"]
    assert rows(there, LeadRow) == []
    there.tap("liwei", "确认")
    (lead,) = rows(there, LeadRow)
    assert (lead.company, lead.contact, lead.phone) == ("上海申江贸易有限公司", "王建国", "13812345678")
    assert (lead.source, lead.details) == ("名片", {"reporter": "P101", "title": "采购经理"})
    (record,) = (row for row in rows(there, RecordRow) if row.form == "lead")
    assert [row.kind for row in rows(there, EvidenceRow) if row.record_id == record.id] == ["photo"]
    assert rows(there, ContactRow) == []


def test_a_receipt_that_was_claimed_is_recognised_when_its_photo_comes_again(there: World) -> None:
    paper = photographed(till(), 3)
    send(there, "liwei", paper)
    there.tap("liwei", "确认")
    told = send(there, "zhangmin", recompressed(paper, random.Random(2)))
    assert "这张票据和今天 10:07 李伟发的一样" in told and "不要重复报销" in told
    proofs = [row for row in rows(there, EvidenceRow) if row.kind == "receipt"]
    assert proofs[-1].details["reuse_of"] == [proofs[0].sha256]
