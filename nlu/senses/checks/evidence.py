"""What the rules look at: the values of a document, and what each source alone says."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.checks import Check, CheckCode, Severity
from nlu.senses.codes import InvoiceCode
from nlu.senses.finding import SURE, found_at
from nlu.senses.pages import Page
from nlu.senses.perception import FieldValue, Item, Kind

PRINTED = ZoneInfo("Asia/Shanghai")
"""Receipts and invoices carry China Standard Time, wherever the server runs."""

_CAPITAL = re.compile(
    r"(?:(?<=大写)|(?<![\u4e00-\u9fff]))"
    r"((?:[(]?负数?[)]?)?[零〇壹贰貳叁参肆伍陆陸柒捌玖拾佰仟万萬亿億\s]*[元圆圓角分][零〇壹贰貳叁参肆伍陆陸柒捌玖元角分整正\s]*)"
    r"(?=小写|[^\u4e00-\u9fff]|$)"
)
"""The whole of it or nothing: a part, beside a character that was misread, would be another amount."""


class Evidence(NamedTuple):
    """`fields` as filled in, `printed` as the page alone says, `code` as its QR code says.

    `capital` is the total in capitals, which is no field of its own.
    """

    fields: Mapping[str, FieldValue]
    printed: Mapping[str, FieldValue]
    code: InvoiceCode | None
    now: datetime
    capital: FieldValue | None = None
    kind: Kind = "other"

    def text(self, key: str) -> str:
        field = self.fields.get(key)
        return field.text if field else ""

    def money(self, key: str) -> Decimal | None:
        text = self.text(key)
        return Decimal(text) if text else None

    @property
    def day(self) -> date | None:
        text = self.text("date")
        return date.fromisoformat(text) if text else None

    @property
    def items(self) -> tuple[Item, ...]:
        field = self.fields.get("items")
        return tuple(item for item in field.value if isinstance(item, Item)) if field else ()

    def severity(self, key: str) -> Severity:
        """A long number that does not fit may be one that recognition got wrong; everything else is as it stands."""
        field = self.fields.get(key)
        return "warning" if field and field.source.origin == "ocr" else "error"


def broken(code: CheckCode, severity: Severity, words: str, field: str) -> Check:
    return Check(code=code, severity=severity, words=words, field=field)


def capital_on(page: Page) -> FieldValue | None:
    """The amount in capitals that stands on the line of the total."""
    for row in page.rows:
        if not re.search(r"价税合计|大写", row.text):
            continue
        match = _CAPITAL.search(row.text)
        if match:
            found = found_at(page, row, *match.span(1))
            return found.field("".join(found.text.split())) if found.confidence >= SURE else None
    return None
