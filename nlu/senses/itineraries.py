"""Train tickets and flight itineraries, on paper and as fully digital invoices: what stands on them → fields."""

import re
from decimal import Decimal

from nlu.senses.codes import InvoiceCode
from nlu.senses.finding import (
    AMOUNT,
    Found,
    first_day,
    found_at,
    labelled_amounts,
    labelled_texts,
    matches,
    only,
    sure,
    yuan,
)
from nlu.senses.invoices import code_of, from_code
from nlu.senses.pages import Line, Page, Row
from nlu.senses.parties import NAME, TAX_ID
from nlu.senses.receipts import Fields, put

FLIGHT = r"航空|民航|承运人|航班|燃油附加费"
DEPARTURE = r"(?<!\d)([01]\d|2[0-3]):([0-5]\d)\s*开"
PRICE = r"¥\s*(\d{1,5}\.\d{1,2})\s*元"


def itinerary(page: Page) -> Fields:
    code = code_of(page)
    fields = printed(page)
    if code is not None:
        from_code(fields, code, page)
    return fields


def printed(page: Page) -> Fields:
    fields: Fields = {}
    put(fields, "invoice_number", only(labelled_texts(page, "发票号码|号码", r"(?<!\d)\d{20}(?!\d)")))
    put(fields, "buyer_name", only(labelled_texts(page, "购买方名称|购方名称", NAME)))
    put(fields, "buyer_tax_id", only(labelled_texts(page, "识别号|信用代码", TAX_ID)))
    if re.search(FLIGHT, page.text):
        _flight(page, fields)
    else:
        _train(page, fields)
    return fields


def is_ticket(code: InvoiceCode | None) -> bool:
    """Railway (51) and airline (61) tickets carry the code of an invoice."""
    return code is not None and code.type in ("51", "61")


def _train(page: Page, fields: Fields) -> None:
    put(fields, "total", only([*labelled_amounts(page, "票价"), *_prices(page)]))
    if issued := first_day(page, "开票日期"):
        put(fields, "date", issued)
    elif "开票日期" not in page.text and "invoice_number" not in fields:
        # A ticket of paper has one date and time: those of its train.
        put(fields, "date", first_day(page))
        for row in page.rows:
            if match := re.search(DEPARTURE, row.text):
                put(fields, "time", only([found_at(page, row, *match.span(), text=f"{match[1]}:{match[2]}")]))
                break


def _prices(page: Page) -> list[Found]:
    return [Found(yuan(one.text), one.source, one.confidence) for one in sure(matches(page, PRICE))]


def _flight(page: Page, fields: Fields) -> None:
    put(fields, "date", first_day(page, "填开日期|开票日期"))
    put(fields, "seller_name", only(labelled_texts(page, "填开单位|开票单位", NAME)))
    for heads, row in zip(page.rows, page.rows[1:], strict=False):
        if not re.search("票价", heads.text):
            continue
        amounts = [
            (found_at(page, row, *m.span(1), text=yuan(m[1])), m) for m in re.finditer(AMOUNT, row.text)
        ]
        parts = [Decimal(found.text) for found, _ in amounts]
        # Fare and surcharges make the sum; where they do not, a figure was misread.
        if len(parts) < 2 or sum(parts[:-1]) != parts[-1]:
            return
        put(fields, "total", only([amounts[-1][0]]))
        for found, match in amounts[:-1]:
            below = row.of(*match.span(1))[0]
            if "税额" in _head_above(heads, below):
                put(fields, "tax", only([found]))
                put(fields, "rate", only(matches(page, r"(?<![\d.])(\d{1,2}%)")))
        return


def _head_above(heads: Row, cell: Line) -> str:
    """The head that begins nearest to where the cell begins."""
    return min(heads.lines, key=lambda head: abs(head.box[0] - cell.box[0])).text
