"""Rendered receipts and invoices through the real engine: known paper in, exact values out."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nlu.senses.engines.rapidocr import RapidReader
from nlu.senses.perception import Document, Item, Read
from nlu.senses.reading import read
from tests.senses.bad_files import saved
from tests.senses.receipts import (
    RESTAURANT,
    SAMPLES,
    Goods,
    Invoice,
    as_jpeg,
    as_pdf,
    as_text_pdf,
    invoice,
    invoice_paper,
    photographed,
    qr,
    taxi,
    till,
)

NOW = datetime(2026, 3, 21, 2, 0, tzinfo=UTC)
TILL = {
    "seller_name": "惠民超市朝阳店",
    "date": "2026-03-20",
    "time": "12:31",
    "total": "23.80",
    "category": "其他",
}


def only_document(seen: Read) -> Document:
    assert seen.readable, seen.ask
    assert len(seen.documents) == 1
    return seen.documents[0]


def values(document: Document, *without: str) -> dict[str, Any]:
    return {key: field.value for key, field in document.fields.items() if key not in without}


def test_a_photographed_taxi_receipt(reader: RapidReader) -> None:
    seen = read(as_jpeg(SAMPLES["receipt_taxi.jpg"]()), reader, NOW)
    assert (seen.kind, seen.ask) == ("receipt_taxi", None)
    assert values(only_document(seen)) == {
        "invoice_code": "111002681234",
        "invoice_number": "08651237",
        "date": "2026-03-20",
        "time": "20:11",
        "total": "46.50",
        "city": "北京市",
        "category": "交通",
    }
    assert seen.documents[0].checks == ()


def test_a_photographed_restaurant_bill_with_its_lines(reader: RapidReader) -> None:
    document = only_document(read(as_jpeg(SAMPLES["receipt_restaurant.jpg"]()), reader, NOW))
    assert values(document, "items") == {
        "seller_name": "老北京家常菜馆",
        "date": "2026-03-20",
        "time": "19:42",
        "total": "230.00",
        "category": "餐饮",
    }
    assert document.fields["items"].value == tuple(
        Item(
            name=line.name,
            quantity=str(line.quantity),
            price=f"{line.price:.2f}",
            amount=f"{line.amount:.2f}",
        )
        for line in RESTAURANT
    )


def test_a_picture_may_lie_on_its_side(reader: RapidReader) -> None:
    picture = photographed(till(), 3).rotate(270, expand=True)
    document = only_document(read(as_jpeg(picture), reader, NOW))
    assert values(document, "items") == TILL


def test_a_picture_is_turned_as_its_exif_says(reader: RapidReader) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = till().rotate(90, expand=True)
    document = only_document(read(saved(stored, "JPEG", exif=exif), reader, NOW))
    assert values(document, "items") == TILL


def test_an_amount_that_change_contradicts_is_not_filled_in(reader: RapidReader) -> None:
    paper = till(tendered=Decimal(50), total=Decimal("23.80"))
    other = till(tendered=Decimal(50), total=Decimal("28.30"))
    # The change of one receipt under the amount of another: one of the two was misread.
    middle = round(paper.height * 0.735)
    paper.paste(other.crop((0, middle, other.width, other.height)), (0, middle))
    seen = read(as_jpeg(paper), reader, NOW)
    assert (seen.kind, seen.readable, seen.documents) == ("receipt_till", False, ())
    assert seen.ask is not None and "金额" in seen.ask


def test_lines_that_do_not_make_the_sum_are_told(reader: RapidReader) -> None:
    document = only_document(read(as_jpeg(till(total=Decimal("32.80"))), reader, NOW))
    (check,) = document.checks
    assert (check.code, check.severity, check.field) == ("lines_sum", "warning", "items")
    assert check.words == "各行金额相加是 23.80，与票面合计 32.80 不符。请核对原票。"


INVOICE = {
    "invoice_number": "26112000000123456789",
    "date": "2026-03-20",
    "buyer_name": "青禾乳业有限公司",
    "buyer_tax_id": "91330100799655058B",
    "seller_name": "北京青城餐饮管理有限公司",
    "seller_tax_id": "91110000600037341L",
    "net": "217.92",
    "tax": "13.08",
    "rate": "6%",
    "total": "231.00",
    "category": "餐饮",
    "items": (Item(name="*餐饮服务*餐费", amount="217.92", rate="6%", tax="13.08"),),
}


def origins(document: Document) -> dict[str, str]:
    return {key: field.source.origin for key, field in document.fields.items()}


def test_a_digital_invoice_as_a_picture_trusts_its_code_first(reader: RapidReader) -> None:
    seen = read(as_jpeg(invoice()), reader, NOW)
    document = only_document(seen)
    assert seen.kind == "invoice_digital"
    assert values(document) == INVOICE
    assert document.checks == ()
    found = origins(document)
    assert {key for key, origin in found.items() if origin == "qr"} == {"invoice_number", "date"}
    assert found["total"] == "ocr"


def test_a_digital_invoice_as_a_pdf_is_read_from_its_text(reader: RapidReader) -> None:
    made = Invoice()
    seen = read(as_text_pdf(invoice_paper(made), qr(made.payload)), reader, NOW)
    document = only_document(seen)
    assert values(document) == INVOICE
    assert set(origins(document).values()) == {"qr", "text"}
    assert document.fields["total"].confidence == 1


def test_a_scanned_pdf_gives_a_document_for_every_page(reader: RapidReader) -> None:
    seen = read(as_pdf(till(), taxi()), reader, NOW)
    assert [document.kind for document in seen.documents] == ["receipt_till", "receipt_taxi"]
    total = seen.documents[1].fields["total"]
    assert (total.value, total.source.page) == ("46.50", 2)


def test_an_older_invoice_has_a_code_and_its_seller_below(reader: RapidReader) -> None:
    made = Invoice(number="12345678", code="011002100311")
    seen = read(as_text_pdf(invoice_paper(made), qr(made.payload)), reader, NOW)
    expected = INVOICE | {"invoice_number": "12345678", "invoice_code": "011002100311"}
    assert seen.kind == "invoice_vat"
    assert values(only_document(seen)) == expected
    assert seen.documents[0].checks == ()


def test_a_damaged_code_leaves_the_printed_values(reader: RapidReader) -> None:
    document = only_document(read(as_jpeg(invoice(Invoice(qr=False))), reader, NOW))
    assert values(document) == INVOICE
    assert set(origins(document).values()) == {"ocr"}


@pytest.mark.parametrize(
    ("made", "code", "words"),
    [
        (
            Invoice(qr_amount=Decimal("2310.00")),
            "qr_amount_mismatch",
            "二维码里的金额是 2310.00，票面上是 231.00",
        ),
        (
            Invoice(total=Decimal("237.00"), qr_amount=Decimal("237.00"), capital="贰佰叁拾柒圆整"),
            "total_arithmetic",
            "等于 231.00",
        ),
        (Invoice(capital="贰佰叁拾柒圆整"), "capital_mismatch", "贰佰叁拾柒圆整”（237.00）与小写 231.00"),
        (Invoice(date="20260322"), "future_date", "2026-03-22 晚于今天（2026-03-21）"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_invoice_that_contradicts_itself_is_told(
    reader: RapidReader, made: Invoice, code: str, words: str
) -> None:
    document = only_document(read(as_text_pdf(invoice_paper(made), qr(made.payload)), reader, NOW))
    (check,) = document.checks
    assert (check.code, check.severity) == (code, "error")
    assert words in check.words


PALE = Image.new("RGB", (600, 600), "white")
UNREADABLE: dict[str, tuple[Image.Image, str, str]] = {
    "blurred": (photographed(taxi(), 1, blur=6), "blurred", "拍糊了"),
    "dark": (photographed(taxi(), 1, light=0.012), "dark", "太暗"),
    "blank": (PALE, "no_text", "没有找到文字"),
    "cut off": (photographed(till(), 1).crop((0, 0, 740, 480)), "cut_off", "没有拍完整"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_asked_for_again_and_nothing_is_filled_in(
    reader: RapidReader, name: str
) -> None:
    picture, problem, words = UNREADABLE[name]
    seen = read(as_jpeg(picture), reader, NOW)
    assert (seen.readable, seen.documents, seen.problem) == (False, (), problem)
    assert seen.ask is not None and words in seen.ask and "重新拍" in seen.ask


def test_a_picture_of_something_else_is_no_receipt(reader: RapidReader) -> None:
    noise = np.random.default_rng(2).integers(0, 255, (60, 80, 3), np.uint8)
    scene = Image.fromarray(noise).resize((640, 480), Image.Resampling.BICUBIC)
    seen = read(as_jpeg(scene), reader, NOW)
    assert (seen.kind, seen.readable, seen.ask, seen.documents) == ("other", True, None, ())


def test_the_json_is_what_other_tools_rely_on(reader: RapidReader) -> None:
    goods = (Goods("原味酸奶", 2, Decimal("5.50")),)
    seen = read(as_jpeg(till(goods=goods)), reader, NOW).model_dump(mode="json")
    assert set(seen) == {"kind", "readable", "ask", "documents", "reuse_of"}
    (document,) = seen["documents"]
    assert set(document) == {"kind", "fields", "checks"}
    assert document["fields"]["items"]["value"] == [
        {"name": "原味酸奶", "quantity": "2", "price": "5.50", "amount": "11.00"}
    ]
    total = document["fields"]["total"]
    assert set(total) == {"value", "source", "confidence"}
    assert total["source"].startswith("ocr box ")
    assert Read.model_validate(seen).model_dump(mode="json") == seen
