"""A business card: whose it is, what he does there, and how he is reached."""

import re
from collections.abc import Sequence

from nlu.senses.finding import SURE
from nlu.senses.pages import Line, Page
from nlu.senses.perception import FieldValue
from nlu.senses.photos.names import COMPANY, SURNAMES, TITLES

MOST_LINES = 20
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[-\s]?)?(1[3-9]\d)[-\s]?(\d{4})[-\s]?(\d{4})(?!\d)")
_NAME = re.compile(rf"^(?:姓名:?)?([{SURNAMES}]\s*[\u4e00-\u9fff](?:\s*[\u4e00-\u9fff])?)$")
_NAME_AND_TITLE = re.compile(
    rf"^([{SURNAMES}][\u4e00-\u9fff]{{1,2}})\s+((?:[\u4e00-\u9fff]{{0,6}})(?:{TITLES}))$"
)
_TITLE = re.compile(rf"^(?:职[务位]:?)?([\u4e00-\u9fff]{{0,8}}(?:{TITLES}))$")
_COMPANY = re.compile(rf"^(?:公司:?)?([\u4e00-\u9fffA-Za-z0-9()·]{{2,24}}{COMPANY}[\u4e00-\u9fff]{{0,6}})$")
_ADDRESS = re.compile(r"^(?:地址|Add(?:ress)?|ADD)[:\s.]*([\u4e00-\u9fff].{5,})$")
_REACHED = re.compile(r"@|www\.|邮箱|电话|手机|传真|微信|Tel|Mobile|E-?mail|QQ", re.IGNORECASE)


def business_card(page: Page) -> dict[str, FieldValue] | None:
    """Name, title, company, mobile and address; None where the page is no card.

    A card has a person's name, a way to reach him, and a company or a title; each name only once.
    """
    lines = [line for line in page.lines if line.confidence >= SURE]
    if len(lines) > MOST_LINES:
        return None
    fields: dict[str, FieldValue] = {}
    for line in sorted(lines, key=lambda line: -line.height):
        _take(page, line, fields)
    if title := _only(page, lines, _TITLE):
        fields.setdefault("title", title)
    mobiles = {"".join(m.groups()): line for line in lines for m in _MOBILE.finditer(line.text)}
    if len(mobiles) == 1:
        ((number, line),) = mobiles.items()
        fields["mobile"] = _field(page, line, number)
    reached = bool(mobiles) or any(_REACHED.search(line.text) for line in lines)
    whole = "person_name" in fields and reached and ("company" in fields or "title" in fields)
    return fields if whole else None


def _take(page: Page, line: Line, fields: dict[str, FieldValue]) -> None:
    """The largest line that can be a name is the name, and so on."""
    if match := _NAME_AND_TITLE.match(line.text):
        fields.setdefault("person_name", _field(page, line, match[1]))
        fields.setdefault("title", _field(page, line, match[2]))
    for key, pattern in (("company", _COMPANY), ("address", _ADDRESS), ("person_name", _NAME)):
        match = pattern.match(line.text)
        if match and not (key == "person_name" and _TITLE.match(line.text)):
            fields.setdefault(key, _field(page, line, re.sub(r"\s+", "", match[1])))
            return


def _only(page: Page, lines: Sequence[Line], pattern: re.Pattern[str]) -> FieldValue | None:
    found = {match[1]: line for line in lines if (match := pattern.match(line.text))}
    if len(found) != 1:
        return None
    ((text, line),) = found.items()
    return _field(page, line, text)


def _field(page: Page, line: Line, text: str) -> FieldValue:
    return FieldValue(value=text, source=page.source([line]), confidence=round(line.confidence, 3))
