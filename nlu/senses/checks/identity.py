"""Numbers and days that carry their own proof: tax numbers, invoice numbers, the date."""

from domain.checks import Check, CheckCode
from domain.invoice_numbers import has_known_region, is_digital, year_in
from domain.tax_ids import Form, form_of
from nlu.senses.checks.evidence import PRINTED, Evidence, broken

FAULTS: dict[Form, str] = {
    "wrong_check": "的校验码不对，不是有效的统一社会信用代码",
    "malformed": "不是 18 位统一社会信用代码",
}


def seller_tax_id_checksum(evidence: Evidence) -> Check | None:
    return _tax_id(evidence, "seller_tax_id", "seller_tax_id_checksum", "销售方")


def buyer_tax_id_checksum(evidence: Evidence) -> Check | None:
    return _tax_id(evidence, "buyer_tax_id", "buyer_tax_id_checksum", "购买方")


def _tax_id(evidence: Evidence, field: str, code: CheckCode, whose: str) -> Check | None:
    tax_id = evidence.text(field)
    form = form_of(tax_id) if tax_id else "sound"
    if form == "sound":
        return None
    if form == "legacy":
        words = f"{whose}税号 {tax_id} 是 {len(tax_id)} 位的旧税号，没有校验码可核对。请留意。"
        return broken(code, "warning", words, field)
    severity = evidence.severity(field)
    doubt = "，也可能是照片上没认准" if severity == "warning" else ""
    return broken(code, severity, f"{whose}税号 {tax_id} {FAULTS[form]}{doubt}。请核对原票。", field)


def number_year_mismatch(evidence: Evidence) -> Check | None:
    """A fully digital number begins with the year that it was issued in, and then names a region."""
    number, day = evidence.text("invoice_number"), evidence.day
    # The day on a ticket is that of the journey, and it may have been bought the year before.
    year = year_in(number) if evidence.kind != "itinerary" else None
    if year is not None and day is not None and year != day.year:
        words = f"发票号码 {number} 是 {year} 年的号段，开票日期却是 {day}。请核对原票。"
        return broken("number_year_mismatch", "error", words, "invoice_number")
    if is_digital(number) and not has_known_region(number):
        words = f"发票号码 {number} 的第 3、4 位不是已知的地区代码。请核对原票。"
        return broken("number_year_mismatch", "warning", words, "invoice_number")
    return None


def future_date(evidence: Evidence) -> Check | None:
    today = evidence.now.astimezone(PRINTED).date()
    if evidence.day is None or evidence.day <= today:
        return None
    words = f"票面日期 {evidence.day} 晚于今天（{today}）。请核对原票。"
    # A journey may lie ahead.
    return broken("future_date", "warning" if evidence.kind == "itinerary" else "error", words, "date")
