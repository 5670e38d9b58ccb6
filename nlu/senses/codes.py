"""QR codes, and what the code of an invoice says."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation

import zxingcpp
from PIL import Image

from domain.values import Value

DIGITAL_TYPES = frozenset({"31", "32"})
"""Fully digital invoices, special and general: a 20-digit number, no code, and the amount is the total."""

# Small codes are found only after enlarging; large pictures hold them at full size already.
ENLARGE_BELOW = 1_600


def codes_of(picture: Image.Image, *, enlarge: bool = True) -> tuple[str, ...]:
    """The texts of all QR codes on a picture of any size; decoded before any downscaling. Without `enlarge` small
    ones are missed, at a tenth of the cost."""
    # Made anew each time: kept in the module it makes the binding complain when Python ends.
    only_qr = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    found = zxingcpp.read_barcodes(picture.convert("L"), formats=only_qr)
    if enlarge and not found and max(picture.size) <= ENLARGE_BELOW:
        larger = picture.convert("L").resize(
            (picture.width * 3, picture.height * 3), Image.Resampling.BICUBIC
        )
        found = zxingcpp.read_barcodes(larger, formats=only_qr)
    return tuple(dict.fromkeys(code.text for code in found if code.text))


class InvoiceCode(Value):
    """`01,<type>,<code>,<number>,<amount>,<yyyymmdd>,<check code>,<crc>`, as every invoice carries it.

    `amount` in yuan: the total on fully digital invoices, the net on most older ones; match either.
    """

    type: str
    code: str
    number: str
    amount: Decimal | None
    date: date | None

    @property
    def digital(self) -> bool:
        return self.type in DIGITAL_TYPES or (not self.code and len(self.number) == 20)


def invoice_code(text: str) -> InvoiceCode | None:
    """The text of a QR code → what it says, or None where it is no invoice's code."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) < 6 or parts[0] != "01" or not re.fullmatch(r"\d{8}|\d{20}", parts[3]):
        return None
    _, kind, code, number, amount, day = parts[:6]
    return InvoiceCode(type=kind, code=code, number=number, amount=_amount(amount), date=_day(day))


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
