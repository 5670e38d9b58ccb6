"""Fully digital invoices (数电票) and older VAT invoices: QR code and page → fields."""

import re
from collections.abc import Iterable
from decimal import Decimal

from nlu.senses.codes import InvoiceCode, invoice_code
from nlu.senses.finding import AMOUNT, SURE, Found, first_day, found_at, labelled_texts, only, yuan
from nlu.senses.pages import Line, Page
from nlu.senses.parties import parties
from nlu.senses.perception import FieldValue, Item, Source
from nlu.senses.receipts import Fields, put, table_items

HIGHEST_RATE = Decimal("0.18")
CODE = r"(?<!\d)(?:\d{12}|\d{10})(?!\d)"
RATE = r"(?<![\d.])(\d{1,2}%|免税|不征税)"
ITEM = re.compile(rf"(\*[\u4e00-\u9fff、()]+\*\S+)(.*?){AMOUNT}\s*{RATE}(?:\s*¥?{AMOUNT})?")


def code_of(page: Page) -> InvoiceCode | None:
    """What the invoice's own QR code says; the first of several."""
    return next(filter(None, map(invoice_code, page.codes)), None)


def invoice(page: Page) -> Fields:
    """All that page and code say. Where both have a value the code's is taken, as it cannot be misread."""
    fields = printed(page)
    if code := code_of(page):
        from_code(fields, code, page)
    return fields


def printed(page: Page) -> Fields:
    """What stands on the page, whatever its code says."""
    fields: Fields = {}
    put(fields, "invoice_number", only(_numbers(page)))
    put(fields, "invoice_code", only(_codes(page)))
    put(fields, "date", first_day(page, r"开票日期|日期"))
    fields |= parties(page)
    _amounts(page, fields)
    put(fields, "rate", only(_rates(page)))
    if items := _items(page) or (table_items(page) if "卷票" in page.text else None):
        fields["items"] = items
    return fields


def number_on(page: Page) -> str | None:
    found = only(_numbers(page))
    return found.text if found else None


def _numbers(page: Page) -> list[Found]:
    labels = r"发票号码|机打号码|(?<!电话)(?<!订单)号码|(?:N[o0Oº°]|№)\.?"
    return labelled_texts(page, labels, r"(?<!\d)(?:\d{20}|\d{8})(?!\d)")


def _codes(page: Page) -> list[Found]:
    """Beside its label, or on paper invoices alone at the head."""
    if labelled := labelled_texts(page, "发票代码|代码", CODE):
        return labelled
    head = next((i for i, row in enumerate(page.rows) if re.search(r"名称|识别号", row.text)), 0)
    alone = rf"(?:^|\s){CODE}(?=\s|$)"
    return [
        found_at(page, row, *match.span(), text=match[0].strip())
        for row in page.rows[:head]
        for match in re.finditer(alone, row.text)
        if not re.search(r"机器编号|校验码", row.text[: match.start()])
    ]


def _amounts(page: Page, fields: Fields) -> None:
    """Net and tax stand on the line of the sum, the total behind 小写.

    Where the three fit to the cent they bear one another out, however faintly one of them is printed; and where a
    seal hides the last figure of the total, net and tax tell it.
    """
    total: Found | None = None
    sums: list[Found] = []
    for row in page.rows:
        amounts = [found_at(page, row, *match.span(1)) for match in re.finditer(AMOUNT, row.text)]
        if re.search(r"价税合|小写", row.text):
            total = total or (amounts[-1] if amounts else None)
        elif re.search(r"合\s*计", row.text) and len(amounts) == 2 and not sums:
            sums = amounts if all(map(_whole, amounts)) and _plausible(*amounts) else []
    whole = sum((Decimal(yuan(one.text)) for one in sums), Decimal(0))
    if total is not None and not _whole(total):
        told = sums and str(whole).startswith(total.text.replace(",", ""))
        sure = min((one.confidence for one in sums), default=0.0)
        total = Found(str(whole), total.source, sure) if told else None
    fit = total is not None and Decimal(yuan(total.text)) == whole
    for key, found in zip(("net", "tax", "total"), (*(sums or (None, None)), total), strict=True):
        if found is not None and (found.confidence >= SURE or fit):
            put(fields, key, Found(yuan(found.text), found.source, found.confidence))


def _plausible(net: Found, tax: Found) -> bool:
    """No rate is above 13 % (17 % before 2018): a tax beyond is a misread figure, or two that changed places."""
    return Decimal(yuan(tax.text)) <= Decimal(yuan(net.text)) * HIGHEST_RATE


def _whole(found: Found) -> bool:
    """Invoices print both figures behind the point: with one, the other was not seen."""
    return re.fullmatch(r".*\.\d\d", found.text) is not None


def _rates(page: Page) -> Iterable[Found]:
    for row in page.rows:
        for match in re.finditer(RATE, row.text):
            yield found_at(page, row, *match.span(1))


def _items(page: Page) -> FieldValue | None:
    """Lines such as `*餐饮服务*餐费 … 217.92 6% 13.08`: the amount is the last figure before the rate, the tax the
    next one behind it."""
    items: list[Item] = []
    lines: list[Line] = []
    for row in page.rows:
        if match := ITEM.search(row.text):
            tax = yuan(match[5]) if match[5] else None
            items.append(Item(name=match[1], amount=yuan(match[3]), rate=match[4], tax=tax))
            lines += row.lines
    confidence = min((line.confidence for line in lines), default=0.0)
    if not items or confidence < SURE:
        return None
    return FieldValue(value=tuple(items), source=page.source(lines), confidence=round(confidence, 3))


def from_code(fields: Fields, code: InvoiceCode, page: Page) -> None:
    source = Source(origin="qr", page=page.number)
    said = {"invoice_number": code.number, "invoice_code": code.code}
    if code.date is not None:
        said["date"] = code.date.isoformat()
    # On older invoices the amount is the net on some and the total on others: it fills in nothing there.
    if code.digital and code.amount is not None and "total" not in fields:
        said["total"] = f"{code.amount:.2f}"
    for key, value in said.items():
        if value:
            fields[key] = FieldValue(value=value, source=source, confidence=1.0)
