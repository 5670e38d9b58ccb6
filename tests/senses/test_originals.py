"""Electronic originals: what the issuer wrote in, exact values and their source out; no engine is ever asked."""

import io
import random
from collections.abc import Callable
from datetime import UTC, date, datetime

import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.benchmarks.invoices import WAYS, Invoice, as_bare_ofd, as_ofd, as_xml, invoice, ofd_of
from nlu.senses.pages import Quad
from nlu.senses.perception import Document, Read
from nlu.senses.pictures import Pixels
from nlu.senses.reading import read

NOW = datetime(2026, 3, 21, 2, 0, tzinfo=UTC)
BUYER, BUYER_ID = "青禾乳业有限公司", "91330100799655058B"


class NeverAsked:
    name = "never"

    def recognise(self, picture: Pixels) -> list[tuple[str, Quad, float]]:
        raise AssertionError("an original has no picture to recognise")


def seen(data: bytes) -> Read:
    return read(data, NeverAsked(), NOW)


def only(data: bytes) -> Document:
    found = seen(data)
    assert found.readable, found.ask
    (document,) = found.documents
    return document


def made(seed: int = 7) -> Invoice:
    return invoice(random.Random(seed), date(2026, 3, 20), buyer=BUYER, buyer_id=BUYER_ID)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("way", WAYS)
def test_every_value_of_an_original_is_read_exactly(way: Callable[[Invoice], bytes], seed: int) -> None:
    wanted = made(seed)
    document = only(way(wanted))
    assert document.kind == "invoice_digital"
    assert {
        key: field.text for key, field in document.fields.items() if key not in ("items", "rate", "category")
    } == {
        "invoice_number": wanted.number,
        "date": wanted.day.isoformat(),
        "seller_name": wanted.seller,
        "seller_tax_id": wanted.seller_id,
        "buyer_name": BUYER,
        "buyer_tax_id": BUYER_ID,
        "net": f"{wanted.net:.2f}",
        "tax": f"{wanted.tax:.2f}",
        "total": f"{wanted.total:.2f}",
    }
    assert {field.source.origin for field in document.fields.values()} == {"xml" if way is as_xml else "ofd"}
    assert document.checks == ()


def test_the_lines_carry_their_rate_and_tax() -> None:
    wanted = made()
    (first, *others) = only(as_xml(wanted)).fields["items"].value
    assert len(others) == len(wanted.rows) - 1
    row = wanted.rows[0]
    assert first.model_dump(exclude_none=True) == {  # type: ignore[union-attr]
        "name": row.name,
        "quantity": "1",
        "price": f"{row.net:.2f}",
        "amount": f"{row.net:.2f}",
        "rate": row.rate,
        "tax": f"{row.tax:.2f}",
    }


def test_an_ofd_says_where_on_its_page_a_value_stands() -> None:
    source = only(as_ofd(made())).fields["total"].source
    assert source.in_words() == "ofd box 1120,864,1408,888"


def test_an_ofd_whose_values_have_names_needs_no_page() -> None:
    named = {
        "发票号码": "26112000000123456789",
        "开票日期": "2026年03月19日",
        "价税合计": "10600.00",
        "合计金额": "10000.00",
        "合计税额": "600.00",
        "销售方名称": "财天下科技有限公司",
        "native-producer": "SuwellFormSDK",
    }
    fields = only(ofd_of([], named=named)).fields
    assert {key: field.text for key, field in fields.items() if key != "category"} == {
        "invoice_number": "26112000000123456789",
        "date": "2026-03-19",
        "total": "10600.00",
        "net": "10000.00",
        "tax": "600.00",
        "seller_name": "财天下科技有限公司",
    }


def test_an_ofd_of_another_kind_is_read_like_a_page_of_text() -> None:
    texts = [(60.0, 10.0, "青城国际酒店"), (60, 16, "客人账单"), (8, 30, "入住日期：2026-03-18"),
             (80, 30, "离店日期：2026-03-20"), (8, 60, "消费合计"), (120, 60, "¥736.00")]  # fmt: skip
    document = only(ofd_of(texts))
    assert (document.kind, document.fields["total"].text) == ("hotel_folio", "736.00")
    assert document.fields["total"].source.origin == "ofd"


