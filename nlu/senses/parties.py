"""Buyer and seller of an invoice: whose name and number it is, told by label or by place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from domain.tax_ids import form_of
from nlu.senses.finding import SURE, Found, found_at
from nlu.senses.pages import Box, Page
from nlu.senses.receipts import Fields

# What a firm's name ends with, and what none begins with: where a seal hides a part of it, the rest is no name.
_ENDS = "司厂店部心院所社会局处行站馆楼学校坊城家铺庄室队团场园"
_BRANCH = r"(?:\([\u4e00-\u9fff]{2,8}\))?"
NAME = (
    rf"(?!有限|股份|责任|公司)[\u4e00-\u9fffA-Za-z0-9()·]{{3,}}[{_ENDS}]{_BRANCH}(?![\u4e00-\u9fffA-Za-z0-9])"
)
# No firm is called so: characters under a seal are lost, or read twice.
_DISPLACED = re.compile(r"(?<!有)限公司|公司公司")
TAX_ID = r"(?<![0-9A-Z])(?:[0-9A-Z]{20}|[0-9A-Z]{18}|[0-9A-Z]{15})(?![0-9A-Z])"

# `名        称` is often read as two words, or its first half not at all.
NAMED = rf"(?P<label>(?<!项目)(?<!服务)(?<!商品)名\s*称|(?<![\u4e00-\u9fff])称(?=:))[:\s]*(?P<value>{NAME})"
NUMBERED = rf"(?P<label>识别号|信用代码)[:\s]*(?P<value>{TAX_ID})"
DOUBTFUL = 0.5

BUYER, SELLER = r"购[买货]?方", r"销[售货]?方"

Side = Literal["buyer", "seller"]


@dataclass(frozen=True)
class Placed:
    """A value with its place on the page and, where it is told, whose it is."""

    found: Found
    row: int
    box: Box
    side: Side | None


def parties(page: Page) -> Fields:
    """Names and tax numbers of both sides; what could be either's is left out."""
    fields: Fields = {}
    names, numbers = list(_placed(page, NAMED)), list(_placed(page, NUMBERED))
    for key, values in (("name", names), ("tax_id", numbers)):
        for side in ("buyer", "seller"):
            own = [one for one in values if (one.side or _side_by_place(page, one, names)) == side]
            if len({one.found.text for one in own}) == 1 and own[0].found.confidence >= SURE:
                fields[f"{side}_{key}"] = _doubted(own[0].found).field()
    return fields


def _doubted(found: Found) -> Found:
    """A number whose check digit does not fit was misread, or is wrong on the paper: told, but never as certain."""
    if (
        found.source.origin == "ocr"
        and re.fullmatch(TAX_ID, found.text)
        and form_of(found.text) not in ("sound", "legacy")
    ):
        return replace(found, confidence=min(found.confidence, DOUBTFUL))
    return found


def _placed(page: Page, pattern: str) -> Iterator[Placed]:
    for index, row in enumerate(page.rows):
        start = 0
        for match in re.finditer(pattern, row.text):
            before = row.text[start : match.start("label")]
            side: Side | None = None
            if re.search(SELLER + r"[^\s购]{0,6}$", before):
                side = "seller"
            elif re.search(BUYER + r"[^\s销]{0,6}$", before):
                side = "buyer"
            begin, end = match.span("value")
            start = match.end()
            if _DISPLACED.search(match["value"]):
                continue
            yield Placed(found_at(page, row, begin, end), index, row.of(begin, end)[0].box, side)


def _side_by_place(page: Page, one: Placed, names: list[Placed]) -> Side | None:
    """Whose the value is: its labelled name's just above it, the buyer's above the goods, the seller's below.

    On fully digital invoices both stand above the goods, the buyer on the left.
    """
    above = [name for name in names if name.side and name.row < one.row]
    if above:
        return above[-1].side
    if not (goods := _goods(page)):
        return None
    if one.row > goods:
        return "seller"
    if not _side_by_side(page, goods):
        return "buyer"
    return "buyer" if one.box[0] < _middle(page, names) else "seller"


def _goods(page: Page) -> int | None:
    """The row that heads the goods."""
    head = r"项目名称|货物或应税|规格型号|单价.*金额|税率.*税额"
    return next((index for index, row in enumerate(page.rows) if re.search(head, row.text)), None)


def _side_by_side(page: Page, goods: int) -> bool:
    """Nothing about a party stands below the goods."""
    return not any(re.search(r"名称[:\s]|识别号|销[售货]方", row.text) for row in page.rows[goods + 1 :])


def _middle(page: Page, names: list[Placed]) -> float:
    """Where the seller's column begins: a little left of the second of two names on one height."""
    for left, right in pairwise(names):
        if left.row == right.row:
            return right.box[0] - 0.25 * (right.box[0] - left.box[0])
    boxes = [line.box for line in page.lines]
    return (min(box[0] for box in boxes) + max(box[2] for box in boxes)) / 2
