"""`read` holds files against one another and against the books."""

import random
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import select

from bot.benchmarks.checks import NoEngine
from bot.benchmarks.invoices import Invoice, as_ofd, as_xml, invoice
from bot.register import Register
from domain.papers import InvoicePolicy, Paper
from nlu.senses.reading import read
from storage.invoices import Invoices
from storage.records import Records
from storage.store import Store
from storage.tables import InvoiceRow, PersonRow, RecordRow

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
MADE = invoice(random.Random(2), date(2026, 3, 19), buyer="青禾乳业有限公司", buyer_id="91330100799655058B")
POLICY = InvoicePolicy(titles=("青禾乳业有限公司",))


def told(register: Register, content: bytes, name: str) -> list[dict[str, Any]]:
    seen = read(content, NoEngine(), NOW).model_dump(mode="json")
    (document,) = register.checked(seen, name, content)["documents"]
    return list(document["checks"])


def near(made: Invoice) -> Invoice:
    return replace(made, number=f"{made.number[:5]}{int(made.number[5:]) + 1:015d}")


def test_files_of_one_call_are_held_against_one_another() -> None:
    with Register(POLICY, NOW) as register:
        assert told(register, as_xml(MADE), "a.xml") == []
        (duplicate,) = told(register, as_ofd(MADE), "b.ofd")
        assert duplicate["code"] == "duplicate_number"
        assert "文件 a.xml 里已经有一张" in duplicate["words"]
        (split,) = told(register, as_xml(near(MADE)), "c.xml")
        assert split["code"] == "split_bill"


def test_files_are_held_against_the_books_and_nothing_is_written(store: Store) -> None:
    paper = Paper(number=MADE.number, seller=MADE.seller, day=MADE.day.isoformat(), total=f"{MADE.total:.2f}")
    with store.write() as session:
        session.add(PersonRow(id="li", name="李伟"))
        row = RecordRow(form="expense", reporter_id="li", happened_at=NOW, status="submitted")
        Records(session, who="li", now=NOW, inbox_id=None).add([row])
        Invoices(session, who="li", now=NOW).show(paper, MADE.number, row.id or 0, "")
    with Register(POLICY, NOW, store) as register:
        assert "李伟 3月20日已经报过" in told(register, as_xml(MADE), "a.xml")[0]["words"]
        assert [check["code"] for check in told(register, as_xml(near(MADE)), "b.xml")] == ["split_bill"]
    with store.read() as session:
        assert len(list(session.exec(select(InvoiceRow)))) == 1
