"""Rules that a single document can break by itself, bound to where its values were read.

The rules of the trade are in `domain`: tax_ids, capital_amounts, invoice_numbers, tax_rates. Those that need the
company or its history are in `domain.papers`. Nothing here refuses a document: it says what does not fit.
"""

from collections.abc import Callable

from domain.checks import Check
from nlu.senses.checks import amounts, codes, identity
from nlu.senses.checks.evidence import Evidence

RULES: tuple[Callable[[Evidence], Check | None], ...] = (
    amounts.tax_arithmetic,
    amounts.total_arithmetic,
    amounts.lines_sum,
    amounts.capital_mismatch,
    amounts.illegal_rate,
    amounts.cancelled,
    identity.seller_tax_id_checksum,
    identity.buyer_tax_id_checksum,
    identity.number_year_mismatch,
    identity.future_date,
    codes.qr_amount_mismatch,
    codes.qr_number_mismatch,
    codes.qr_date_mismatch,
)


def check(evidence: Evidence) -> tuple[Check, ...]:
    return tuple(found for rule in RULES if (found := rule(evidence)) is not None)
