"""A shelf: names of goods and the prices on their tags.

Which goods are there and what they cost can be read. How many facings there are cannot: counting names on packs is
wrong by 40 % and more, so no number is made of it.
"""

import re
from collections.abc import Sequence

from nlu.senses.finding import SURE, yuan
from nlu.senses.pages import Line, Page
from nlu.senses.perception import FieldValue, Item
from nlu.senses.photos.names import GOODS, is_chinese

FEWEST_TAGS = 3
FEWEST_PACKS = 4
REACH = 2.5
"""Heights of a price: its name lies this close."""

_PRICE = re.compile(
    r"^(?:特价|会员价|零售价|现价|促销价|售价)?:?\s*(¥\s*)?(\d{1,4}\.\d{1,2}|\d{1,4}(?=元)|(?<=¥)\d{1,4})\s*(元)?(?:/[\u4e00-\u9fff]{1,2})?$"
)
_NO_NAME = re.compile(
    r"^(?:特价|促销|会员|会员价|零售价|价格|单价|现价|原价|规格|产地|等级|单位|计价|条码|编码|新品|上市|买一送一|欢迎|光临|[盒瓶袋箱包件]|元)"
)
_REPEATED = re.compile(r"^(.{2,}?)\1+$")
_GOODS = re.compile(rf"^[\u4e00-\u9fffA-Za-z0-9]{{0,10}}{GOODS}$")


def shelf(page: Page, besides: Sequence[str] = ()) -> dict[str, FieldValue] | None:
    """Names and prices of the goods on a shelf; None where the page is none.

    `besides` are texts that were read as something else (a watermark). `items` pairs names with their prices.
    """
    lines = [
        line
        for line in page.lines
        if line.confidence >= SURE and not any(line.text in text for text in besides)
    ]
    tags = [(line, price) for line in lines if (price := _price(line.text))]
    names = [
        line
        for line in lines
        if is_chinese(line.text) and ":" not in line.text and not _NO_NAME.match(line.text)
    ]
    packs = [line for line in names if _GOODS.match(line.text)]
    if len(tags) < FEWEST_TAGS and len(packs) < FEWEST_PACKS:
        return None
    paired = [(name, line, price) for line, price in tags if (name := _name_of(line, names))]
    if len(paired) < FEWEST_TAGS and len({line.text for line in packs}) < 2:
        return None
    fields: dict[str, FieldValue] = {}
    named = [name for name, _, _ in paired] + packs
    if named:
        # Packs side by side are read as one line: the same name several times.
        unique = tuple(dict.fromkeys(_REPEATED.sub(r"\1", line.text) for line in named))
        fields["product_names"] = _field(page, named, unique)
    if tags:
        fields["prices"] = _field(page, [line for line, _ in tags], tuple(price for _, price in tags))
    if paired:
        items = tuple(Item(name=name.text, price=price) for name, _, price in paired)
        fields["items"] = _field(page, [line for name, tag, _ in paired for line in (name, tag)], items)
    return fields


def _field(page: Page, lines: Sequence[Line], value: tuple[str, ...] | tuple[Item, ...]) -> FieldValue:
    sure = min(line.confidence for line in lines)
    return FieldValue(value=value, source=page.source(lines), confidence=round(sure, 3))


def _price(text: str) -> str | None:
    match = _PRICE.match(text.replace(" ", ""))
    if match is None or not ("." in match[2] or match[1] or match[3]):
        return None
    return yuan(match[2])


def _name_of(price: Line, names: Sequence[Line]) -> Line | None:
    """The nearest name above or below within the tag's reach."""
    left, top, right, bottom = price.box
    near = []
    for line in names:
        a, b, c, d = line.box
        gap = max(top - d, b - bottom, 0)
        if gap <= REACH * price.height and a < right + price.height and c > left - price.height:
            beside = max(a - right, left - c, 0)
            near.append((gap + beside, b, line))
    return min(near, key=lambda one: one[:2])[2] if near else None
