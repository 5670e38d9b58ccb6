"""Invoices as data: the XML of fully digital ones, and the XML that lies inside OFD and PDF files → fields.

Issuers share no schema. Known to occur, by the names of their elements:
    EInvoice     fully digital invoices of the State Taxation Administration (EIid, TaxSupervisionInfo …)
    eInvoice     inside OFD files, http://www.edrm.org.cn/schema/e-invoice/2019 (InvoiceNo, TaxScheme …)
    xbrl         rail tickets, http://xbrl.mof.gov.cn/taxonomy (ElectronicInvoiceRailwayETicketNumber …)
    fpxx, 发票    what older invoicing software exports (FPDM, FPHM, KPRQ …, or the Chinese names themselves)
Names are compared without namespace and case.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from xml.etree.ElementTree import Element

from domain.tax_ids import tidy
from domain.tax_rates import percent
from nlu.senses.codes import InvoiceCode, invoice_code
from nlu.senses.markup import name_of, text_of
from nlu.senses.perception import FieldValue, Item, Kind, Origin, Source

NAMES: dict[str, tuple[str, ...]] = {
    "invoice_number": (
        "eiid", "invoicenumber", "einvoicenumber", "invoiceno", "electronicinvoicerailwayeticketnumber",
        "fphm", "发票号码",
    ),
    "invoice_code": ("invoicecode", "fpdm", "发票代码"),
    "date": ("issuetime", "issuedate", "dateofissue", "invoicedate", "requesttime", "kprq", "开票日期"),
    "total": (
        "totaltax-includedamount", "totaltaxincludedamount", "taxinclusivetotalamount", "totalamwithtax",
        "fare", "jshj", "价税合计", "价税合计(小写)",
    ),
    "net": (
        "totalamwithouttax", "totalamountwithouttax", "taxexclusivetotalamount", "totalamountexcludingtax",
        "hjje", "合计金额",
    ),
    "tax": ("totaltaxam", "totaltaxamount", "taxtotalamount", "taxamount", "hjse", "合计税额"),
    "seller_name": ("sellername", "xsfmc", "xfmc", "销售方名称"),
    "seller_tax_id": (
        "selleridnum", "sellertaxid", "sellertaxno", "xsfnsrsbh", "xfsh", "销售方纳税人识别号",
    ),
    "buyer_name": ("buyername", "nameofpurchaser", "gmfmc", "gfmc", "购买方名称"),
    "buyer_tax_id": (
        "buyeridnum", "buyertaxid", "buyertaxno", "unifiedsocialcreditcodeofpurchaser", "gmfnsrsbh", "gfsh",
        "购买方纳税人识别号",
    ),
}  # fmt: skip
"""Field → the names that it goes by, the best first."""

CAPITALS = ("totaltax-includedamountinchinese", "jshjdx", "价税合计大写", "价税合计(大写)")
GRAPH_CODES = ("graphcode",)
"""The text of the printed QR code."""

LINES = frozenset({"issuiteminformation", "issueiteminformation", "goodsinfo", "spxx", "xmxx", "明细"})
LINE_NAMES: dict[str, tuple[str, ...]] = {
    "name": ("itemname", "item", "goodsname", "spmc", "xmmc", "项目名称"),
    "quantity": ("quantity", "xmsl", "spsl", "数量"),
    "price": ("unprice", "price", "xmdj", "spdj", "单价"),
    "amount": ("amount", "xmje", "spje", "je", "金额"),
    "rate": ("taxrate", "taxscheme", "slv", "税率"),
    "tax": ("comtaxam", "taxamount", "taxam", "se", "税额"),
}

ROOTS = frozenset({"einvoice", "fpxx", "发票"})
MOST_INVOICES = 50
_MONEY = re.compile(r"[¥￥]?\s*(-?\d{1,12}(?:\.\d+)?)")
_DAY = re.compile(r"(20\d\d)[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})(?!\d)")


class Original(NamedTuple):
    """An invoice as its electronic original states it."""

    kind: Kind
    fields: dict[str, FieldValue]
    capital: FieldValue | None
    code: InvoiceCode | None


def invoices(root: Element, origin: Origin) -> tuple[Original, ...]:
    """The invoices in the tree; none where it holds no invoice number."""
    inner = [element for element in root.iter() if element is not root and name_of(element) in ROOTS]
    found = (_invoice(element, origin) for element in inner[:MOST_INVOICES] or [root])
    return tuple(original for original in found if original is not None)


def _invoice(element: Element, origin: Origin) -> Original | None:
    said: dict[str, str] = {}
    lines: list[dict[str, str]] = []
    for leaf in _outside_lines(element, lines):
        if text := text_of(leaf):
            said.setdefault(name_of(leaf), text)
    source = Source(origin=origin)
    fields = fields_of(said, source)
    if "invoice_number" not in fields:
        return None
    if items := _items(lines):
        fields["items"] = FieldValue(value=items, source=source, confidence=1)
        rates = {item.rate for item in items}
        if len(rates) == 1 and (rate := rates.pop()):
            fields["rate"] = FieldValue(value=rate, source=source, confidence=1)
    words = _first(said, CAPITALS)
    capital = FieldValue(value=words, source=source, confidence=1) if words else None
    code = invoice_code(_first(said, GRAPH_CODES))
    return Original(_kind(said, fields), fields, capital, code)


def fields_of(said: dict[str, str], source: Source) -> dict[str, FieldValue]:
    """Values by the names of their elements → fields. What is not in the form of its field is left out."""
    fields: dict[str, FieldValue] = {}
    for field, names in NAMES.items():
        form = FORMS[field]
        values = (form(said[name]) for name in names if name in said)
        if value := next(filter(None, values), None):
            fields[field] = FieldValue(value=value, source=source, confidence=1)
    return fields


def _outside_lines(element: Element, lines: list[dict[str, str]]) -> Iterator[Element]:
    """All elements but those of the invoice's lines, which are collected."""
    waiting = [element]
    while waiting:
        one = waiting.pop()
        if name_of(one) in LINES:
            inside = {name_of(leaf): text for leaf in one.iter() if (text := text_of(leaf))}
            if inside:
                lines.append(inside)
            continue
        yield one
        waiting.extend(reversed(one))


