"""What the QR code says against what stands beside it."""

from decimal import Decimal

from domain.checks import Check
from nlu.senses.checks.evidence import Evidence, broken


def qr_amount_mismatch(evidence: Evidence) -> Check | None:
    """The code's amount is the net on some kinds and the total on others: it must be one of the two."""
    amount = evidence.code.amount if evidence.code else None
    printed = [Decimal(f.text) for key in ("net", "total") if (f := evidence.printed.get(key))]
    if amount is None or "total" not in evidence.printed or amount in printed:
        return None
    words = f"二维码里的金额是 {amount:.2f}，票面上是 {printed[-1]}，两者不符。请核对原票。"
    return broken("qr_amount_mismatch", "error", words, "total")


def qr_number_mismatch(evidence: Evidence) -> Check | None:
    printed = evidence.printed.get("invoice_number")
    if evidence.code is None or printed is None or printed.text == evidence.code.number:
        return None
    words = f"二维码里的发票号码是 {evidence.code.number}，票面上是 {printed.text}，两者不符。请核对原票。"
    return broken("qr_number_mismatch", "error", words, "invoice_number")


def qr_date_mismatch(evidence: Evidence) -> Check | None:
    printed = evidence.printed.get("date")
    coded = evidence.code.date if evidence.code else None
    if coded is None or printed is None or printed.text == coded.isoformat():
        return None
    words = f"二维码里的开票日期是 {coded}，票面上是 {printed.text}，两者不符。请核对原票。"
    return broken("qr_date_mismatch", "error", words, "date")
