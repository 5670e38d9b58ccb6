"""Whether the tax bureau has an invoice down as cancelled: an optional question to a service of the company's own.

There is no public interface for it: companies buy one, or have one at their invoicing platform. `invoices.status_url`
names an adapter that takes `{"number", "code", "date", "total"}` as JSON by POST and answers `{"status"}`: normal,
cancelled (作废) or red (红冲). Off where no address is set. An adapter that fails holds nothing up.
"""

import logging
from typing import Any, Literal, Protocol

import httpx

from bot.tls import trusted
from domain.checks import Check
from domain.invoice_numbers import key_of
from domain.papers import Paper
from handlers.receipts import EXPENSE_KINDS, paper_of

log = logging.getLogger(__name__)

SECONDS = 5.0
Status = Literal["normal", "cancelled", "red", "unknown"]
WORDS: dict[Status, str] = {
    "cancelled": "税务系统里这张发票（号码 {number}）已经作废，不能报销。请让商家重开。",
    "red": "税务系统里这张发票（号码 {number}）已经红冲，不能报销。请让商家重开。",
}


class InvoiceStatus(Protocol):
    def of(self, paper: Paper) -> Status:
        """Never raises: `unknown` where nobody can tell now."""


class HttpInvoiceStatus:
    def __init__(self, url: str) -> None:
        self._url = url
        self._client = httpx.Client(timeout=SECONDS, verify=trusted())

    def of(self, paper: Paper) -> Status:
        asked = {"number": paper.number, "code": paper.code, "date": paper.day, "total": paper.total}
        try:
            answer = self._client.post(self._url, json=asked).raise_for_status().json()
            status = answer["status"]
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            log.warning("the status of an invoice could not be had: %s", type(error).__name__)
            return "unknown"
        return status if status in ("normal", *WORDS) else "unknown"

    def close(self) -> None:
        self._client.close()


def with_status(read: dict[str, Any], status: InvoiceStatus) -> dict[str, Any]:
    """The JSON of what was read, each invoice in it held against the tax bureau's books."""
    return read | {"documents": [_asked(document, status) for document in read["documents"]]}


def _asked(document: dict[str, Any], status: InvoiceStatus) -> dict[str, Any]:
    paper = paper_of(document) if document["kind"] in EXPENSE_KINDS else Paper()
    words = WORDS.get(status.of(paper)) if key_of(paper.number, paper.code) else None
    if words is None:
        return document
    told = words.format(number=paper.number)
    check = Check(code="cancelled", severity="error", words=told, field="invoice_number")
    return document | {"checks": [*document["checks"], check.model_dump(mode="json")]}