def _items(lines: list[dict[str, str]]) -> tuple[Item, ...]:
    items = []
    for line in lines:
        values = {key: _first(line, names) for key, names in LINE_NAMES.items()}
        if not values["name"]:
            continue
        items.append(
            Item(
                name=values["name"],
                quantity=values["quantity"] or None,
                price=values["price"] or None,
                amount=_money(values["amount"]),
                rate=_rate(values["rate"]),
                tax=_money(values["tax"]),
            )
        )
    return tuple(items)


def _kind(said: dict[str, str], fields: dict[str, FieldValue]) -> Kind:
    if "electronicinvoicerailwayeticketnumber" in said:
        return "itinerary"
    return "invoice_digital" if len(fields["invoice_number"].text) == 20 else "invoice_vat"


def _first(said: dict[str, str], names: tuple[str, ...]) -> str:
    return next((said[name] for name in names if name in said), "")


def _number(text: str) -> str | None:
    digits = "".join(text.split())
    return digits if re.fullmatch(r"\d{8}|\d{20}", digits) else None


def _code(text: str) -> str | None:
    return text if re.fullmatch(r"\d{10}|\d{12}", text) else None


def _day(text: str) -> str | None:
    match = _DAY.match(text)
    try:
        return date(*map(int, match.groups())).isoformat() if match else None
    except ValueError:
        return None


def _money(text: str) -> str | None:
    """Yuan with two decimals; None where there are fractions of a fen."""
    match = _MONEY.fullmatch(text.replace(",", ""))
    if match is None:
        return None
    amount = Decimal(match[1])
    return f"{amount:.2f}" if amount * 100 == (amount * 100).to_integral_value() else None


def _rate(text: str) -> str | None:
    if not re.search(r"\d", text):
        return text or None
    rate = percent(text)
    return f"{rate:f}%" if rate is not None else text


def _name(text: str) -> str | None:
    return " ".join(text.split()) or None


FORMS: dict[str, Callable[[str], str | None]] = {
    "invoice_number": _number,
    "invoice_code": _code,
    "date": _day,
    **dict.fromkeys(("total", "net", "tax"), _money),
    **dict.fromkeys(("seller_name", "buyer_name"), _name),
    **dict.fromkeys(("seller_tax_id", "buyer_tax_id"), lambda text: tidy(text) or None),
}
