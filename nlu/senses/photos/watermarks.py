"""What a camera app printed on a photo: time, place, person, position. Only what was read with certainty."""

import re
from collections.abc import Iterable, Sequence

from nlu.senses.finding import SURE, Found, first_day, first_time
from nlu.senses.pages import Line, Page
from nlu.senses.perception import FieldValue
from nlu.senses.photos.names import SURNAMES, simplified

BRANDS = re.compile(
    r"水印相机|马克水印|元道|经纬相机|工程相机|巡检相机|打卡相机|时间相机|真实时间|防伪|相机已验证|水印"
)
PLACE = r"(?:详细|拍摄|打卡|签到|所在|当前|拜访)?(?:地址|地点|位置)"
PERSON = r"拍摄人员?|拍照人|记录人|打卡人|签到人|拜访人|巡检人|上报人|业务员|员工|姓名|人员"
WHEN = r"(?:拍摄|打卡|签到|拍照|记录|拜访)?时间"
_LABELLED = re.compile(r"^[\u4e00-\u9fff]{2,6}:")
_WEATHER = re.compile(r"\d\s*°|℃|^(?:晴|多云|阴|[小中大暴]雨|[小中大]雪|雾|霾)|风\d")
_AFTER_THE_WEEKDAY = re.compile(
    r"[日\d]\s*(?:星期|周)[一二三四五六日天]\s*(?:[上下]午)?\s*([01]?\d|2[0-3]):([0-5]\d)"
)
_CLOCK_LINE = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?$")
_ADDRESS = re.compile(
    r"^[\u4e00-\u9fff]{2,8}?(?:省|市|自治区|区|县)[\u4e00-\u9fff\w·()\-—#]*(?:区|县|路|街|道|号|镇|乡|村|店|楼|园|里|大厦|广场|超市)"
)
_STREET = re.compile(r"[路街道巷里号镇乡村店楼层园区米]|附近|大厦|广场|中心|超市|商")
_CITY = re.compile(r"^(?:[\u4e00-\u9fff]{2,6}?(?:省|自治区))?([\u4e00-\u9fff]{2,7}?市)")
_COMPANY_AND_NAME = re.compile(
    rf"^[\u4e00-\u9fffA-Za-z]{{2,20}}\s*[·•・|丨]\s*([{SURNAMES}][\u4e00-\u9fff]{{1,2}})$"
)
_DEGREES = r"(\d{1,3}\.\d{2,8})"
_NEAR_LINES = 4
"""Heights of a line: what belongs to one watermark lies this close together."""


def watermark(page: Page) -> dict[str, FieldValue] | None:
    """The fields of the watermark on a page; None where there is none.

    A date and a time make a watermark together with a place, a person, a position or the name of an app; alone
    they do where they stand at the edge of the picture.
    """
    lines = [line for line in page.lines if line.confidence >= SURE]
    day = first_day(page)
    clock = first_time(page) or first_time(page, WHEN) or _clock_behind_the_weekday(page, lines)
    clock = clock or (_large_clock(page, lines, day) if day else None)
    place = _address(page, lines)
    person = _person(page, lines)
    position = _position(page, lines)
    branded = bool(BRANDS.search(page.text))
    signs = sum((place is not None, person is not None, bool(position), branded))
    if day is None or not ((signs and (clock or branded or position)) or (clock and _at_the_edge(page, day))):
        return None
    found = {
        "date": day,
        "time": clock,
        "address": place,
        "city": _city(place),
        "reporter": person,
        **position,
    }
    return {key: one.field() for key, one in found.items() if one is not None}


def is_unmistakable(page: Page) -> bool:
    """An app's name or a printed position: no receipt has either."""
    return bool(BRANDS.search(page.text)) or bool(_position(page, page.lines))


def _found(page: Page, lines: Sequence[Line], text: str) -> Found:
    return Found(text, page.source(lines), min(line.confidence for line in lines))


