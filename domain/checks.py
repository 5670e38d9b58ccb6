"""What can be wrong with a receipt or an invoice, told in words: the value that every rule answers with."""

from typing import Literal

from domain.values import Value

CheckCode = Literal[
    "tax_arithmetic",
    "total_arithmetic",
    "lines_sum",
    "capital_mismatch",
    "seller_tax_id_checksum",
    "buyer_tax_id_checksum",
    "buyer_title_other",
    "buyer_tax_id_mismatch",
    "future_date",
    "duplicate_number",
    "number_year_mismatch",
    "qr_amount_mismatch",
    "qr_number_mismatch",
    "qr_date_mismatch",
    "illegal_rate",
    "split_bill",
    "stale_date",
    "cancelled",
]

Severity = Literal["error", "warning", "info"]


class Check(Value):
    """A rule that the document breaks. `words` is Chinese and says what does not fit, with the figures.

    `field` is where to look: the value of that field carries the place on the paper that it was read from.
    """

    code: CheckCode
    severity: Severity
    words: str
    field: str
