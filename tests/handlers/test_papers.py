"""Receipts against the company's rules and history, from the chat to the card of whoever approves."""

import io
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image
from sqlmodel import select

from bot.benchmarks.invoices import Invoice, as_ofd, as_xml, invoice
from nlu.senses.workers import SensePool
from storage.records import Records
from storage.tables import InvoiceRow, RecordRow
from tests.conftest import TestClock
from tests.senses.receipts import as_jpeg, till
from tests.world import SAMPLES, World, world

TITLE, TAX_ID = "青禾乳业（北京）有限公司", "91330100799655058B"
MADE = invoice(random.Random(11), date(2026, 3, 10), buyer=TITLE, buyer_id=TAX_ID)


@pytest.fixture
def there(tmp_path: Path, clock: TestClock, pool: SensePool) -> Iterator[World]:
    company = {"name": "青禾乳业", "titles": [TITLE], "tax_ids": [TAX_ID]}
    with world(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", clock, pool=pool, company=company) as found:
        yield found


def send(there: World, who: str, made: Invoice, *, ofd: bool = False) -> str:
    """Everything that the sender reads after having sent the invoice's original."""
    before = len(there.texts(who))
    content, name = (as_ofd(made), "发票.ofd") if ofd else (as_xml(made), "发票.xml")
    there.act(there.wecom.send_file(who, content, name))
    return "\n".join(there.texts(who)[before:])


def statuses(there: World) -> list[str]:
    with there.house.store.read() as session:
        return list(session.exec(select(RecordRow.status).order_by(RecordRow.id)))  # type: ignore[arg-type]


def test_a_clean_original_becomes_an_expense_with_nothing_to_say(there: World) -> None:
    told = send(there, "liwei", MADE)
    assert f"¥{MADE.total:,.2f}" in told and MADE.seller in told
    assert "⚠" not in told
    there.tap("liwei", "确认")
    assert statuses(there) == ["submitted"]
    assert "⚠" not in "\n".join(there.texts("d-zhoujianguo"))


def test_what_does_not_fit_is_told_to_the_rep_and_to_whoever_approves(there: World) -> None:
    other = replace(MADE, buyer="别的公司", capital="壹元整")
    told = send(there, "liwei", other)
    assert "抬头是“别的公司”" in told and "大写金额“壹元整”（1.00）" in told
    there.tap("liwei", "确认")
    seen = "\n".join(there.texts("d-zhoujianguo"))
    assert "抬头是“别的公司”" in seen and "大写金额“壹元整”（1.00）" in seen


def test_a_paper_that_a_colleague_claimed_cannot_be_claimed_again(there: World) -> None:
    send(there, "liwei", MADE)
    there.tap("liwei", "确认")
    told = send(there, "zhangmin", MADE, ofd=True)
    assert "李伟 3月10日已经报过" in told
    there.tap("zhangmin", "确认")
    assert "这张卡没有提交" in there.last("zhangmin")
    assert statuses(there) == ["submitted", "proposed"]


def test_a_draft_that_a_colleague_dropped_is_told_and_may_be_claimed(there: World) -> None:
    send(there, "liwei", MADE)
    there.tap("liwei", "放弃")
    assert "李伟 3月10日也发过，后来没有报" in send(there, "zhangmin", MADE)
    there.tap("zhangmin", "确认")
    assert statuses(there) == ["dropped", "submitted"]
    assert "后来没有报" in "\n".join(there.texts("d-zhoujianguo"))


@pytest.mark.parametrize("given_up", ["drop", "undo", "reject"])
def test_what_one_gave_up_or_got_back_may_be_sent_again(there: World, given_up: str) -> None:
    send(there, "liwei", MADE)
    if given_up == "drop":
        there.tap("liwei", "放弃")
    else:
        there.tap("liwei", "确认")
        if given_up == "undo":
            there.say("liwei", "撤销")
        else:
            there.tap("d-zhoujianguo", "驳回")
            there.tap("d-zhoujianguo", "请补充事由")
    assert "⚠" not in send(there, "liwei", MADE)
    there.tap("liwei", "确认")
    assert statuses(there)[-1] == "submitted"


def test_the_same_paper_twice_from_one_person_counts_once(there: World) -> None:
    send(there, "liwei", MADE)
    assert "你3月10日也发过，还在等确认" in send(there, "liwei", MADE, ofd=True)
    there.tap("liwei", "确认")
    there.tap("liwei", "确认")
    assert sorted(statuses(there)) == ["proposed", "submitted"]


def test_a_till_receipt_is_known_by_its_seller_minute_and_amount(there: World) -> None:
    picture = (SAMPLES / "receipt_restaurant.jpg").read_bytes()
    there.act(there.wecom.send_image("liwei", picture))
    there.act(there.wecom.send_image("zhangmin", picture))
    assert "这张票李伟 3月10日也发过" in "\n".join(there.texts("zhangmin"))


def test_the_very_same_picture_of_a_till_receipt_cannot_be_claimed_twice(there: World) -> None:
    picture = (SAMPLES / "receipt_restaurant.jpg").read_bytes()
    for who in ("liwei", "zhangmin"):
        there.act(there.wecom.send_image(who, picture))
        there.tap(who, "确认")
    assert statuses(there) == ["submitted", "proposed"]


def test_another_picture_of_the_same_purchase_is_told_and_decided_by_a_person(there: World) -> None:
    for who, quality in (("liwei", 82), ("zhangmin", 90)):
        there.act(there.wecom.send_image(who, as_jpeg(till(), quality)))
        there.tap(who, "确认")
    assert statuses(there) == ["submitted", "submitted"]
    assert "李伟 3月10日已经报过" in "\n".join(there.texts("d-zhoujianguo"))


def test_a_bill_split_between_colleagues_is_told(there: World) -> None:
    first = replace(MADE, number=MADE.number[:-2] + "40")
    send(there, "liwei", first)
    told = send(there, "zhangmin", replace(MADE, number=MADE.number[:-2] + "41"))
    assert f"号码相邻的发票：{first.number}（李伟 3月10日）" in told


def test_the_register_keeps_a_paper_that_nobody_claims(there: World) -> None:
    send(there, "liwei", MADE)
    there.tap("liwei", "放弃")
    with there.house.store.read() as session:
        (row,) = session.exec(select(InvoiceRow))
    assert (row.key, row.state, row.person_id) == (MADE.number, "shown", "P101")


def test_whoever_approves_gets_the_places_that_do_not_fit_cut_out(there: World) -> None:
    """A photographed bill whose lines do not make its sum: the picture, then the places in question."""
    there.act(there.wecom.send_image("liwei", as_jpeg(till(total=Decimal("32.80")))))
    there.tap("liwei", "确认")
    sent = {file.name.partition("1")[0]: file.content for file in there.dingtalk.state.files.values()}
    whole, places = (Image.open(io.BytesIO(sent[name])) for name in ("票据", "疑点"))
    assert (whole.format, places.format) == ("JPEG", "JPEG")
    assert places.height < whole.height / 2


def test_of_several_papers_on_one_card_only_the_free_ones_are_submitted(there: World) -> None:
    send(there, "liwei", MADE)
    there.tap("liwei", "确认")
    other = invoice(random.Random(12), date(2026, 3, 10), buyer=TITLE, buyer_id=TAX_ID)
    both = b"<list>" + b"".join(as_xml(made).partition(b"?>")[2] for made in (MADE, other)) + b"</list>"
    there.act(there.wecom.send_file("zhangmin", both, "发票.xml"))
    assert "第 1 条：这张票" in "\n".join(there.texts("zhangmin"))
    there.tap("zhangmin", "确认")
    assert statuses(there) == ["submitted", "dropped", "submitted"]
    assert "没有提交：这张票" in "\n".join(there.texts("zhangmin"))
    with there.house.store.read() as session:
        holders = {row.key: row.person_id for row in session.exec(select(InvoiceRow))}
    assert holders == {MADE.number: "P101", other.number: "P102"}


def test_a_number_that_is_typed_is_registered_too(there: World) -> None:
    send(there, "liwei", MADE)
    there.tap("liwei", "确认")
    there.act(there.wecom.send_image("zhangmin", as_jpeg(till())))
    with there.house.store.write() as session:
        row = session.get(RecordRow, 2)
        assert row is not None
        typing = Records(session, who="P102", now=there.clock(), inbox_id=None)
        typing.change(row, "invoice_number", MADE.number, "打字", "本人修改")
    there.tap("zhangmin", "确认")
    assert statuses(there) == ["submitted", "proposed"]