def _clock_behind_the_weekday(page: Page, lines: Iterable[Line]) -> Found | None:
    for line in lines:
        if match := _AFTER_THE_WEEKDAY.search(line.text):
            return _found(page, [line], f"{int(match[1]):02d}:{match[2]}")
    return None


def _large_clock(page: Page, lines: Iterable[Line], day: Found) -> Found | None:
    """A time that stands by itself beside the date, in letters of any size."""
    if day.source.box is None:
        return None
    left, top, right, bottom = day.source.box
    reach = _NEAR_LINES * (bottom - top)
    for line in lines:
        match = _CLOCK_LINE.match(line.text)
        a, b, c, d = line.box
        if match and a <= right + reach and c >= left - reach and b <= bottom + reach and d >= top - reach:
            return _found(page, [line], f"{int(match[1]):02d}:{match[2]}")
    return None


def _address(page: Page, lines: Sequence[Line]) -> Found | None:
    for line in lines:
        labelled = re.match(rf"{PLACE}[:\s]\s*(.+)$", line.text)
        text = labelled[1] if labelled else line.text
        if (labelled and len(text) >= 4) or (_ADDRESS.match(text) and not _LABELLED.match(text)):
            parts = [line, *_continued(line, lines)]
            whole = text + "".join(part.text for part in parts[1:])
            return _found(page, parts, simplified(re.sub(r"\s+", "", whole)))
    return None


def _continued(line: Line, lines: Sequence[Line]) -> list[Line]:
    """The lines right below that go on with the same address."""
    parts: list[Line] = []
    while below := next(
        (one for one in lines if one not in parts and _goes_on(parts[-1] if parts else line, one)), None
    ):
        parts.append(below)
    return parts


def _goes_on(line: Line, below: Line) -> bool:
    left, _, right, bottom = line.box
    a, top, c, _ = below.box
    text = below.text
    return (
        0.6 * line.height < below.height < 1.5 * line.height
        and -0.5 * line.height < top - bottom < 0.6 * line.height
        and a < right
        and c > left
        and a >= left - line.height
        and bool(_STREET.search(text))
        and not (
            _LABELLED.match(text)
            or _WEATHER.search(text)
            or BRANDS.search(text)
            or re.search(r"\d[-./年:]\d", text)
        )
        and not re.search(r"[¥元]", text)
    )


def _city(place: Found | None) -> Found | None:
    match = _CITY.search(place.text) if place else None
    return Found(match[1], place.source, place.confidence) if match and place else None


def _person(page: Page, lines: Iterable[Line]) -> Found | None:
    for line in lines:
        match = re.match(
            rf"(?:{PERSON})[:\s]\s*([\u4e00-\u9fff]{{2,4}})$", line.text
        ) or _COMPANY_AND_NAME.match(line.text)
        if match:
            return _found(page, [line], match[1])
    return None


def _position(page: Page, lines: Iterable[Line]) -> dict[str, Found]:
    """Degrees as printed. The camera does not say in which datum."""
    found: dict[str, Found] = {}
    for line in lines:
        text = line.text
        both = re.search(rf"(?:经纬度|坐标)\D{{0,3}}{_DEGREES}\D{{1,4}}{_DEGREES}", text) or re.search(
            rf"{_DEGREES}°?\s*[NE北东]\s*[,/ ]?\s*{_DEGREES}°?\s*[NE北东]", text
        )
        values = (
            both.groups()
            if both
            else [m[1] for m in re.finditer(rf"(?:经度|纬度|东经|北纬|[NE])\D{{0,2}}{_DEGREES}", text)]
        )
        for value in values:
            # Inside China the two cannot be mistaken for one another.
            key = "latitude" if 3 <= float(value) <= 54 else "longitude" if 73 <= float(value) <= 136 else ""
            if key and key not in found:
                found[key] = _found(page, [line], value)
    return found if len(found) == 2 else {}


def _at_the_edge(page: Page, day: Found) -> bool:
    if day.source.box is None:
        return False
    middle = (day.source.box[1] + day.source.box[3]) / 2
    return middle < 0.15 * page.height or middle > 0.85 * page.height