OLDER = (
    '<?xml version="1.0" encoding="GBK"?><发票><发票代码>011002100311</发票代码><发票号码>12345678</发票号码>'
    "<开票日期>20260319</开票日期><销售方名称>北京青城餐饮管理有限公司</销售方名称>"
    "<合计金额>217.92</合计金额><合计税额>13.08</合计税额><价税合计>￥231.00</价税合计></发票>"
).encode("gb18030")

RAIL = (
    '<xbrl xmlns="http://www.xbrl.org/2003/instance" xmlns:rai="http://xbrl.mof.gov.cn/taxonomy/2021-11-30/rai">'
    "<rai:ElectronicInvoiceRailwayETicketNumber>26119110001234567890</rai:ElectronicInvoiceRailwayETicketNumber>"
    "<rai:DateOfIssue>2026-03-19</rai:DateOfIssue><rai:Fare>91.00</rai:Fare>"
    "<rai:TotalAmountExcludingTax>83.49</rai:TotalAmountExcludingTax><rai:TaxAmount>7.51</rai:TaxAmount>"
    f"<rai:NameOfPurchaser>{BUYER}</rai:NameOfPurchaser></xbrl>"
).encode()


def test_an_older_invoice_in_a_chinese_encoding() -> None:
    document = only(OLDER)
    assert document.kind == "invoice_vat"
    assert document.fields["invoice_code"].text == "011002100311"
    assert document.fields["invoice_number"].text == "12345678"
    assert document.fields["total"].text == "231.00"


def test_a_rail_ticket_has_no_seller_and_none_is_made_up() -> None:
    document = only(RAIL)
    assert document.kind == "itinerary"
    assert (document.fields["total"].text, document.fields["buyer_name"].text) == ("91.00", BUYER)
    assert "seller_name" not in document.fields


def test_several_invoices_in_one_file_are_several_documents() -> None:
    one, other = made(1), made(2)
    both = b"<list>" + b"".join(as_xml(each).partition(b"?>")[2] for each in (one, other)) + b"</list>"
    assert [document.fields["invoice_number"].text for document in seen(both).documents] == [
        one.number,
        other.number,
    ]


def test_values_that_are_no_such_values_are_left_out() -> None:
    broken = as_xml(made()).replace(made().day.isoformat().encode(), b"2026-13-45")
    document = only(broken.replace(f"<TotalTaxAm>{made().tax:.2f}".encode(), b"<TotalTaxAm>NaN"))
    assert not {"date", "tax"} & set(document.fields)


def test_a_pdf_with_its_xml_attached_is_read_from_the_xml() -> None:
    document = pypdfium2.PdfDocument.new()
    document.new_page(200, 200)
    attachment = document.new_attachment("invoice.xml")
    attachment.set_data(as_xml(made()))
    out = io.BytesIO()
    document.save(out)
    found = only(out.getvalue())
    assert found.fields["total"].text == f"{made().total:.2f}"
    assert found.fields["total"].source.origin == "xml"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([way(made()) for way in WAYS] + [OLDER, RAIL]), st.data())
def test_no_broken_original_does_more_than_be_refused(whole: bytes, data: st.DataObject) -> None:
    broken = bytearray(whole[: data.draw(st.integers(0, len(whole)))] if data.draw(st.booleans()) else whole)
    for _ in range(data.draw(st.integers(0, 6))):
        if broken:
            broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    found = seen(bytes(broken))
    assert found.readable or (found.problem and found.ask and "请" in found.ask)


def test_bare_and_furnished_ofd_agree() -> None:
    bare, furnished = only(as_bare_ofd(made())), only(as_ofd(made()))
    assert {key: field.text for key, field in bare.fields.items()} == {
        key: field.text for key, field in furnished.fields.items() if key in bare.fields
    }
