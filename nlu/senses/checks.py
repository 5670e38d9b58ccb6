"""Rules that a single document can break by itself. Those that need the company or its history live elsewhere."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.checks import Check, CheckCode, Severity
from nlu.senses.codes import InvoiceCode
from nlu.senses.perception import FieldValue, Item

# Receipts and invoices carry China Standard Time, wherever the server runs.
PRINTED = ZoneInfo("Asia/Shanghai")


class Evidence(NamedTuple):
    """`fields` as filled in, `printed` as the page alone says, `code` as its QR code says."""

    fields: dict[str, FieldValue]
    printed: dict[str, FieldValue]
    code: InvoiceCode | None
    now: datetime

    def money(self, key: str) -> Decimal | None:
        field = self.fields.get(key)
        return Decimal(field.text) if field and field.text else None


def check(evidence: Evidence) -> tuple[Check, ...]:
    return tuple(found for rule in RULES if (found := rule(evidence)) is not None)


def _broken(code: CheckCode, severity: Severity, words: str, field: str) -> Check:
    return Check(code=code, severity=severity, words=words, field=field)


def total_arithmetic(evidence: Evidence) -> Check | None:
    """Net and tax make the total, to the cent."""
    net, tax, total = map(evidence.money, ("net", "tax", "total"))
    if net is None or tax is None or total is None or net + tax == total:
        return None
    words = f"金额 {net} 加税额 {tax} 等于 {net + tax}，与价税合计 {total} 不符。请核对原票。"
    return _broken("total_arithmetic", "error", words, "total")


def lines_sum(evidence: Evidence) -> Check | None:
    """The lines make the net of an invoice, or the total of a receipt; a receipt may have a discount."""
    items, total = evidence.fields.get("items"), evidence.money("total")
    base = evidence.money("net") or total
    if items is None or base is None:
        return None
    amounts = [item.amount for item in items.value if isinstance(item, Item)]
    if None in amounts:
        return None
    summed = sum((Decimal(amount) for amount in amounts if amount), Decimal(0))
    if summed == base or ("net" not in evidence.fields and summed > base):
        return None
    words = f"各行金额相加是 {summed}，与票面合计 {base} 不符。请核对原票。"
    return _broken("lines_sum", "error" if "net" in evidence.fields else "warning", words, "items")


def future_date(evidence: Evidence) -> Check | None:
    field = evidence.fields.get("date")
    today = evidence.now.astimezone(PRINTED).date()
    if field is None or date.fromisoformat(field.text) <= today:
        return None
    return _broken("future_date", "error", f"票面日期 {field.text} 晚于今天（{today}）。请核对原票。", "date")


def qr_amount_mismatch(evidence: Evidence) -> Check | None:
    """The code's amount is the net on some kinds and the total on others: it must be one of the two."""
    amount = evidence.code.amount if evidence.code else None
    printed = [Decimal(f.text) for key in ("net", "total") if (f := evidence.printed.get(key))]
    if amount is None or "total" not in evidence.printed or amount in printed:
        return None
    words = f"二维码里的金额是 {amount:.2f}，票面上是 {printed[-1]}，两者不符。请核对原票。"
    return _broken("qr_amount_mismatch", "error", words, "total")


def qr_number_mismatch(evidence: Evidence) -> Check | None:
    printed = evidence.printed.get("invoice_number")
    if evidence.code is None or printed is None or printed.text == evidence.code.number:
        return None
    words = f"二维码里的发票号码是 {evidence.code.number}，票面上是 {printed.text}，两者不符。请核对原票。"
    return _broken("qr_number_mismatch", "error", words, "invoice_number")


def qr_date_mismatch(evidence: Evidence) -> Check | None:
    printed = evidence.printed.get("date")
    coded = evidence.code.date if evidence.code else None
    if coded is None or printed is None or printed.text == coded.isoformat():
        return None
    words = f"二维码里的开票日期是 {coded}，票面上是 {printed.text}，两者不符。请核对原票。"
    return _broken("qr_date_mismatch", "error", words, "date")


RULES: tuple[Callable[[Evidence], Check | None], ...] = (
    total_arithmetic,
    lines_sum,
    future_date,
    qr_amount_mismatch,
    qr_number_mismatch,
    qr_date_mismatch,
)
