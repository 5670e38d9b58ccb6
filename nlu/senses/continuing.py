"""Invoices that go on over several pages, or whose goods stand on a list (销货清单) of their own."""

import re
from collections.abc import Iterable

from nlu.senses import invoices
from nlu.senses.kinds import EXTRACT, kind_of_page
from nlu.senses.pages import Page
from nlu.senses.perception import FieldValue, Kind
from nlu.senses.receipts import Fields

LIST = r"销[货售].{0,12}清单|服务清单"
WHOLE = r"价税合|小写"

INVOICES: frozenset[Kind] = frozenset({"invoice_digital", "invoice_vat"})

Paper = tuple[Kind, tuple[Page, ...]]
"""What it is, and its pages from first to last."""


def papers(seen: Iterable[Page]) -> list[Paper]:
    """The pages put together to papers; what is no receipt is left out."""
    found: list[Paper] = []
    for page in seen:
        kind = kind_of_page(page)
        number = _number(page)
        listed = re.search(LIST, page.text) is not None and not re.search(WHOLE, page.text)
        if found and found[-1][0] in INVOICES and (kind in INVOICES or listed):
            before, sheets = found[-1]
            same = number is not None and number in map(_number, sheets)
            if same or (listed and number is None):
                found[-1] = (before, (*sheets, page))
                continue
        if kind != "other":
            found.append((kind, (page,)))
    return found


def _number(page: Page) -> str | None:
    code = invoices.code_of(page)
    printed = code.number if code else invoices.number_on(page)
    return printed or None


def fields_of(kind: Kind, pages: tuple[Page, ...]) -> Fields:
    """What stands on the pages together: the first that says something is heard, goods are collected from all."""
    fields: Fields = {}
    goods: list[FieldValue] = []
    for page in pages:
        said = EXTRACT[kind](page)
        if items := said.pop("items", None):
            goods.append(items)
        fields = said | fields
    if goods:
        values = tuple(item for one in goods for item in one.value)
        sure = min(one.confidence for one in goods)
        fields["items"] = FieldValue(value=values, source=goods[0].source, confidence=sure)
    return fields


def main_page(pages: tuple[Page, ...]) -> Page:
    """The one with the sum of the whole."""
    return next((page for page in pages if re.search(WHOLE, page.text)), pages[0])
